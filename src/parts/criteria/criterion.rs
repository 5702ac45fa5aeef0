//! A criterion as tokens: which ones is said by the table of kinds, how each is drawn is said here.

use leptos::prelude::*;
use segments_format as format;
use segments_forms::criteria::criterion::{CriterionForm, EventForm, SegmentForm, Token};
use segments_forms::criteria::tree::NodeId;
use segments_forms::measure::MeasureKind;
use segments_forms::occurrence::OccurrenceForm;
use segments_model::sentence;
use segments_ui::{Glyph, Icon};

use crate::parts::conditions::Conditions;
use crate::parts::criteria::editor::Editor;
use crate::parts::field::Field;
use crate::parts::filter_editor::FilterEditor;
use crate::parts::pickers::{
    ComparePicker, EventPicker, MeasurePicker, PropertyPicker, SegmentPicker,
};
use crate::parts::range_picker::RangePicker;
use crate::parts::user_ids::UserIdsPicker;
use crate::parts::vocabulary::Vocabulary;

/// What the tokens of a criterion share.
#[derive(Clone, Copy)]
struct CriterionFields {
    form: Field<CriterionForm>,
    event: Field<EventForm>,
    occurrence: Field<OccurrenceForm>,
    conditions: Conditions,
    not: Memo<bool>,
    owner: Signal<String>,
    without: Signal<Option<String>>,
}

/// A criterion in a row.
#[component]
pub fn CriterionTokens(id: NodeId) -> impl IntoView {
    let editor = Editor::expect();
    let form = editor.criterion(id);
    let occurrence = form.maybe(|form| Some(form.occurrence()?.0));
    let owner = Signal::derive(move || editor.name(id));
    let without = Signal::stored(editor.base_id());
    let tokens = form.memo(CriterionForm::tokens);
    let not = Memo::new(move |_| {
        editor
            .tree()
            .with(|tree| tree.node(id).is_some_and(|node| node.not))
    });
    let criterion = CriterionFields {
        form,
        event: form.maybe(|form| match form {
            CriterionForm::Event(event) => Some(event),
            _ => None,
        }),
        occurrence,
        conditions: Conditions::new(occurrence, owner, without),
        not,
        owner,
        without,
    };
    view! {
        {move || {
            let tokens = tokens.get();
            let has_lines = tokens.iter().any(|token| matches!(token, Token::Conditions { .. }));
            view! {
                <div class="toks">
                    {tokens.iter().map(|token| criterion.token(*token)).collect_view()}
                </div>
                {has_lines.then(|| criterion.conditions.lines())}
            }
        }}
    }
    .into_any()
}

impl CriterionFields {
    fn token(self, token: Token) -> AnyView {
        let Self {
            form,
            event,
            occurrence,
            ..
        } = self;
        match token {
            Token::Did => view! { <span class="w">"did" {self.not(" ")}</span> }.into_any(),
            Token::Not => {
                view! { {move || self.not.get().then(|| view! { <span class="w">{self.not("")}</span> })} }
                    .into_any()
            }
            Token::Words(words) => view! { <span class="w">{words}</span> }.into_any(),
            Token::Event => {
                view! { <EventPicker event=occurrence.part(|form| &mut form.event) /> }.into_any()
            }
            Token::Measure => {
                view! { <MeasurePicker kind=event.part(|form| &mut form.measure.kind) /> }.into_any()
            }
            Token::Property => self.property(),
            Token::Compare => self.compare(),
            Token::During => {
                let range = form.maybe(|form| Some(form.occurrence()?.1));
                view! { <RangePicker range /> }.into_any()
            }
            Token::Conditions { did } => self.conditions.button(did),
            Token::UserFilter => {
                let filter = form.maybe(|form| match form {
                    CriterionForm::User(filter) => Some(filter),
                    _ => None,
                });
                view! { <FilterEditor filter users_only=true without=self.without owner=self.owner /> }
                    .into_any()
            }
            Token::Segment => {
                let segment = self.segment().part(|segment| &mut segment.id);
                view! { <SegmentPicker segment without=self.without /> }.into_any()
            }
            Token::AsOf => self.as_of(),
            Token::UserIds => {
                let ids = form.maybe(|form| match form {
                    CriterionForm::Users(ids) => Some(ids),
                    _ => None,
                });
                view! { <UserIdsPicker ids /> }.into_any()
            }
            Token::Sentence => self.sentence(),
        }
    }

    fn not(self, before: &'static str) -> impl IntoView {
        move || self.not.get().then(|| view! { {before} <b>"not"</b> })
    }

    fn property(self) -> AnyView {
        let property = self.event.part(|form| &mut form.measure.property);
        let numbers = self.event.memo(|form| match form.measure.kind {
            MeasureKind::Of(aggregate) => aggregate.needs_numbers(),
            MeasureKind::Count | MeasureKind::DistinctDays => false,
        });
        let event = self
            .occurrence
            .memo(|form| form.event.name().map(str::to_owned));
        view! { <PropertyPicker value=property.value() event numbers on_change=property.on_change() /> }
            .into_any()
    }

    fn compare(self) -> AnyView {
        let compare = self.event.part(|form| &mut form.compare);
        let measure = self.event.memo(|form| form.measure.kind);
        // "did not … at least once" says no more than "did not".
        let plain = Memo::new(move |_| {
            self.not.get()
                && measure.get() == MeasureKind::Count
                && compare.get() == Default::default()
        });
        view! {
            <Show when=move || !plain.get()>
                <ComparePicker compare measure />
            </Show>
        }
        .into_any()
    }

    fn segment(self) -> Field<SegmentForm> {
        self.form.maybe(|form| match form {
            CriterionForm::Segment(segment) => Some(segment),
            _ => None,
        })
    }

    fn as_of(self) -> AnyView {
        let as_of = self.segment().part(|segment| &mut segment.as_of);
        view! {
            {move || {
                as_of
                    .get()
                    .map(|instant| {
                        view! {
                            <span class="w">{format!("as of {}", format::date_time(instant, "UTC"))}</span>
                            <button
                                class="us-btn us-btn--ghost us-btn--sm us-btn--icon"
                                type="button"
                                aria-label="Evaluate it as of now instead"
                                on:click=move |_| as_of.set(None)
                            >
                                <Icon glyph=Glyph::Cross small=true />
                            </button>
                        }
                    })
            }}
        }
        .into_any()
    }

    fn sentence(self) -> AnyView {
        let vocabulary = Vocabulary::expect();
        let words = move || {
            self.form.with(|form| match form {
                CriterionForm::Kept(criterion) => {
                    let names = |id: &str| vocabulary.segment_name(id);
                    sentence::plain(&sentence::criterion_spans(criterion, &names))
                }
                _ => String::new(),
            })
        };
        view! {
            <span class="w w--long">{words}</span>
            <span class="us-badge">"Cannot be edited here"</span>
        }
        .into_any()
    }
}
