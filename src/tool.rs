//! What the three tools share: the state of their pages, their frame with the sections of the panel, the table of an answer,
//! and what can be done with a part of it. Uses parts, shell and client; the tools use it, and Users reads its links.

pub mod answer_table;
pub mod buckets;
pub mod names;
pub mod page;
pub mod pins;
pub mod sections;
pub mod selection;
pub mod selection_menu;
pub mod state;
