//! Which occurrences, or which users: the conditions of a filter as tokens.

use std::rc::Rc;

use leptos::prelude::*;
use segments_format as format;
use segments_forms::error::FormError;
use segments_forms::filter::{
    FilterForm, FilterItem, FilterWhat, Operand, PropertyForm, ValueForm, operators,
};
use segments_forms::number::Entry;
use segments_model::dictionary::Suggestions;
use segments_model::filter::{Operator, Scope};
use segments_model::{Value, ValueType};
use segments_ui::dom::{all_below, focus};
use segments_ui::{
    Choice, Combobox, Glyph, Icon, MenuButton, MenuCheck, PopoverButton, Segmented,
    SegmentedOption, Switch,
};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, MouseEvent};

use crate::client::{ApiError, Client, Loader};
use crate::parts::fields::{DayField, NumberField};
use crate::parts::pickers::SegmentPicker;
use crate::parts::range_picker::RangeForm;
use crate::parts::vocabulary::{Vocabulary, entry_kind, type_glyph};

/// What the parts of a filter's editor share.
#[derive(Clone, Copy)]
struct Editor {
    filter: Signal<FilterForm>,
    on_change: Callback<FilterForm>,
    event: Signal<Option<String>>,
    users_only: bool,
    without: Signal<Option<String>>,
    errors: Memo<Vec<FormError>>,
    vocabulary: Vocabulary,
}

type Path = Rc<[usize]>;

impl Editor {
    fn item(self, path: &[usize]) -> Option<FilterItem> {
        self.filter.with(|filter| filter.item(path).cloned())
    }

    fn property(self, path: &[usize]) -> PropertyForm {
        match self.item(path).map(|item| item.what) {
            Some(FilterWhat::Property(property)) => property,
            _ => PropertyForm::unset(self.default_scope()),
        }
    }

    fn change(self, path: &[usize], change: impl FnOnce(&mut FilterItem)) {
        self.on_change
            .run(self.filter.get_untracked().with(path, change));
    }

    fn change_property(self, path: &[usize], change: impl FnOnce(PropertyForm) -> PropertyForm) {
        self.change(path, |item| {
            if let FilterWhat::Property(property) = &mut item.what {
                *property = change(property.clone());
            }
        });
    }

    const fn default_scope(self) -> Scope {
        if self.users_only {
            Scope::User
        } else {
            Scope::Event
        }
    }

    /// What is wrong at a place inside of a condition.
    fn error(self, path: &[usize], place: &str) -> Option<String> {
        let place = format!("{}{place}", self.filter.with(|filter| filter.pointer(path)));
        self.errors.with(|errors| {
            errors
                .iter()
                .find(|error| error.is_within(&place))
                .map(|error| error.detail.clone())
        })
    }
}

/// The conditions of a filter, each as tokens for property, operator and values. Nested groups are shown in parentheses
/// and kept.
#[component]
pub fn FilterEditor(
    /// The filter.
    #[prop(into)]
    filter: Signal<FilterForm>,
    /// Called with each change.
    on_change: Callback<FilterForm>,
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
    let editor = Editor {
        filter,
        on_change,
        event,
        users_only,
        without,
        errors: Memo::new(move |_| filter.with(|filter| filter.filter().err().unwrap_or_default())),
        vocabulary: Vocabulary::expect(),
    };
    view! {
        {group(editor, Rc::from([]))}
        {adds
            .then(|| {
                view! {
        <button
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon query-more"
            type="button"
            aria-label=move || format!("where: add a condition to {}", owner.get())
            on:click=move |_| {
                let item = FilterItem::property(PropertyForm::unset(editor.default_scope()));
                on_change.run(filter.get_untracked().adding(&[], item));
            }
        >
            <Icon glyph=Glyph::Plus small=true />
        </button>
                }
            })}
    }
    .into_any()
}

