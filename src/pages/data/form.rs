//! What was recognised in a file, and which column is what.

use leptos::prelude::*;
use segments_format as format;
use segments_model::import::{FileFormat, ImportKind, InspectedColumn, Inspection, TimeFormat};
use segments_ui::dom::unique_id;
use segments_ui::{Choice, Combobox, Segmented, SegmentedOption};

use crate::pages::data::arrival::Arrival;
use crate::pages::data::mapping::{Mapping, Role};

/// The form.
#[component]
pub fn ImportForm(arrival: Arrival, inspection: Inspection) -> impl IntoView {
    let mapping = arrival.mapping;
    let kind = kind_of(mapping);
    let missing =
        move || mapping.with(|mapping| mapping.as_ref().map(Mapping::missing).unwrap_or_default());
    let summary = format!(
        "{}, {}, {}",
        written(&inspection),
        format::plural(inspection.columns.len() as u64, "column", "columns"),
        bytes(arrival.size.get_untracked()),
    );
    let time_format = inspection.time_format.map(time_format_name);
    let inspection = StoredValue::new(inspection);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if missing().is_empty()
            && let Some(mapping) = mapping.get_untracked()
        {
            inspection.with_value(|inspection| arrival.import(inspection, mapping.options()));
        }
    };
    view! {
        <form class="data-form" on:submit=submit>
            <p>
                <strong>
                    <bdi>{arrival.name}</bdi>
                </strong>
                ": "
                {summary}
                "."
            </p>
            <Segmented
                legend="Each line is"
                options=Signal::derive(|| {
                    vec![
                        SegmentedOption::new(ImportKind::Events, "an event"),
                        SegmentedOption::new(ImportKind::Users, "a user"),
                    ]
                })
                value=kind
                on_change=Callback::new(move |kind| {
                    mapping
                        .update(|mapping| {
                            if let Some(mapping) = mapping {
                                mapping.kind = kind;
                            }
                        });
                })
            />
            {inspection.with_value(|inspection| column_roles(inspection, mapping))}
            {time_format
                .map(|format| {
                    view! { <p class="us-help">"Time format: "{format}"."</p> }
                })}
            {inspection.with_value(|inspection| columns_table(&inspection.columns, mapping))}
            <p class="us-help">
                "Types can change when the whole file is read: a single value that is not a number makes a property text."
            </p>
            <ul class="data-missing" aria-live="polite">
                {move || {
                    missing()
                        .into_iter()
                        .map(|missing| view! { <li class="us-error">{missing}</li> })
                        .collect_view()
                }}
            </ul>
            <div class="us-row data-actions">
                <button
                    class="us-btn us-btn--primary us-btn--lg"
                    type="submit"
                    disabled=move || !missing().is_empty()
                >
                    "Import file"
                </button>
                <button
                    class="us-btn us-btn--lg"
                    type="button"
                    on:click=move |_| arrival.clear()
                >
                    "Cancel"
                </button>
            </div>
        </form>
    }
}

/// What a line of the file is.
fn kind_of(mapping: RwSignal<Option<Mapping>>) -> Signal<ImportKind> {
    Signal::derive(move || {
        mapping.with(|mapping| {
            mapping
                .as_ref()
                .map_or(ImportKind::Events, |mapping| mapping.kind)
        })
    })
}

/// A text of the mapping, and what puts another in its place.
fn entry(
    mapping: RwSignal<Option<Mapping>>,
    entry: fn(&mut Mapping) -> &mut String,
) -> (Signal<String>, Callback<String>) {
    let value = Signal::derive(move || {
        let mut mapping = mapping.get();
        mapping.as_mut().map(entry).cloned().unwrap_or_default()
    });
    let on_change = Callback::new(move |value: String| {
        mapping.update(|mapping| {
            if let Some(mapping) = mapping {
                *entry(mapping) = value;
            }
        });
    });
    (value, on_change)
}

