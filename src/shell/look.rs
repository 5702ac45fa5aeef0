//! How the page looks by the person's choice: theme and density. Kept in the browser.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::shell::storage;

const THEME: &str = "theme";
const DENSITY: &str = "density";
const KEYS: &str = "keys";
const OFF: &str = "off";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn from_word(word: Option<&str>) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.word() == word)
            .unwrap_or_default()
    }
}

/// How close things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// More on a screen.
    Compact,
    /// As designed.
    #[default]
    Standard,
    /// More air.
    Roomy,
}

impl Density {
    pub const ALL: [Self; 3] = [Self::Compact, Self::Standard, Self::Roomy];

    /// The value of the stylesheets' knob; none: its default.
    const fn factor(self) -> Option<&'static str> {
        match self {
            Self::Compact => Some("0.85"),
            Self::Standard => None,
            Self::Roomy => Some("1.15"),
        }
    }

    fn from_factor(factor: Option<&str>) -> Self {
        Self::ALL
            .into_iter()
            .find(|density| density.factor() == factor)
            .unwrap_or_default()
    }
}

/// The person's choices. From the context.
#[derive(Clone, Copy)]
pub struct Look {
    /// Light or dark.
    pub theme: RwSignal<Theme>,
    /// How close things stand.
    pub density: RwSignal<Density>,
    /// Whether single letters are shortcuts; whoever dictates may want them off.
    pub keys: RwSignal<bool>,
}

impl Look {
    /// What was chosen before; from now on every choice is applied to the document and kept.
    #[must_use]
    pub fn start() -> Self {
        let look = Self {
            theme: RwSignal::new(Theme::from_word(storage::get(THEME).as_deref())),
            density: RwSignal::new(Density::from_factor(storage::get(DENSITY).as_deref())),
            keys: RwSignal::new(storage::get(KEYS).as_deref() != Some(OFF)),
        };
        Effect::new(move |_| {
            let theme = look.theme.get().word();
            storage::set(THEME, theme);
            if let Some(root) = root() {
                // Both names are valid, which is all that could be refused.
                drop(match theme {
                    Some(theme) => root.set_attribute("data-theme", theme),
                    None => root.remove_attribute("data-theme"),
                });
            }
        });
        Effect::new(move |_| {
            let factor = look.density.get().factor();
            storage::set(DENSITY, factor);
            if let Some(root) = root() {
                let style = HtmlElement::style(&root);
                drop(match factor {
                    Some(factor) => style.set_property("--us-density", factor),
                    None => style.remove_property("--us-density").map(drop),
                });
            }
        });
        Effect::new(move |_| {
            storage::set(KEYS, (!look.keys.get()).then_some(OFF));
        });
        look
    }
}

fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{Density, Theme};

    #[test]
    fn every_choice_comes_back() {
        for theme in Theme::ALL {
            assert_eq!(Theme::from_word(theme.word()), theme);
        }
        for density in Density::ALL {
            assert_eq!(Density::from_factor(density.factor()), density);
        }
        assert_eq!(Theme::from_word(Some("sepia")), Theme::System);
    }
}
