//! Users handed out as a file.

use segments_model::export::{Export, ExportFormat, ExportStatus, NewExport};

use crate::client::{ApiError, Client};
use crate::task::sleep;
use crate::ui::download;

/// How often an export is asked how far it is, in milliseconds.
const ASK_MS: u32 = 300;

/// Asks for an export, waits for it and hands its file to the browser under this name. Tells how many users are in it.
///
/// # Errors
/// When the backend refuses or fails.
pub async fn export_as(client: &Client, new: &NewExport, name: &str) -> Result<u64, ApiError> {
    let export = finished(client, client.create_export(new).await?).await?;
    let bytes = client.export_file(&export.id).await?;
    let media_type = match new.format {
        ExportFormat::Csv => "text/csv",
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Json => "application/json",
    };
    download(&bytes, name, media_type);
    Ok(export.written)
}

async fn finished(client: &Client, mut export: Export) -> Result<Export, ApiError> {
    loop {
        match export.status {
            ExportStatus::Complete => return Ok(export),
            ExportStatus::Failed => {
                return Err(ApiError::Decode {
                    place: client.place(),
                    detail: export.detail.unwrap_or_default(),
                });
            }
            ExportStatus::Pending | ExportStatus::Running => {
                sleep(ASK_MS).await;
                export = client.export(&export.id).await?;
            }
        }
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
    use segments_model::export::ExportFormat;

    use super::file_name;

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
