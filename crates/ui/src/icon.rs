//! Icons: the symbols of the sprite `icons.svg`, which stands in the page itself.

use leptos::prelude::*;

/// A symbol of the sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// A magnifying glass.
    Search,
    Plus,
    Minus,
    /// A chevron down.
    Down,
    /// A chevron right.
    Right,
    /// A chevron left.
    Left,
    /// Chevrons up and down.
    UpDown,
    Cross,
    /// A tick.
    Check,
    /// A tick in a circle.
    Ok,
    /// A cross in a circle.
    No,
    /// Three dots.
    Dots,
    /// Two sheets.
    Copy,
    Filter,
    Columns,
    /// An arrow down.
    SortDown,
    /// An arrow up.
    SortUp,
    /// Chevrons apart.
    Sort,
    /// Two people.
    Users,
    /// A person.
    User,
    /// Two circles that overlap.
    Segment,
    /// Blocks that join.
    Compose,
    Funnel,
    /// A line that rises.
    Trend,
    /// Bars that shorten.
    Cohort,
    Book,
    Sliders,
    /// A cylinder.
    Database,
    Calendar,
    Clock,
    Globe,
    /// A cloud struck out.
    Offline,
    Cloud,
    /// A cloud with a tick.
    CloudOk,
    Sun,
    Moon,
    /// A screen.
    Monitor,
    /// Three bars.
    Menu,
    /// Six dots to drag by.
    Grip,
    /// A box.
    Archive,
    /// A sheet with a plus.
    Duplicate,
    /// Two arrows apart.
    Compare,
    /// An arrow into a tray.
    Download,
    /// An arrow out of a tray.
    Upload,
    /// A pencil.
    Edit,
    Eye,
    /// An arrow out of a frame.
    Open,
    /// Arrows in a circle.
    Dynamic,
    /// A sheet with lines.
    Static,
    /// An arrow back.
    Undo,
    /// An arrow on.
    Redo,
    /// A triangle with an exclamation mark.
    Warning,
    /// An i in a circle.
    Info,
    /// A flash.
    Bolt,
    /// A number sign.
    Number,
    /// Letters.
    Text,
    /// A switch.
    Boolean,
    List,
    /// Steps one after the other.
    Sequence,
    /// A sum sign.
    Sum,
    /// A first mark.
    First,
    /// A circle struck out.
    Not,
    Star,
    /// Angle brackets.
    Code,
    /// A clock turned back.
    History,
    /// A chain.
    Link,
    Board,
    /// A question mark in a circle.
    Help,
    /// Arrows towards each other.
    Collapse,
    /// A chevron up.
    Up,
    /// An arrow down with a shaft.
    ArrowDown,
    ArrowRight,
    /// A triangle.
    Play,
    /// An arrow in a circle.
    Refresh,
    /// A disk.
    Save,
    /// Dots joined.
    Share,
    /// A branch.
    Breakdown,
    /// A letter.
    Mail,
    Pin,
    Bulb,
}

impl Glyph {
    /// The symbol's id in the sprite.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Search => "i-search",
            Self::Plus => "i-plus",
            Self::Minus => "i-minus",
            Self::Down => "i-down",
            Self::Right => "i-right",
            Self::Left => "i-left",
            Self::UpDown => "i-updown",
            Self::Cross => "i-x",
            Self::Check => "i-check",
            Self::Ok => "i-ok",
            Self::No => "i-no",
            Self::Dots => "i-dots",
            Self::Copy => "i-copy",
            Self::Filter => "i-filter",
            Self::Columns => "i-columns",
            Self::SortDown => "i-sortdown",
            Self::SortUp => "i-sortup",
            Self::Sort => "i-sort",
            Self::Users => "i-users",
            Self::User => "i-user",
            Self::Segment => "i-segment",
            Self::Compose => "i-compose",
            Self::Funnel => "i-funnel",
            Self::Trend => "i-trend",
            Self::Cohort => "i-cohort",
            Self::Book => "i-book",
            Self::Sliders => "i-sliders",
            Self::Database => "i-db",
            Self::Calendar => "i-cal",
            Self::Clock => "i-clock",
            Self::Globe => "i-globe",
            Self::Offline => "i-offline",
            Self::Cloud => "i-cloud",
            Self::CloudOk => "i-cloudok",
            Self::Sun => "i-sun",
            Self::Moon => "i-moon",
            Self::Monitor => "i-monitor",
            Self::Menu => "i-menu",
            Self::Grip => "i-grip",
            Self::Archive => "i-archive",
            Self::Duplicate => "i-dup",
            Self::Compare => "i-compare",
            Self::Download => "i-down2",
            Self::Upload => "i-up2",
            Self::Edit => "i-edit",
            Self::Eye => "i-eye",
            Self::Open => "i-open",
            Self::Dynamic => "i-dynamic",
            Self::Static => "i-static",
            Self::Undo => "i-undo",
            Self::Redo => "i-redo",
            Self::Warning => "i-warn",
            Self::Info => "i-info",
            Self::Bolt => "i-bolt",
            Self::Number => "i-num",
            Self::Text => "i-text",
            Self::Boolean => "i-bool",
            Self::List => "i-list",
            Self::Sequence => "i-seq",
            Self::Sum => "i-sum",
            Self::First => "i-first",
            Self::Not => "i-not",
            Self::Star => "i-star",
            Self::Code => "i-code",
            Self::History => "i-history",
            Self::Link => "i-link",
            Self::Board => "i-board",
            Self::Help => "i-help",
            Self::Collapse => "i-collapse",
            Self::Up => "i-up",
            Self::ArrowDown => "i-dn",
            Self::ArrowRight => "i-arrow",
            Self::Play => "i-play",
            Self::Refresh => "i-refresh",
            Self::Save => "i-save",
            Self::Share => "i-share",
            Self::Breakdown => "i-breakdown",
            Self::Mail => "i-mail",
            Self::Pin => "i-pin",
            Self::Bulb => "i-bulb",
        }
    }
}

/// An icon. It says nothing to a screen reader: a word is beside it, or its button has a label.
#[component]
pub fn Icon(
    glyph: Glyph,
    /// 14 px in place of 16.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = if small {
        "us-icon us-icon--s"
    } else {
        "us-icon"
    };
    view! {
        <svg class=class aria-hidden="true">
            <use href=format!("#{}", glyph.id())></use>
        </svg>
    }
}
