//! Whoever is examined: asked a case, it gives the users, the answer, or where the question is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use futures_executor::block_on;
use segments_engine_api::batch::Batch;
use segments_engine_api::{Engine, EngineError, MemberSet, QuestionContext, Snapshot, Source};
use segments_model::answer::Answer;
use segments_model::calendar::Zone;
use segments_model::filter::Scope;
use segments_model::project::Limits;
use segments_model::query::Query;
use segments_model::selection::{Selection, definition};
use segments_model::validate::{check_query, validate};
use segments_model::{Criterion, Instant};

use crate::cases::{Case, Question};
use crate::evaluate::{Context, members};
use crate::world::{StoredSegment, World};
use crate::{answer, render, rows};

/// Whoever answers cases.
pub trait Subject {
    /// What it is called in reports.
    fn name(&self) -> &str;

    /// What it answers to a case. It knows nothing of what the case expects.
    ///
    /// # Errors
    /// Where there is nothing to compare.
    fn ask(&mut self, case: &Case) -> Result<Finding, NoFinding>;
}

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// To a definition, or to a part of an answer: these users.
    Users(BTreeSet<String>),
    /// To a query.
    Answer(Box<Answer>),
    /// The question is wrong.
    Error {
        /// Where: a JSON pointer into the definition or the query.
        pointer: String,
        /// How, for people.
        detail: String,
    },
}

/// Why nothing can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFinding {
    /// The case cannot be put to this subject, which says nothing about it.
    Skipped(String),
    /// The subject did not do what has to be done before or while it is asked, which is its fault.
    Broken(String),
}

impl Finding {
    /// The lines that a case can expect.
    #[must_use]
    pub fn lines(&self, zone: Tz) -> Vec<String> {
        match self {
            Self::Users(users) if users.is_empty() => vec!["nobody".to_owned()],
            Self::Users(users) => {
                let ids: Vec<String> = users.iter().map(|id| render::word(id)).collect();
                vec![ids.join(" ")]
            }
            Self::Answer(answer) => render::answer(answer, zone),
            Self::Error { pointer, detail } => vec![
                format!("error {pointer}").trim_end().to_owned(),
                format!("({detail})"),
            ],
        }
    }
}

impl From<EngineError> for Finding {
    fn from(error: EngineError) -> Self {
        let pointer = match &error {
            EngineError::Evaluate(error) => error.pointer().to_owned(),
            _ => "none".to_owned(),
        };
        Self::Error {
            pointer,
            detail: error.to_string(),
        }
    }
}

/// The plain evaluator. It takes every question for a right one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judge;

impl Subject for Judge {
    fn name(&self) -> &str {
        "judge"
    }

    fn ask(&mut self, case: &Case) -> Result<Finding, NoFinding> {
        if case.expects_error() {
            return Err(NoFinding::Skipped(
                "the plain evaluator does not know wrong questions".to_owned(),
            ));
        }
        let context = case.context();
        Ok(match case.question() {
            Ok(Question::Definition(definition)) => Finding::Users(members(&definition, context)),
            Ok(Question::Query(query)) => {
                Finding::Answer(Box::new(answer::answer(&query, context)))
            }
            Ok(Question::Selection(query, selection)) => {
                Finding::Users(answer::counted(&query, &selection, context))
            }
            Err(errors) => unreadable(&errors),
        })
    }
}

/// What is wrong with a question first, be it in its form or in its meaning.
///
/// # Errors
/// The first thing that is wrong.
pub fn right(case: &Case) -> Result<Question, Finding> {
    let question = case.question().map_err(|errors| unreadable(&errors))?;
    let errors = match &question {
        Question::Definition(definition) => validate(definition, &Limits::default()),
        Question::Query(query) | Question::Selection(query, _) => {
            check_query(query, &Limits::default())
        }
    };
    if errors.is_empty() {
        Ok(question)
    } else {
        Err(unreadable(&errors))
    }
}

fn unreadable(errors: &[segments_model::problem::InputError]) -> Finding {
    let first = &errors[0];
    Finding::Error {
        pointer: first.pointer.clone(),
        detail: first.detail.clone(),
    }
}

/// Any engine.
pub struct EngineSubject<'e> {
    name: String,
    engine: &'e dyn Engine,
    loaded: Option<(World, Arc<dyn Snapshot>)>,
}

impl<'e> EngineSubject<'e> {
    /// An engine under a name for reports.
    #[must_use]
    pub fn new(name: &str, engine: &'e dyn Engine) -> Self {
        Self {
            name: name.to_owned(),
            engine,
            loaded: None,
        }
    }

