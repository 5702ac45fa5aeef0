//! Queries that are kept in this browser under a name.
//!
//! A pin is the text of a link, so it opens as leniently as one. What is kept and cannot be read is left out; the rest opens.

use segments_forms::link::Link;
use segments_forms::tool::Tool;
use segments_model::sort::sort_by_key;
use serde_json::{Value, json};

use crate::shell::storage;

/// How many characters a name may have.
pub const MAX_NAME: usize = 100;

/// A query under a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pin {
    /// Tells it apart from others, whatever it is called.
    pub id: String,
    /// What it is called.
    pub name: String,
    pub link: String,
}

/// The pinned queries of a tool, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(Vec<Pin>);

impl Pins {
    /// Those that the browser keeps.
    #[must_use]
    pub fn load(tool: Tool) -> Self {
        storage::get(&place(tool)).map_or_else(Self::default, |text| Self::read(&text))
    }

    /// Keeps them in the browser. Answers whether it could.
    pub fn keep(&self, tool: Tool) -> bool {
        let text = (!self.0.is_empty()).then(|| self.write());
        storage::set(&place(tool), text.as_deref())
    }

    fn read(text: &str) -> Self {
        let Ok(Value::Array(items)) = serde_json::from_str(text) else {
            return Self::default();
        };
        let mut pins = Self::default();
        for item in items {
            let field = |name: &str| item.get(name)?.as_str().map(str::to_owned);
            if let (Some(id), Some(name), Some(link)) = (field("id"), field("name"), field("link"))
                && pins.get(&id).is_none()
            {
                pins.put(Pin { id, name, link });
            }
        }
        pins
    }

    fn write(&self) -> String {
        self.0
            .iter()
            .map(|pin| json!({"id": pin.id, "name": pin.name, "link": pin.link}))
            .collect::<Value>()
            .to_string()
    }

    #[must_use]
    pub fn all(&self) -> &[Pin] {
        &self.0
    }

    /// The one with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Pin> {
        self.0.iter().find(|pin| pin.id == id)
    }

    /// The one that opens this, of several the first.
    #[must_use]
    pub fn of(&self, link: &Link, tool: Tool) -> Option<&Pin> {
        self.0.iter().find(|pin| pin.opens(link, tool))
    }

    /// Puts one in place of that with its id, or adds it.
    pub fn put(&mut self, pin: Pin) {
        self.remove(&pin.id);
        self.0.push(pin);
        sort_by_key(&mut self.0, |pin| (pin.name.to_lowercase(), pin.id.clone()));
    }

    /// Takes the one with this id away.
    pub fn remove(&mut self, id: &str) -> Option<Pin> {
        let place = self.0.iter().position(|pin| pin.id == id)?;
        Some(self.0.remove(place))
    }

    /// What is wrong with a name for the pin of an id, or for a new one.
    #[must_use]
    pub fn wrong_name(&self, name: &str, id: Option<&str>) -> Option<String> {
        let name = name.trim();
        if name.is_empty() {
            return Some("Give it a name.".to_owned());
        }
        if name.chars().count() > MAX_NAME {
            return Some(format!("Give at most {MAX_NAME} characters."));
        }
        self.0
            .iter()
            .any(|pin| {
                Some(pin.id.as_str()) != id && pin.name.to_lowercase() == name.to_lowercase()
            })
            .then(|| "Another pinned query has this name.".to_owned())
    }
}

impl Pin {
    /// Whether it opens this. Links that say the same in other words are the same.
    #[must_use]
    pub fn opens(&self, link: &Link, tool: Tool) -> bool {
        self.link == link.write()
            || Link::read(&self.link, tool)
                .is_ok_and(|opened| opened.lost.is_empty() && opened.link == *link)
    }
}

fn place(tool: Tool) -> String {
    format!("pins.{}", tool.word())
}

#[cfg(test)]
mod tests {
    use super::{MAX_NAME, Pin, Pins};

    fn pin(id: &str, name: &str) -> Pin {
        Pin {
            id: id.to_owned(),
            name: name.to_owned(),
            link: format!("link of {id}"),
        }
    }

    #[test]
    fn they_come_back_by_name() {
        let mut pins = Pins::default();
        for pin in [pin("2", "beta"), pin("3", "Alpha"), pin("1", "gamma")] {
            pins.put(pin);
        }
        let names: Vec<&str> = pins.all().iter().map(|pin| pin.name.as_str()).collect();
        assert_eq!(names, ["Alpha", "beta", "gamma"]);
        assert_eq!(Pins::read(&pins.write()), pins);
    }

    #[test]
    fn what_is_broken_is_left_out() {
        for text in ["", "{}", "[", "null", "[1, {\"id\": 2}]"] {
            assert_eq!(Pins::read(text), Pins::default(), "{text}");
        }
        let text = r#"[{"id": "1", "name": "a", "link": "x"}, {"id": "1", "name": "b", "link": "y"}, {"id": "2"}, 7]"#;
        assert_eq!(Pins::read(text).all().len(), 1);
    }

    #[test]
    fn a_name_is_there_once_whatever_its_case() {
        let mut pins = Pins::default();
        pins.put(pin("1", "Buyers"));
        assert!(pins.wrong_name(" buyers ", None).is_some());
        assert!(pins.wrong_name("buyers", Some("1")).is_none());
        assert!(pins.wrong_name("  ", None).is_some());
        assert!(pins.wrong_name(&"x".repeat(MAX_NAME + 1), None).is_some());
        assert!(pins.wrong_name("Others", None).is_none());
    }
}
