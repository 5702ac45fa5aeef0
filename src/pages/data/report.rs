//! What an import took and what it refused.

use leptos::prelude::*;
use segments_format as format;
use segments_model::import::{Import, ImportKind, ImportReport};
use segments_ui::states::sentence;
use segments_ui::task::spawn;
use segments_ui::{Glyph, Icon, Toast, Toaster, download};

use crate::client::Client;
use crate::pages::data::arrival::Arrival;
use crate::pages::data::form::time_format_name;
use crate::shell::route::{Navigator, Route};

#[component]
pub fn Report(arrival: Arrival, import: Import) -> impl IntoView {
    let navigator = Navigator::expect();
    let id = import.id;
    let imported = match &import.report {
        Some(report) => format!("Imported {} from ", accepted(report)),
        None => "Imported ".to_owned(),
    };
    let body = import.report.map(|report| {
        let refused = report.rejected;
        view! {
            <ImportFacts report=report.clone() />
            <Types report=report.clone() />
            {(refused > 0).then(|| view! { <Refused id report /> })}
        }
    });
    view! {
        <div class="us-banner" role="status">
            <Icon glyph=Glyph::Ok small=true />
            <span class="us-grow">
                {imported}
                <strong>
                    <bdi>{arrival.name}</bdi>
                </strong>
            </span>
        </div>
        {import
            .detail
            .map(|detail| {
                view! {
                    <div class="us-banner us-banner--warn data-detail" role="status">
                        <Icon glyph=Glyph::Warning small=true />
                        <span class="us-grow">{sentence(&detail)}</span>
                    </div>
                }
            })}
        {body}
        <div class="us-row data-actions">
            <a class="us-btn us-btn--primary" href=navigator.href(&Route::Composer)>
                "Build a segment"
            </a>
            <a class="us-btn" href=navigator.href(&Route::Users)>
                "View users"
            </a>
            <button class="us-btn" type="button" on:click=move |_| arrival.clear()>
                "Import another file"
            </button>
        </div>
    }
}

/// What was imported: `31,106 events`.
fn accepted(report: &ImportReport) -> String {
    let (one, many) = match report.kind {
        ImportKind::Events => ("event", "events"),
        ImportKind::Users => ("row", "rows"),
    };
    format::plural(report.accepted, one, many)
}

#[component]
fn ImportFacts(report: ImportReport) -> impl IntoView {
    let zone = report.time_zone.clone();
    let span = match (report.first_event_at, report.last_event_at) {
        (Some(first), Some(last)) => Some(format!(
            "{} to {}",
            format::date_time(first, &zone),
            format::date_time(last, &zone)
        )),
        _ => None,
    };
    let times: Vec<String> = report
        .time_formats
        .iter()
        .map(|times| {
            format!(
                "{} as {}",
                format::count(times.count),
                time_format_name(times.format)
            )
        })
        .collect();
    view! {
        <dl class="us-facts data-facts">
            <dt>"Accepted"</dt>
            <dd>{accepted(&report)}</dd>
            <dt>"Rejected"</dt>
            <dd>{format::plural(report.rejected, "row", "rows")}</dd>
            <dt>"Users"</dt>
            <dd>{format::count(report.users)}</dd>
            {span
                .map(|span| {
                    view! {
                        <dt>"From, to"</dt>
                        <dd>{span}</dd>
                    }
                })}
            {(!times.is_empty())
                .then(|| {
                    view! {
                        <dt>"Times"</dt>
                        <dd>{times.join(", ")}", read in "{zone}</dd>
                    }
                })}
        </dl>
    }
}

#[component]
fn Types(report: ImportReport) -> impl IntoView {
    if report.types.is_empty() {
        return view! { <p class="us-muted">"The file has no properties."</p> }.into_any();
    }
    view! {
        <div class="us-tablewrap data-columns">
            <table class="us-table">
                <caption class="us-vh">"Properties of the file"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Property"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col" class="us-num">
                            "Values"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {report
                        .types
                        .into_iter()
                        .map(|property| {
                            view! {
                                <tr>
                                    <th scope="row">
                                        <bdi>{property.name}</bdi>
                                    </th>
                                    <td>{property.value_type.to_string()}</td>
                                    <td class="us-num">{format::count(property.values)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The first refused lines, and all of them to download.
#[component]
fn Refused(id: String, report: ImportReport) -> impl IntoView {
    let client: Client = expect_context();
    let toaster = Toaster::expect();
    let fetch = move |_| {
        let client = client.clone();
        let id = id.clone();
        spawn(async move {
            match client.import_rejects(&id).await {
                Ok(lines) => download(&lines, "rejected-rows.csv", "text/csv"),
                Err(error) => toaster.show(
                    Toast::failed("Rejected rows were not downloaded")
                        .detail(sentence(&error.to_string())),
                ),
            }
        })
        .detach();
    };
    let shown = report.rejects.len() as u64;
    let heading = if shown < report.rejected {
        format!(
            "The first {} of {} rejected rows",
            format::count(shown),
            format::count(report.rejected)
        )
    } else {
        "Rejected rows".to_owned()
    };
    view! {
        <div class="us-row data-refused">
            <h3 class="us-grow">{heading}</h3>
            <button class="us-btn" type="button" on:click=fetch>
                <Icon glyph=Glyph::Download />
                "Download rejected rows"
            </button>
        </div>
        <div class="us-tablewrap data-columns" tabindex="0" role="region" aria-label="Rejected rows">
            <table class="us-table">
                <caption class="us-vh">"Rejected rows"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="us-num">
                            "Line"
                        </th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Text"</th>
                    </tr>
                </thead>
                <tbody>
                    {report
                        .rejects
                        .into_iter()
                        .map(|reject| {
                            view! {
                                <tr>
                                    <td class="us-num">{format::count(reject.line)}</td>
                                    <td>{reject.reason}</td>
                                    <td class="us-mono data-samples">
                                        <bdi>{reject.text}</bdi>
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}
