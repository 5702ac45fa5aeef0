//! Every widget with content that hurts: long names, names that do not break, many of them. Built for tests alone;
//! `tests/e2e/gallery.test.js` opens it in several looks and widths and holds its boxes to the rules of the design.

use leptos::prelude::*;
use segments_charts::series::LegendItem;
use segments_ui::charts::series::Legend;
use segments_ui::charts::spark::{FixedSpark, Spark};
use segments_ui::dom::title_what_is_cut;
use segments_ui::*;

/// A name that nobody would give and somebody will.
const LONG: &str = "A very long segment name that product people really do write when they are in a hurry and want to be exact: \
                    web buyers on the Saturday before last who came back twice, without the test accounts of the agency";
/// A name without a place to break.
const UNBROKEN: &str = "customer_lifecycle_stage_after_first_repeat_purchase_in_the_spring_campaign_2026_v2_final_do_not_touch";
const NAMES: [&str; 6] = [
    "Repeat buyers",
    "Users on plan Plus, not on the mobile",
    LONG,
    UNBROKEN,
    "مشترون متكررون من الويب",
    "限量版球鞋的回头客",
];

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(Gallery);
}

#[component]
fn Gallery() -> impl IntoView {
    provide_context(Toaster::default());
    view! {
        <div class="us-app" on:pointerover=|event| title_what_is_cut(&event)>
            <nav class="us-nav" aria-label="Gallery">
                <span class="us-nav__brand">
                    <span>"Gallery"</span>
                </span>
            </nav>
            <Topbar />
            <main class="us-main">
                <Tool />
            </main>
        </div>
    }
}

#[component]
fn Topbar() -> impl IntoView {
    let theme = RwSignal::new(0);
    let themes = [Glyph::Monitor, Glyph::Sun, Glyph::Moon];
    let themes = themes.into_iter().enumerate();
    let themes: Vec<_> = themes
        .map(|(place, glyph)| SegmentedOption::new(place, format!("Theme {place}")).glyph(glyph))
        .collect();
    view! {
        <header class="us-topbar">
            <nav class="us-crumbs" aria-label="Breadcrumb">
                <ol>
                    <li>
                        <a class="us-project" href="#project">
                            <span class="us-project__mark" aria-hidden="true">
                                "A"
                            </span>
                            <span class="us-project__name">{LONG}</span>
                            <span class="us-project__tz">"America/Argentina/Buenos_Aires"</span>
                        </a>
                    </li>
                    <li class="us-2">
                        <span class="us-crumbs__section">"Settings"</span>
                    </li>
                    <li>
                        <span aria-current="page">{LONG}</span>
                    </li>
                </ol>
            </nav>
            <div class="us-topbar__end">
                <Segmented
                    legend="Theme"
                    class="us-theme"
                    options=themes
                    value=theme
                    on_change=Callback::new(move |one| theme.set(one))
                />
            </div>
        </header>
    }
}

/// The layout of a tool: a panel of fixed width beside the results.
#[component]
fn Tool() -> impl IntoView {
    view! {
        <div class="us-tool">
            <header class="us-tool__head">
                <h1 class="us-truncate">{LONG}</h1>
                <div class="us-tool__actions">
                    <Overlays />
                </div>
            </header>
            <aside class="us-query" aria-label="Query" data-part="panel">
                <div class="us-query__scroll">
                    <Panel />
                </div>
                <footer class="us-query__foot">
                    <button class="us-btn us-btn--primary" type="button">
                        "Run"
                    </button>
                </footer>
            </aside>
            <section class="us-results" aria-label="Results">
                <div class="us-stack us-stack--4">
                    <Part name="small">
                        <Small />
                    </Part>
                    <Part name="table">
                        <Things />
                    </Part>
                    <Part name="states">
                        <States />
                    </Part>
                    <Part name="levels">
                        <Levels />
                    </Part>
                </div>
            </section>
        </div>
    }
}

#[component]
fn Part(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="us-stack us-stack--3" data-part=name aria-label=name>
            {children()}
        </section>
    }
}

fn words(words: &'static [&'static str]) -> Vec<SegmentedOption<usize>> {
    let words = words.iter().enumerate();
    words
        .map(|(place, word)| SegmentedOption::new(place, *word))
        .collect()
}

#[component]
fn Bar(
    legend: &'static str,
    options: Vec<SegmentedOption<usize>>,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let value = RwSignal::new(0);
    view! { <Segmented legend class options value on_change=Callback::new(move |one| value.set(one)) /> }
}

