//! A segment of users who were chosen of an answer.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::tree::Tree;
use segments_forms::draft::Draft;
use segments_forms::link::Link;
use segments_forms::naming::free_name;
use segments_model::preview::PreviewRequest;
use segments_model::segment::{Origin, Segment};
use segments_model::selection::Selected;
use segments_model::sentence::{Formats, selection_name};
use segments_ui::{Confirm, Dialog, Toaster};

use crate::client::{Client, Loader};
use crate::parts::create_segment::form::{Creation, TITLE, form, tell_saved};
use crate::parts::create_segment::source::{SegmentSource, Suggested};
use crate::parts::vocabulary::Vocabulary;
use crate::shell::lazy::{LazyPlace, lazy};
use crate::shell::route::{Navigator, Route};
use crate::shell::session::Session;
use crate::shell::storage;

/// Why nobody is no segment.
pub const NOBODY: &str = "No users: nothing to save.";

/// The dialog that makes a segment of users who were chosen of an answer.
#[component]
pub fn CreateOfSelection(
    open: RwSignal<bool>,
    /// The query with what was chosen of its answer.
    #[prop(into)]
    link: Signal<Option<Link>>,
    /// Who that is, as the backend has answered.
    #[prop(into)]
    selected: Signal<Option<Selected>>,
    /// What the query is called.
    #[prop(into)]
    from: Signal<String>,
    /// What was chosen, in words.
    #[prop(into)]
    choice: Signal<String>,
    /// How many of the users may still leave by going on.
    #[prop(into, optional)]
    pending: Signal<Option<u64>>,
    /// Called when the segment is there; the person has been told by then.
    #[prop(into, optional)]
    on_saved: Option<Callback<Segment>>,
) -> impl IntoView {
    let subtitle = Signal::derive(move || {
        let (from, choice) = (from.get(), choice.get());
        if choice.is_empty() {
            format!("From {from}")
        } else {
            format!("From {from}, {}", lower_first(&choice))
        }
    });
    let chosen = SelectionProps {
        open,
        link,
        selected,
        from,
        pending,
        on_saved,
    };
    view! {
        <Dialog open title=TITLE subtitle wide=true>
            {FORM_OF_SELECTION.view(LazyPlace::Dialog, chosen)}
        </Dialog>
    }
    .into_any()
}

/// The props of [`CreateOfSelection`] that its form needs.
#[derive(Clone, Copy)]
struct SelectionProps {
    open: RwSignal<bool>,
    link: Signal<Option<Link>>,
    selected: Signal<Option<Selected>>,
    from: Signal<String>,
    pending: Signal<Option<u64>>,
    on_saved: Option<Callback<Segment>>,
}

lazy! {
    const FORM_OF_SELECTION = save::create_of_selection(chosen: SelectionProps) -> AnyView {
        form_of_selection(chosen)
    }
}

