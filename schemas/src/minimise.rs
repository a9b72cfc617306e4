//! Cutting a message down to the categories a recipient may see. The default is to remove: a property that
//! the schema does not classify goes, whatever the recipient may see. It decides no mask; policies do.

use casework::{Categories, Category};
use serde_json::{Map, Value};

use crate::classify::{Members, Property};

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
pub(crate) fn minimise(known: &Members, body: &Value, allowed: &Categories) -> Minimised {
    let mut cut = Cut { allowed, way: Vec::new(), removed: Vec::new(), unclassified: Vec::new() };
    let value = match body {
        Value::Object(members) => Value::Object(cut.members(members, known)),
        _ => Value::Object(Map::new()),
    };
    let withheld = cut.removed.iter().map(|(_, category)| *category).collect();
    Minimised { value, removed: cut.removed, unclassified: cut.unclassified, withheld }
}

/// The categories that stand in `body`: what is withheld from somebody who may see nothing.
pub(crate) fn present(known: &Members, body: &Value) -> Categories {
    let mut found = Categories::new();
    if let Value::Object(members) = body {
        gather(members, known, &mut found);
    }
    found
}

// INVARIANT: it goes where `Cut` goes. A test compares the two on every example.
fn gather(members: &Map<String, Value>, known: &Members, found: &mut Categories) {
    for (name, value) in members {
        let Some(Property { category: Some(category), holds }) = known.get(name) else { continue };
        match (value, holds.of_object(), holds.of_items()) {
            (Value::Object(members), Some(known), _) => gather(members, known, found),
            (Value::Array(items), _, Some(known)) => {
                items.iter().filter_map(Value::as_object).for_each(|item| gather(item, known, found));
            }
            _ => _ = found.insert(*category),
        }
    }
}

/// A step of the way into the body.
enum Step<'a> {
    Member(&'a str),
    Index(usize),
}

struct Cut<'a> {
    allowed: &'a Categories,
    /// Where the walk stands: written out as a pointer only for what goes.
    way: Vec<Step<'a>>,
    removed: Vec<(String, Category)>,
    unclassified: Vec<String>,
}

impl<'a> Cut<'a> {
    /// The members to keep.
    fn members(&mut self, members: &'a Map<String, Value>, known: &Members) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in members {
            self.way.push(Step::Member(name));
            if let Some(value) = self.property(value, known.get(name)) {
                if kept.is_empty() {
                    kept = Map::with_capacity(members.len());
                }
                kept.insert(name.clone(), value);
            }
            self.way.pop();
        }
        kept
    }

    fn property(&mut self, value: &'a Value, declared: Option<&Property>) -> Option<Value> {
        let Some(Property { category: Some(category), holds }) = declared else {
            self.unclassified.push(self.pointer());
            return None;
        };
        match (value, holds.of_object(), holds.of_items()) {
            (Value::Object(members), Some(known), _) => {
                let kept = self.members(members, known);
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            (Value::Array(items), _, Some(known)) => self.items(items, known),
            // INVARIANT: a leaf is kept whole, so it must hold nothing that has members of its own.
            (_, None, None) if self.allowed.contains(category) && !holds_object(value) => Some(value.clone()),
            _ => {
                self.removed.push((self.pointer(), *category));
                None
            }
        }
    }

    fn items(&mut self, items: &'a [Value], known: &Members) -> Option<Value> {
        let mut kept = Vec::new();
        for (index, item) in items.iter().enumerate() {
            self.way.push(Step::Index(index));
            match item {
                Value::Object(members) => {
                    let left = self.members(members, known);
                    kept.extend((!left.is_empty()).then_some(Value::Object(left)));
                }
                _ => self.unclassified.push(self.pointer()),
            }
            self.way.pop();
        }
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    /// The JSON Pointer of the place where the walk stands.
    fn pointer(&self) -> String {
        let mut text = String::with_capacity(32);
        for step in &self.way {
            text.push('/');
            match step {
                Step::Index(index) => text.push_str(&index.to_string()),
                Step::Member(name) if name.contains(['~', '/']) => {
                    text.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Step::Member(name) => text.push_str(name),
            }
        }
        text
    }
}

fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(holds_object),
        _ => false,
    }
}
