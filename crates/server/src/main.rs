//! The server's command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use segments_model::import::{Import, ImportKind, ImportOptions};
use segments_server::ServerError;
use segments_server::import::{FileImport, import};
use segments_server::serve::{Serve, serve, signalled};

/// User segments on a server of one's own.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer to the app and to programs.
    Serve {
        /// The project's folder; made where it is missing.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The address to listen on; port 0 takes a free one.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: String,
        /// The folder that the app was built into, to serve it too.
        #[arg(long, value_name = "DIST")]
        app: Option<PathBuf>,
        /// Begin with the demo where there is no data yet.
        #[arg(long)]
        demo: bool,
        /// The IANA time zone that the project gets, and keeps, if nobody has chosen one yet; without one it is UTC.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
    },
    /// Add a file of events or users to a project, also while a server runs on it.
    Import {
        /// The project's folder; made where it is missing.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// What the file's lines are.
        #[arg(long)]
        kind: Kind,
        /// The column of the user's id; the one recognised where none is given.
        #[arg(long, value_name = "COLUMN")]
        user: Option<String>,
        /// The column of the event's name; the one recognised where none is given.
        #[arg(long, value_name = "COLUMN")]
        event: Option<String>,
        /// The column of the event's time; the one recognised where none is given.
        #[arg(long, value_name = "COLUMN")]
        time: Option<String>,
        /// The IANA time zone of times that carry none; the project's where none is given.
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,
        /// The file: CSV or NDJSON.
        file: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Events,
    Users,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    match run(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("segments-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), ServerError> {
    match command {
        Command::Serve {
            data,
            listen,
            app,
            demo,
            time_zone,
        } => {
            let serving = Serve {
                data,
                listen,
                app,
                demo,
                time_zone,
            };
            serve(
                serving,
                |address| println!("listening on http://{address}"),
                signalled()?,
            )
            .await
        }
        Command::Import {
            data,
            kind,
            user,
            event,
            time,
            time_zone,
            file,
        } => {
            let options = ImportOptions {
                kind: match kind {
                    Kind::Events => ImportKind::Events,
                    Kind::Users => ImportKind::Users,
                },
                user,
                event,
                time,
                time_zone,
            };
            let file = FileImport {
                data,
                file,
                options,
            };
            let import = import(file, |progress| {
                eprintln!(
                    "{} bytes of {}, {} lines",
                    progress.bytes_read,
                    progress
                        .bytes_total
                        .map_or_else(|| "?".to_owned(), |total| total.to_string()),
                    progress.lines
                );
            })
            .await?;
            print!("{}", report(&import));
            Ok(())
        }
    }
}

/// An import's report for people.
fn report(import: &Import) -> String {
    let Some(report) = &import.report else {
        return String::new();
    };
    let mut lines = vec![
        format!("accepted {}", report.accepted),
        format!("rejected {}", report.rejected),
        format!("users    {}", report.users),
    ];
    for (name, column) in [
        ("user", Some(&report.user)),
        ("event", report.event.as_ref()),
        ("time", report.time.as_ref()),
    ] {
        lines.extend(column.map(|column| format!("{name:8} column \"{column}\"")));
    }
    if let (Some(first), Some(last)) = (report.first_event_at, report.last_event_at) {
        lines.push(format!("from     {first}"));
        lines.push(format!("to       {last}"));
    }
    lines.extend(import.detail.clone());
    for property in &report.types {
        lines.push(format!(
            "property \"{}\" is a {}, {} values",
            property.name, property.value_type, property.values
        ));
    }
    for reject in &report.rejects {
        lines.push(format!("line {}: {}", reject.line, reject.reason));
    }
    let told = report.rejects.len() as u64;
    if report.rejected > told {
        lines.push(format!("and {} more rejected rows", report.rejected - told));
    }
    lines.push(String::new());
    lines.join("\n")
}