/// The conditions of the group at a path; the empty path is the whole filter.
fn group(editor: Editor, path: Path) -> AnyView {
    let at = Rc::clone(&path);
    let group_at = move || {
        editor.filter.with(|filter| {
            if at.is_empty() {
                Some((filter.any, filter.items.len()))
            } else {
                match filter.item(&at).map(|item| &item.what) {
                    Some(FilterWhat::Group(group)) => Some((group.any, group.items.len())),
                    _ => None,
                }
            }
        })
    };
    let shape = Memo::new({
        let group_at = send_wrapper::SendWrapper::new(group_at);
        move |_| group_at().unwrap_or_default()
    });
    let join_path = Rc::clone(&path);
    let toggle = move || {
        let filter = editor.filter.get_untracked();
        editor.on_change.run(if join_path.is_empty() {
            FilterForm {
                any: !filter.any,
                ..filter
            }
        } else {
            filter.with(&join_path, |item| {
                if let FilterWhat::Group(group) = &mut item.what {
                    group.any = !group.any;
                }
            })
        });
    };
    let toggle = StoredValue::new_local(toggle);
    let path = StoredValue::new_local(path);
    view! {
        <For
            each=move || 0..shape.get().1
            key=|index| *index
            children=move |index| {
                let inner: Path = path
                    .with_value(|path| path.iter().copied().chain([index]).collect());
                view! {
                    {(index > 0)
                        .then(|| {
                            view! {
                                <button
                                    class="us-tok us-tok--op"
                                    type="button"
                                    title=move || {
                                        if shape.get().0 { "Any one of them is enough" } else { "All of them have to hold" }
                                    }
                                    aria-label=move || {
                                        if shape.get().0 { "or, change to and" } else { "and, change to or" }
                                    }
                                    on:click=move |_| toggle.with_value(|toggle| toggle())
                                >
                                    {move || if shape.get().0 { "or" } else { "and" }}
                                </button>
                            }
                        })}
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

fn condition(editor: Editor, path: Path) -> AnyView {
    let path = send_wrapper::SendWrapper::new(path);
    let shape = Memo::new({
        let path = path.clone();
        move |_| {
            editor.item(&path).map(|item| {
                let sort = match item.what {
                    FilterWhat::Property(_) => Sort::Property,
                    FilterWhat::Segment(_) => Sort::Segment,
                    FilterWhat::Group(_) => Sort::Group,
                };
                (item.not, sort)
            })
        }
    });
    let body = move || {
        let (not, sort) = shape.get()?;
        let path = Rc::clone(&path);
        Some(match sort {
            Sort::Property => view! {
                {not.then(|| view! { <b class="query-w">"not"</b> })}
                {property(editor, path)}
            }
            .into_any(),
            Sort::Segment => view! {
                <span class="query-w">{if not { "not in segment" } else { "in segment" }}</span>
                {segment(editor, path)}
            }
            .into_any(),
            Sort::Group => view! {
                <span class="query-w">{if not { "not (" } else { "(" }}</span>
                {group(editor, path)}
                <span class="query-w">")"</span>
            }
            .into_any(),
        })
    };
    view! { {body} }.into_any()
}

fn remove_button(editor: Editor, path: &Path, open: Option<RwSignal<bool>>) -> AnyView {
    let path = send_wrapper::SendWrapper::new(Rc::clone(path));
    view! {
        <button
            class="us-btn us-btn--sm"
            type="button"
            on:click=move |event: MouseEvent| {
                if let Some(open) = open {
                    open.set(false);
                }
                editor.on_change.run(editor.filter.get_untracked().without(&path));
                focus_after(&event);
            }
        >
            <Icon glyph=Glyph::Cross small=true />
            "Remove condition"
        </button>
    }
    .into_any()
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

fn segment(editor: Editor, path: Path) -> AnyView {
    let shared = send_wrapper::SendWrapper::new(Rc::clone(&path));
    let for_value = shared.clone();
    let value = Signal::derive(
        move || match editor.item(&for_value).map(|item| item.what) {
            Some(FilterWhat::Segment(id)) => id,
            _ => String::new(),
        },
    );
    let on_change = Callback::new(move |id: String| {
        editor.change(&shared, |item| item.what = FilterWhat::Segment(id));
    });
    let removed = send_wrapper::SendWrapper::new(path);
    view! {
        <SegmentPicker value without=editor.without on_change />
        <button
            class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
            type="button"
            aria-label="Remove the condition on a segment"
            on:click=move |event: MouseEvent| {
                editor.on_change.run(editor.filter.get_untracked().without(&removed));
                focus_after(&event);
            }
        >
            <Icon glyph=Glyph::Cross small=true />
        </button>
    }
    .into_any()
}

fn property(editor: Editor, path: Path) -> AnyView {
    let shared = send_wrapper::SendWrapper::new(Rc::clone(&path));
    let form = Memo::new({
        let path = shared.clone();
        move |_| editor.property(&path)
    });
    let has_values = Memo::new(move |_| form.with(|form| form.operand() != Operand::Nothing));
    view! {
        {name_token(editor, Rc::clone(&path), form)}
        {operator_token(editor, Rc::clone(&path), form)}
        <Show when=move || has_values.get()>{value_token(editor, Rc::clone(&shared), form)}</Show>
    }
    .into_any()
}

/// What a choice of property, or of a segment in its place, is called among the choices.
fn choice_value(scope: Scope, name: &str) -> String {
    match scope {
        Scope::Event => format!("event/{name}"),
        Scope::User => format!("user/{name}"),
    }
}

const IN_SEGMENT: &str = "segment/";

fn name_token(editor: Editor, path: Path, form: Memo<PropertyForm>) -> AnyView {
    let vocabulary = editor.vocabulary;
    let open = RwSignal::new(false);
    let path = send_wrapper::SendWrapper::new(path);
    let lacks = Memo::new(move |_| {
        form.with(|form| !form.name.is_empty() && vocabulary.lacks_property(form.scope, &form.name))
    });
    let class = move || {
        if lacks.get() || form.with(|form| form.name.is_empty()) {
            "us-tok us-tok--bad".to_owned()
        } else {
            "us-tok".to_owned()
        }
    };
    let button = move || {
        let words = form.with(|form| {
            if form.name.is_empty() {
                "Choose a property".to_owned()
            } else {
                form.name.clone()
            }
        });
        view! {
            {lacks.get().then(|| view! { <Icon glyph=Glyph::Warning /> })}
            <span class="us-truncate">{words}</span>
        }
    };
    let choices = Signal::derive(move || {
        let choice = |scope, (name, value_type, fill): (String, _, f64)| {
            let group = match scope {
                Scope::Event => "Event property",
                Scope::User => "User property",
            };
            Choice::new(choice_value(scope, &name))
                .description(vocabulary.property_description(scope, &name))
                .label(name)
                .detail(format::percent(fill))
                .glyph(type_glyph(value_type))
                .group(group)
        };
        let mut choices = Vec::new();
        if !editor.users_only {
            let properties = vocabulary.event_properties(editor.event.get().as_deref());
            choices.extend(properties.into_iter().map(|one| choice(Scope::Event, one)));
        }
        let properties = vocabulary.user_properties();
        choices.extend(properties.into_iter().map(|one| choice(Scope::User, one)));
        choices.push(
            Choice::new(IN_SEGMENT)
                .label("In a segment")
                .glyph(Glyph::Segment)
                .group("User segment"),
        );
        choices
    });
    let chosen = Signal::derive(move || {
        form.with(|form| {
            if form.name.is_empty() {
                Vec::new()
            } else {
                vec![choice_value(form.scope, &form.name)]
            }
        })
    });
    let for_choice = path.clone();
    let choose = Callback::new(move |chosen: Vec<String>| {
        let Some(chosen) = chosen.into_iter().next() else {
            return;
        };
        open.set(false);
        if chosen == IN_SEGMENT {
            editor.change(&for_choice, |item| {
                item.what = FilterWhat::Segment(String::new());
            });
            return;
        }
        let (scope, name) = match chosen.split_once('/') {
            Some(("event", name)) => (Scope::Event, name),
            Some((_, name)) => (Scope::User, name),
            None => return,
        };
        let value_type = vocabulary
            .value_type(scope, name)
            .unwrap_or(ValueType::String);
        editor.change_property(&for_choice, |property| {
            property.with_property(scope, name, value_type)
        });
    });
    let for_not = path.clone();
    let not = Signal::derive(move || editor.item(&for_not).is_some_and(|item| item.not));
    let for_toggle = path.clone();
    let toggle = Callback::new(move |not| editor.change(&for_toggle, |item| item.not = not));
    view! {
        <PopoverButton
            class=Signal::derive(class)
            button=ViewFn::from(button)
            panel_label="Property"
            panel_class="us-popover query-pick"
            open
        >
            <div class="us-popover__body">
                <Combobox
                    label="Property"
                    placeholder="Search properties"
                    choices
                    value=chosen
                    on_change=choose
                    autofocus=true
                />
                {move || {
                    lacks
                        .get()
                        .then(|| {
                            let name = form.with(|form| form.name.clone());
                            view! {
                                <p class="us-help">{format!("The data has no property “{name}” here.")}</p>
                            }
                        })
                }}
                <Switch on=not on_change=toggle>
                    "Must not hold"
                </Switch>
                <div class="us-row">{remove_button(editor, &path, Some(open))}</div>
            </div>
        </PopoverButton>
    }
    .into_any()
}

fn operator_token(editor: Editor, path: Path, form: Memo<PropertyForm>) -> AnyView {
    let open = RwSignal::new(false);
    let path = send_wrapper::SendWrapper::new(path);
    // The dictionary's type wins over the one that a stored definition was taken to have.
    let value_type = Memo::new(move |_| {
        form.with(|form| {
            editor
                .vocabulary
                .value_type(form.scope, &form.name)
                .unwrap_or(form.value_type)
        })
    });
    let current = Memo::new(move |_| form.with(|form| form.op));
    let choose = Callback::new(move |op: Operator| {
        open.set(false);
        let value_type = value_type.get_untracked();
        editor.change_property(&path, |property| {
            let property = if property.value_type == value_type {
                property
            } else {
                let (scope, name) = (property.scope, property.name.clone());
                property.with_property(scope, &name, value_type)
            };
            property.with_operator(op)
        });
    });
    view! {
        <MenuButton
            class="us-tok us-tok--op"
            label=Signal::derive(move || {
                form.with(|form| format!("Operator of {}: {}", form.name, form.label()))
            })
            button=ViewFn::from(move || form.with(PropertyForm::sign))
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
                            on_toggle=Callback::new(move |()| choose.run(op))
                        />
                    }
                })
                .collect_view()}
        </MenuButton>
    }
    .into_any()
}

fn value_token(editor: Editor, path: Path, form: Memo<PropertyForm>) -> AnyView {
    let path = send_wrapper::SendWrapper::new(path);
    let wrong = Memo::new({
        let path = path.clone();
        move |_| {
            editor
                .error(&path, "/values")
                .or_else(|| editor.error(&path, "/during"))
        }
    });
    let operand = Memo::new(move |_| form.with(PropertyForm::operand));
    let panel = path.clone();
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if wrong.with(Option::is_some) {
                    "us-tok us-tok--val us-tok--bad".to_owned()
                } else {
                    "us-tok us-tok--val".to_owned()
                }
            })
            label=Some(
                Signal::derive(move || {
                    form.with(|form| format!("Values of {}: {}", form.name, form.value_words()))
                }),
            )
            button=ViewFn::from(move || {
                view! { <span class="us-truncate">{form.with(PropertyForm::value_words)}</span> }
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
                    let path = panel.clone();
                    move || value_form(editor, Rc::clone(&path), form, operand.get())
                }
            </div>
        </PopoverButton>
    }
    .into_any()
}

