//! Which occurrences, or which users: the conditions of a filter as tokens.

use std::sync::Arc;

use leptos::prelude::*;
use segments_format as format;
use segments_forms::error::FormError;
use segments_forms::filter::{
    FilterForm, FilterItem, FilterWhat, Operand, PropertyForm, ValueForm, operators,
};
use segments_forms::group::GroupForm;
use segments_forms::number::Entry;
use segments_model::dictionary::Suggestions;
use segments_model::filter::{Operator, Scope};
use segments_model::{Filter, Value, ValueType};
use segments_ui::dom::{all_below, focus};
use segments_ui::{
    Choice, Combobox, Glyph, Icon, MenuButton, MenuCheck, PopoverButton, Segmented,
    SegmentedOption, Switch,
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, MouseEvent};

use crate::client::{ApiError, Client, Loader, Status};
use crate::parts::field::Field;
use crate::parts::fields::{DayField, NumberField, error_at, token_class};
use crate::parts::pickers::SegmentPicker;
use crate::parts::range_picker::RangeForm;
use crate::parts::vocabulary::{Property, Vocabulary, entry_kind};

/// What the parts of a filter's editor share.
#[derive(Clone, Copy)]
struct FilterContext {
    filter: Field<FilterForm>,
    event: Signal<Option<String>>,
    users_only: bool,
    without: Signal<Option<String>>,
    errors: Signal<Vec<FormError>>,
    vocabulary: Vocabulary,
}

/// Where a condition stands: positions from the outermost group inward.
type Path = Arc<[usize]>;

/// The conditions of a filter, each as tokens for property, operator and values. Nested groups are shown in parentheses
/// and kept.
#[component]
pub fn FilterEditor(
    filter: Field<FilterForm>,
    /// The event whose properties are offered first; none: those of every event.
    #[prop(into, optional)]
    event: Signal<Option<String>>,
    /// Whether it is about users, where events have no say.
    #[prop(optional)]
    users_only: bool,
    /// A segment that cannot be chosen.
    #[prop(into, optional)]
    without: Signal<Option<String>>,
    /// What the filter belongs to, for the names of buttons: "criterion 2a".
    #[prop(into)]
    owner: Signal<String>,
    /// Whether a button of its own adds conditions; else there is one elsewhere.
    #[prop(default = true)]
    adds: bool,
) -> impl IntoView {
    let editor = FilterContext {
        filter,
        event,
        users_only,
        without,
        errors: filter
            .memo(|filter| Option::<Filter>::try_from(filter).err().unwrap_or_default())
            .into(),
        vocabulary: Vocabulary::expect(),
    };
    let scope = if users_only {
        Scope::User
    } else {
        Scope::Event
    };
    view! {
        {group(editor, Arc::from([]))}
        {adds
            .then(|| {
                view! {
                    <button
                        class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-more"
                        type="button"
                        aria-label=move || format!("where: add a condition to {}", owner.get())
                        on:click=move |_| filter.update(|filter| filter.add(PropertyForm::unset(scope)))
                    >
                        <Icon glyph=Glyph::Plus small=true />
                    </button>
                }
            })}
    }
    .into_any()
}

