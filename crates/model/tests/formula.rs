//! Formulas, held against arithmetic done plainly.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use segments_model::formula::{Expression, letter};

fn figure(text: &str, rows: &[Option<f64>]) -> Option<f64> {
    Expression::parse(text, rows.len()).unwrap().evaluate(rows)
}

#[test]
fn formulas_are_arithmetic() {
    let rows = [Some(6.0), Some(4.0), None, Some(0.0)];
    for (text, expected) in [
        ("A", Some(6.0)),
        ("100", Some(100.0)),
        ("0.5 * A", Some(3.0)),
        ("A / B * 100", Some(150.0)),
        ("A - B - 1", Some(1.0)),
        ("A - (B - 1)", Some(3.0)),
        ("A+B*2", Some(14.0)),
        ("(A+B)*2", Some(20.0)),
        ("-A * B", Some(-24.0)),
        ("A * -B", Some(-24.0)),
        ("A - -B", Some(10.0)),
        ("--A", Some(6.0)),
        ("-(A - B)", Some(-2.0)),
        (" A\t/ B ", Some(1.5)),
        ("((((A))))", Some(6.0)),
        // A figure that is missing makes the whole missing, whatever is done with it.
        ("C", None),
        ("C * 0", None),
        ("A / D", None),
        ("D / D", None),
        ("0 * (1 / D)", None),
        ("1000000000000000 * A", Some(6e15)),
    ] {
        assert_eq!(figure(text, &rows), expected, "{text}");
    }
    let huge = [Some(1e300), Some(1e-300)];
    assert_eq!(figure("A * A", &huge), None);
    assert_eq!(figure("A / B", &huge), None);
    // There is one zero, also where it was worked out below it.
    assert!(figure("-D", &rows).unwrap().is_sign_positive());
    assert_eq!(
        Expression::parse("B", 2).unwrap().evaluate(&[Some(1.0)]),
        None
    );
}

#[test]
fn what_is_no_formula_is_told_with_the_character() {
    for (text, at, part) in [
        ("", 1, "give A to C"),
        ("  ", 3, "missing"),
        ("A +", 4, "give A to C"),
        ("A B", 3, "+ - * /"),
        ("A 2", 3, "+ - * /"),
        ("2A", 2, "+ - * /"),
        ("A (B)", 3, "+ - * /"),
        ("(A)(B)", 4, "+ - * /"),
        ("* A", 1, "missing"),
        ("A * / B", 5, "missing"),
        ("A + D", 5, "no row D"),
        ("a + B", 1, "write A"),
        ("A % B", 3, "“%”"),
        ("A × B", 3, "“×”"),
        ("1e3", 2, "write E"),
        ("(A + B", 1, "not closed"),
        ("A + (B * (C)", 5, "not closed"),
        ("A + B)", 6, "closes none"),
        ("()", 2, "missing"),
        ("A + 1.2.3", 5, "no number"),
        ("1.", 1, "no number"),
        (".5", 1, "“.”"),
        ("10000000000000000", 1, "10^15"),
    ] {
        let error = Expression::parse(text, 3).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.detail.contains(part), "{text}: {error}");
    }
    let long = format!("A{}", " + A".repeat(250));
    assert_eq!(Expression::parse(&long, 1).unwrap_err().at, 1_001);
    assert!(Expression::parse(&"(".repeat(1_000), 1).is_err());
    assert!(Expression::parse(&"-".repeat(1_000), 1).is_err());
}

#[test]
fn a_formula_writes_itself_with_few_brackets() {
    for (text, expected) in [
        ("((A)/(B))*100", "A / B * 100"),
        ("A-(B-C)", "A - (B - C)"),
        ("(A-B)-C", "A - B - C"),
        ("(A+B)*C", "(A + B) * C"),
        ("-(A*B)", "-(A * B)"),
        ("(-A)*-B", "-A * -B"),
        ("-(-A)", "--A"),
        ("0.10", "0.1"),
    ] {
        assert_eq!(Expression::parse(text, 3).unwrap().to_string(), expected);
    }
}

/// A formula as a tree.
#[derive(Clone, Debug)]
enum Tree {
    Number(f64),
    Row(usize),
    Negate(Box<Tree>),
    Do(char, Box<Tree>, Box<Tree>),
}

impl Tree {
    /// With every bracket that there can be.
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Row(row) => letter(*row).to_string(),
            Self::Negate(of) => format!("-({})", of.text()),
            Self::Do(sign, left, right) => format!("({}){sign}({})", left.text(), right.text()),
        }
    }

    fn figure(&self, rows: &[Option<f64>]) -> Option<f64> {
        let figure = match self {
            Self::Number(number) => *number,
            Self::Row(row) => rows[*row]?,
            Self::Negate(of) => -of.figure(rows)?,
            Self::Do(sign, left, right) => {
                let (left, right) = (left.figure(rows)?, right.figure(rows)?);
                match sign {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right,
                }
            }
        };
        figure.is_finite().then_some(figure)
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0_usize..26).prop_map(Tree::Row),
        (0_u32..1_000).prop_map(|number| Tree::Number(f64::from(number) / 8.0)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| Tree::Negate(Box::new(of))),
            (
                prop::sample::select(vec!['+', '-', '*', '/']),
                inner.clone(),
                inner
            )
                .prop_map(|(sign, left, right)| Tree::Do(
                    sign,
                    Box::new(left),
                    Box::new(right)
                )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_at_a_character(text in any::<String>(), near in "[A-D0-9.+*/() -]{0,20}", rows in 0_usize..30) {
        for text in [text, near] {
            match Expression::parse(&text, rows) {
                Ok(expression) => {
                    let written = expression.to_string();
                    prop_assert_eq!(Expression::parse(&written, rows), Ok(expression));
                }
                Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.at), "{}: {}", text, error),
            }
        }
    }

    #[test]
    fn brackets_and_order_are_those_of_arithmetic(
        tree in tree(), rows in prop::collection::vec(prop::option::weighted(0.95, -100_i32..100), 26)
    ) {
        let text = tree.text();
        prop_assume!(text.len() <= 1_000);
        let rows: Vec<Option<f64>> = rows.into_iter().map(|row| row.map(f64::from)).collect();
        let expression = Expression::parse(&text, 26).unwrap();
        prop_assert_eq!(expression.evaluate(&rows), tree.figure(&rows));
        let written = expression.to_string();
        prop_assert!(written.matches('(').count() <= text.matches('(').count());
        prop_assert_eq!(Expression::parse(&written, 26), Ok(expression));
    }
}
