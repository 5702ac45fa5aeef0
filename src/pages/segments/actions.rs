//! What can be done with segments of the list: each ends in a message, and what can be taken back says so.

use std::collections::BTreeMap;
use std::error::Error;

use leptos::prelude::*;
use segments_format as format;
use segments_model::problem::Reference;
use segments_model::segment::{SegmentPage, SegmentSummary};
use segments_ui::states::sentence;
use segments_ui::task::spawn;
use segments_ui::{Toast, Toaster};

use crate::client::{ApiError, Client, Loader};
use crate::shell::session::Session;

/// A segment that cannot be deleted, with what uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct InUse {
    pub name: String,
    /// What uses it.
    pub used_by: Vec<Reference>,
}

/// Does things with segments. Cheap to clone.
#[derive(Clone)]
pub struct Actions {
    pub client: Client,
    session: Session,
    pub toaster: Toaster,
    pub list: Loader<SegmentPage>,
    selection: RwSignal<BTreeMap<String, SegmentSummary>>,
    in_use: RwSignal<Vec<InUse>>,
}

impl Actions {
    /// For this list.
    #[must_use]
    pub fn new(
        list: Loader<SegmentPage>,
        selection: RwSignal<BTreeMap<String, SegmentSummary>>,
    ) -> Self {
        Self {
            client: expect_context(),
            session: Session::expect(),
            toaster: Toaster::expect(),
            list,
            selection,
            in_use: RwSignal::new(Vec::new()),
        }
    }

    /// The segments that could not be deleted a moment ago; empty it when they have been shown.
    #[must_use]
    pub const fn in_use(&self) -> RwSignal<Vec<InUse>> {
        self.in_use
    }

    fn changed(&self) {
        self.list.reload();
        self.session.segments_changed();
    }

    /// Shows a segment's new state without asking for the list again.
    pub fn put(&self, changed: &SegmentSummary) {
        self.list.change(|page| {
            if let Some(item) = page.items.iter_mut().find(|item| item.id == changed.id) {
                item.clone_from(changed);
            }
        });
        self.session.segments_changed();
    }

    /// Makes a copy.
    pub fn duplicate(&self, segment: &SegmentSummary) {
        let (this, segment) = (self.clone(), segment.clone());
        spawn(async move {
            match this.client.duplicate_segment(&segment.id).await {
                Ok(copy) => {
                    let copy = copy.value;
                    let undo = this.clone();
                    let made = copy.clone();
                    this.toaster.show(
                        Toast::done(format!("“{}” duplicated", segment.name))
                            .detail(format!("The copy is “{}”.", copy.name))
                            .action("Undo", move || undo.delete(vec![made.clone()])),
                    );
                    this.changed();
                }
                Err(error) => this.fail(&format!("“{}” was not duplicated", segment.name), &error),
            }
        })
        .detach();
    }

    /// Puts a segment out of the way, or brings it back.
    pub fn archive_or_restore(&self, segment: &SegmentSummary) {
        if segment.archived_at.is_some() {
            self.restore(vec![segment.clone()]);
        } else {
            self.archive(vec![segment.clone()]);
        }
    }

    /// Puts segments out of the way.
    pub fn archive(&self, segments: Vec<SegmentSummary>) {
        self.each(segments, Doing::Archive);
    }

    /// Brings archived or deleted segments back.
    pub fn restore(&self, segments: Vec<SegmentSummary>) {
        self.each(segments, Doing::Restore);
    }

    /// Deletes segments. Those in use stay, and are told in [`in_use`](Self::in_use).
    pub fn delete(&self, segments: Vec<SegmentSummary>) {
        self.each(segments, Doing::Delete);
    }

    fn each(&self, segments: Vec<SegmentSummary>, doing: Doing) {
        let this = self.clone();
        spawn(async move {
            let mut done = Vec::new();
            let mut in_use = Vec::new();
            for segment in segments {
                let result = match doing {
                    Doing::Archive => this.client.archive_segment(&segment.id).await.map(drop),
                    Doing::Restore => this.client.restore_segment(&segment.id).await.map(drop),
                    Doing::Delete => this.delete_one(&segment.id).await,
                };
                match result {
                    Ok(()) => done.push(segment),
                    Err(ApiError::Problem(problem)) if !problem.used_by.is_empty() => {
                        in_use.push(InUse {
                            name: segment.name,
                            used_by: problem.used_by,
                        });
                    }
                    Err(error) => {
                        this.fail(
                            &format!("“{}” was not {}", segment.name, doing.done()),
                            &error,
                        );
                    }
                }
            }
            if !done.is_empty() {
                this.selection.try_update(|selection| {
                    for segment in &done {
                        selection.remove(&segment.id);
                    }
                });
                this.tell(done, doing);
                this.changed();
            }
            if !in_use.is_empty() {
                this.in_use.try_set(in_use);
            }
        })
        .detach();
    }

    async fn delete_one(&self, id: &str) -> Result<(), ApiError> {
        let tag = self.client.segment_tag(id).await?;
        self.client.delete_segment(id, &tag).await
    }

    fn tell(&self, done: Vec<SegmentSummary>, doing: Doing) {
        let what = match done.as_slice() {
            [one] => format!("“{}”", one.name),
            many => format::plural(many.len() as u64, "segment", "segments"),
        };
        let toast = Toast::done(format!("{what} {}", doing.done()));
        let undo = self.clone();
        self.toaster.show(match doing {
            Doing::Archive => toast.action("Undo", move || undo.restore(done.clone())),
            Doing::Delete => toast
                .detail("You can restore it for 30 days.")
                .action("Undo", move || undo.restore(done.clone())),
            Doing::Restore => toast,
        });
    }

    /// Says what did not work.
    pub fn fail(&self, title: &str, error: &impl Error) {
        self.toaster
            .show(Toast::failed(title).detail(sentence(&error.to_string())));
    }
}

#[derive(Clone, Copy)]
enum Doing {
    Archive,
    Restore,
    Delete,
}

impl Doing {
    const fn done(self) -> &'static str {
        match self {
            Self::Archive => "archived",
            Self::Restore => "restored",
            Self::Delete => "deleted",
        }
    }
}
