//! The form of a filter: conditions on properties and segments, nested as deep as they come.

use chrono::NaiveDate;
use segments_model::filter::{Operator, PropertyFilter, Scope};
use segments_model::value::is_datetime;
use segments_model::{Filter, Value, ValueType};
use serde::{Deserialize, Serialize};

use crate::error::Errors;
use crate::number::Entry;
use crate::range::RangeForm;

/// What an operator compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    Nothing,
    /// One or more texts.
    Texts,
    /// One or more numbers.
    Numbers,
    TwoNumbers,
    /// True or false.
    Flag,
    /// A day or an instant.
    Day,
    /// Two of these.
    TwoDays,
    Range,
}

/// What the form knows about an operator on values of a type.
#[derive(Clone, Copy, Debug)]
pub struct OperatorRow {
    pub op: Operator,
    pub value_type: ValueType,
    /// How it reads between the property and its values.
    pub label: &'static str,
    /// How it reads where there is little room.
    pub sign: &'static str,
    /// What it compares with.
    pub operand: Operand,
}

const fn row(
    value_type: ValueType,
    op: Operator,
    label: &'static str,
    sign: &'static str,
    operand: Operand,
) -> OperatorRow {
    OperatorRow {
        op,
        value_type,
        label,
        sign,
        operand,
    }
}

/// Every operator of every type, in the order of the menu; the first one of a type is its default.
const OPERATORS: &[OperatorRow] = {
    use Operand::{Day, Flag, Nothing, Numbers, Range, Texts, TwoDays, TwoNumbers};
    use Operator as O;
    use ValueType::{Boolean, Datetime, Number, String};
    &[
        row(String, O::Is, "is", "is", Texts),
        row(String, O::IsNot, "is not", "is not", Texts),
        row(String, O::Contains, "contains", "contains", Texts),
        row(
            String,
            O::DoesNotContain,
            "does not contain",
            "does not contain",
            Texts,
        ),
        row(String, O::StartsWith, "starts with", "starts with", Texts),
        row(String, O::EndsWith, "ends with", "ends with", Texts),
        row(String, O::Matches, "matches the pattern", "matches", Texts),
        row(String, O::IsSet, "is set", "is set", Nothing),
        row(String, O::IsNotSet, "is not set", "is not set", Nothing),
        row(Number, O::AtLeast, "is at least", "\u{2265}", Numbers),
        row(Number, O::AtMost, "is at most", "\u{2264}", Numbers),
        row(Number, O::GreaterThan, "is greater than", ">", Numbers),
        row(Number, O::LessThan, "is less than", "<", Numbers),
        row(Number, O::Is, "is", "=", Numbers),
        row(Number, O::IsNot, "is not", "\u{2260}", Numbers),
        row(Number, O::Between, "is between", "between", TwoNumbers),
        row(Number, O::IsSet, "is set", "is set", Nothing),
        row(Number, O::IsNotSet, "is not set", "is not set", Nothing),
        row(Boolean, O::Is, "is", "is", Flag),
        row(Boolean, O::IsSet, "is set", "is set", Nothing),
        row(Boolean, O::IsNotSet, "is not set", "is not set", Nothing),
        row(Datetime, O::InLast, "lies", "lies", Range),
        row(
            Datetime,
            O::NotInLast,
            "does not lie",
            "does not lie",
            Range,
        ),
        row(Datetime, O::Before, "is before", "before", Day),
        row(Datetime, O::After, "is after", "after", Day),
        row(Datetime, O::Between, "is between", "between", TwoDays),
        row(Datetime, O::IsSet, "is set", "is set", Nothing),
        row(Datetime, O::IsNotSet, "is not set", "is not set", Nothing),
    ]
};

/// The operators that values of a type can be compared by.
pub fn operators(value_type: ValueType) -> impl Iterator<Item = &'static OperatorRow> {
    OPERATORS
        .iter()
        .filter(move |row| row.value_type == value_type)
}

fn operator_row(value_type: ValueType, op: Operator) -> Option<&'static OperatorRow> {
    operators(value_type).find(|row| row.op == op)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueForm {
    /// A text, a day or an instant.
    Text(String),
    /// A number, or what was typed for one.
    Number(Entry),
    /// True or false.
    Flag(bool),
}