fn choices() -> Signal<Vec<Choice>> {
    let choices = NAMES.into_iter().enumerate().map(|(place, name)| {
        Choice::new(name)
            .detail("1,204,318")
            .glyph(Glyph::Segment)
            .description(if place == 1 { LONG } else { "" })
            .group(if place < 3 { "Segments" } else { UNBROKEN })
    });
    let more = (1..60).map(|number| Choice::new(format!("Segment {number}")).group(UNBROKEN));
    Signal::stored(choices.chain(more).collect())
}

/// A token with a list in its panel, and an action at the panel's foot.
#[component]
fn Picker(#[prop(into)] name: String) -> impl IntoView {
    let value = RwSignal::new(vec![name]);
    view! {
        <PopoverButton
            class="us-tok us-tok--fill"
            button=ViewFn::from(move || {
                view! {
                    <Icon glyph=Glyph::Segment />
                    <span class="us-truncate">{value.get().concat()}</span>
                    <Icon glyph=Glyph::Down />
                }
            })
            panel_label="Segment"
        >
            <div class="us-popover__body">
                <Combobox
                    label="Segment"
                    choices=choices()
                    value
                    on_change=Callback::new(move |values| value.set(values))
                    in_panel=true
                />
                <p class="us-help">{LONG}</p>
                <div class="us-row us-row--wrap">
                    <button class="us-btn us-btn--sm" type="button">
                        "Remove condition"
                    </button>
                </div>
            </div>
        </PopoverButton>
    }
}

#[component]
fn Panel() -> impl IntoView {
    let on = RwSignal::new(true);
    let several = RwSignal::new(NAMES.map(str::to_owned).to_vec());
    let one = RwSignal::new(vec![LONG.to_owned()]);
    let periods = words(&["Hour", "Day", "Week", "Month"]);
    let returns = words(&["In that month", "That month or later"]);
    view! {
        <section class="us-query__sec">
            <header>
                <h2>"Cohort: users who first did"</h2>
                <Bar legend="First" options=words(&["First", "Any"]) />
            </header>
            <Picker name=LONG />
            <button class="us-tok us-tok--fill" type="button">
                <Icon glyph=Glyph::Calendar />
                <span class="us-truncate">
                    "Last 12 months " <span class="us-muted">"1 Dec 2025 – 29 Nov 2026"</span>
                </span>
                <Icon glyph=Glyph::Down />
            </button>
        </section>
        <section class="us-query__sec us-stack">
            <Bar legend="Group cohorts by" class="us-seg--fill" options=periods />
            <Bar legend="Count a return" class="us-seg--fill" options=returns />
            <Bar legend="Audience" options=words(&["All users", "In segment", "Criteria", UNBROKEN]) />
            <Switch on on_change=Callback::new(move |is_on| on.set(is_on))>
                <span>{LONG}</span>
            </Switch>
            <div class="us-field">
                <span class="us-label">{UNBROKEN}</span>
                <Combobox
                    label="Several"
                    choices=choices()
                    value=several
                    on_change=Callback::new(move |values| several.set(values))
                    multiple=true
                    free=true
                />
                <p class="us-help">{LONG}</p>
            </div>
            <div class="us-field">
                <span class="us-label">"One"</span>
                <Combobox
                    label="One"
                    choices=choices()
                    value=one
                    on_change=Callback::new(move |values| one.set(values))
                />
            </div>
            <span class="us-chip">
                <Icon glyph=Glyph::Breakdown />
                <span class="us-truncate">{LONG}</span>
                <button type="button" aria-label="Remove">
                    <Icon glyph=Glyph::Cross />
                </button>
            </span>
        </section>
        // Enough to scroll, with what is visually hidden at its end.
        {(0..12)
            .map(|_| {
                view! {
                    <section class="us-query__sec">
                        <Bar legend="Periods" options=words(&["One", "Two"]) />
                    </section>
                }
            })
            .collect_view()}
    }
}

