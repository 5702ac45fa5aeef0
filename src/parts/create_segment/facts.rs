//! What a new segment will be: its size, its sentence, and what there is to know before it is saved.

use leptos::prelude::*;
use segments_model::facts::never_changes;
use segments_model::history::SizesRequest;
use segments_model::segment::SegmentKind;
use segments_ui::{Glyph, Icon};

use crate::parts::create_segment::source::SegmentSource;
use crate::parts::size_over_time::SizeOverTime;
use crate::parts::stamp::{as_of_line, size_line};
use crate::parts::vocabulary::Vocabulary;
use crate::parts::words::{sentence_view, words};

/// What will be saved: size, sentence, notes, stamp, and what is in the way.
#[component]
pub fn SegmentFacts(
    /// Whether its users change.
    kind: RwSignal<SegmentKind>,
    /// What the segment is made of; none: not counted yet.
    source: Signal<Option<SegmentSource>>,
    /// Why it cannot be saved; none: it can.
    obstacle: Signal<Option<String>>,
    /// What else there is to know about the users.
    note: Signal<Option<String>>,
    /// The id of what says why it cannot be saved.
    obstacle_id: String,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let definition =
        Memo::new(move |_| source.with(|source| Some(source.as_ref()?.definition.clone())));
    let spans = Memo::new(move |_| {
        definition.with(|definition| Some(words(vocabulary, definition.as_ref()?)))
    });
    let stays = Memo::new(move |_| {
        source.with(|source| {
            source
                .as_ref()
                .is_some_and(|source| never_changes(&source.definition, source.as_of))
        })
    });
    let dynamic = move || kind.get() == SegmentKind::Dynamic;
    let course = Memo::new(move |_| {
        source.with(|source| {
            let source = source.as_ref()?;
            Some(SizesRequest {
                definition: source.definition.clone(),
                during: None,
                unit: None,
                as_of: Some(source.as_of),
                time_zone: Some(source.time_zone.clone()),
            })
        })
    });
    let size = move || {
        let (users, share) =
            source.with(|source| source.as_ref().map(|source| (source.users, source.share)))?;
        Some(size_line("pv__size", users, share))
    };
    let stamp = move || {
        source.with(|source| {
            let SegmentSource {
                as_of,
                time_zone,
                exact,
                ..
            } = source.as_ref()?;
            Some(as_of_line(*as_of, time_zone, *exact, None))
        })
    };
    view! {
        <div class="pv">
            <Show when=move || course.with(Option::is_some)>
                <section>
                    <h3 class="us-label">"Size now"</h3>
                    {size}
                    <SizeOverTime of=course />
                </section>
            </Show>
            {move || {
                spans
                    .get()
                    .map(|spans| {
                        view! {
                            <section>
                                <h3 class="us-label">"In words"</h3>
                                <p class="us-2 sent">
                                    <b>"This segment will contain "</b>
                                    {sentence_view(spans)}
                                </p>
                            </section>
                        }
                    })
            }}
            {move || note.get().filter(|_| dynamic()).map(note_view)}
            <Show when=move || dynamic() && stays.get()>
                {note_view(
                    "All its dates are in the past, so its users will not change. A range such as \u{201c}in the last 30 days\u{201d} moves with the date."
                        .to_owned(),
                )}
            </Show>
            {stamp}
            <p
                class="us-banner us-banner--warn"
                id=obstacle_id
                hidden=move || obstacle.with(Option::is_none)
            >
                <Icon glyph=Glyph::Warning small=true />
                <span>{move || obstacle.get()}</span>
            </p>
        </div>
    }
    .into_any()
}

fn note_view(text: String) -> impl IntoView {
    view! {
        <section class="us-xs us-2 note">
            <Icon glyph=Glyph::Info small=true />
            <span>{text}</span>
        </section>
    }
}