impl From<&Value> for ValueForm {
    fn from(value: &Value) -> Self {
        match value {
            Value::Boolean(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(Entry::from(*number)),
            Value::String(text) => Self::Text(text.clone()),
        }
    }
}

impl ValueForm {
    /// The value as text, for a token.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) if text.is_empty() => "(empty)".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Number(entry) => entry.write(),
            Self::Flag(true) => "true".to_owned(),
            Self::Flag(false) => "false".to_owned(),
        }
    }
}

/// The form of a comparison of one property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertyForm {
    /// Whose property.
    pub scope: Scope,
    /// The property's name; empty: none was chosen yet.
    pub name: String,
    /// The type of its values, as far as it is known here: it decides which operators there are.
    pub value_type: ValueType,
    /// How to compare.
    pub op: Operator,
    /// What to compare with.
    #[serde(default)]
    pub values: Vec<ValueForm>,
    /// The range of the operators that have one.
    #[serde(default)]
    pub during: RangeForm,
    /// Compare texts without regard to case.
    #[serde(default)]
    pub ignore_case: bool,
}

impl Default for PropertyForm {
    fn default() -> Self {
        Self::unset(Scope::Event)
    }
}

impl PropertyForm {
    /// A comparison of a property that is still to be chosen.
    #[must_use]
    pub fn unset(scope: Scope) -> Self {
        Self {
            scope,
            name: String::new(),
            value_type: ValueType::String,
            op: Operator::Is,
            values: Vec::new(),
            during: RangeForm::default(),
            ignore_case: false,
        }
    }

    /// What the operator compares with.
    #[must_use]
    pub fn operand(&self) -> Operand {
        operator_row(self.value_type, self.op).map_or(Operand::Texts, |row| row.operand)
    }

    /// How the operator reads where there is little room.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        operator_row(self.value_type, self.op).map_or("is", |row| row.sign)
    }

    /// How the operator reads.
    #[must_use]
    pub fn label(&self) -> &'static str {
        operator_row(self.value_type, self.op).map_or("is", |row| row.label)
    }

    /// The same comparison of another property: values of the old one mean nothing any more, and the operator stays
    /// where the new type has it.
    #[must_use]
    pub fn with_property(mut self, scope: Scope, name: &str, value_type: ValueType) -> Self {
        let same = self.scope == scope && self.name == name;
        name.clone_into(&mut self.name);
        self.scope = scope;
        let had_type = std::mem::replace(&mut self.value_type, value_type);
        if operator_row(value_type, self.op).is_none()
            || (had_type != value_type && !matches!(self.op, Operator::IsSet | Operator::IsNotSet))
        {
            self.op = operators(value_type)
                .next()
                .map_or(Operator::Is, |row| row.op);
        }
        if !same || had_type != value_type {
            self.values = blank_values(self.operand());
            self.ignore_case = false;
        }
        self
    }

    /// The same comparison by another operator; values stay where it can take them.
    #[must_use]
    pub fn with_operator(mut self, op: Operator) -> Self {
        let had = self.operand();
        self.op = op;
        let has = self.operand();
        if had != has {
            use Operand::{Day, Numbers, TwoDays, TwoNumbers};
            let stays = matches!(
                (had, has),
                (Numbers, TwoNumbers) | (TwoNumbers, Numbers) | (Day, TwoDays) | (TwoDays, Day)
            );
            let mut values = blank_values(has);
            if let (true, Some(blank)) = (stays, values.first_mut())
                && let Some(first) = std::mem::take(&mut self.values).into_iter().next()
            {
                *blank = first;
            }
            self.values = values;
        }
        if has != Operand::Texts {
            self.ignore_case = false;
        }
        self
    }

    /// Puts a value at a place, or at the end.
    pub fn set_value(&mut self, index: usize, value: ValueForm) {
        match self.values.get_mut(index) {
            Some(place) => *place = value,
            None => self.values.push(value),
        }
    }

    /// What it compares with, in words.
    #[must_use]
    pub fn value_words(&self) -> String {
        let mut texts = self.values.iter().map(|value| match value {
            ValueForm::Text(text) if matches!(self.operand(), Operand::Day | Operand::TwoDays) => {
                day_words(text)
            }
            value => value.words(),
        });
        match self.operand() {
            Operand::Nothing => String::new(),
            Operand::Range => self.during.words(),
            Operand::TwoNumbers | Operand::TwoDays => {
                format!("{} and {}", shown(texts.next()), shown(texts.next()))
            }
            _ => match self.values.len() {
                0 => "\u{2026}".to_owned(),
                1..=3 => texts
                    .map(|text| shown(Some(text)))
                    .collect::<Vec<_>>()
                    .join(", "),
                many => format!(
                    "{} and {} more",
                    texts.by_ref().take(2).collect::<Vec<_>>().join(", "),
                    many - 2
                ),
            },
        }
    }

    fn fill(&self, errors: &mut Errors) -> PropertyFilter {
        let operand = self.operand();
        let values = match operand {
            Operand::Nothing | Operand::Range => &[],
            _ => self.values.as_slice(),
        };
        PropertyFilter {
            scope: self.scope,
            name: self.name.clone(),
            op: self.op,
            values: values
                .iter()
                .enumerate()
                .map(|(index, value)| {
                    errors.fill(
                        &format!("/values/{index}"),
                        one_value(value, operand),
                        Value::Boolean(true),
                    )
                })
                .collect(),
            during: (operand == Operand::Range)
                .then(|| errors.at("/during", |errors| self.during.fill(errors))),
            ignore_case: self.ignore_case,
        }
    }
}

