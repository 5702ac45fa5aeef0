//! How long the buckets of an answer are, and which lengths fit a range.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::interval::{label, refusal};
use segments_forms::range::RangeForm;
use segments_model::Instant;
use segments_model::query::Interval;
use segments_ui::{Segmented, SegmentedOption};

use crate::parts::range_picker::{local_bounds, now};

/// One of the intervals. Those that would make too many buckets cannot be chosen, and say why.
#[component]
pub fn IntervalPicker(
    #[prop(into)] value: Signal<Interval>,
    /// The range that is cut.
    #[prop(into)]
    range: Signal<RangeForm>,
    /// The zone of its days.
    #[prop(into)]
    zone: Signal<String>,
    /// The data's first event, where a range without a start begins.
    #[prop(into, optional)]
    first_event: Signal<Option<Instant>>,
    #[prop(default = Interval::ALL.to_vec())] intervals: Vec<Interval>,
    /// More classes: `us-seg--fill` fills the line.
    #[prop(into, optional)]
    class: String,
    on_change: Callback<Interval>,
) -> impl IntoView {
    let bounds = local_bounds(range, zone, now());
    let options = Memo::new(move |_| {
        let bounds = bounds.get();
        let first = first_event
            .get()
            .map(|first| zone.with(|zone| format::local(first, zone)));
        intervals
            .iter()
            .map(|interval| {
                let option = SegmentedOption::new(*interval, label(*interval));
                match bounds.and_then(|bounds| refusal(*interval, bounds, first)) {
                    Some(reason) => option.disabled(reason),
                    None => option,
                }
            })
            .collect::<Vec<_>>()
    });
    view! { <Segmented legend="Interval" options value class on_change /> }
}
