//! Formulas: figures worked out from the rows of a segmentation, such as `A / B * 100`.
//!
//! Rows are called by the letters A to Z. Besides them there are numbers, `+ - * /`, a minus before anything, and brackets, which
//! mean what they mean in arithmetic.

use std::fmt;

use crate::limits::{MAX_NUMBER, MAX_TEXT};

pub use crate::limits::MAX_ROWS;

/// A formula that was read. It writes itself with as few brackets as it can, and reads as the same formula then.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What to do, operands before their operator, so that neither reading nor working out goes deeper with a formula.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Number(f64),
    Row(usize),
    Negate,
    Do(Operation),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A text that is no formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {detail}")]
pub struct FormulaError {
    /// Which character is wrong, counted from 1; one more than there are where something is missing at the end.
    pub at: usize,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

impl Expression {
    /// Reads a formula over so many rows.
    ///
    /// # Errors
    /// The first character that cannot stand where it does.
    pub fn parse(text: &str, rows: usize) -> Result<Self, FormulaError> {
        let mut reader = Reader {
            rows: rows.min(MAX_ROWS),
            steps: Vec::new(),
            waiting: Vec::new(),
            complete: false,
        };
        let mut characters = text.chars().zip(1..).peekable();
        let mut end = 1;
        while let Some((character, at)) = characters.next() {
            end = at + 1;
            if at > MAX_TEXT {
                return Err(wrong(
                    at,
                    format!("a formula may have at most {MAX_TEXT} characters"),
                ));
            }
            if character.is_ascii_digit() {
                let mut number = String::from(character);
                while let Some((next, at)) =
                    characters.next_if(|(next, _)| next.is_ascii_digit() || *next == '.')
                {
                    number.push(next);
                    end = at + 1;
                }
                reader.number(&number, at)?;
            } else if !character.is_whitespace() {
                reader.character(character, at)?;
            }
        }
        reader.end(end)
    }

    /// The figure, from those of the rows: missing where one of them is, or where it would be no finite number, as it is of
    /// a division by 0.
    #[must_use]
    pub fn evaluate(&self, rows: &[Option<f64>]) -> Option<f64> {
        let mut stack: Vec<f64> = Vec::new();
        for step in &self.steps {
            let value = match *step {
                Step::Number(number) => number,
                Step::Row(row) => rows.get(row).copied().flatten()?,
                Step::Negate => -stack.pop()?,
                Step::Do(operation) => {
                    let right = stack.pop()?;
                    operation.of(stack.pop()?, right)
                }
            };
            if !value.is_finite() {
                return None;
            }
            stack.push(value);
        }
        // There is one zero.
        stack
            .pop()
            .map(|value| if value == 0.0 { 0.0 } else { value })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = |(text, strength): (String, u8), least| {
            if strength < least {
                format!("({text})")
            } else {
                text
            }
        };
        let mut stack: Vec<(String, u8)> = Vec::new();
        for step in &self.steps {
            let strength = step.strength();
            let text = match *step {
                Step::Number(number) => number.to_string(),
                Step::Row(row) => letter(row).to_string(),
                Step::Negate => {
                    format!("-{}", bracketed(stack.pop().unwrap_or_default(), strength))
                }
                Step::Do(operation) => {
                    let right = bracketed(stack.pop().unwrap_or_default(), strength + 1);
                    let left = bracketed(stack.pop().unwrap_or_default(), strength);
                    format!("{left} {} {right}", operation.sign())
                }
            };
            stack.push((text, strength));
        }
        let (text, _) = stack.pop().unwrap_or_default();
        formatter.write_str(&text)
    }
}

impl Step {
    /// How strongly it holds together what it is made of.
    const fn strength(self) -> u8 {
        match self {
            Self::Do(Operation::Add | Operation::Subtract) => 0,
            Self::Do(Operation::Multiply | Operation::Divide) => 1,
            Self::Negate => 2,
            Self::Number(_) | Self::Row(_) => 3,
        }
    }
}

impl Operation {
    const fn from_sign(sign: char) -> Option<Self> {
        match sign {
            '+' => Some(Self::Add),
            '-' => Some(Self::Subtract),
            '*' => Some(Self::Multiply),
            '/' => Some(Self::Divide),
            _ => None,
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
        }
    }
}

/// What waits for its right side.
#[derive(Clone, Copy)]
enum Waiting {
    /// A bracket that was opened at this character.
    Bracket(usize),
    /// What to do when the right side is there.
    Operator(Step),
}

struct Reader {
    rows: usize,
    steps: Vec<Step>,
    waiting: Vec<Waiting>,
    /// Whether what was read so far could be the whole formula, brackets aside.
    complete: bool,
}

impl Reader {
    fn character(&mut self, character: char, at: usize) -> Result<(), FormulaError> {
        match (character, Operation::from_sign(character)) {
            ('A'..='Z', _) => {
                let row = usize::from(u8::try_from(character).unwrap_or(b'A') - b'A');
                if row >= self.rows {
                    let detail = format!(
                        "there is no row {character}: give one of {}",
                        self.letters()
                    );
                    return Err(wrong(at, detail));
                }
                self.operand(Step::Row(row), at)?;
            }
            ('(', _) if self.complete => return Err(wrong(at, NO_OPERATOR)),
            ('(', _) => self.waiting.push(Waiting::Bracket(at)),
            (')', _) if !self.complete => return Err(wrong(at, self.no_operand())),
            (')', _) => loop {
                match self.waiting.pop() {
                    Some(Waiting::Bracket(_)) => break,
                    Some(Waiting::Operator(step)) => self.steps.push(step),
                    None => {
                        return Err(wrong(at, "this bracket closes none: leave it out"));
                    }
                }
            },
            (_, Some(operation)) if self.complete => {
                let step = Step::Do(operation);
                while let Some(Waiting::Operator(before)) = self.waiting.last().copied()
                    && before.strength() >= step.strength()
                {
                    self.steps.push(before);
                    self.waiting.pop();
                }
                self.waiting.push(Waiting::Operator(step));
                self.complete = false;
            }
            ('-', _) => self.waiting.push(Waiting::Operator(Step::Negate)),
            (_, Some(_)) => return Err(wrong(at, self.no_operand())),
            ('a'..='z', _) => {
                let detail = format!(
                    "rows are called by capital letters: write {}",
                    character.to_ascii_uppercase()
                );
                return Err(wrong(at, detail));
            }
            (other, _) => {
                let detail = format!(
                    "“{other}” has no meaning here: give rows by their letters, numbers, + - * / and brackets"
                );
                return Err(wrong(at, detail));
            }
        }
        Ok(())
    }

