//! What figures are true for.

use segments_model::calendar::Zone;
use segments_model::stamp::Unit;
use segments_model::{Instant, Stamp};

use crate::ask::backend::Backend;
use crate::ask::data::Data;

/// What a figure about users is true for.
pub fn stamp(backend: &Backend, data: &Data, zone: &Zone, as_of: Instant, begin: f64) -> Stamp {
    Stamp {
        as_of,
        time_zone: zone.name().to_owned(),
        start: None,
        end: Some(as_of),
        unit: Unit::Users,
        exact: true,
        data_version: data.version().to_owned(),
        took_ms: backend.host.elapsed_ms() - begin,
    }
}

/// The share of all users, 0 where there are none.
#[must_use]
pub fn share(users: u64, all_users: u64) -> f64 {
    if all_users == 0 {
        0.0
    } else {
        users as f64 / all_users as f64
    }
}
