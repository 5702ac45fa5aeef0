//! A user's events in sessions.

use segments_model::user::Event;

/// This long without an event, in milliseconds, ends a session: 30 minutes.
pub const GAP_MS: i64 = 30 * 60 * 1_000;

/// Events with less than [`GAP_MS`] between one and the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The events, the newest first; never empty.
    pub events: Vec<Event>,
    /// Whether older events that are not there yet may belong to it.
    pub open: bool,
}

/// Puts events, the newest first, into sessions, the newest first.
///
/// With `more`, older events are still to come: the last session may go on in them.
#[must_use]
pub fn sessions(events: &[Event], more: bool) -> Vec<Visit> {
    let mut sessions: Vec<Visit> = Vec::new();
    for event in events {
        let newer = sessions.last().and_then(|session| session.events.last());
        let belongs = newer.is_some_and(|newer| newer.time.millis() - event.time.millis() < GAP_MS);
        match sessions.last_mut() {
            Some(session) if belongs => session.events.push(event.clone()),
            _ => sessions.push(Visit {
                events: vec![event.clone()],
                open: false,
            }),
        }
    }
    if let Some(oldest) = sessions.last_mut() {
        oldest.open = more;
    }
    sessions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use segments_model::Instant;
    use segments_model::user::Event;

    use super::{GAP_MS, sessions};

    fn at(times: &[i64]) -> Vec<Event> {
        times
            .iter()
            .map(|time| Event {
                event: "Page Viewed".to_owned(),
                time: Instant::from_millis(*time).unwrap(),
                properties: BTreeMap::new(),
            })
            .collect()
    }

    fn sizes(times: &[i64], more: bool) -> Vec<(usize, bool)> {
        sessions(&at(times), more)
            .into_iter()
            .map(|session| (session.events.len(), session.open))
            .collect()
    }

    #[test]
    fn half_an_hour_without_an_event_ends_a_session() {
        assert_eq!(sizes(&[GAP_MS - 1, 0], false), [(2, false)]);
        assert_eq!(sizes(&[GAP_MS, 0], false), [(1, false), (1, false)]);
        // It is the time to the next event that counts, not the session's length.
        let steady: Vec<i64> = (0..10).rev().map(|step| step * (GAP_MS - 1)).collect();
        assert_eq!(sizes(&steady, false), [(10, false)]);
    }

    #[test]
    fn events_at_one_instant_are_in_one_session() {
        assert_eq!(sizes(&[5, 5, 5], false), [(3, false)]);
        assert_eq!(sizes(&[], true), []);
    }

    #[test]
    fn only_the_oldest_session_may_go_on() {
        assert_eq!(sizes(&[3 * GAP_MS, 1, 0], true), [(1, false), (2, true)]);
    }
}
