//! Signs for people and things: two letters on a colour that is always the same.

use leptos::prelude::*;

/// One of the eight data colours as a value of CSS; the same text has always the same one.
#[must_use]
pub fn colour(text: &str) -> String {
    let hash = text.bytes().fold(2_166_136_261_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    format!("var(--us-viz-{})", hash % 8 + 1)
}

/// At most two signs that stand for a name or an id: of several words the first letters of the first and the last; of a
/// word with digits its last two signs, in which ids differ most; of another word its first two.
#[must_use]
pub fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let signs: Vec<char> = match words.as_slice() {
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
        _ => {
            let signs: Vec<char> = name.chars().filter(|sign| sign.is_alphanumeric()).collect();
            let skipped = if signs.iter().any(char::is_ascii_digit) {
                signs.len().saturating_sub(2)
            } else {
                0
            };
            signs.into_iter().skip(skipped).take(2).collect()
        }
    };
    signs.into_iter().flat_map(char::to_uppercase).collect()
}

/// The sign of a person or a user. It says nothing to a screen reader: the name stands beside it.
#[component]
pub fn Avatar(
    /// The name, or the id where there is none.
    #[prop(into)]
    name: Signal<String>,
    /// What the colour belongs to: the id.
    #[prop(into)]
    id: String,
    /// Whether it stands in a head.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        <span
            class="us-avatar"
            class:us-avatar--l=large
            style=("--c", colour(&id))
            aria-hidden="true"
        >
            {move || name.with(|name| initials(name))}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::{colour, initials};

    #[test]
    fn initials_stand_for_names_and_ids() {
        assert_eq!(initials("Maya Okafor"), "MO");
        assert_eq!(initials("ana de la cruz"), "AC");
        assert_eq!(initials("Demo"), "DE");
        assert_eq!(initials("user_1042ab"), "AB");
        assert_eq!(initials("c10019"), "19");
        assert_eq!(initials("7"), "7");
        assert_eq!(initials("--"), "");
        assert_eq!(initials(" "), "");
    }

    #[test]
    fn an_id_has_always_the_same_of_eight_colours() {
        assert_eq!(colour("x"), colour("x"));
        let colours: std::collections::BTreeSet<String> =
            (0..200).map(|user| colour(&format!("u_{user}"))).collect();
        assert_eq!(colours.len(), 8);
    }
}