#[component]
fn Overlays() -> impl IntoView {
    let dialog = RwSignal::new(false);
    let confirm = RwSignal::new(false);
    let toaster = Toaster::expect();
    let nothing = Callback::new(|()| ());
    view! {
        <MenuButton class="us-btn" menu_label="Actions" align=Align::End button=ViewFn::from(|| "Menu")>
            <MenuItem glyph=Glyph::Edit label=LONG key="E" on_select=nothing />
            <MenuItem label=UNBROKEN on_select=nothing />
            <hr />
            <MenuCheck label=LONG checked=true detail="1,204,318" on_toggle=nothing />
            <MenuCheck label="Short" checked=false detail="7" on_toggle=nothing />
            <MenuItem glyph=Glyph::Cross label="Delete" danger=true on_select=nothing />
        </MenuButton>
        <button class="us-btn" type="button" on:click=move |_| dialog.set(true)>
            "Dialog"
        </button>
        <button class="us-btn" type="button" on:click=move |_| confirm.set(true)>
            "Question"
        </button>
        <button
            class="us-btn"
            type="button"
            on:click=move |_| toaster.show(Toast::failed(UNBROKEN).detail(LONG).action("Try again", || ()))
        >
            "Message"
        </button>
        <Dialog open=dialog title=LONG subtitle=UNBROKEN>
            <div class="us-dialog__body us-stack">
                <label class="us-field">
                    <span class="us-label">"Name"</span>
                    <input class="us-input" value=LONG />
                </label>
                <Picker name=LONG />
                <p>{UNBROKEN}</p>
                {(0..30).map(|_| view! { <p>{LONG}</p> }).collect_view()}
            </div>
            <footer class="us-dialog__foot">
                <span class="us-grow"></span>
                <button class="us-btn us-btn--lg" type="button" on:click=move |_| dialog.set(false)>
                    "Cancel"
                </button>
                <button class="us-btn us-btn--lg us-btn--primary" type="button">
                    {format!("Create {LONG}")}
                </button>
            </footer>
        </Dialog>
        <Confirm
            open=confirm
            title=format!("Delete “{UNBROKEN}”?")
            action="Delete segment"
            danger=true
            on_confirm=nothing
        >
            <p>{LONG}</p>
        </Confirm>
        <Toasts />
    }
}

#[component]
fn Small() -> impl IntoView {
    let tab = RwSignal::new(0);
    let text = RwSignal::new(String::new());
    let ticked = RwSignal::new(true);
    let nothing = Callback::new(|()| ());
    let disabled = SegmentedOption::new(3, "Not now").disabled(LONG);
    let tabs: Vec<_> = NAMES.into_iter().enumerate().collect();
    let tabs: Vec<_> = tabs
        .into_iter()
        .map(|(place, name)| SegmentedOption::new(place, name).detail("12"))
        .collect();
    let toggle = Callback::new(move |is_on| ticked.set(is_on));
    let nothing_done = None::<String>;
    view! {
        <div class="us-toolbar">
            <SearchField
                label="Search"
                placeholder=LONG
                value=text
                on_input=Callback::new(move |typed| text.set(typed))
                slash=true
            />
            <Bar
                legend="Interval"
                options=words(&["Hour", "Day", "Week", "Month", "Quarter", "Whole range"])
                    .into_iter()
                    .chain([disabled])
                    .collect()
            />
            <button class="us-btn" type="button">
                <Icon glyph=Glyph::Filter />
                <span>{LONG}</span>
                <Icon glyph=Glyph::Down small=true />
            </button>
            <Switch on=ticked on_change=toggle>
                "On"
            </Switch>
            <Switch on=Signal::derive(move || !ticked.get()) on_change=toggle>
                "Off"
            </Switch>
            <Checkbox label="Ticked" checked=ticked on_change=toggle />
            <Checkbox label="Mixed" checked=false mixed=true on_change=toggle />
            <Checkbox label="Not ticked" checked=false on_change=toggle />
            <UndoButtons undo=Some(LONG.to_owned()) redo=nothing_done on_undo=nothing on_redo=nothing />
            <span class="us-pill">
                <span class="us-truncate">{LONG}</span>
            </span>
            <span class="us-who">
                <Avatar name=LONG id="1" />
                <span class="us-truncate">{LONG}</span>
            </span>
            <Tip text=LONG>
                <button class="us-link" type="button">
                    "Explained"
                </button>
            </Tip>
        </div>
        <Tabs label="Tabs" tabs=tabs value=tab on_change=Callback::new(move |one| tab.set(one))>
            <p class="us-help">{move || NAMES.get(tab.get()).copied()}</p>
        </Tabs>
        <div class="us-banner us-banner--warn" role="status">
            <Icon glyph=Glyph::Warning small=true />
            <span class="us-grow">
                <strong>{UNBROKEN}</strong>
                " "
                {LONG}
            </span>
            <button class="us-link" type="button">
                "Try again"
            </button>
        </div>
        <Legend items=Signal::stored(
            NAMES
                .into_iter()
                .enumerate()
                .map(|(style, name)| LegendItem {
                    name: name.to_owned(),
                    style,
                    shown: true,
                })
                .collect::<Vec<_>>(),
        ) />
        <FileDrop
            label=format!("Drop {UNBROKEN}.csv here")
            accept=".csv"
            on_file=Callback::new(|_| ())
        />
    }
}

