//! Things to choose from, and how well they fit a text.

use crate::icon::Glyph;

/// How many choices are shown at once; more are found by typing.
pub const SHOWN: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What it stands for.
    pub value: String,
    pub label: String,
    /// What stands at its end, such as a count.
    pub detail: String,
    /// What it means: a line below its words, which is searched too.
    pub description: String,
    pub glyph: Option<Glyph>,
    /// What it belongs to: choices of a group stand together below its name.
    pub group: String,
}

impl Choice {
    /// A choice whose words are what it stands for.
    pub fn new(value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            label: value.clone(),
            value,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With something at its end.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// With what it means.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    #[must_use]
    pub const fn glyph(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }

    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }
}

/// How well a choice fits a text; the least fits best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is called so.
    Same,
    /// It begins with it.
    Starting,
    Containing,
    /// Its meaning speaks of it.
    Described,
}

impl Choice {
    /// How well it fits a text in lower case.
    fn fit(&self, text: &str) -> Option<Fit> {
        let label = self.label.to_lowercase();
        let value = self.value.to_lowercase();
        if label == text || value == text {
            Some(Fit::Same)
        } else if label.starts_with(text) {
            Some(Fit::Starting)
        } else if label.contains(text) || value.contains(text) {
            Some(Fit::Containing)
        } else if self.description.to_lowercase().contains(text) {
            Some(Fit::Described)
        } else {
            None
        }
    }

    /// Whether it is what a text names.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.fit(&text.to_lowercase()) == Some(Fit::Same)
    }
}

/// Which of the choices fits a text best.
#[must_use]
pub fn best(choices: &[Choice], text: &str) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    let text = text.to_lowercase();
    let fits = choices.iter().enumerate();
    fits.filter_map(|(place, choice)| Some((choice.fit(&text)?, place)))
        .min()
        .map(|(_, place)| place)
}

/// The choices that fit a text, those first that fit it best.
#[must_use]
pub fn fitting(choices: &[Choice], text: &str) -> Vec<Choice> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return choices.iter().take(SHOWN).cloned().collect();
    }
    let mut fits: Vec<(Fit, &Choice)> = choices
        .iter()
        .filter_map(|choice| Some((choice.fit(&text)?, choice)))
        .collect();
    fits.sort_by_key(|(fit, _)| *fit);
    // Groups stay together: a group comes where its first choice would.
    let mut groups: Vec<&str> = Vec::new();
    for (_, choice) in &fits {
        if !groups.contains(&choice.group.as_str()) {
            groups.push(&choice.group);
        }
    }
    fits.sort_by_key(|(_, choice)| groups.iter().position(|group| *group == choice.group));
    let fits = fits.into_iter().take(SHOWN);
    fits.map(|(_, choice)| choice.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Choice, best, fitting};

    fn labels(choices: &[Choice]) -> Vec<&str> {
        choices.iter().map(|choice| choice.label.as_str()).collect()
    }

    #[test]
    fn what_begins_with_the_text_comes_first() {
        let choices = ["Order Completed", "Reorder", "Signed Up", "order_id"].map(Choice::new);
        assert_eq!(
            labels(&fitting(&choices, " ORDER ")),
            ["Order Completed", "order_id", "Reorder"]
        );
        assert_eq!(fitting(&choices, "").len(), 4);
        assert!(fitting(&choices, "zebra").is_empty());
    }

    #[test]
    fn what_is_called_so_fits_best_wherever_it_stands() {
        let choices = ["us-east", "US", "Australia"].map(Choice::new);
        assert_eq!(best(&choices, "us"), Some(1));
        assert_eq!(best(&choices, "aus"), Some(2));
        assert_eq!(best(&choices, "zebra"), None);
        assert_eq!(best(&choices, ""), None);
    }

    #[test]
    fn meanings_are_searched_last() {
        let choices = [
            Choice::new("Signed Up").description("An order of accounts"),
            Choice::new("Reorder"),
            Choice::new("Order Completed"),
        ];
        assert_eq!(
            labels(&fitting(&choices, "order")),
            ["Order Completed", "Reorder", "Signed Up"]
        );
    }

    #[test]
    fn groups_stay_together() {
        let choices = [
            Choice::new("about").group("b"),
            Choice::new("bat").group("a"),
            Choice::new("abbot").group("a"),
        ];
        assert_eq!(labels(&fitting(&choices, "b")), ["bat", "abbot", "about"]);
    }
}
