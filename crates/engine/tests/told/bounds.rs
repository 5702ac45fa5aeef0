//! What a question may take: however hostile a definition, it is refused with its place or worked out in steps.

use std::sync::Arc;

use segments_engine::{
    Context, EvaluateError, Evaluation, Explaining, Progress, QuestionLimit, Source, Store,
};
use segments_model::Criterion;
use segments_model::limits::{MAX_CLOSURE_CRITERIA, MAX_CLOSURE_DEPTH};

use crate::data::{built, context, definition_of, dynamic, members, numbers, store, texts, users};

const AS_OF: &str = "2026-03-10T00:00:00.000Z";

fn few() -> Arc<Store> {
    let order = |user, day| (user, "Order", day, Some(1.0), Some("red"));
    store(
        &[
            order("ann", "2026-03-01T00:00:00Z"),
            order("ben", "2026-03-02T00:00:00Z"),
        ],
        &["ann", "ben", "cleo"],
    )
}

fn ordered(times: usize) -> String {
    format!(
        r#"{{"type": "event", "event": "Order", "during": {{"type": "all_time"}}, "compare": {{"op": "at_least", "value": {times}}}}}"#
    )
}

fn nots(count: usize, inner: &str) -> String {
    let (before, after) = (r#"{"type": "not", "of": "#.repeat(count), "}".repeat(count));
    format!("{before}{inner}{after}")
}

/// Segments "0", "1", … each made by `refer` of a reference to the next, the last one of who ordered.
fn chain(length: usize, refer: impl Fn(&str) -> String) -> Context {
    let mut context = context(AS_OF, "Europe/Zurich");
    for place in 0..length {
        let definition = match place + 1 == length {
            true => ordered(1),
            false => refer(&format!(r#"{{"type": "segment", "id": "{}"}}"#, place + 1)),
        };
        let source = dynamic(&definition, "Europe/Zurich");
        context.segments.insert(place.to_string(), source);
    }
    context
}

/// What becomes of asking for the first of a chain, with as little stack as a browser's worker leaves, or less.
fn asked(context: Context) -> Result<u64, EvaluateError> {
    let asked = move || {
        let definition = definition_of(r#"{"type": "segment", "id": "0"}"#);
        let mut evaluation = Evaluation::new(few(), &definition, &context)?;
        loop {
            if let Progress::Done(users) = evaluation.step(1) {
                return Ok(users.len());
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    thread.spawn(asked).unwrap().join().unwrap()
}

#[test]
fn a_chain_of_segments_is_followed_so_far_and_no_further() {
    let straight = |length| chain(length, str::to_owned);
    assert_eq!(asked(straight(MAX_CLOSURE_DEPTH - 1)), Ok(2));
    let too_deep = asked(straight(MAX_CLOSURE_DEPTH)).unwrap_err();
    let EvaluateError::TooDeep { pointer, path } = too_deep else {
        panic!("{too_deep}");
    };
    assert_eq!((pointer.as_str(), path.len()), ("/id", MAX_CLOSURE_DEPTH));
    assert_eq!(path.first().map(String::as_str), Some("0"));
    for hostile in [
        straight(1_122),
        straight(20_000),
        chain(44, |inner| nots(30, inner)),
    ] {
        assert!(matches!(asked(hostile), Err(EvaluateError::TooDeep { .. })));
    }
    // Of 30 `not`s each, four levels of segments are not too deep.
    assert_eq!(asked(chain(5, |inner| nots(30, inner))), Ok(2));
}

#[test]
fn how_deep_a_segment_is_does_not_depend_on_where_it_stands_first() {
    let mut context = chain(MAX_CLOSURE_DEPTH - 10, str::to_owned);
    let both = |first: &str, second: &str| {
        let both = format!(r#"{{"type": "all", "of": [{first}, {second}]}}"#);
        context
            .segments
            .insert("both".to_owned(), dynamic(&both, "UTC"));
        let definition = definition_of(r#"{"type": "segment", "id": "both"}"#);
        Evaluation::new(few(), &definition, &context).map(|_| ())
    };
    let mut both = both;
    let (plain, deep) = (
        r#"{"type": "segment", "id": "0"}"#,
        nots(10, r#"{"type": "segment", "id": "0"}"#),
    );
    assert!(both(plain, plain).is_ok());
    for order in [both(plain, &deep), both(&deep, plain)] {
        assert!(matches!(order, Err(EvaluateError::TooDeep { .. })));
    }
}

#[test]
fn a_segment_that_is_referred_to_twice_is_worked_out_once() {
    // Otherwise each level would double the work: two to the power of 28.
    let twice = |inner: &str| {
        format!(r#"{{"type": "all", "of": [{{"type": "user", "where": {inner}}}, {inner}]}}"#)
    };
    assert_eq!(asked(chain(28, twice)), Ok(2));
}

#[test]
fn criteria_of_all_segments_are_counted_together() {
    let mut context = context(AS_OF, "UTC");
    let each = 180;
    let segments = MAX_CLOSURE_CRITERIA / each + 2;
    let mut references = Vec::new();
    for segment in 0..segments {
        let of: Vec<String> = (0..each)
            .map(|place| ordered(segment * each + place))
            .collect();
        let all = format!(r#"{{"type": "any", "of": [{}]}}"#, of.join(","));
        context
            .segments
            .insert(segment.to_string(), dynamic(&all, "UTC"));
        references.push(format!(r#"{{"type": "segment", "id": "{segment}"}}"#));
    }
    let all = |count: usize| {
        let of = references[..count].join(",");
        let definition = definition_of(&format!(r#"{{"type": "all", "of": [{of}]}}"#));
        Evaluation::new(few(), &definition, &context).map(|_| ())
    };
    assert!(all(segments - 3).is_ok());
    let error = all(segments).unwrap_err();
    let EvaluateError::Exceeded { pointer, limit } = error else {
        panic!("{error}");
    };
    assert_eq!(limit, QuestionLimit::Criteria);
    assert!(pointer.starts_with("/of/"), "{pointer}");
}

fn matching(scope: &str, patterns: &[String]) -> String {
    let values: Vec<String> = patterns.iter().map(|text| format!("{text:?}")).collect();
    format!(
        r#"{{"type": "property", "scope": "{scope}", "name": "colour", "op": "matches", "values": [{}]}}"#,
        values.join(",")
    )
}

fn refused(definition: &Criterion) -> Option<(String, QuestionLimit)> {
    let context = context(AS_OF, "UTC");
    match Evaluation::new(few(), definition, &context) {
        Err(EvaluateError::Exceeded { pointer, limit }) => Some((pointer, limit)),
        _ => None,
    }
}

#[test]
fn regular_expressions_take_so_much_memory_and_no_more() {
    let large = |number: usize| format!("{number}[a-z]{{900}}.{{900}}");
    let of = |patterns: Vec<String>| {
        let filter = matching("user", &patterns);
        definition_of(&format!(
            r#"{{"type": "all", "of": [{{"type": "user", "where": {filter}}}]}}"#
        ))
    };
    assert_eq!(refused(&of(vec![large(1)])), None);
    // The same one again takes nothing.
    assert_eq!(refused(&of(vec![large(1); 1_000])), None);
    let together = Some(("/of/0/where/values".to_owned(), QuestionLimit::Patterns));
    assert_eq!(refused(&of((0..100).map(large).collect())), together);
    let one = Some(("/of/0/where/values".to_owned(), QuestionLimit::Pattern));
    assert_eq!(refused(&of(vec!["(?:[a-z]{999}){999}".to_owned()])), one);
    let plain = (0..500).map(|number| format!("^a.*{number}$")).collect();
    assert_eq!(refused(&of(plain)), None);
}

#[test]
fn texts_are_held_against_a_filter_in_steps() {
    let names: Vec<String> = (0..100).map(|user| format!("user {user}")).collect();
    let ids: Vec<&str> = names.iter().map(String::as_str).collect();
    let city = texts("city", ids.iter().map(|id| Some(*id)));
    let mut loader = segments_engine::Loader::new();
    loader
        .push_users(&users(
            &ids,
            vec![city, numbers("age", ids.iter().map(|_| None))],
        ))
        .unwrap();
    let store = built(loader);
    let definition = r#"{"type": "user", "where": {"type": "property", "scope": "user", "name": "city", "op": "contains", "values": ["7"]}}"#;
    let context = context(AS_OF, "UTC");
    let mut evaluation =
        Evaluation::new(Arc::clone(&store), &definition_of(definition), &context).unwrap();
    let mut steps = 0;
    while matches!(evaluation.step(1), Progress::Working { .. }) {
        steps += 1;
    }
    assert!(
        steps >= 2 * ids.len() - 2,
        "one for each text and for each user but the last, not {steps}"
    );
    assert_eq!(members(&store, definition, &context).len(), 19);
}

#[test]
fn a_condition_that_stands_twice_is_told_in_both_places() {
    let red = r#"{"type": "user", "where": {"type": "property", "scope": "user", "name": "age", "op": "is_set"}}"#;
    let definition = definition_of(&format!(r#"{{"type": "all", "of": [{red}, {red}]}}"#));
    let mut loader = segments_engine::Loader::new();
    let age = numbers("age", [Some(30.0)].into_iter());
    loader.push_users(&users(&["ann"], vec![age])).unwrap();
    let context = context(AS_OF, "UTC");
    let mut explaining = Explaining::new(built(loader), &definition, &context, 0).unwrap();
    let explained = loop {
        if let Progress::Done(explained) = explaining.step(1) {
            break explained;
        }
    };
    let found: Vec<String> = explained
        .criteria
        .iter()
        .filter_map(|criterion| Some(serde_json::to_string(criterion.found.as_ref()?).unwrap()))
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].replace("/of/0/", "/of/1/"), found[1]);
    assert!(!found[1].contains("false"), "{}", found[1]);
}

#[test]
fn a_static_segment_is_the_same_wherever_it_stands() {
    let store = few();
    let mut context = context(AS_OF, "UTC");
    let ann = store.user_number("ann").into_iter().collect();
    context
        .segments
        .insert("vips".to_owned(), Source::Static(ann));
    let vip = r#"{"type": "segment", "id": "vips"}"#;
    let definition = format!(
        r#"{{"type": "all", "of": [{{"type": "any", "of": [{vip}, {vip}]}}, {{"type": "user", "where": {vip}}}]}}"#
    );
    assert_eq!(members(&store, &definition, &context), ["ann"]);
}