/// The conditions of the group at a path; the empty path is the whole filter.
fn group(editor: FilterContext, path: Path) -> AnyView {
    let at = Arc::clone(&path);
    let group = editor.filter.maybe(move |filter| filter.group(&at));
    let any = group.memo(|group| group.any);
    let count = group.memo(|group| group.items.len());
    let join = move || {
        view! {
            <button
                class="us-tok us-tok--op"
                type="button"
                title=move || if any.get() { "Matches any of them" } else { "Matches all of them" }
                aria-label=move || if any.get() { "or, change to and" } else { "and, change to or" }
                on:click=move |_| group.update(|group| group.any = !group.any)
            >
                {move || if any.get() { "or" } else { "and" }}
            </button>
        }
    };
    view! {
        <For
            each=move || 0..count.get()
            key=|index| *index
            children=move |index| {
                let inner = path.iter().copied().chain([index]).collect();
                view! {
                    {(index > 0).then(join)}
                    {condition(editor, inner)}
                }
            }
        />
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Property,
    Segment,
    Group,
}

/// What the tokens of a condition share.
#[derive(Clone)]
struct Condition {
    editor: FilterContext,
    path: Path,
    item: Field<FilterItem>,
    property: Field<PropertyForm>,
}

impl Condition {
    /// What is wrong at a place of the condition or inside of it, `/values`, and with `all` what is wrong with all of them.
    fn error(&self, place: String, all: bool) -> Signal<Option<String>> {
        let (filter, path) = (self.editor.filter, Arc::clone(&self.path));
        error_at(self.editor.errors, move |error| {
            let at = filter.with(|filter| filter.pointer(&path));
            error.is_within(&format!("{at}{place}"))
                || all && error.pointer == format!("{at}/values")
        })
    }

    fn remove(&self, event: &MouseEvent) {
        self.editor
            .filter
            .update(|filter| *filter = std::mem::take(filter).without(&self.path));
        focus_after(event);
    }
}

fn condition(editor: FilterContext, path: Path) -> AnyView {
    let at = Arc::clone(&path);
    let item = editor.filter.maybe(move |filter| filter.item_mut(&at));
    let shape = item.memo(|item| {
        let sort = match item.what {
            FilterWhat::Property(_) => Sort::Property,
            FilterWhat::Segment(_) => Sort::Segment,
            FilterWhat::Group(_) => Sort::Group,
        };
        (item.not, sort)
    });
    let condition = Condition {
        editor,
        path,
        item,
        property: item.maybe(|item| match &mut item.what {
            FilterWhat::Property(property) => Some(property),
            _ => None,
        }),
    };
    let body = move || {
        let (not, sort) = shape.get();
        match sort {
            Sort::Property => view! {
                {not.then(|| view! { <b class="query-w">"not"</b> })}
                {property(&condition)}
            }
            .into_any(),
            Sort::Segment => view! {
                <span class="query-w">{if not { "not in segment" } else { "in segment" }}</span>
                {segment(&condition)}
            }
            .into_any(),
            Sort::Group => view! {
                <span class="query-w">{if not { "not (" } else { "(" }}</span>
                {group(editor, Arc::clone(&condition.path))}
                <span class="query-w">")"</span>
            }
            .into_any(),
        }
    };
    view! { {body} }.into_any()
}

/// Gives the focus to what adds a condition, after one was taken away and its buttons with it.
fn focus_after(event: &MouseEvent) {
    let Some(from) = event
        .current_target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let closest = |selector: &str| from.closest(selector).ok().flatten();
    let line = closest(".query-toks, .toks");
    let home = closest(".query-did, .query-row, .query-card, .crit");
    request_animation_frame(move || {
        let button_in = |element: Option<Element>, selector: &str| {
            let element = element.filter(|element| element.is_connected())?;
            element
                .query_selector(selector)
                .ok()??
                .dyn_into::<HtmlElement>()
                .ok()
        };
        if let Some(button) =
            button_in(line, ".query-more").or_else(|| button_in(home, ".query-adds"))
        {
            focus(&button);
        }
    });
}

fn segment(condition: &Condition) -> AnyView {
    let segment = condition.item.maybe(|item| match &mut item.what {
        FilterWhat::Segment(id) => Some(id),
        _ => None,
    });
    let removed = condition.clone();
    view! {
        <SegmentPicker segment without=condition.editor.without />
        <button
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
            type="button"
            aria-label="Remove the condition on a segment"
            on:click=move |event: MouseEvent| removed.remove(&event)
        >
            <Icon glyph=Glyph::Cross small=true />
        </button>
    }
    .into_any()
}

fn property(condition: &Condition) -> AnyView {
    let form = condition.property;
    let has_values = form.memo(|form| form.operand() != Operand::Nothing);
    let with_values = condition.clone();
    view! {
        {name_token(condition)}
        {operator_token(condition.editor.vocabulary, form)}
        <Show when=move || has_values.get()>{value_token(&with_values)}</Show>
    }
    .into_any()
}

/// What the choice of a segment in a property's place is called.
const IN_SEGMENT: &str = "segment/";

fn property_choices(editor: FilterContext) -> Vec<Choice> {
    let event: Vec<String> = editor.event.get().into_iter().collect();
    let of_event = |property: &Property<'_>| !editor.users_only && property.is_of(&event);
    let choices = editor.vocabulary.property_choices(&[
        ("Event property", &of_event),
        ("User property", &|property| property.scope == Scope::User),
    ]);
    let in_segment = Choice::new(IN_SEGMENT)
        .label("In a segment")
        .glyph(Glyph::Segment)
        .group("User segment");
    choices
        .into_iter()
        .map(|(_, choice)| choice)
        .chain([in_segment])
        .collect()
}

fn name_token(condition: &Condition) -> AnyView {
    let Condition {
        editor,
        item,
        property,
        ..
    } = *condition;
    let vocabulary = editor.vocabulary;
    let open = RwSignal::new(false);
    let lacks = property.memo(move |form| {
        !form.name.is_empty() && vocabulary.lacks_property(form.scope, &form.name)
    });
    let name = property.memo(|form| form.name.clone());
    let button = move || {
        let words = match name.get() {
            name if name.is_empty() => "Choose a property".to_owned(),
            name => name,
        };
        view! {
            {lacks.get().then(|| view! { <Icon glyph=Glyph::Warning /> })}
            <span class="us-truncate">{words}</span>
        }
    };
    let chosen = Signal::derive(move || {
        let value = property.with(|form| {
            let (scope, name) = (form.scope, form.name.clone());
            GroupForm::Property { scope, name }.choice_value()
        });
        Some(value)
            .filter(|_| !name.with(String::is_empty))
            .into_iter()
            .collect::<Vec<_>>()
    });
    let choose = Callback::new(move |chosen: Vec<String>| {
        let Some((kind, name)) = chosen.first().and_then(|chosen| chosen.split_once('/')) else {
            return;
        };
        open.set(false);
        let scope = match kind {
            "event" => Scope::Event,
            "user" => Scope::User,
            _ => return item.update(|item| item.what = FilterWhat::Segment(String::new())),
        };
        let value_type = vocabulary
            .value_type(scope, name)
            .unwrap_or(ValueType::String);
        property.update(|form| {
            *form = std::mem::take(form).with_property(scope, name, value_type);
        });
    });
    let not = item.part(|item| &mut item.not);
    let removed = StoredValue::new(condition.clone());
    view! {
        <PopoverButton
            class=token_class("us-tok", move || lacks.get() || name.with(String::is_empty))
            button=ViewFn::from(button)
            panel_label="Property"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <Combobox
                    label="Property"
                    placeholder="Search properties"
                    choices=Signal::derive(move || property_choices(editor))
                    value=chosen
                    on_change=choose
                    in_panel=true
                />
                {move || {
                    lacks
                        .get()
                        .then(|| {
                            let name = name.get();
                            view! { <p class="us-help">{format!("The data has no property “{name}” here.")}</p> }
                        })
                }}
                <Switch on=not.value() on_change=not.on_change()>
                    "Exclude matches"
                </Switch>
                <div class="us-row">
                    <button
                        class="us-btn us-btn--sm"
                        type="button"
                        on:click=move |event: MouseEvent| {
                            open.set(false);
                            removed.with_value(|removed| removed.remove(&event));
                        }
                    >
                        <Icon glyph=Glyph::Cross small=true />
                        "Remove condition"
                    </button>
                </div>
            </div>
        </PopoverButton>
    }
    .into_any()
}

fn operator_token(vocabulary: Vocabulary, property: Field<PropertyForm>) -> AnyView {
    let open = RwSignal::new(false);
    // The dictionary's type wins over the one that a stored definition was taken to have.
    let value_type = property.memo(move |form| {
        vocabulary
            .value_type(form.scope, &form.name)
            .unwrap_or(form.value_type)
    });
    let current = property.memo(|form| form.op);
    let choose = move |op: Operator| {
        open.set(false);
        let value_type = value_type.get_untracked();
        property.update(|form| {
            let mut typed = std::mem::take(form);
            if typed.value_type != value_type {
                let (scope, name) = (typed.scope, typed.name.clone());
                typed = typed.with_property(scope, &name, value_type);
            }
            *form = typed.with_operator(op);
        });
    };
    view! {
        <MenuButton
            class="us-tok us-tok--op"
            label=Signal::derive(move || {
                property.with(|form| format!("Operator of {}: {}", form.name, form.label()))
            })
            button=ViewFn::from(move || property.with(PropertyForm::sign))
            menu_label="Operator"
            open
        >
            {operators(value_type.get())
                .map(|row| {
                    let op = row.op;
                    view! {
                        <MenuCheck
                            label=row.label
                            checked=Signal::derive(move || current.get() == op)
                            radio=true
                            on_toggle=Callback::new(move |()| choose(op))
                        />
                    }
                })
                .collect_view()}
        </MenuButton>
    }
    .into_any()
}

fn value_token(condition: &Condition) -> AnyView {
    let property = condition.property;
    let values = condition.error("/values".to_owned(), false);
    let during = condition.error("/during".to_owned(), false);
    let operand = property.memo(PropertyForm::operand);
    let panel = condition.clone();
    view! {
        <PopoverButton
            class=token_class(
                "us-tok us-tok--val",
                move || values.with(Option::is_some) || during.with(Option::is_some),
            )
            label=Some(
                Signal::derive(move || {
                    property.with(|form| format!("Values of {}: {}", form.name, form.value_words()))
                }),
            )
            button=ViewFn::from(move || {
                view! { <span class="us-truncate">{property.with(PropertyForm::value_words)}</span> }
            })
            panel_label="Values"
            panel_class="us-popover query-pick"
            on_open=Callback::new(|panel: HtmlElement| {
                // A list takes the focus by itself.
                if let Some(field) = all_below(&panel, "[inputmode], [type=date]").first() {
                    focus(field);
                }
            })
        >
            <div class="us-popover__body">
                {
                    let panel = panel.clone();
                    move || value_form(&panel, operand.get())
                }
            </div>
        </PopoverButton>
    }
    .into_any()
}

fn value_form(condition: &Condition, operand: Operand) -> AnyView {
    let property = condition.property;
    match operand {
        Operand::Nothing => ().into_any(),
        Operand::Texts => texts_form(property),
        Operand::Numbers => numbers_form(condition),
        Operand::TwoNumbers => view! {
            <div class="query-pair">
                {number_field(condition, 0, "From")} {number_field(condition, 1, "to")}
            </div>
        }
        .into_any(),
        Operand::Flag => {
            let flag = move |form: &PropertyForm| {
                !matches!(form.values.first(), Some(ValueForm::Flag(false)))
            };
            view! {
                <Segmented
                    legend="Value"
                    options=vec![SegmentedOption::new(true, "true"), SegmentedOption::new(false, "false")]
                    value=property.memo(flag)
                    on_change=Callback::new(move |flag| {
                        property.update(|form| form.values = vec![ValueForm::Flag(flag)]);
                    })
                />
            }
            .into_any()
        }
        Operand::Day => day_field(condition, 0, "Day"),
        Operand::TwoDays => view! {
            <div class="query-pair">
                {day_field(condition, 0, "First day")} {day_field(condition, 1, "Last day")}
            </div>
        }
        .into_any(),
        Operand::Range => {
            view! { <RangeForm range=property.part(|form| &mut form.during) /> }.into_any()
        }
    }
}

fn texts_form(property: Field<PropertyForm>) -> AnyView {
    let client = use_context::<Client>();
    let search = RwSignal::new(None::<String>);
    let suggestions = Loader::<Suggestions>::debounced(
        150,
        move || {
            let search = search.get()?;
            property.with(|form| {
                let wants = !form.name.is_empty() && form.op != Operator::Matches;
                wants.then(|| (entry_kind(form.scope), form.name.clone(), search))
            })
        },
        move |(kind, name, search)| {
            let client = client.clone();
            async move {
                match client {
                    Some(client) => client.values(kind, &name, &search).await,
                    None => Err(ApiError::Cancelled),
                }
            }
        },
    );
    let choices = Signal::derive(move || {
        suggestions
            .map(|suggestions| {
                suggestions
                    .items
                    .iter()
                    .map(|suggestion| {
                        let text = match &suggestion.value {
                            Value::String(text) => text.clone(),
                            Value::Number(number) => number.to_string(),
                            Value::Boolean(flag) => flag.to_string(),
                        };
                        Choice::new(text).detail(format::compact(suggestion.count))
                    })
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let texts = property.memo(|form| {
        let texts = form.values.iter().filter_map(|value| match value {
            ValueForm::Text(text) => Some(text.clone()),
            ValueForm::Number(_) | ValueForm::Flag(_) => None,
        });
        texts.collect::<Vec<_>>()
    });
    let takes_case = property.memo(|form| form.op.compares_texts());
    let ignore_case = property.part(|form| &mut form.ignore_case);
    view! {
        <Combobox
            label="Values"
            placeholder="Search or type a value"
            choices
            value=texts
            on_change=Callback::new(move |texts: Vec<String>| {
                property.update(|form| form.values = texts.into_iter().map(ValueForm::Text).collect());
            })
            multiple=true
            free=true
            on_search=Callback::new(move |text| search.set(Some(text)))
            busy=Signal::derive(move || suggestions.status().with(Status::is_slow))
            in_panel=true
        />
        <p class="us-help">"Matches any of the values."</p>
        <Show when=move || takes_case.get()>
            <Switch on=ignore_case.value() on_change=ignore_case.on_change()>
                "Ignore case"
            </Switch>
        </Show>
    }
    .into_any()
}

fn numbers_form(condition: &Condition) -> AnyView {
    let property = condition.property;
    let count = property.memo(|form| form.values.len().max(1));
    let takes_several = property.memo(|form| matches!(form.op, Operator::Is | Operator::IsNot));
    let fields = condition.clone();
    view! {
        <For
            each=move || 0..count.get()
            key=|index| *index
            children=move |index| {
                let label = if index == 0 { "Value" } else { "or" };
                number_field(&fields, index, label)
            }
        />
        <Show when=move || takes_several.get()>
            <button
                class="us-add"
                type="button"
                on:click=move |_| {
                    property.update(|form| form.values.push(ValueForm::Number(Entry::default())));
                }
            >
                <Icon glyph=Glyph::Plus />
                "Add value"
            </button>
        </Show>
    }
    .into_any()
}

fn number_field(condition: &Condition, index: usize, label: &'static str) -> AnyView {
    let property = condition.property;
    let value = property.memo(move |form| match form.values.get(index) {
        Some(ValueForm::Number(entry)) => entry.clone(),
        Some(ValueForm::Text(text)) => Entry::Text(text.clone()),
        Some(ValueForm::Flag(_)) | None => Entry::default(),
    });
    view! {
        <NumberField
            label
            value
            on_change=Callback::new(move |entry| {
                property.update(|form| form.set_value(index, ValueForm::Number(entry)));
            })
            error=condition.error(format!("/values/{index}"), index == 1)
        />
    }
    .into_any()
}

fn day_field(condition: &Condition, index: usize, label: &'static str) -> AnyView {
    let property = condition.property;
    let value = property.memo(move |form| match form.values.get(index) {
        Some(ValueForm::Text(text)) => text.clone(),
        _ => String::new(),
    });
    view! {
        <DayField
            label
            value
            on_change=Callback::new(move |day| {
                property.update(|form| form.set_value(index, ValueForm::Text(day)));
            })
            error=condition.error(format!("/values/{index}"), index == 1)
        />
    }
    .into_any()
}