    fn number(&mut self, text: &str, at: usize) -> Result<(), FormulaError> {
        let number = text
            .parse()
            .ok()
            .filter(|number: &f64| *number <= MAX_NUMBER && !text.ends_with('.'));
        match number {
            Some(number) => self.operand(Step::Number(number), at),
            None => Err(wrong(
                at,
                "this is no number: give one up to 10^15, such as 100 or 0.5",
            )),
        }
    }

    fn operand(&mut self, step: Step, at: usize) -> Result<(), FormulaError> {
        if self.complete {
            return Err(wrong(at, NO_OPERATOR));
        }
        self.steps.push(step);
        self.complete = true;
        Ok(())
    }

    fn end(mut self, end: usize) -> Result<Expression, FormulaError> {
        if !self.complete {
            return Err(wrong(end, self.no_operand()));
        }
        while let Some(other) = self.waiting.pop() {
            match other {
                Waiting::Bracket(at) => {
                    return Err(wrong(at, "this bracket is not closed: put ) where it ends"));
                }
                Waiting::Operator(step) => self.steps.push(step),
            }
        }
        Ok(Expression { steps: self.steps })
    }

    fn no_operand(&self) -> String {
        format!(
            "something to work with is missing here: give {}, a number or a bracket",
            self.letters()
        )
    }

    /// The rows that there are: `A`, `A or B`, `A to F`.
    fn letters(&self) -> String {
        match self.rows {
            0 | 1 => "A".to_owned(),
            2 => "A or B".to_owned(),
            rows => format!("A to {}", letter(rows - 1)),
        }
    }
}

const NO_OPERATOR: &str = "one of + - * / is missing before this";

fn wrong(at: usize, detail: impl Into<String>) -> FormulaError {
    FormulaError {
        at,
        detail: detail.into(),
    }
}

/// What a row is called, counted from 0.
#[must_use]
pub fn letter(row: usize) -> char {
    u8::try_from(row)
        .ok()
        .filter(|row| usize::from(*row) < MAX_ROWS)
        .map_or('?', |row| char::from(b'A' + row))
}
