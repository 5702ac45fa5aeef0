//! Which event, property or segment: tokens that open a list to search.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::error::FormError;
use segments_forms::event::EventChoice;
use segments_forms::measure::{CompareForm, CompareOp, MeasureForm, MeasureKind};
use segments_model::ValueType;
use segments_model::filter::Scope;
use segments_ui::{Choice, Combobox, Glyph, Icon, PopoverButton};

use crate::parts::fields::{NumberField, Select};
use crate::parts::range_picker::error_at;
use crate::parts::segment_search::SegmentSearch;
use crate::parts::vocabulary::{Vocabulary, type_glyph};
use crate::shell::route::{Navigator, Route};

/// What stands for any event among the choices; no event's name can begin so, as names are trimmed.
const ANY_EVENT: &str = " any";

/// An event as a token; pressing it opens the list of the data's events.
#[component]
pub fn EventPicker(
    /// The event.
    #[prop(into)]
    value: Signal<EventChoice>,
    /// Called with another one.
    on_change: Callback<EventChoice>,
    /// Whether it takes the width that there is.
    #[prop(optional)]
    fill: bool,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let navigator = Navigator::expect();
    let open = RwSignal::new(false);
    let lacks = Memo::new(move |_| {
        value.with(|value| {
            value
                .name()
                .is_some_and(|name| vocabulary.lacks_event(name))
        })
    });
    let class = move || {
        let bad = lacks.get() || value.with(|value| *value == EventChoice::Unset);
        let bad = if bad { " us-tok--bad" } else { "" };
        let fill = if fill { " us-tok--fill" } else { "" };
        format!("us-tok us-tok--event{fill}{bad}")
    };
    let words = move || {
        value.with(|value| {
            value.name().map_or_else(
                || value.words().to_owned(),
                |name| vocabulary.event_label(name),
            )
        })
    };
    let button = move || {
        let glyph = if lacks.get() {
            Glyph::Warning
        } else {
            Glyph::Bolt
        };
        view! {
            <Icon glyph />
            <span class="us-truncate">{words()}</span>
            {fill.then(|| view! { <Icon glyph=Glyph::Down /> })}
        }
    };
    let choices = Signal::derive(move || {
        let any = Choice::new(ANY_EVENT).label("Any event").glyph(Glyph::Star);
        std::iter::once(any)
            .chain(vocabulary.event_choices())
            .collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || match value.get() {
        EventChoice::Unset => Vec::new(),
        EventChoice::Any => vec![ANY_EVENT.to_owned()],
        EventChoice::Named(name) => vec![name],
    });
    let choose = Callback::new(move |chosen: Vec<String>| {
        let Some(name) = chosen.into_iter().next() else {
            return;
        };
        on_change.run(if name == ANY_EVENT {
            EventChoice::Any
        } else {
            EventChoice::Named(name)
        });
        open.set(false);
    });
    view! {
        <PopoverButton
            class=Signal::derive(class)
            button=ViewFn::from(button)
            panel_label="Event"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <Combobox
                    label="Event"
                    placeholder="Search events"
                    choices
                    value=chosen
                    on_change=choose
                    autofocus=true
                />
                {move || {
                    let name = value.with(|value| value.name().map(str::to_owned))?;
                    if lacks.get() {
                        Some(view! { <p class="us-help">{format!("The data has no event “{name}”.")}</p> })
                    } else {
                        vocabulary
                            .event_description(&name)
                            .map(|description| view! { <p class="us-help">{description}</p> })
                    }
                }}
                <a class="us-add query-pick__more" href=navigator.href(&Route::Dictionary)>
                    <Icon glyph=Glyph::Book />
                    "Data dictionary"
                </a>
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// An event property as a token.
#[component]
pub fn PropertyPicker(
    /// The property's name; empty: none yet.
    #[prop(into)]
    value: Signal<String>,
    /// The event that carries it; none: any.
    #[prop(into)]
    event: Signal<Option<String>>,
    /// Whether only numbers will do.
    #[prop(into)]
    numbers: Signal<bool>,
    /// Called with another one.
    on_change: Callback<String>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let open = RwSignal::new(false);
    let bad = Memo::new(move |_| {
        value.with(|name| name.is_empty() || vocabulary.lacks_property(Scope::Event, name))
    });
    let choices = Signal::derive(move || {
        vocabulary
            .event_properties(event.get().as_deref())
            .into_iter()
            .filter(|(_, value_type, _)| !numbers.get() || *value_type == ValueType::Number)
            .map(|(name, value_type, fill)| {
                Choice::new(name)
                    .detail(format::percent(fill))
                    .glyph(type_glyph(value_type))
            })
            .collect::<Vec<_>>()
    });
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if bad.get() { "us-tok us-tok--bad".to_owned() } else { "us-tok".to_owned() }
            })
            button=ViewFn::from(move || {
                value.with(|name| if name.is_empty() { "Choose a property".to_owned() } else { name.clone() })
            })
            panel_label="Event property"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <Combobox
                    label="Event property"
                    placeholder="Search properties"
                    choices
                    value=Signal::derive(move || {
                        Some(value.get()).filter(|name| !name.is_empty()).into_iter().collect::<Vec<_>>()
                    })
                    on_change=Callback::new(move |chosen: Vec<String>| {
                        if let Some(name) = chosen.into_iter().next() {
                            on_change.run(name);
                            open.set(false);
                        }
                    })
                    autofocus=true
                />
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// A segment as a token.
#[component]
pub fn SegmentPicker(
    /// The segment's id; empty: none yet.
    #[prop(into)]
    value: Signal<String>,
    /// A segment that cannot be chosen, because the question is its definition.
    #[prop(into)]
    without: Signal<Option<String>>,
    /// Called with another one.
    on_change: Callback<String>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let open = RwSignal::new(false);
    let name = Memo::new(move |_| value.with(|id| vocabulary.segment_name(id)));
    let bad = Memo::new(move |_| value.with(|id| id.is_empty() || vocabulary.lacks_segment(id)));
    let words = move || {
        let id = value.get();
        if id.is_empty() {
            "Choose a segment".to_owned()
        } else {
            name.get().unwrap_or(id)
        }
    };
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if bad.get() { "us-tok us-tok--bad".to_owned() } else { "us-tok".to_owned() }
            })
            button=ViewFn::from(move || {
                view! {
                    <Icon glyph=Glyph::Segment />
                    <span class="us-truncate">{words()}</span>
                }
            })
            panel_label="Segment"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <SegmentField
                    value=Signal::derive(move || {
                        Some(value.get()).filter(|id| !id.is_empty()).into_iter().collect::<Vec<_>>()
                    })
                    without=Signal::derive(move || without.get().into_iter().collect::<Vec<_>>())
                    on_choose=Callback::new(move |id| {
                        on_change.run(id);
                        open.set(false);
                    })
                />
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// The field that finds a segment.
#[component]
pub fn SegmentField(
    /// What is chosen: one id or none.
    #[prop(into)]
    value: Signal<Vec<String>>,
    /// Segments that cannot be chosen.
    #[prop(into)]
    without: Signal<Vec<String>>,
    /// Called with the id of another one.
    on_choose: Callback<String>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let search = SegmentSearch::start();
    let choices = Memo::new(move |_| {
        let mut choices = vocabulary.segment_choices(&search.found());
        without.with(|without| choices.retain(|choice| !without.contains(&choice.value)));
        choices
    });
    view! {
        <Combobox
            label="Segment"
            placeholder="Search segments"
            choices
            value
            on_change=Callback::new(move |chosen: Vec<String>| {
                if let Some(id) = chosen.into_iter().next() {
                    search.chosen(&id);
                    on_choose.run(id);
                }
            })
            on_search=Callback::new(move |text| search.look_for(text))
            filtered=true
            nothing=Signal::derive(move || {
                let none = vocabulary.knows_segments() && choices.with(Vec::is_empty);
                let other = if without.with(Vec::is_empty) { "segment yet" } else { "other segment" };
                search.nothing("segment").or_else(|| none.then(|| format!("There is no {other}.")))
            })
            autofocus=true
        />
    }
    .into_any()
}

/// How often, or how a figure compares, as a token.
#[component]
pub fn ComparePicker(
    /// The comparison.
    #[prop(into)]
    value: Signal<CompareForm>,
    /// What is compared: it decides the words.
    #[prop(into)]
    measure: Signal<MeasureKind>,
    /// Called with each change.
    on_change: Callback<CompareForm>,
) -> impl IntoView {
    let errors: Signal<Vec<FormError>> =
        Signal::derive(move || value.with(|value| value.compare().err().unwrap_or_default()));
    let op = Memo::new(move |_| value.with(|value| value.op));
    let words = move || {
        value.with(|value| match measure.get() {
            MeasureKind::Of(_) => format!("{} {}", value.op.sign(), value.value_words()),
            kind => value.times_words(kind),
        })
    };
    let change = move |change: &dyn Fn(&mut CompareForm)| {
        let mut form = value.get_untracked();
        change(&mut form);
        on_change.run(form);
    };
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if errors.with(Vec::is_empty) {
                    "us-tok us-tok--val".to_owned()
                } else {
                    "us-tok us-tok--val us-tok--bad".to_owned()
                }
            })
            button=ViewFn::from(words)
            panel_label=Signal::derive(move || match measure.get() {
                MeasureKind::Count => "How often".to_owned(),
                MeasureKind::DistinctDays => "On how many days".to_owned(),
                MeasureKind::Of(_) => "How much".to_owned(),
            })
        >
            <div class="us-popover__body">
                <Select
                    label="Compare"
                    options=CompareOp::ALL.into_iter().map(|op| (op, op.label())).collect()
                    value=op
                    on_change=Callback::new(move |op| change(&|form| form.op = op))
                />
                <div class="query-pair">
                    <NumberField
                        label="Value"
                        value=Signal::derive(move || value.with(|value| value.value.clone()))
                        on_change=Callback::new(move |entry: segments_forms::number::Entry| {
                            change(&|form| form.value = entry.clone());
                        })
                        error=Signal::derive(move || {
                            errors.with(|errors| {
                                errors
                                    .iter()
                                    .find(|error| error.pointer != "/value/1")
                                    .map(|error| error.detail.clone())
                            })
                        })
                    />
                    <Show when=move || op.get() == CompareOp::Between>
                        <NumberField
                            label="and"
                            value=Signal::derive(move || value.with(|value| value.upper.clone()))
                            on_change=Callback::new(move |entry: segments_forms::number::Entry| {
                                change(&|form| form.upper = entry.clone());
                            })
                            error=error_at(errors, "/value/1")
                        />
                    </Show>
                </div>
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// What is worked out, as a token.
#[component]
pub fn MeasurePicker(
    /// The measure.
    #[prop(into)]
    value: Signal<MeasureForm>,
    /// Called with another one.
    on_change: Callback<MeasureForm>,
) -> impl IntoView {
    let kind = Memo::new(move |_| value.with(|value| value.kind));
    view! {
        <PopoverButton
            class="us-tok us-tok--val"
            button=ViewFn::from(move || kind.get().label())
            panel_label="Measure"
        >
            <div class="us-popover__body">
                <Select
                    label="Work out the"
                    options=MeasureKind::ALL.into_iter().map(|kind| (kind, kind.label())).collect()
                    value=kind
                    on_change=Callback::new(move |kind| {
                        on_change.run(MeasureForm { kind, ..value.get_untracked() });
                    })
                />
            </div>
        </PopoverButton>
    }
    .into_any()
}