    /// Who meets a definition.
    ///
    /// # Errors
    /// As the engine says.
    pub fn members(
        &mut self,
        definition: &Criterion,
        context: Context<'_>,
    ) -> Result<BTreeSet<String>, EngineError> {
        let (snapshot, context) = self.context(context)?;
        ids(snapshot.as_ref(), definition, &context)
    }

    /// The answer to a query. Of its stamp the version of the data and the time taken are left open.
    ///
    /// # Errors
    /// As the engine says.
    pub fn answer(&mut self, query: &Query, context: Context<'_>) -> Result<Answer, EngineError> {
        let (snapshot, context) = self.context(context)?;
        block_on(snapshot.answer(query, &context, None)).map(answer::without_time)
    }

    /// The definition that a part of an answer is made into.
    ///
    /// # Errors
    /// As the engine says.
    pub fn definition(
        &mut self,
        query: &Query,
        selection: &Selection,
        context: Context<'_>,
    ) -> Result<Criterion, EngineError> {
        let (snapshot, context) = self.context(context)?;
        let schema = snapshot.schema();
        let types = |scope, name: &str| match scope {
            Scope::Event => schema.event_properties.get(name).copied(),
            Scope::User => schema.user_properties.get(name).copied(),
        };
        Ok(
            definition(query, selection, &context.zone, context.as_of, &types)
                .unwrap_or_else(|errors| panic!("{selection:?}: {errors:?}")),
        )
    }

    /// The data of the question, and what the question refers to.
    fn context(
        &mut self,
        context: Context<'_>,
    ) -> Result<(Arc<dyn Snapshot>, QuestionContext), EngineError> {
        let snapshot = self.snapshot(context.world)?;
        let find = |ids: &BTreeSet<String>| -> Result<MemberSet, EngineError> {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            block_on(snapshot.find(&ids, None))
        };
        let segments = context.world.segments.iter().map(|(id, segment)| {
            let source = match segment {
                StoredSegment::Dynamic { definition, zone } => Source::Dynamic {
                    definition: Box::new(definition.clone()),
                    zone: model_zone(*zone),
                },
                StoredSegment::Static(members) => Source::Static(find(members)?),
            };
            Ok((id.clone(), source))
        });
        let segments = segments.collect::<Result<BTreeMap<_, _>, EngineError>>()?;
        let lists = context.world.lists.iter();
        let lists = lists.map(|(id, members)| Ok((id.clone(), find(members)?)));
        let context = QuestionContext {
            segments,
            lists: lists.collect::<Result<_, EngineError>>()?,
            ..QuestionContext::new(
                Instant::from_millis(context.as_of).unwrap(),
                model_zone(context.zone),
            )
        };
        Ok((snapshot, context))
    }

    /// The data of a world, loaded unless it is what was loaded last.
    fn snapshot(&mut self, world: &World) -> Result<Arc<dyn Snapshot>, EngineError> {
        if let Some((loaded, snapshot)) = &self.loaded
            && loaded == world
        {
            return Ok(Arc::clone(snapshot));
        }
        let mut loading = self.engine.load(None)?;
        for batch in [
            Batch::Users(rows::users(world)),
            Batch::Events(rows::events(world, 0..world.events.len())),
        ] {
            loading
                .push(&batch)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        }
        let snapshot = block_on(loading.finish())?;
        self.loaded = Some((world.clone(), Arc::clone(&snapshot)));
        Ok(snapshot)
    }

    fn finding(
        &mut self,
        question: &Question,
        context: Context<'_>,
    ) -> Result<Finding, EngineError> {
        Ok(match question {
            Question::Definition(definition) => Finding::Users(self.members(definition, context)?),
            Question::Query(query) => Finding::Answer(Box::new(self.answer(query, context)?)),
            Question::Selection(query, selection) => {
                let definition = self.definition(query, selection, context)?;
                Finding::Users(self.members(&definition, context)?)
            }
        })
    }
}

impl Subject for EngineSubject<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn ask(&mut self, case: &Case) -> Result<Finding, NoFinding> {
        Ok(match right(case) {
            Ok(question) => self
                .finding(&question, case.context())
                .unwrap_or_else(Finding::from),
            Err(finding) => finding,
        })
    }
}

fn ids(
    snapshot: &dyn Snapshot,
    definition: &Criterion,
    context: &QuestionContext,
) -> Result<BTreeSet<String>, EngineError> {
    let members = block_on(snapshot.members(definition, context))?;
    let ids = block_on(snapshot.ids(&members))?;
    assert_eq!(members.len(), ids.len() as u64, "{definition:?}");
    Ok(ids.into_iter().collect())
}

fn model_zone(zone: Tz) -> Zone {
    Zone::parse(zone.name()).unwrap()
}
