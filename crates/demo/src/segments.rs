//! Segments that the demo starts with.

use segments_model::criterion::{
    EventCriterion, FirstEventCriterion, SegmentCriterion, UsersCriterion,
};
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::measure::Aggregate;
use segments_model::range::{Ago, CalendarUnit};
use segments_model::segment::{NewSegment, SegmentKind};
use segments_model::{Compare, Criterion, Filter, Measure, Range, Value};

/// A segment to create when the demo does, with the id that other demo segments know it by.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoSegment {
    pub id: &'static str,
    pub segment: NewSegment,
}

const MEMBERS: &str = "demo-members";

/// The segments that the demo starts with. A segment comes after those that it refers to.
#[must_use]
pub fn segments() -> Vec<DemoSegment> {
    vec![
        dynamic(
            "demo-active-this-week",
            "Active This Week",
            "Came to the shop in the last seven days.",
            "Engagement",
            event(
                None,
                None,
                Measure::Count,
                Compare::AtLeast(1.0),
                last_days(7),
            ),
        ),
        dynamic(
            "demo-regulars",
            "Regulars",
            "Came on three different days or more within a month.",
            "Engagement",
            event(
                None,
                None,
                Measure::DistinctDays,
                Compare::AtLeast(3.0),
                last_days(30),
            ),
        ),
        dynamic(
            "demo-big-spenders",
            "Big Spenders",
            "Ordered for at least 500 within a year: early access to new products.",
            "Revenue",
            event(
                Some("Order Completed"),
                None,
                measure(Aggregate::Sum, "revenue"),
                Compare::AtLeast(500.0),
                last_days(365),
            ),
        ),
        dynamic(
            "demo-first-order",
            "First Order in the Last 30 Days",
            "Newly won customers, for the welcome mails.",
            "Lifecycle",
            Criterion::FirstEvent(FirstEventCriterion {
                event: Some("Order Completed".to_owned()),
                filter: None,
                during: last_days(30),
            }),
        ),
        dynamic(
            "demo-abandoned-carts",
            "Abandoned Carts",
            "Put something into the cart within a week and ordered nothing.",
            "Lifecycle",
            Criterion::All {
                of: vec![
                    happened("Added to Cart", last_days(7)),
                    not(happened("Order Completed", last_days(7))),
                ],
            },
        ),
        dynamic(
            "demo-lapsed",
            "Lapsed Customers",
            "Ordered between a year and a quarter ago, and has not come for 60 days.",
            "Lifecycle",
            Criterion::All {
                of: vec![
                    happened(
                        "Order Completed",
                        Range::Ago {
                            from: days(365),
                            to: days(91),
                        },
                    ),
                    not(event(
                        None,
                        None,
                        Measure::Count,
                        Compare::AtLeast(1.0),
                        last_days(60),
                    )),
                ],
            },
        ),
        dynamic(
            MEMBERS,
            "Members",
            "Has a Plus or Premium membership.",
            "Membership",
            Criterion::User {
                filter: property(
                    Scope::User,
                    "plan",
                    Operator::Is,
                    vec!["Plus".into(), "Premium".into()],
                ),
            },
        ),
        dynamic(
            "demo-members-at-risk",
            "Members at Risk",
            "A member who has not come for three weeks.",
            "Membership",
            Criterion::All {
                of: vec![
                    Criterion::Segment(SegmentCriterion {
                        id: MEMBERS.to_owned(),
                        as_of: None,
                    }),
                    not(event(
                        None,
                        None,
                        Measure::Count,
                        Compare::AtLeast(1.0),
                        last_days(21),
                    )),
                ],
            },
        ),
        dynamic(
            "demo-wish-list",
            "Wish List Users",
            "Keeps a wish list, or found the shop through friends.",
            "Features",
            Criterion::Any {
                of: vec![
                    event(
                        Some("Added to Wishlist"),
                        None,
                        Measure::Count,
                        Compare::AtLeast(3.0),
                        last_days(90),
                    ),
                    Criterion::User {
                        filter: property(
                            Scope::User,
                            "acquisition_channel",
                            Operator::Is,
                            vec!["Referral".into()],
                        ),
                    },
                ],
            },
        ),
        dynamic(
            "demo-many-interests",
            "Many Interests",
            "Looked at products of four categories or more within a quarter.",
            "Engagement",
            event(
                Some("Product Viewed"),
                None,
                measure(Aggregate::Distinct, "category"),
                Compare::AtLeast(4.0),
                last_days(90),
            ),
        ),
        dynamic(
            "demo-unhappy",
            "Unhappy Reviewers",
            "Rated what they bought with three stars or fewer on average.",
            "Service",
            event(
                Some("Review Submitted"),
                None,
                measure(Aggregate::Average, "rating"),
                Compare::AtMost(3.0),
                Range::AllTime {},
            ),
        ),
        dynamic(
            "demo-express-gifts",
            "Express Orders on Phones",
            "Paid for fast delivery from an app, not counting pickups.",
            "Revenue",
            event(
                Some("Order Completed"),
                Some(Filter::All {
                    of: vec![
                        property(
                            Scope::Event,
                            "platform",
                            Operator::Is,
                            vec!["iOS".into(), "Android".into()],
                        ),
                        property(
                            Scope::Event,
                            "shipping",
                            Operator::Is,
                            vec!["Express".into()],
                        ),
                    ],
                }),
                Measure::Count,
                Compare::AtLeast(1.0),
                last_days(180),
            ),
        ),
        dynamic(
            "demo-new-readers",
            "New Newsletter Readers",
            "Signed up within 30 days and reads the newsletter.",
            "Lifecycle",
            Criterion::User {
                filter: Filter::All {
                    of: vec![
                        Filter::Property(PropertyFilter {
                            scope: Scope::User,
                            name: "signed_up_at".to_owned(),
                            op: Operator::InLast,
                            values: Vec::new(),
                            during: Some(last_days(30)),
                            ignore_case: false,
                        }),
                        property(Scope::User, "newsletter", Operator::Is, vec![true.into()]),
                    ],
                },
            },
        ),
        DemoSegment {
            id: "demo-council",
            segment: NewSegment {
                kind: SegmentKind::Static,
                ..new_segment(
                    "Customer Council",
                    "Forty customers of long standing whom the product team asks for advice.",
                    "Service",
                    Criterion::Users(UsersCriterion {
                        ids: Some(
                            (0..40)
                                .map(|number| format!("c{}", 10_007 + 211 * number))
                                .collect(),
                        ),
                        list: None,
                    }),
                )
            },
        },
    ]
}

