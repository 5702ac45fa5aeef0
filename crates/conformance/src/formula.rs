//! Formulas: figures by their letters, numbers, the four operations and brackets.

/// The figure of a formula; none where one of its figures is missing or where it divides by 0.
pub fn evaluate(expression: &str, figure: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
    let mut rest: Vec<char> = expression.chars().filter(|one| *one != ' ').rev().collect();
    let result = sum(&mut rest, figure);
    assert!(
        rest.is_empty(),
        "{expression:?} has an end that is not read"
    );
    result
}

fn sum(rest: &mut Vec<char>, figure: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
    let mut total = product(rest, figure);
    while let Some(sign) = rest.pop_if(|next| matches!(next, '+' | '-')) {
        let next = product(rest, figure);
        total = match sign {
            '+' => total.zip(next).map(|(total, next)| total + next),
            _ => total.zip(next).map(|(total, next)| total - next),
        };
    }
    total
}

fn product(rest: &mut Vec<char>, figure: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
    let mut total = single(rest, figure);
    while let Some(sign) = rest.pop_if(|next| matches!(next, '*' | '/')) {
        let next = single(rest, figure);
        total = match sign {
            '*' => total.zip(next).map(|(total, next)| total * next),
            _ => total
                .zip(next)
                .filter(|(_, next)| *next != 0.0)
                .map(|(total, next)| total / next),
        };
    }
    total
}

fn single(rest: &mut Vec<char>, figure: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
    match rest.pop().unwrap() {
        '-' => single(rest, figure).map(|number| -number),
        '(' => {
            let inner = sum(rest, figure);
            assert_eq!(rest.pop(), Some(')'));
            inner
        }
        letter @ 'A'..='Z' => figure(letter as usize - 'A' as usize),
        first => {
            let mut digits = String::from(first);
            while let Some(digit) = rest.pop_if(|next| matches!(next, '0'..='9' | '.')) {
                digits.push(digit);
            }
            Some(digits.parse().unwrap())
        }
    }
}
