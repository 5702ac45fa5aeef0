//! The demo project: a shop of users and events that is a pure function of a seed and the UTC day.