fn form_of_selection(chosen: SelectionProps) -> AnyView {
    let SelectionProps {
        open,
        link,
        selected,
        from,
        pending,
        on_saved,
    } = chosen;
    let navigator = Navigator::expect();
    let session = Session::expect();
    let toaster = Toaster::expect();
    let vocabulary = Vocabulary::expect();

    let source = source_of(link, selected);
    let obstacle = Memo::new(move |_| {
        selected
            .with(|selected| selected.as_ref().map(|selected| selected.users))
            .map_or_else(
                || Some("Users have not been counted yet.".to_owned()),
                |users| (users == 0).then(|| NOBODY.to_owned()),
            )
    });
    let suggested = Signal::derive(move || {
        let name = link
            .with(|link| link.as_ref().and_then(name_of))
            .unwrap_or_default();
        Suggested {
            name: free_name(&name, &vocabulary.segment_names()),
            ..Suggested::default()
        }
    });
    let note = Signal::derive(move || {
        let pending = pending.get().filter(|pending| *pending > 0)?;
        let users = selected.with(|selected| selected.as_ref().map(|selected| selected.users))?;
        Some(format!(
            "{} of the {} can still convert. A dynamic segment drops them when they do.",
            format::count(pending),
            format::count(users),
        ))
    });

    let replacing = RwSignal::new(false);
    let refine = move || {
        let definition =
            selected.with_untracked(|selected| Some(selected.as_ref()?.definition.clone()));
        let Some(definition) = definition else {
            return;
        };
        let draft = Draft::new(None, session.now().get_untracked(), Tree::from(&definition))
            .handed_over(from.get_untracked());
        storage::set(&Draft::name(None), draft.write().as_deref());
        open.set(false);
        navigator.go(&Route::Composer);
    };
    let ask_to_refine = move |()| {
        let draft = storage::get(&Draft::name(None)).and_then(|text| Draft::read(&text));
        if draft.is_some() {
            replacing.set(true);
        } else {
            refine();
        }
    };
    let on_saved = Callback::new(move |segment: Segment| {
        tell_saved(navigator, session, toaster, &segment, true);
        vocabulary.segments_changed();
        if let Some(on_saved) = on_saved {
            on_saved.run(segment);
        }
    });
    let creation = Creation {
        open,
        source: source.into(),
        obstacle: obstacle.into(),
        suggested,
        note,
        on_saved,
        on_refused: None,
        on_refine: Some(Callback::new(ask_to_refine)),
    };
    view! {
        {form(creation)}
        <Confirm
            open=replacing
            title="Replace the draft in the Composer?"
            action="Replace draft"
            danger=true
            on_confirm=Callback::new(move |()| refine())
        >
            <p>"The Composer holds an unsaved definition. Replacing it discards that definition."</p>
        </Confirm>
    }
    .into_any()
}

/// What the segment is made of; its share of all users is asked for.
fn source_of(
    link: Signal<Option<Link>>,
    selected: Signal<Option<Selected>>,
) -> Memo<Option<SegmentSource>> {
    let client = expect_context::<Client>();
    let share = Loader::new(
        move || {
            let selected = selected.get()?;
            Some(PreviewRequest {
                definition: selected.definition,
                against: None,
                as_of: Some(selected.as_of),
                time_zone: Some(selected.time_zone),
            })
        },
        move |request: PreviewRequest| {
            let client = client.clone();
            async move {
                let preview = client.preview(&request).await?;
                Ok((request.definition, (preview.share, preview.all_users)))
            }
        },
    );
    Memo::new(move |_| {
        let selected = selected.get()?;
        let origin = link.with(|link| link.as_ref().and_then(origin));
        Some(SegmentSource {
            users: selected.users,
            share: share
                .value()
                .filter(|(definition, _)| *definition == selected.definition)
                .map(|(_, share)| share),
            as_of: selected.as_of,
            time_zone: selected.time_zone,
            exact: true,
            origin,
            definition: selected.definition,
        })
    })
}

/// What a segment of it says it is made from.
fn origin(link: &Link) -> Option<Origin> {
    Some(Origin {
        query: serde_json::to_value(&link.query).ok()?,
        selection: serde_json::to_value(link.selection.as_ref()?).ok()?,
        view: link.view.clone(),
    })
}

/// What the users of a link may be called.
#[must_use]
pub fn name_of(link: &Link) -> Option<String> {
    let zone = link.query.time_zone().unwrap_or("UTC");
    Some(selection_name(
        &link.query,
        link.selection.as_ref()?,
        Formats {
            date: &|instant| format::date(instant, zone),
            hour: &|instant| {
                format!(
                    "{}, {}",
                    format::date(instant, zone),
                    format::time(instant, zone)
                )
            },
            value: &|value| format::value(value, zone),
        },
    ))
}

/// The same within a sentence, unless it begins with a name or a figure.
fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let is_word = text
        .split(' ')
        .nth(1)
        .is_some_and(|second| second.starts_with(char::is_lowercase));
    if is_word {
        first.to_lowercase().chain(characters).collect()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::lower_first;

    #[test]
    fn a_choice_goes_on_the_sentence_unless_it_is_a_name() {
        assert_eq!(lower_first("Dropped after step 2"), "dropped after step 2");
        assert_eq!(lower_first("Order Completed"), "Order Completed");
        assert_eq!(lower_first("Mobile"), "Mobile");
        assert_eq!(lower_first(""), "");
    }
}
