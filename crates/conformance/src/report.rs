//! Cases put to a subject, and what came of it.

use std::fmt;

use crate::cases::Case;
use crate::subject::{Finding, NoFinding, Subject};

/// What came of cases.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Who was examined.
    pub subject: String,
    /// How many cases were answered as they have to be.
    pub passed: usize,
    /// The others.
    pub failed: Vec<Failure>,
    /// Those that could not be put to the subject: their names and why.
    pub skipped: Vec<(String, String)>,
}

/// A case that was answered otherwise.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The case.
    pub name: String,
    /// Those of the lines that it expects that are not there.
    pub expected: Vec<String>,
    /// All lines of what was answered instead.
    pub actual: Vec<String>,
}

/// Puts cases to a subject, `on_case` called with each before it is put.
pub fn examine(
    subject: &mut dyn Subject,
    cases: &[Case],
    mut on_case: impl FnMut(usize, &Case),
) -> Report {
    let mut report = Report {
        subject: subject.name().to_owned(),
        ..Report::default()
    };
    for (number, case) in cases.iter().enumerate() {
        on_case(number, case);
        match subject.ask(case) {
            Ok(finding) => match difference(case, &finding) {
                None => report.passed += 1,
                Some(failure) => report.failed.push(failure),
            },
            Err(NoFinding::Skipped(reason)) => report.skipped.push((case.name.clone(), reason)),
            Err(NoFinding::Broken(reason)) => report.failed.push(Failure {
                name: case.name.clone(),
                expected: case.expect.clone(),
                actual: vec![reason],
            }),
        }
    }
    report
}

/// In what a finding differs from what the case expects.
#[must_use]
pub fn difference(case: &Case, finding: &Finding) -> Option<Failure> {
    let actual = finding.lines(case.zone);
    let missing = case.expect.iter().filter(|line| !actual.contains(line));
    let expected: Vec<String> = missing.cloned().collect();
    (!expected.is_empty()).then(|| Failure {
        name: case.name.clone(),
        expected,
        actual,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, reason) in &self.skipped {
            writeln!(formatter, "skipped  {name}\n  {reason}")?;
        }
        for failure in &self.failed {
            writeln!(
                formatter,
                "FAILED   {}\n  expected:\n    {}\n  the {} says:\n    {}",
                failure.name,
                failure.expected.join("\n    "),
                self.subject,
                failure.actual.join("\n    ")
            )?;
        }
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed,
            self.failed.len(),
            self.skipped.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::examine;
    use crate::cases::{Case, all};
    use crate::subject::{Finding, Judge, NoFinding, Subject};

    #[test]
    fn the_judge_answers_every_case_that_is_no_error() {
        let cases = all();
        let report = examine(&mut Judge, &cases, |_, _| {});
        assert!(report.failed.is_empty(), "{report}");
        let errors = cases.iter().filter(|case| case.expects_error()).count();
        assert_eq!(report.skipped.len(), errors);
        assert_eq!(report.passed, cases.len() - errors);
    }

    /// Always finds the same.
    struct Stubborn(Result<Finding, NoFinding>);

    impl Subject for Stubborn {
        fn name(&self) -> &str {
            "stubborn"
        }

        fn ask(&mut self, _: &Case) -> Result<Finding, NoFinding> {
            self.0.clone()
        }
    }

    #[test]
    fn what_differs_fails_and_says_how() {
        let cases = all();
        let error = |pointer: &str| Finding::Error {
            pointer: pointer.to_owned(),
            detail: "wrong".to_owned(),
        };
        let everywhere = examine(&mut Stubborn(Ok(error("/nowhere"))), &cases, |_, _| {});
        assert_eq!(
            (everywhere.passed, everywhere.failed.len()),
            (0, cases.len())
        );

        let nobody = Finding::Users(BTreeSet::new());
        let nobody = examine(&mut Stubborn(Ok(nobody)), &cases, |_, _| {});
        let expecting = |case: &&Case| case.expect == ["nobody"];
        assert_eq!(nobody.passed, cases.iter().filter(expecting).count());
        assert!(
            nobody
                .to_string()
                .contains("the stubborn says:\n    nobody")
        );

        let broken = NoFinding::Broken("went away".to_owned());
        let broken = examine(&mut Stubborn(Err(broken)), &cases, |_, _| {});
        assert_eq!(broken.failed.len(), cases.len());
        let skipped = NoFinding::Skipped("cannot be".to_owned());
        let skipped = examine(&mut Stubborn(Err(skipped)), &cases, |_, _| {});
        assert_eq!(
            (skipped.skipped.len(), skipped.failed.len()),
            (cases.len(), 0)
        );
    }
}