fn dynamic(
    id: &'static str,
    name: &str,
    description: &str,
    category: &str,
    definition: Criterion,
) -> DemoSegment {
    DemoSegment {
        id,
        segment: new_segment(name, description, category, definition),
    }
}

fn new_segment(name: &str, description: &str, category: &str, definition: Criterion) -> NewSegment {
    NewSegment {
        name: name.to_owned(),
        description: description.to_owned(),
        category: category.to_owned(),
        kind: SegmentKind::Dynamic,
        definition,
        origin: None,
        as_of: None,
        time_zone: None,
    }
}

fn event(
    name: Option<&str>,
    filter: Option<Filter>,
    measure: Measure,
    compare: Compare,
    during: Range,
) -> Criterion {
    Criterion::Event(EventCriterion {
        event: name.map(str::to_owned),
        filter,
        did: Vec::new(),
        measure,
        compare,
        during,
    })
}

fn happened(name: &str, during: Range) -> Criterion {
    event(
        Some(name),
        None,
        Measure::Count,
        Compare::AtLeast(1.0),
        during,
    )
}

fn not(criterion: Criterion) -> Criterion {
    Criterion::Not {
        of: Box::new(criterion),
    }
}

fn measure(aggregate: Aggregate, property: &str) -> Measure {
    Measure::Of {
        aggregate,
        property: property.to_owned(),
    }
}

fn property(scope: Scope, name: &str, op: Operator, values: Vec<Value>) -> Filter {
    Filter::Property(PropertyFilter {
        scope,
        name: name.to_owned(),
        op,
        values,
        during: None,
        ignore_case: false,
    })
}

const fn last_days(count: u32) -> Range {
    Range::Last {
        count,
        unit: CalendarUnit::Day,
        complete: false,
    }
}

const fn days(count: u32) -> Ago {
    Ago {
        count,
        unit: CalendarUnit::Day,
    }
}