/// The columns of a table: key, kind, least width, priority.
const COLUMNS: [(&str, ColumnKind, f64, usize); 9] = [
    ("Select", ColumnKind::Control, 36.0, 0),
    ("Segment Name", ColumnKind::Heading, 220.0, 0),
    ("Category", ColumnKind::Text, 124.0, 3),
    ("Users", ColumnKind::Figure, 100.0, 1),
    ("Share", ColumnKind::Figure, 72.0, 2),
    ("Trend", ColumnKind::Figure, 84.0, 4),
    ("Segment ID", ColumnKind::Text, 148.0, 5),
    (
        "Created (America/Argentina/Buenos_Aires)",
        ColumnKind::Text,
        168.0,
        6,
    ),
    ("Actions", ColumnKind::Control, 0.0, 0),
];

#[component]
fn Things() -> impl IntoView {
    let sorted = RwSignal::new(Some(("Users".to_owned(), SortDirection::Descending)));
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .map(|(key, kind, width, priority)| {
            let column = TableColumn::new(kind, key, key.to_owned(), width);
            let column = column.priority(priority);
            if kind == ColumnKind::Control {
                column
            } else {
                column.sorts()
            }
        })
        .collect();
    let sections = ["Events", LONG].map(|title| TableSection {
        title: title.to_owned(),
        detail: UNBROKEN.to_owned(),
        rows: NAMES
            .into_iter()
            .map(|name| format!("{title}/{name}"))
            .collect(),
    });
    let page = RwSignal::new(0);
    view! {
        <Table
            caption="Things"
            columns=Signal::stored(columns)
            sections=Signal::stored(sections.to_vec())
            row=Callback::new(thing)
            sorted
            on_sort=Callback::new(move |key| sorted.set(Some((key, SortDirection::Ascending))))
            tall=true
        />
        <div class="us-tablefoot">
            <span>"12 of 1,204,318 segments"</span>
            <Pagination
                page
                page_size=50
                total=1_204_318
                label="Segments"
                has_next=true
                on_previous=Callback::new(move |()| page.update(|page| *page -= 1))
                on_next=Callback::new(move |()| page.update(|page| *page += 1))
            />
        </div>
    }
}

fn thing(key: String) -> TableRow {
    let name = key
        .split_once('/')
        .map_or(key.clone(), |(_, name)| name.to_owned());
    let selected = RwSignal::new(key.ends_with(UNBROKEN));
    let cell = move |column: String| match column.as_str() {
        "Select" => view! {
            <Checkbox
                label=format!("Select {name}")
                checked=selected
                on_change=Callback::new(move |is_on| selected.set(is_on))
            />
        }
        .into_any(),
        "Segment Name" => view! {
            <span class="us-two">
                <a class="us-truncate" href="#thing">
                    {name.clone()}
                </a>
                <span class="us-truncate">{LONG}</span>
            </span>
        }
        .into_any(),
        "Category" => view! {
            <span class="us-pill">
                <span class="us-truncate">{name.clone()}</span>
            </span>
        }
        .into_any(),
        "Users" => view! {
            <span class="us-two">
                <b>"1,204,318"</b>
                <small>"12 hours ago"</small>
            </span>
        }
        .into_any(),
        "Share" => "100.0%".into_any(),
        "Trend" if name == LONG => view! { <FixedSpark label="fixed size" /> }.into_any(),
        "Trend" => view! { <Spark values=vec![1, 4, 2, 9] label="1 to 9" /> }.into_any(),
        "Segment ID" => view! {
            <span class="us-id">
                <span class="us-truncate">{name.clone()}</span>
                <CopyButton label=format!("Copy id of {name}") text=name.clone() />
            </span>
        }
        .into_any(),
        "Actions" => ().into_any(),
        _ => "29 Nov 2026 16:30".into_any(),
    };
    TableRow {
        selected: selected.into(),
        cell: Callback::new(cell),
    }
}

#[component]
fn States() -> impl IntoView {
    view! {
        <div class="us-tablewrap">
            <EmptyState glyph=Glyph::Search title=format!("No segment matches “{UNBROKEN}”") detail=LONG>
                <button class="us-btn" type="button">
                    "Clear filters"
                </button>
            </EmptyState>
        </div>
        <div class="us-tablewrap">
            <Busy label="Loading segments" rows=2 />
        </div>
    }
}

/// What says a level by its colour.
#[component]
fn Levels() -> impl IntoView {
    let level = |level: usize| view! { <td data-h=level.to_string()>{level * 11}</td> };
    view! {
        <table class="us-heat">
            <caption class="us-vh">"Levels"</caption>
            <tbody>
                <tr>{(1..=9).map(level).collect_view()}</tr>
            </tbody>
        </table>
        <span class="us-meter" style=("--v", "42%")>
            <i></i>
        </span>
    }
}
