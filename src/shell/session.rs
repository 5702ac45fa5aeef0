//! What every page knows: the project with its time zone, the clock, and that the library of segments has changed.

use leptos::prelude::*;
use segments_model::Instant;
use segments_model::project::Project;
use segments_model::segment::{SegmentFacets, SegmentQuery};

use crate::client::{Client, Loader, Versioned};

/// How often "4 minutes ago" is worked out anew.
const TICK: std::time::Duration = std::time::Duration::from_secs(20);

/// What every page knows. From the context, [`Session::expect`]; cheap to copy.
#[derive(Clone, Copy)]
pub struct Session {
    project: Loader<Versioned<Project>>,
    library: Loader<SegmentFacets>,
    zone: Memo<String>,
    now: RwSignal<Instant>,
}

impl Session {
    /// Begins: asks for the project and for what the library has.
    #[must_use]
    pub fn start(client: &Client) -> Self {
        let project = {
            let client = client.clone();
            Loader::new(
                || Some(()),
                move |()| {
                    let client = client.clone();
                    async move { client.project().await }
                },
            )
        };
        let library = {
            let client = client.clone();
            Loader::new(
                || Some(()),
                move |()| {
                    let client = client.clone();
                    async move {
                        let query = SegmentQuery {
                            limit: Some(1),
                            ..SegmentQuery::default()
                        };
                        client.segments(&query).await.map(|page| page.facets)
                    }
                },
            )
        };
        let zone = Memo::new(move |_| {
            project
                .map(|project| project.value.time_zone.clone())
                .unwrap_or_else(|| "UTC".to_owned())
        });
        let now = RwSignal::new(clock());
        if let Ok(timer) = set_interval_with_handle(
            move || {
                now.try_set(clock());
            },
            TICK,
        ) {
            on_cleanup(move || timer.clear());
        }
        Self {
            project,
            library,
            zone,
            now,
        }
    }

    /// The one in the context.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    #[must_use]
    pub const fn project(self) -> Loader<Versioned<Project>> {
        self.project
    }

    /// What the library of segments has.
    #[must_use]
    pub const fn library(self) -> Loader<SegmentFacets> {
        self.library
    }

    /// The project's time zone; UTC until it is known.
    #[must_use]
    pub const fn zone(self) -> Memo<String> {
        self.zone
    }

    /// The browser's clock, every now and then.
    #[must_use]
    pub const fn now(self) -> RwSignal<Instant> {
        self.now
    }

    /// Says that segments were made, changed or taken away.
    pub fn segments_changed(self) {
        self.library.reload();
    }

    /// Says that the data or the project's settings are others now.
    pub fn data_changed(self) {
        self.project.reload();
        self.library.reload();
    }
}

fn clock() -> Instant {
    // Milliseconds since 1970 are far within what a double holds exactly.
    Instant::from_millis_saturating(js_sys::Date::now() as i64)
}
