//! Names that no other segment has.

use segments_model::limits::NAME_CHARACTERS;

/// A name without the number at its end.
#[must_use]
pub fn stem(name: &str) -> &str {
    let name = name.trim();
    match name.rsplit_once(' ') {
        Some((stem, number)) if is_number(number) && !stem.trim().is_empty() => stem.trim_end(),
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name itself where nothing is called so, else the same with the first number that is free, whatever the case.
#[must_use]
pub fn free_name(name: &str, taken: &[String]) -> String {
    let is_taken = |name: &str| {
        let name = name.to_lowercase();
        taken
            .iter()
            .any(|taken| taken.trim().to_lowercase() == name)
    };
    let name = name.trim();
    if !is_taken(name) {
        return name.to_owned();
    }
    let stem = stem(name);
    (2..)
        .map(|number| {
            let end = format!(" {number}");
            let room = NAME_CHARACTERS - end.len();
            let stem: String = stem.chars().take(room).collect();
            format!("{}{end}", stem.trim_end())
        })
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{NAME_CHARACTERS, free_name, stem};

    #[test]
    fn a_free_name_counts_up_from_what_is_taken() {
        let taken = ["cart", "Cart 2", "Cart 4"].map(str::to_owned);
        assert_eq!(free_name("Basket", &taken), "Basket");
        assert_eq!(free_name(" CART ", &taken), "CART 3");
        assert_eq!(free_name("Cart 4", &taken), "Cart 3");
        let long = "x".repeat(NAME_CHARACTERS);
        let free = free_name(&long, std::slice::from_ref(&long));
        assert_eq!(free.chars().count(), NAME_CHARACTERS);
        assert!(free.ends_with("x 2"));
        assert_eq!(stem("Autumn 2026"), "Autumn 2026");
        assert_eq!(stem("7"), "7");
    }
}
