//! Which event, property or segment: tokens that open a list to search.

use leptos::prelude::*;
use segments_forms::event::EventChoice;
use segments_forms::group::GroupForm;
use segments_forms::measure::{CompareForm, CompareOp, MeasureKind};
use segments_forms::number::Entry;
use segments_model::filter::Scope;
use segments_model::{Compare, ValueType};
use segments_ui::{Choice, Combobox, Glyph, Icon, PopoverButton};

use crate::parts::field::Field;
use crate::parts::fields::{NumberField, Select, chosen, error_at, token_class};
use crate::parts::segment_search::SegmentSearch;
use crate::parts::vocabulary::{Property, Vocabulary};
use crate::shell::route::{Navigator, Route};

/// What stands for any event among the choices; no event's name can begin so, as names are trimmed.
const ANY_EVENT: &str = " any";

/// An event as a token; pressing it opens the list of the data's events.
#[component]
pub fn EventPicker(
    event: Field<EventChoice>,
    /// Whether it takes the width that there is.
    #[prop(optional)]
    fill: bool,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let navigator = Navigator::expect();
    let open = RwSignal::new(false);
    let lacks = event.memo(move |event| {
        event
            .name()
            .is_some_and(|name| vocabulary.lacks_event(name))
    });
    let class = token_class(
        if fill {
            "us-tok us-tok--event us-tok--fill"
        } else {
            "us-tok us-tok--event"
        },
        move || lacks.get() || event.with(|event| *event == EventChoice::Unset),
    );
    let words = move || {
        event.with(|event| {
            event.name().map_or_else(
                || event.words().to_owned(),
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
    let chosen = Signal::derive(move || match event.get() {
        EventChoice::Unset => Vec::new(),
        EventChoice::Any => vec![ANY_EVENT.to_owned()],
        EventChoice::Named(name) => vec![name],
    });
    let choose = Callback::new(move |chosen: Vec<String>| {
        let Some(name) = chosen.into_iter().next() else {
            return;
        };
        event.set(if name == ANY_EVENT {
            EventChoice::Any
        } else {
            EventChoice::Named(name)
        });
        open.set(false);
    });
    view! {
        <PopoverButton
            class
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
                    in_panel=true
                />
                {move || {
                    let name = event.with(|event| event.name().map(str::to_owned))?;
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
    on_change: Callback<String>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let open = RwSignal::new(false);
    let bad = Memo::new(move |_| {
        value.with(|name| name.is_empty() || vocabulary.lacks_property(Scope::Event, name))
    });
    let choices = Signal::derive(move || {
        let event: Vec<String> = event.get().into_iter().collect();
        let is_there = |property: &Property<'_>| {
            property.is_of(&event) && (!numbers.get() || property.value_type == ValueType::Number)
        };
        let choices = vocabulary.property_choices(&[("", &is_there)]).into_iter();
        choices
            .filter_map(|(form, choice)| match form {
                GroupForm::Property { name: value, .. } => Some(Choice { value, ..choice }),
                GroupForm::Segment(_) => None,
            })
            .collect::<Vec<_>>()
    });
    view! {
        <PopoverButton
            class=token_class("us-tok", move || bad.get())
            button=ViewFn::from(move || {
                let name = value.with(|name| if name.is_empty() { "Choose a property".to_owned() } else { name.clone() });
                view! { <span class="us-truncate">{name}</span> }
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
                    value=chosen(value)
                    on_change=Callback::new(move |chosen: Vec<String>| {
                        if let Some(name) = chosen.into_iter().next() {
                            on_change.run(name);
                            open.set(false);
                        }
                    })
                    in_panel=true
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
    segment: Field<String>,
    /// A segment that cannot be chosen, because the question is its definition.
    #[prop(into)]
    without: Signal<Option<String>>,
) -> impl IntoView {
    let vocabulary = Vocabulary::expect();
    let open = RwSignal::new(false);
    let name = segment.memo(move |id| vocabulary.segment_name(id));
    let bad = segment.memo(move |id| id.is_empty() || vocabulary.lacks_segment(id));
    let words = move || {
        let id = segment.get();
        if id.is_empty() {
            "Choose a segment".to_owned()
        } else {
            name.get().unwrap_or(id)
        }
    };
    view! {
        <PopoverButton
            class=token_class("us-tok", move || bad.get())
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
                    value=chosen(segment.value())
                    without=Signal::derive(move || without.get().into_iter().collect::<Vec<_>>())
                    on_choose=Callback::new(move |id| {
                        segment.set(id);
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
        let mut choices = vocabulary.segment_choices(&search.results());
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
            in_panel=true
        />
    }
    .into_any()
}

/// How often, or how a figure compares, as a token.
#[component]
pub fn ComparePicker(
    compare: Field<CompareForm>,
    /// What is compared: it decides the words.
    #[prop(into)]
    measure: Signal<MeasureKind>,
) -> impl IntoView {
    let errors = Signal::derive(move || {
        compare.with(|compare| Compare::try_from(compare).err().unwrap_or_default())
    });
    let op = compare.part(|compare| &mut compare.op);
    let number = move |label, part: fn(&mut CompareForm) -> &mut Entry, is_first: bool| {
        let field = compare.part(part);
        let error = error_at(errors, move |error| {
            is_first == (error.pointer != "/value/1")
        });
        view! { <NumberField label value=field.value() on_change=field.on_change() error /> }
    };
    view! {
        <PopoverButton
            class=token_class("us-tok us-tok--val", move || !errors.with(Vec::is_empty))
            button=ViewFn::from(move || {
                let words = compare.with(|compare| compare.words(measure.get()));
                view! { <span class="us-truncate">{words}</span> }
            })
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
                    value=op.value()
                    on_change=op.on_change()
                />
                <div class="query-pair">
                    {number("Value", |compare| &mut compare.value, true)}
                    <Show when=move || {
                        op.get() == CompareOp::Between
                    }>{number("and", |compare| &mut compare.upper, false)}</Show>
                </div>
            </div>
        </PopoverButton>
    }
    .into_any()
}

/// What is worked out, as a token.
#[component]
pub fn MeasurePicker(kind: Field<MeasureKind>) -> impl IntoView {
    view! {
        <PopoverButton
            class="us-tok us-tok--val"
            button=ViewFn::from(move || kind.get().label())
            panel_label="Measure"
        >
            <div class="us-popover__body">
                <Select
                    label="Measure"
                    options=MeasureKind::ALL.into_iter().map(|kind| (kind, kind.label())).collect()
                    value=kind.value()
                    on_change=kind.on_change()
                />
            </div>
        </PopoverButton>
    }
    .into_any()
}
