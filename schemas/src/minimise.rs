//! Cutting a message down to the categories a recipient may see. The default is to remove: a property that
//! the schema does not classify goes, whatever the recipient may see. It decides no mask; policies do.

use casework::{Categories, Category};
use serde_json::{Map, Value};

use crate::classify::{Classes, Declared};

/// A message cut down, and what was cut. No `Debug`: the value is about a child.
pub struct Minimised {
    /// What may be disclosed; emptied objects and arrays are gone.
    pub value: Value,
    /// JSON Pointers into the original of each removed value, with its category, in the original's order.
    pub removed: Vec<(String, Category)>,
    /// Pointers of what was removed because the schema gives it no category; empty for a checked message.
    pub unclassified: Vec<String>,
    /// The categories of `removed`: all that a recipient is told of what it was not shown.
    pub withheld: Categories,
}

/// `body` with only what `allowed` covers.
pub(crate) fn minimise(classes: &Classes, body: &Value, allowed: &Categories) -> Minimised {
    let mut cut = Cut { classes, allowed, removed: Vec::new(), unclassified: Vec::new() };
    let value = match body {
        Value::Object(members) => Value::Object(cut.members(members, "", "")),
        _ => Value::Object(Map::new()),
    };
    let withheld = cut.removed.iter().map(|(_, category)| *category).collect();
    Minimised { value, removed: cut.removed, unclassified: cut.unclassified, withheld }
}

/// The categories that stand in `body`.
pub(crate) fn present(classes: &Classes, body: &Value) -> Categories {
    minimise(classes, body, &Categories::new()).withheld
}

struct Cut<'a> {
    classes: &'a Classes,
    allowed: &'a Categories,
    removed: Vec<(String, Category)>,
    unclassified: Vec<String>,
}

impl Cut<'_> {
    /// The members to keep. `at` is the pointer, `pattern` the same with `*` for indexes.
    fn members(&mut self, members: &Map<String, Value>, at: &str, pattern: &str) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in members {
            let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            if let Some(value) = self.property(value, here, format!("{pattern}/{name}")) {
                kept.insert(name.clone(), value);
            }
        }
        kept
    }

    fn property(&mut self, value: &Value, at: String, pattern: String) -> Option<Value> {
        let Some(Declared { category: Some(category), container }) = self.classes.get(&pattern).copied()
        else {
            self.unclassified.push(at);
            return None;
        };
        match value {
            Value::Object(members) if container => {
                let kept = self.members(members, &at, &pattern);
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            Value::Array(items) if container => self.items(items, &at, &pattern),
            // INVARIANT: a leaf is kept whole, so it must hold nothing that has members of its own.
            _ if self.allowed.contains(&category) && !container && !holds_object(value) => {
                Some(value.clone())
            }
            _ => {
                self.removed.push((at, category));
                None
            }
        }
    }

    fn items(&mut self, items: &[Value], at: &str, pattern: &str) -> Option<Value> {
        let pattern = format!("{pattern}/*");
        let mut kept = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let here = format!("{at}/{index}");
            match item {
                Value::Object(members) => {
                    let left = self.members(members, &here, &pattern);
                    kept.extend((!left.is_empty()).then_some(Value::Object(left)));
                }
                _ => self.unclassified.push(here),
            }
        }
        (!kept.is_empty()).then_some(Value::Array(kept))
    }
}

fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(holds_object),
        _ => false,
    }
}