fn shown(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or_else(|| "\u{2026}".to_owned())
}

fn day_words(text: &str) -> String {
    text.parse::<NaiveDate>().map_or_else(
        |_| text.to_owned(),
        |day| day.format("%-d %b %Y").to_string(),
    )
}

fn blank_values(operand: Operand) -> Vec<ValueForm> {
    let number = || ValueForm::Number(Entry::default());
    let text = || ValueForm::Text(String::new());
    match operand {
        Operand::Nothing | Operand::Texts | Operand::Range => Vec::new(),
        Operand::Numbers => vec![number()],
        Operand::TwoNumbers => vec![number(), number()],
        Operand::Flag => vec![ValueForm::Flag(true)],
        Operand::Day => vec![text()],
        Operand::TwoDays => vec![text(), text()],
    }
}

fn one_value(value: &ValueForm, operand: Operand) -> Result<Value, String> {
    match (value, operand) {
        (ValueForm::Number(entry), _) => entry.number().map(Value::Number),
        (ValueForm::Flag(flag), _) => Ok(Value::Boolean(*flag)),
        (ValueForm::Text(text), Operand::Day | Operand::TwoDays) => {
            if text.trim().is_empty() {
                Err("Choose a day".to_owned())
            } else if is_datetime(text) {
                Ok(Value::String(text.clone()))
            } else {
                Err(format!("\u{201c}{text}\u{201d} is not a day"))
            }
        }
        (ValueForm::Text(text), _) => Ok(Value::String(text.clone())),
    }
}

/// The type that a stored comparison takes its property to have.
fn assumed_type(filter: &PropertyFilter) -> ValueType {
    let by_value = match filter.values.first() {
        Some(Value::Number(_)) => Some(ValueType::Number),
        Some(Value::Boolean(_)) => Some(ValueType::Boolean),
        _ => None,
    };
    by_value.unwrap_or(match filter.op {
        Operator::Before | Operator::After | Operator::InLast | Operator::NotInLast => {
            ValueType::Datetime
        }
        Operator::Between if !filter.values.is_empty() => ValueType::Datetime,
        Operator::GreaterThan
        | Operator::AtLeast
        | Operator::LessThan
        | Operator::AtMost
        | Operator::Between => ValueType::Number,
        _ => ValueType::String,
    })
}

impl From<&PropertyFilter> for PropertyForm {
    fn from(filter: &PropertyFilter) -> Self {
        Self {
            scope: filter.scope,
            name: filter.name.clone(),
            value_type: assumed_type(filter),
            op: filter.op,
            values: filter.values.iter().map(ValueForm::from).collect(),
            during: filter
                .during
                .as_ref()
                .map_or_else(RangeForm::default, RangeForm::from),
            ignore_case: filter.ignore_case,
        }
    }
}

/// One condition, or a group of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilterItem {
    /// Whether it must not hold.
    #[serde(default)]
    pub not: bool,
    pub what: FilterWhat,
}

/// What a condition is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterWhat {
    Property(PropertyForm),
    /// A segment, by id; empty: none was chosen yet.
    Segment(String),
    /// Several conditions.
    Group(FilterForm),
}

impl Default for FilterItem {
    fn default() -> Self {
        Self::property(PropertyForm::default())
    }
}

