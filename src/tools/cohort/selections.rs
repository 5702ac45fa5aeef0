//! The parts of an answer that can be selected, in words and with their users.

use segments_format as format;
use segments_model::criterion::CohortOutcome;
use segments_model::query::QueryMatch;

use crate::tool::selection::{AnswerPart, PartChoice};
use crate::tools::cohort::answer::{CohortView, whole};
use crate::tools::cohort::grid::CohortPart;

fn choice(
    at: &CohortPart,
    label: String,
    users: Option<f64>,
    of: u64,
    outcome: CohortOutcome,
) -> PartChoice {
    let share = users.filter(|_| of > 0).map(|users| users / of as f64);
    PartChoice {
        label,
        users: users.map(whole),
        detail: share.map(format::percent).unwrap_or_default(),
        pending: None,
        selection: at.selection(outcome),
    }
}

/// Everything about a part; none where the answer does not have it.
#[must_use]
pub fn part(view: &CohortView, at: &CohortPart) -> Option<AnswerPart> {
    let row = view.grid.row(&at.generation)?;
    let first = if view.query.first_time {
        "First performed"
    } else {
        "Performed"
    };
    let began = format!("{first} {} {}.", view.start, view.within(&at.generation));
    let (title, text, choices) = if let Some(period) = at.period {
        let cell = row.cell(period)?;
        let so_far = if cell.complete { "" } else { " so far" };
        let in_period = view.in_period(period);
        let returned = view.counts_users().then_some(cell.value);
        let rest = returned.map(|returned| cell.users as f64 - returned);
        let title = match (returned, cell.rate) {
            (Some(_), Some(rate)) => format!("{} came back {in_period}{so_far}", view.rate(rate)),
            (Some(returned), None) => {
                format!("{} came back {in_period}{so_far}", view.amount(returned))
            }
            (None, _) => format!("{} {in_period}{so_far}", view.amount(cell.value)),
        };
        let not = if cell.complete { "Did not" } else { "Not yet" };
        let came = format!("Came back{so_far}");
        let choices = vec![
            choice(at, came, returned, cell.users, CohortOutcome::Returned),
            choice(
                at,
                not.to_owned(),
                rest,
                cell.users,
                CohortOutcome::NotReturned,
            ),
        ];
        (
            title,
            began + &when(view, at, period, cell.complete),
            choices,
        )
    } else {
        let users = format::plural(row.users, "user", "users");
        let choice = |label: &str, users, outcome| choice(at, label.to_owned(), users, 0, outcome);
        let all = Some(row.users as f64);
        let choices = vec![
            choice("Started", all, CohortOutcome::Started),
            choice("Came back at any time", None, CohortOutcome::Returned),
            choice("Never came back", None, CohortOutcome::NotReturned),
        ];
        let text = format!("{began} Return event: {}.", view.returning);
        (format!("{users} started"), text, choices)
    };
    Some(AnswerPart {
        title,
        text,
        choices,
        ..AnswerPart::default()
    })
}

/// When a period of a generation is, and what to know about it.
fn when(view: &CohortView, at: &CohortPart, period: usize, complete: bool) -> String {
    let name = view.column(period, true);
    let shown = |instant| format::date_time(instant, view.zone());
    let when = match (view.bounds(&at.generation, period), complete) {
        (None, _) if view.is_by_time() => String::new(),
        (None, _) => format!(" Only users whose {} is over.", view.period(period)),
        (Some((start, _)), false) => {
            format!(" {name} began {} and is still running.", shown(start))
        }
        (Some((start, end)), true) => format!(" {name} is {} to {}.", shown(start), shown(end)),
    };
    let later = if view.query.matching == QueryMatch::OnOrAfter && complete {
        " More users may still come back."
    } else {
        ""
    };
    when + later
}
