//! What is done with a segment now and then. All that knows definitions and queries is here, in a chunk of its own, so that
//! the list of segments is there soon.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use segments_format::url::Params;
use segments_forms::link::{Link, Opened, PARAM};
use segments_forms::tool::Tool;
use segments_model::export::{ExportFormat, NewExport};
use segments_model::segment::{Segment, SegmentSummary};
use segments_model::version::SegmentField;
use segments_ui::Toast;
use segments_ui::states::sentence;
use segments_ui::task::spawn;

use crate::client::Client;
use crate::pages::segments::actions::Actions;
use crate::parts::exports;
use crate::shell::lazy::lazy;
use crate::shell::route::Route;

/// Where a segment's query is opened, if there is one to open.
type Opening = Pin<Box<dyn Future<Output = Option<(Route, Params)>>>>;

lazy! {
    /// Finds out where the query that a segment was made from is opened.
    pub const OPEN_QUERY = manage::open_query(query: (Actions, SegmentSummary)) -> Opening {
        Box::pin(async move {
            let (actions, segment) = query;
            let link = query_of(&actions, &segment).await?.link;
            let params = Params::new().with(PARAM, link.write());
            Some((Tool::of(&link.query).into(), params))
        })
    }
}

lazy! {
    const EXPORT = manage::export(export: (Actions, SegmentSummary, ExportFormat)) -> () {
        let (actions, segment, format) = export;
        // As many users as the list says, even if others have come since.
        let as_of = actions.list.status().with_untracked(|status| {
            let items = &status.value()?.items;
            let item = items.iter().find(|item| item.id == segment.id)?;
            item.evaluation.as_of
        });
        let new = NewExport {
            as_of,
            segment: Some(segment.id),
            format,
            ..NewExport::default()
        };
        exports::export(actions.client, actions.toaster, segment.name, new);
    }
}

/// Hands out the ids of a segment's users as a file.
pub fn export(actions: &Actions, segment: &SegmentSummary, format: ExportFormat) {
    let (actions, segment) = (actions.clone(), segment.clone());
    spawn(async move {
        let title = format!("“{}” was not exported", segment.name);
        if let Err(error) = EXPORT.call((actions.clone(), segment, format)).await {
            actions.fail(&title, &error);
        }
    })
    .detach();
}

/// The query that a segment was made from. Where there is none to open, and what of it is lost, is told.
async fn query_of(actions: &Actions, segment: &SegmentSummary) -> Option<Opened> {
    let title = format!("The query of “{}” was not opened", segment.name);
    let whole = match actions.client.segment(&segment.id).await {
        Ok(whole) => whole.value,
        Err(error) => {
            actions.fail(&title, &error);
            return None;
        }
    };
    let opened = match &whole.origin {
        Some(origin) => Link::of_origin(origin),
        None => Err("It was not made from a query, or its query no longer exists.".to_owned()),
    };
    match opened {
        Ok(opened) => {
            if was_edited(&actions.client, &whole).await {
                actions.toaster.show(
                    Toast::done(format!("\u{201c}{}\u{201d} was edited since", segment.name))
                        .detail(
                            "This is the query it was made from. Its definition has changed since.",
                        ),
                );
            }
            if !opened.lost.is_empty() {
                actions.toaster.show(
                    Toast::done(format!(
                        "Part of the query of “{}” is missing",
                        segment.name
                    ))
                    .detail(opened.lost.join(" ")),
                );
            }
            Some(opened)
        }
        Err(detail) => {
            actions
                .toaster
                .show(Toast::failed(title).detail(sentence(&detail)));
            None
        }
    }
}

/// Whether a segment's definition is another one than it was made with. Where nobody knows, nothing is said of it.
async fn was_edited(client: &Client, segment: &Segment) -> bool {
    if segment.summary.version == 1 {
        return false;
    }
    let versions = client.segment_versions(&segment.summary.id).await;
    versions.is_ok_and(|versions| {
        versions.items.iter().any(|version| {
            [SegmentField::Definition, SegmentField::TimeZone]
                .iter()
                .any(|field| version.changed.contains(field))
        })
    })
}