/// Which columns are the user, the event and the time, and in which zone the times are.
fn column_roles(
    inspection: &Inspection,
    mapping: RwSignal<Option<Mapping>>,
) -> impl IntoView + use<> {
    let names: Vec<String> = inspection
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let names = StoredValue::new(names);
    let has_local_times = matches!(inspection.time_format, Some(TimeFormat::Local) | None);
    let kind = kind_of(mapping);
    let (user, change_user) = entry(mapping, |mapping| &mut mapping.user);
    let (event, change_event) = entry(mapping, |mapping| &mut mapping.event);
    let (time, change_time) = entry(mapping, |mapping| &mut mapping.time);
    let (zone, change_zone) = entry(mapping, |mapping| &mut mapping.time_zone);
    let zones = Signal::derive(|| {
        format::zones()
            .into_iter()
            .map(Choice::new)
            .collect::<Vec<_>>()
    });
    view! {
        <div class="data-roles">
            <ColumnField label="User id" names value=user on_change=change_user />
            <Show when=move || kind.get() == ImportKind::Events>
                <ColumnField label="Event name" names value=event on_change=change_event />
                <ColumnField label="Time" names value=time on_change=change_time />
            </Show>
            <Show when=move || has_local_times>
                <div class="us-field">
                    <span class="us-label" id="data-zone">
                        "Time zone for times without one"
                    </span>
                    <Combobox
                        label="Time zone for times without one"
                        choices=zones
                        value=Signal::derive(move || vec![zone.get()])
                        on_change=Callback::new(move |zone: Vec<String>| {
                            if let Some(zone) = zone.into_iter().next() {
                                change_zone.run(zone);
                            }
                        })
                    />
                </div>
            </Show>
        </div>
    }
}

/// The columns with their first values, and what each is imported as.
fn columns_table(
    columns: &[InspectedColumn],
    mapping: RwSignal<Option<Mapping>>,
) -> impl IntoView + use<> {
    view! {
        <div class="us-tablewrap data-columns">
            <table class="us-table">
                <caption class="us-vh">"Columns of the file"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Column"</th>
                        <th scope="col">"Used as"</th>
                        <th scope="col">"Type so far"</th>
                        <th scope="col">"First values"</th>
                    </tr>
                </thead>
                <tbody>
                    {columns.iter().map(|column| row(column, mapping)).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn ColumnField(
    label: &'static str,
    names: StoredValue<Vec<String>>,
    value: Signal<String>,
    on_change: Callback<String>,
) -> impl IntoView {
    let id = unique_id("column");
    view! {
        <div class="us-field">
            <label class="us-label" for=id.clone()>
                {label}
            </label>
            <select
                class="us-select"
                id=id
                prop:value=value
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                <option value="" selected=move || value.with(String::is_empty)>
                    "Choose a column"
                </option>
                {names
                    .get_value()
                    .into_iter()
                    .map(|name| {
                        let (this, label) = (name.clone(), name.clone());
                        view! {
                            <option value=name selected=move || value.with(|value| *value == this)>
                                {label}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

fn row(column: &InspectedColumn, mapping: RwSignal<Option<Mapping>>) -> impl IntoView + use<> {
    let name = column.name.clone();
    let role = move || {
        let role = mapping.with(|mapping| {
            mapping
                .as_ref()
                .map_or(Role::Property, |mapping| mapping.role(&name))
        });
        match role {
            Role::User => view! { <strong>"User id"</strong> }.into_any(),
            Role::Event => view! { <strong>"Event name"</strong> }.into_any(),
            Role::Time => view! { <strong>"Time"</strong> }.into_any(),
            Role::Property => view! { <span class="us-muted">"Property"</span> }.into_any(),
        }
    };
    let value_type = column.value_type.map_or_else(
        || "no values so far".to_owned(),
        |value_type| value_type.to_string(),
    );
    view! {
        <tr>
            <th scope="row">
                <bdi>{column.name.clone()}</bdi>
            </th>
            <td>{role}</td>
            <td>{value_type}</td>
            <td class="data-samples">
                <bdi>{column.samples.join(" · ")}</bdi>
            </td>
        </tr>
    }
}

fn written(inspection: &Inspection) -> &'static str {
    match (inspection.format, inspection.delimiter) {
        (FileFormat::Ndjson, _) => "NDJSON",
        (FileFormat::Csv, Some('\t')) => "tab-separated",
        (FileFormat::Csv, Some(';')) => "CSV with semicolons",
        (FileFormat::Csv, Some('|')) => "CSV with vertical bars",
        (FileFormat::Csv, _) => "CSV",
    }
}

/// How times are written, by an example.
pub fn time_format_name(format: TimeFormat) -> &'static str {
    match format {
        TimeFormat::EpochSeconds => "seconds since 1970",
        TimeFormat::EpochMillis => "milliseconds since 1970",
        TimeFormat::EpochMicros => "microseconds since 1970",
        TimeFormat::EpochNanos => "nanoseconds since 1970",
        TimeFormat::Rfc3339 => "RFC 3339, with a time zone",
        TimeFormat::Local => "local time, without a time zone",
    }
}

/// A size in the largest unit that it fills.
pub fn bytes(size: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in UNITS {
        if size >= unit {
            // One decimal is enough to know a file by.
            let tenths = size.saturating_mul(10) / unit;
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{size} bytes")
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_told_in_the_largest_unit() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1_023), "1023 bytes");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(250 << 20), "250.0 MiB");
        assert_eq!(bytes(u64::MAX), "1717986918.3 GiB");
    }
}