fn value_form(editor: Editor, path: Path, form: Memo<PropertyForm>, operand: Operand) -> AnyView {
    match operand {
        Operand::Nothing => ().into_any(),
        Operand::Texts => texts_form(editor, path, form),
        Operand::Numbers => numbers_form(editor, path, form),
        Operand::TwoNumbers => view! {
            <div class="query-pair">
                {number_field(editor, Rc::clone(&path), form, 0, "From")}
                {number_field(editor, path, form, 1, "to")}
            </div>
        }
        .into_any(),
        Operand::Flag => {
            let path = send_wrapper::SendWrapper::new(path);
            view! {
                <Segmented
                    legend="Value"
                    options=vec![SegmentedOption::new(true, "true"), SegmentedOption::new(false, "false")]
                    value=Signal::derive(move || {
                        form.with(|form| !matches!(form.values.first(), Some(ValueForm::Flag(false))))
                    })
                    on_change=Callback::new(move |flag| {
                        editor
                            .change_property(
                                &path,
                                |property| PropertyForm {
                                    values: vec![ValueForm::Flag(flag)],
                                    ..property
                                },
                            );
                    })
                />
            }
            .into_any()
        }
        Operand::Day => day_field(editor, path, form, 0, "Day"),
        Operand::TwoDays => view! {
            <div class="query-pair">
                {day_field(editor, Rc::clone(&path), form, 0, "First day")}
                {day_field(editor, path, form, 1, "Last day")}
            </div>
        }
        .into_any(),
        Operand::Range => {
            let path = send_wrapper::SendWrapper::new(path);
            view! {
                <RangeForm
                    value=Signal::derive(move || form.with(|form| form.during.clone()))
                    on_change=Callback::new(move |during| {
                        editor.change_property(&path, |property| PropertyForm { during, ..property });
                    })
                />
            }
            .into_any()
        }
    }
}

