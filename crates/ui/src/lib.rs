//! Widgets: accessible, by keyboard and pointer, without a word of the product in them.
//!
//! They look as the classes of the stylesheets say and follow the patterns of the ARIA Authoring Practices Guide. State
//! that a page wants to know comes in as signals and goes out as callbacks.
#![forbid(unsafe_code)]

pub mod avatar;
pub mod calendar;
pub mod charts;
pub mod clipboard;
pub mod combobox;
pub mod controls;
pub mod dialog;
pub mod dom;
pub mod download;
pub mod drop;
pub mod icon;
pub mod menu;
pub mod popover;
pub mod sheet;
pub mod size;
pub mod states;
pub mod table;
pub mod tabs;
pub mod task;
pub mod toast;
pub mod undo;

pub use avatar::Avatar;
pub use calendar::Calendar;
pub use clipboard::copy;
pub use combobox::{Choice, Combobox};
pub use controls::{Checkbox, CopyButton, SearchField, Switch, Tip};
pub use dialog::{Confirm, Dialog};
pub use download::download;
pub use drop::FileDrop;
pub use icon::{Glyph, Icon};
pub use menu::{MenuButton, MenuCheck, MenuItem, MenuLink};
pub use popover::{Align, PopoverButton};
pub use sheet::Sheet;
pub use states::{Busy, EmptyState};
pub use table::{Pagination, SortDirection, SortHead};
pub use tabs::{Segmented, SegmentedOption, Tab, Tabs};
pub use toast::{Toast, Toaster, Toasts};
pub use undo::{Step, UndoButtons};
