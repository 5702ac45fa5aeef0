//! Users handed out as a file.

use segments_format as format;
use segments_model::export::{Export, ExportFormat, ExportStatus, NewExport};
use segments_ui::states::sentence;
use segments_ui::task::{sleep, spawn};
use segments_ui::{Toast, Toaster, download};

use crate::client::{ApiError, Client};

/// How often an export is asked how far it is, in milliseconds.
const ASK_MS: u32 = 300;

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The backend began and could not end it.
    #[error("{0}")]
    Failed(String),
    /// It was cancelled meanwhile.
    #[error("The export was cancelled")]
    Cancelled,
    /// Its file was deleted before it could be downloaded.
    #[error("The file has expired")]
    Expired,
    /// A call did not work.
    #[error(transparent)]
    Call(#[from] ApiError),
}

impl ExportError {
    /// What a call says about an export that was begun.
    fn of_begun(error: ApiError) -> Self {
        match error.status() {
            Some(404) => Self::Cancelled,
            Some(410) => Self::Expired,
            _ => Self::Call(error),
        }
    }
}

/// Exports users, hands the file to the browser, and tells in a message what became of it. What did not work can be tried
/// again.
pub fn export(client: Client, toaster: Toaster, title: String, new: NewExport) {
    spawn(async move {
        let name = file_name(&title, new.format);
        toaster.show(match export_as(&client, &new, &name).await {
            Ok(users) => Toast::done(format!("\u{201c}{title}\u{201d} exported")).detail(format!(
                "{} in {name}.",
                format::plural(users, "user", "users")
            )),
            Err(error) => Toast::failed(format!("\u{201c}{title}\u{201d} was not exported"))
                .detail(sentence(&error.to_string()))
                .action("Try again", move || {
                    export(client.clone(), toaster, title.clone(), new.clone());
                }),
        });
    })
    .detach();
}

/// Asks for an export, waits for it and hands its file to the browser under this name. Tells how many users are in it.
async fn export_as(client: &Client, new: &NewExport, name: &str) -> Result<u64, ExportError> {
    let mut export = client.create_export(new).await?;
    let users = loop {
        if let Some(users) = outcome(&export)? {
            break users;
        }
        sleep(ASK_MS).await;
        let next = client.export(&export.id).await;
        export = next.map_err(ExportError::of_begun)?;
    };
    let bytes = client.export_file(&export.id).await;
    let bytes = bytes.map_err(ExportError::of_begun)?;
    let media_type = match new.format {
        ExportFormat::Csv => "text/csv",
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Json => "application/json",
    };
    download(&bytes, name, media_type);
    Ok(users)
}

/// How many users the file has, once it is there; none: not yet.
fn outcome(export: &Export) -> Result<Option<u64>, ExportError> {
    match export.status {
        ExportStatus::Complete => Ok(Some(export.written)),
        ExportStatus::Pending | ExportStatus::Running => Ok(None),
        ExportStatus::Failed => Err(ExportError::Failed(
            export
                .detail
                .clone()
                .unwrap_or_else(|| "The backend gave no reason".to_owned()),
        )),
    }
}

/// The name of an export's file: the name of what is in it, without what file systems do not take.
#[must_use]
pub fn file_name(name: &str, format: ExportFormat) -> String {
    let name: String = name
        .chars()
        .map(|sign| {
            if sign.is_control() || "/\\:*?\"<>|".contains(sign) {
                '-'
            } else {
                sign
            }
        })
        .collect();
    let name = name.trim().trim_matches('.');
    let name = if name.is_empty() { "users" } else { name };
    format!("{name}.{}", format.extension())
}

#[cfg(test)]
mod tests {
    use segments_model::Instant;
    use segments_model::export::{Export, ExportFormat, ExportStatus};

    use super::{ExportError, file_name, outcome};
    use crate::client::ApiError;

    fn export(status: ExportStatus, detail: Option<&str>) -> Export {
        Export {
            id: "e".to_owned(),
            status,
            format: ExportFormat::Csv,
            as_of: Instant::from_millis_saturating(0),
            written: 12,
            users: Some(12),
            href: None,
            expires_at: None,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn what_became_of_an_export_is_read_by_its_status() {
        assert_eq!(outcome(&export(ExportStatus::Pending, None)), Ok(None));
        assert_eq!(outcome(&export(ExportStatus::Running, None)), Ok(None));
        assert_eq!(outcome(&export(ExportStatus::Complete, None)), Ok(Some(12)));
        let failed = outcome(&export(ExportStatus::Failed, Some("The disk is full"))).unwrap_err();
        assert_eq!(failed.to_string(), "The disk is full");
        assert!(outcome(&export(ExportStatus::Failed, None)).is_err());
    }

    #[test]
    fn an_export_that_is_gone_was_cancelled_or_has_expired() {
        let answered = |status| {
            ExportError::of_begun(ApiError::Status {
                place: "The server".to_owned(),
                status,
            })
        };
        assert_eq!(answered(404), ExportError::Cancelled);
        assert_eq!(answered(410), ExportError::Expired);
        assert!(matches!(answered(500), ExportError::Call(_)));
    }

    #[test]
    fn file_names_are_ones_that_file_systems_take() {
        assert_eq!(
            file_name("7/30: \"a\"?", ExportFormat::Csv),
            "7-30- -a--.csv"
        );
        assert_eq!(file_name(" . ", ExportFormat::Json), "users.json");
        assert_eq!(file_name("größer", ExportFormat::Ndjson), "größer.ndjson");
    }
}