impl FilterItem {
    /// A condition on a property.
    #[must_use]
    pub const fn property(property: PropertyForm) -> Self {
        Self {
            not: false,
            what: FilterWhat::Property(property),
        }
    }

    /// A condition on a segment.
    #[must_use]
    pub const fn segment(id: String) -> Self {
        Self {
            not: false,
            what: FilterWhat::Segment(id),
        }
    }
}

/// The form of a filter: conditions of which all, or any one, must hold. Without a condition there is no filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterForm {
    /// Whether one of them is enough.
    #[serde(default)]
    pub any: bool,
    /// The conditions.
    #[serde(default)]
    pub items: Vec<FilterItem>,
}

impl From<Option<&Filter>> for FilterForm {
    fn from(filter: Option<&Filter>) -> Self {
        filter.map_or_else(Self::default, Self::from)
    }
}

impl From<&Filter> for FilterForm {
    fn from(filter: &Filter) -> Self {
        match filter {
            Filter::All { of } => Self {
                any: false,
                items: of.iter().map(FilterItem::from).collect(),
            },
            Filter::Any { of } => Self {
                any: true,
                items: of.iter().map(FilterItem::from).collect(),
            },
            one => Self {
                any: false,
                items: vec![FilterItem::from(one)],
            },
        }
    }
}

impl From<&Filter> for FilterItem {
    fn from(filter: &Filter) -> Self {
        let what = match filter {
            Filter::Not { of } => {
                let item = Self::from(of.as_ref());
                return Self {
                    not: !item.not,
                    ..item
                };
            }
            Filter::All { .. } | Filter::Any { .. } => FilterWhat::Group(filter.into()),
            Filter::Segment { id } => FilterWhat::Segment(id.clone()),
            Filter::Property(property) => FilterWhat::Property(property.into()),
        };
        Self { not: false, what }
    }
}

impl FilterForm {
    /// Whether there is no condition in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.any
    }

    /// The filter that the form stands for, with its holes filled; none where it has no condition.
    pub fn fill(&self, errors: &mut Errors) -> Option<Filter> {
        (!self.is_empty()).then(|| self.fill_group(errors))
    }

    fn fill_group(&self, errors: &mut Errors) -> Filter {
        if let [item] = self.items.as_slice() {
            return item.fill(errors);
        }
        let items = self.items.iter().enumerate();
        let of = items
            .map(|(index, item)| errors.at(&format!("/of/{index}"), |errors| item.fill(errors)))
            .collect();
        if self.any {
            Filter::Any { of }
        } else {
            Filter::All { of }
        }
    }

    /// Where the filter's conditions stand in its JSON: the pointer of the item at a path.
    #[must_use]
    pub fn pointer(&self, path: &[usize]) -> String {
        let Some((&index, rest)) = path.split_first() else {
            return String::new();
        };
        let place = if self.items.len() == 1 {
            String::new()
        } else {
            format!("/of/{index}")
        };
        let Some(item) = self.items.get(index) else {
            return place;
        };
        let not = if item.not { "/of" } else { "" };
        match &item.what {
            FilterWhat::Group(group) => format!("{place}{not}{}", group.pointer(rest)),
            _ => format!("{place}{not}"),
        }
    }

    /// Adds a condition on a property.
    pub fn add(&mut self, property: PropertyForm) {
        self.items.push(FilterItem::property(property));
    }

    /// The group at a path; the empty path is the whole filter.
    #[must_use]
    pub fn group(&mut self, path: &[usize]) -> Option<&mut Self> {
        if path.is_empty() {
            return Some(self);
        }
        match &mut self.item_mut(path)?.what {
            FilterWhat::Group(group) => Some(group),
            FilterWhat::Property(_) | FilterWhat::Segment(_) => None,
        }
    }

    /// The same filter without the condition at a path; groups that this empties go too.
    #[must_use]
    pub fn without(mut self, path: &[usize]) -> Self {
        if let Some((&index, rest)) = path.split_first() {
            let emptied = match self.items.get_mut(index) {
                Some(FilterItem {
                    what: FilterWhat::Group(group),
                    ..
                }) if !rest.is_empty() => {
                    *group = std::mem::take(group).without(rest);
                    group.items.is_empty()
                }
                Some(_) => rest.is_empty(),
                None => false,
            };
            if emptied {
                self.items.remove(index);
                if self.items.is_empty() {
                    self.any = false;
                }
            }
        }
        self
    }

    /// The condition at a path of positions, from the outermost group inward.
    #[must_use]
    pub fn item_mut(&mut self, path: &[usize]) -> Option<&mut FilterItem> {
        let (&index, rest) = path.split_first()?;
        let item = self.items.get_mut(index)?;
        if rest.is_empty() {
            return Some(item);
        }
        match &mut item.what {
            FilterWhat::Group(group) => group.item_mut(rest),
            _ => None,
        }
    }
}

