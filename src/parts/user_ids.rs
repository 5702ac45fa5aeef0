//! Which users by id: a token that opens a text to paste into.

use leptos::prelude::*;
use segments_forms::users::{UserIds, UserIdsForm};
use segments_model::criterion::UsersCriterion;
use segments_ui::dom::unique_id;
use segments_ui::{Glyph, Icon, PopoverButton};

use crate::parts::field::Field;
use crate::parts::fields::{ErrorText, token_class};

/// A list of ids as a token.
#[component]
pub fn UserIdsPicker(ids: Field<UserIdsForm>) -> impl IntoView {
    let field = unique_id("ids");
    let error_id = unique_id("ids-error");
    let error = Signal::derive(move || {
        let errors = ids.with(|ids| UsersCriterion::try_from(ids).err())?;
        errors.into_iter().next().map(|error| error.detail)
    });
    let words = move || {
        ids.with(|ids| match &ids.list {
            Some(list) => format!("uploaded list {list}"),
            None if ids.text.trim().is_empty() => "Enter ids".to_owned(),
            None => match UserIds::read(&ids.text).ids.as_slice() {
                [one] => one.clone(),
                many => format!("{} ids", many.len()),
            },
        })
    };
    view! {
        <PopoverButton
            class=token_class("us-tok", move || error.with(Option::is_some))
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
                        placeholder="One on each line, or separated by commas"
                        aria-describedby=error_id.clone()
                        prop:value=move || ids.with(|ids| ids.text.clone())
                        on:input=move |event| {
                            ids.set(UserIdsForm {
                                text: event_target_value(&event),
                                list: None,
                            });
                        }
                    ></textarea>
                    <p class="us-help" role="status">
                        {move || {
                            let read = ids.with(|ids| UserIds::read(&ids.text));
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
