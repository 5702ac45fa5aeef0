//! The cases, put to the store itself, in steps of few rows.

use segments_conformance::cases::{self, Case, Question};
use segments_conformance::report::examine;
use segments_conformance::subject::{Finding, NoFinding, Subject, right};
use segments_engine::EvaluateError;

use crate::engine;

struct InSteps;

impl Subject for InSteps {
    fn name(&self) -> &str {
        "engine"
    }

    fn ask(&mut self, case: &Case) -> Result<Finding, NoFinding> {
        let question = match right(case) {
            Ok(question) => question,
            Err(finding) => return Ok(finding),
        };
        Ok(
            finding(case, &question).unwrap_or_else(|error| Finding::Error {
                pointer: error.pointer().to_owned(),
                detail: error.to_string(),
            }),
        )
    }
}

fn finding(case: &Case, question: &Question) -> Result<Finding, EvaluateError> {
    let store = engine::store(&case.world);
    let context = engine::context(&store, &case.world, case.as_of, case.zone);
    Ok(match question {
        Question::Definition(definition) => {
            Finding::Users(engine::try_members(&store, definition, &context, 3)?)
        }
        Question::Query(query) => {
            Finding::Answer(Box::new(engine::answer(&store, query, &context, 3)?))
        }
        Question::Selection(query, selection) => {
            let definition = engine::selected(&case.world, query, selection, &context);
            Finding::Users(engine::try_members(&store, &definition, &context, 3)?)
        }
    })
}

#[test]
fn every_case_is_answered_so_in_steps_of_few_rows() {
    let cases = cases::all();
    let report = examine(&mut InSteps, &cases, |_, _| {});
    assert!(report.failed.is_empty(), "{report}");
    assert_eq!(report.passed, cases.len());
}