impl FilterItem {
    fn fill(&self, errors: &mut Errors) -> Filter {
        let what = |errors: &mut Errors| match &self.what {
            FilterWhat::Property(property) => Filter::Property(property.fill(errors)),
            FilterWhat::Segment(id) => Filter::Segment { id: id.clone() },
            FilterWhat::Group(group) => group.fill_group(errors),
        };
        if self.not {
            Filter::Not {
                of: Box::new(errors.at("/of", what)),
            }
        } else {
            what(errors)
        }
    }
}

#[cfg(test)]
#[cfg(not(target_family = "wasm"))]
pub(crate) mod tests {
    use super::{Entry, FilterForm, FilterItem, Operand, PropertyForm, ValueForm, operators};
    use crate::error::FormError;
    use proptest::prelude::*;
    use segments_model::filter::{Operator, PropertyFilter, Scope};
    use segments_model::range::CalendarUnit;
    use segments_model::{Filter, Range, Value, ValueType};
    use std::collections::HashSet;

    fn said(form: &FilterForm) -> Result<Option<Filter>, Vec<FormError>> {
        form.try_into()
    }

    const TYPES: [ValueType; 4] = [
        ValueType::String,
        ValueType::Number,
        ValueType::Boolean,
        ValueType::Datetime,
    ];

    fn property_filter() -> impl Strategy<Value = Filter> {
        let operators: Vec<_> = TYPES.into_iter().flat_map(operators).collect();
        (
            prop::sample::select(operators),
            prop::collection::vec("[a-z]{1,4}", 1..4),
            -1000..1000_i32,
            any::<bool>(),
        )
            .prop_map(|(row, texts, number, flag)| {
                let number = f64::from(number) / 8.0;
                let values = match row.operand {
                    Operand::Nothing | Operand::Range => vec![],
                    Operand::Texts => texts.iter().map(|text| text.as_str().into()).collect(),
                    Operand::Numbers => vec![number.into()],
                    Operand::TwoNumbers => vec![number.into(), (number + 1.0).into()],
                    Operand::Flag => vec![flag.into()],
                    Operand::Day => vec!["2026-05-01".into()],
                    Operand::TwoDays => {
                        vec!["2026-05-01".into(), "2026-05-09T10:00:00.000Z".into()]
                    }
                };
                Filter::Property(PropertyFilter {
                    scope: if flag { Scope::Event } else { Scope::User },
                    name: "name".to_owned(),
                    op: row.op,
                    values,
                    during: (row.operand == Operand::Range).then_some(Range::This {
                        unit: CalendarUnit::Week,
                    }),
                    ignore_case: row.operand == Operand::Texts && flag,
                })
            })
    }

