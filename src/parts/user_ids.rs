//! Which users by id: a token that opens a text to paste into.

use leptos::prelude::*;
use segments_forms::users::{UserIds, UserIdsForm};
use segments_model::criterion::UsersCriterion;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon, PopoverButton};

use crate::parts::fields::ErrorText;

/// A list of ids as a token.
#[component]
pub fn UserIdsPicker(
    /// The list.
    #[prop(into)]
    value: Signal<UserIdsForm>,
    /// Called with each change.
    on_change: Callback<UserIdsForm>,
) -> impl IntoView {
    let field = unique_id("ids");
    let error_id = unique_id("ids-error");
    let error = Signal::derive(move || {
        let errors = value.with(|value| value.users().err())?;
        errors.into_iter().next().map(|error| error.detail)
    });
    let words = move || {
        value.with(|value| match &value.list {
            Some(list) => format!("uploaded list {list}"),
            None if value.text.trim().is_empty() => "Enter ids".to_owned(),
            None => match UserIds::read(&value.text).ids.as_slice() {
                [one] => one.clone(),
                many => format!("{} ids", many.len()),
            },
        })
    };
    view! {
        <PopoverButton
            class=Signal::derive(move || {
                if error.with(Option::is_some) {
                    "us-tok us-tok--bad".to_owned()
                } else {
                    "us-tok".to_owned()
                }
            })
            button=ViewFn::from(move || {
                view! {
                    <Icon glyph=Glyph::Users />
                    <span class="us-truncate">{words()}</span>
                }
            })
            panel_label="User ids"
            panel_class="us-popover query-pick"
        >
            <div class="us-popover__body">
                <div class="us-field">
                    <label class="us-label" for=field.clone()>
                        "User ids"
                    </label>
                    <textarea
                        class="us-input"
                        id=field.clone()
                        rows="6"
                        spellcheck="false"
                        placeholder="One a line, or parted by commas"
                        aria-describedby=error_id.clone()
                        prop:value=move || value.with(|value| value.text.clone())
                        on:input=move |event| {
                            on_change
                                .run(UserIdsForm {
                                    text: event_target_value(&event),
                                    list: None,
                                });
                        }
                    ></textarea>
                    <p class="us-help" role="status">
                        {move || {
                            let read = value.with(|value| UserIds::read(&value.text));
                            format!("{} of at most {}", read.words(), UsersCriterion::MAX_IDS)
                        }}
                    </p>
                    <ErrorText id=error_id.clone() error />
                </div>
            </div>
        </PopoverButton>
    }
    .into_any()
}