fn texts_form(editor: Editor, path: Path, form: Memo<PropertyForm>) -> AnyView {
    let client = use_context::<Client>();
    let search = RwSignal::new(None::<String>);
    let suggestions = Loader::<Suggestions>::debounced(
        150,
        move || {
            let search = search.get()?;
            form.with(|form| {
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
    let path = send_wrapper::SendWrapper::new(path);
    let for_case = path.clone();
    let takes_case = move || form.with(|form| form.op != Operator::Matches);
    view! {
        <Combobox
            label="Values"
            placeholder="Search or type a value"
            choices
            value=Signal::derive(move || {
                form
                    .with(|form| {
                        form
                            .values
                            .iter()
                            .filter_map(|value| match value {
                                ValueForm::Text(text) => Some(text.clone()),
                                ValueForm::Number(_) | ValueForm::Flag(_) => None,
                            })
                            .collect::<Vec<_>>()
                    })
            })
            on_change=Callback::new(move |texts: Vec<String>| {
                editor
                    .change_property(
                        &path,
                        |property| PropertyForm {
                            values: texts.into_iter().map(ValueForm::Text).collect(),
                            ..property
                        },
                    );
            })
            multiple=true
            free=true
            on_search=Callback::new(move |text| search.set(Some(text)))
            busy=Signal::derive(move || suggestions.status().with(crate::client::Status::is_slow))
            autofocus=true
        />
        <p class="us-help">"Any one of several values is enough."</p>
        <Show when=takes_case>
            <Switch
                on=Signal::derive(move || form.with(|form| form.ignore_case))
                on_change={
                    let path = for_case.clone();
                    Callback::new(move |ignore_case| {
                        editor
                            .change_property(&path, |property| PropertyForm { ignore_case, ..property });
                    })
                }
            >
                "Ignore upper and lower case"
            </Switch>
        </Show>
    }
    .into_any()
}

fn numbers_form(editor: Editor, path: Path, form: Memo<PropertyForm>) -> AnyView {
    let path = send_wrapper::SendWrapper::new(path);
    let count = Memo::new(move |_| form.with(|form| form.values.len().max(1)));
    let takes_several = move || form.with(|form| matches!(form.op, Operator::Is | Operator::IsNot));
    let for_fields = path.clone();
    view! {
        <For
            each=move || 0..count.get()
            key=|index| *index
            children=move |index| {
                let label = if index == 0 { "Value" } else { "or" };
                number_field(editor, Rc::clone(&for_fields), form, index, label)
            }
        />
        <Show when=takes_several>
            <button
                class="us-add"
                type="button"
                on:click={
                    let path = path.clone();
                    move |_| {
                        editor
                            .change_property(
                                &path,
                                |mut property| {
                                    property.values.push(ValueForm::Number(Entry::default()));
                                    property
                                },
                            );
                    }
                }
            >
                <Icon glyph=Glyph::Plus />
                "Another value"
            </button>
        </Show>
    }
    .into_any()
}

fn put_value(mut property: PropertyForm, index: usize, value: ValueForm) -> PropertyForm {
    match property.values.get_mut(index) {
        Some(place) => *place = value,
        None => property.values.push(value),
    }
    property
}

fn number_field(
    editor: Editor,
    path: Path,
    form: Memo<PropertyForm>,
    index: usize,
    label: &'static str,
) -> AnyView {
    let path = send_wrapper::SendWrapper::new(path);
    let for_error = path.clone();
    view! {
        <NumberField
            label
            value=Signal::derive(move || {
                form
                    .with(|form| match form.values.get(index) {
                        Some(ValueForm::Number(entry)) => entry.clone(),
                        Some(ValueForm::Text(text)) => Entry::Text(text.clone()),
                        Some(ValueForm::Flag(_)) | None => Entry::default(),
                    })
            })
            on_change=Callback::new(move |entry| {
                editor
                    .change_property(
                        &path,
                        |property| put_value(property, index, ValueForm::Number(entry)),
                    );
            })
            error=Signal::derive(move || editor.error(&for_error, &format!("/values/{index}")))
        />
    }
    .into_any()
}

fn day_field(
    editor: Editor,
    path: Path,
    form: Memo<PropertyForm>,
    index: usize,
    label: &'static str,
) -> AnyView {
    let path = send_wrapper::SendWrapper::new(path);
    let for_error = path.clone();
    view! {
        <DayField
            label
            value=Signal::derive(move || {
                form
                    .with(|form| match form.values.get(index) {
                        Some(ValueForm::Text(text)) => text.clone(),
                        _ => String::new(),
                    })
            })
            on_change=Callback::new(move |day| {
                editor
                    .change_property(
                        &path,
                        |property| put_value(property, index, ValueForm::Text(day)),
                    );
            })
            error=Signal::derive(move || editor.error(&for_error, &format!("/values/{index}")))
        />
    }
    .into_any()
}