    /// Filters as a form can say them: no group of one, no double negation, no empty group inside.
    pub(crate) fn filter() -> impl Strategy<Value = Filter> {
        let leaf = prop_oneof![
            4 => property_filter(),
            1 => "[a-z]{1,3}".prop_map(|id| Filter::Segment { id }),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(|of| Filter::All { of }),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|of| Filter::Any { of }),
                inner.prop_map(|of| match of {
                    Filter::Not { of } => *of,
                    of => Filter::Not { of: Box::new(of) },
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_filter_goes_through_the_form_unchanged(filter in filter()) {
            prop_assert_eq!(said(&FilterForm::from(&filter)), Ok(Some(filter)));
        }

        #[test]
        fn the_form_survives_storage(filter in filter()) {
            let form = FilterForm::from(&filter);
            let text = serde_json::to_string(&form).unwrap();
            prop_assert_eq!(serde_json::from_str::<FilterForm>(&text).unwrap(), form);
        }

        #[test]
        fn a_pointer_leads_to_the_condition(filter in filter()) {
            let mut form = FilterForm::from(&filter);
            let json = serde_json::to_value(&filter).unwrap();
            let mut paths = vec![vec![]];
            while let Some(path) = paths.pop() {
                for index in 0..4 {
                    let inner: Vec<usize> = path.iter().copied().chain([index]).collect();
                    let there = json.pointer(&form.pointer(&inner));
                    let Some(item) = form.item_mut(&inner) else { continue };
                    if let super::FilterWhat::Property(property) = &item.what {
                        prop_assert_eq!(
                            there.and_then(|value| value.get("name")).and_then(|name| name.as_str()),
                            Some(property.name.as_str())
                        );
                        prop_assert_eq!(&there.unwrap()["type"], "property");
                    }
                    paths.push(inner);
                }
            }
        }
    }

    #[test]
    fn labels_tell_the_operators_of_a_type_apart() {
        for value_type in TYPES {
            let mut labels = HashSet::new();
            let mut signs = HashSet::new();
            for row in operators(value_type) {
                assert!(labels.insert(row.label), "{value_type} {}", row.label);
                assert!(signs.insert(row.sign), "{value_type} {}", row.sign);
            }
        }
    }

    #[test]
    fn what_is_missing_has_its_place() {
        let form = FilterForm {
            any: true,
            items: vec![
                FilterItem::property(PropertyForm::unset(Scope::Event)),
                FilterItem {
                    not: true,
                    ..FilterItem::property(PropertyForm::unset(Scope::User).with_property(
                        Scope::User,
                        "price",
                        ValueType::Number,
                    ))
                },
                FilterItem::segment(String::new()),
            ],
        };
        let mut places: Vec<_> = said(&form)
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        places.sort();
        assert_eq!(
            places,
            [
                "/of/0/name",
                "/of/0/values",
                "/of/1/of/values/0",
                "/of/2/id"
            ]
        );
    }

    #[test]
    fn the_model_says_what_is_wrong_with_values() {
        let mut form = FilterForm::default();
        form.add(PropertyForm {
            name: "email".to_owned(),
            op: Operator::Matches,
            values: vec![ValueForm::Text("(".to_owned())],
            ..PropertyForm::default()
        });
        let errors = said(&form).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].pointer, "/values/0");
    }

    #[test]
    fn another_property_forgets_the_values_of_the_old_one() {
        let form = PropertyForm {
            name: "country".to_owned(),
            values: vec![ValueForm::Text("PT".to_owned())],
            ..PropertyForm::unset(Scope::User)
        };
        let same = form
            .clone()
            .with_property(Scope::User, "country", ValueType::String);
        assert_eq!(same, form);
        let other = form
            .clone()
            .with_property(Scope::User, "city", ValueType::String);
        assert!(other.values.is_empty());
        let price = form.with_property(Scope::Event, "price", ValueType::Number);
        assert_eq!(
            (price.op, price.operand()),
            (Operator::AtLeast, Operand::Numbers)
        );
    }

    #[test]
    fn another_operator_keeps_what_it_can_take() {
        let form = PropertyForm {
            value_type: ValueType::Number,
            op: Operator::AtLeast,
            values: vec![ValueForm::Number(Entry::from(5))],
            ..PropertyForm::unset(Scope::User)
        };
        let most = form.clone().with_operator(Operator::AtMost);
        assert_eq!(most.values, form.values);
        let between = form.with_operator(Operator::Between);
        assert_eq!(between.value_words(), "5 and \u{2026}");
        assert!(between.with_operator(Operator::IsSet).values.is_empty());
    }

    #[test]
    fn removing_the_last_condition_of_a_group_removes_the_group() {
        let one = |name: &str| {
            Filter::Property(PropertyFilter {
                scope: Scope::Event,
                name: name.to_owned(),
                op: Operator::Is,
                values: vec![Value::from("x")],
                during: None,
                ignore_case: false,
            })
        };
        let filter = Filter::All {
            of: vec![
                one("a"),
                Filter::Any {
                    of: vec![one("b"), one("c")],
                },
            ],
        };
        let form = FilterForm::from(&filter).without(&[1, 0]).without(&[1, 0]);
        assert_eq!(said(&form), Ok(Some(one("a"))));
        assert_eq!(said(&form.without(&[0])), Ok(None));
    }

    #[test]
    fn every_operator_can_be_chosen() {
        for operator in Operator::ALL {
            assert!(
                super::OPERATORS.iter().any(|row| row.op == operator),
                "{operator:?}"
            );
        }
    }
}
