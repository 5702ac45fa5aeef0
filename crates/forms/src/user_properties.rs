//! Whether a query is about user properties: they are known as they are now only, which a stamp has to say.

use segments_model::filter::{Filter, Scope};
use segments_model::query::{FunnelGroupBy, GenerationBy, GroupBy, Query};
use segments_model::walk::{Part, walk_query};

/// Whether a condition or a breakdown of a query is by a user property.
#[must_use]
pub fn are_asked(query: &Query) -> bool {
    let mut found = is_broken_down(query);
    walk_query(query, &mut |_, part| {
        if let Part::Filter {
            filter: Filter::Property(property),
            ..
        } = part
        {
            found |= property.scope == Scope::User;
        }
    });
    found
}

fn is_broken_down(query: &Query) -> bool {
    match query {
        Query::Segmentation(query) => query
            .group_by
            .iter()
            .any(|by| matches!(by, GroupBy::Property(property) if property.scope == Scope::User)),
        Query::Funnel(query) => matches!(
            &query.group_by,
            Some(FunnelGroupBy::Property(property)) if property.scope == Scope::User
        ),
        Query::Cohort(query) => matches!(
            query.generation,
            GenerationBy::Property {
                scope: Scope::User,
                ..
            }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::are_asked;
    use serde_json::{Value, json};

    #[test]
    fn filters_audiences_and_breakdowns_are_looked_through() {
        let asked = |change: &dyn Fn(&mut Value)| {
            let mut query = json!({
                "tool": "segmentation", "interval": "day", "during": {"type": "all_time"},
                "measures": [{"event": "Order", "aggregate": {"of": "users"}}],
            });
            change(&mut query);
            are_asked(&serde_json::from_value(query).unwrap())
        };
        let of_user = json!({"type": "property", "scope": "user", "name": "plan", "op": "is_set"});
        assert!(!asked(&|_| {}));
        assert!(asked(
            &|query| query["measures"][0]["where"] = of_user.clone()
        ));
        assert!(!asked(&|query| {
            let mut filter = of_user.clone();
            filter["scope"] = "event".into();
            query["measures"][0]["where"] = filter;
        }));
        assert!(asked(&|query| {
            query["audience"] =
                json!({"type": "user", "where": {"type": "not", "of": of_user.clone()}});
        }));
        let by = |scope: &str| json!([{"scope": scope, "name": "plan"}]);
        assert!(asked(&|query| query["group_by"] = by("user")));
        assert!(!asked(&|query| query["group_by"] = by("event")));
    }

    #[test]
    fn the_other_tools_too() {
        let funnel = json!({
            "tool": "funnel", "steps": [{"event": "Visit"}, {"event": "Order"}], "during": {"type": "all_time"},
            "group_by": {"scope": "user", "name": "plan"},
        });
        assert!(are_asked(&serde_json::from_value(funnel).unwrap()));
        let cohort = json!({
            "tool": "cohort", "start": [{"event": "Visit"}], "first_time": true, "return": {"event": "Order"},
            "generation": {"of": "property", "scope": "user", "name": "plan"}, "unit": "week", "periods": 4,
            "match": "on", "during": {"type": "all_time"},
        });
        assert!(are_asked(&serde_json::from_value(cohort).unwrap()));
    }
}
