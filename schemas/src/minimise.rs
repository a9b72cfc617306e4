//! Cutting a message down to the categories a recipient may see, each in its way: as it was sent, coarser,
//! or a word in its place. The default is to remove: a property that the schema does not classify goes,
//! whatever the recipient may see, and so does one that is to be coarser and has no coarser form. It decides
//! no mask; policies do.

use casework::{Categories, Category, Document, Way};
use serde_json::{Map, Value};

use crate::{
    classify::{Members, Property},
    coarser::{Reading, Reduced},
};

/// A message cut down, and what was cut. No `Debug`: the value is about a child.
pub struct Minimised {
    /// What may be disclosed; emptied objects and arrays are gone.
    pub value: Document,
    /// JSON Pointers into the original of each removed value, with its category, in the original's order.
    pub removed: Vec<(String, Category)>,
    /// What stands in it otherwise than it was sent.
    pub reductions: Vec<Reduction>,
    /// Pointers of what was removed because the schema gives it no category; empty for a checked message.
    pub unclassified: Vec<String>,
    /// The categories of which nothing is left: all that a recipient is told of what it was not shown.
    pub withheld: Categories,
    /// The categories that are shown less exactly than they were sent.
    pub reduced: Categories,
}

/// A value that is shown otherwise than it was sent.
pub struct Reduction {
    /// JSON Pointer into the original.
    pub from: String,
    /// JSON Pointer of the object it stands in, as the original counts, and its name there.
    pub to: String,
    /// Its category.
    pub category: Category,
    /// Coarser, or a word in its place.
    pub way: Way,
}

/// `body` with each category in the way that `way` says.
pub(crate) fn minimise(
    known: &Members,
    body: &Value,
    way: &dyn Fn(Category) -> Option<Way>,
    reading: &Reading<'_>,
) -> Minimised {
    let (gone, left) = (Vec::new(), Vec::new());
    let mut cut = Cut {
        way,
        reading,
        at: Vec::new(),
        removed: gone,
        unclassified: left,
        reductions: Vec::new(),
        reduced: Categories::new(),
    };
    let value = match body {
        Value::Object(members) => Value::Object(cut.members(members, known)),
        _ => Value::Object(Map::new()),
    };
    let Cut { removed, unclassified, reductions, reduced, .. } = cut;
    let gone = removed.iter().map(|(_, category)| *category);
    let withheld = gone.filter(|category| !reduced.contains(category)).collect();
    Minimised { value: Document::of(value), removed, reductions, unclassified, withheld, reduced }
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
        let Some(Property { category: Some(category), holds, .. }) = known.get(name) else { continue };
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
    way: &'a dyn Fn(Category) -> Option<Way>,
    reading: &'a Reading<'a>,
    /// Where the walk stands: written out as a pointer only for what does not stay as it is.
    at: Vec<Step<'a>>,
    removed: Vec<(String, Category)>,
    unclassified: Vec<String>,
    reductions: Vec<Reduction>,
    reduced: Categories,
}

impl<'a> Cut<'a> {
    /// The members to keep.
    fn members(&mut self, members: &'a Map<String, Value>, known: &Members) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in members {
            self.at.push(Step::Member(name));
            if let Some((put, value)) = self.property(members, value, known.get(name)) {
                if kept.is_empty() {
                    kept = Map::with_capacity(members.len());
                }
                kept.insert(put.unwrap_or(name).to_owned(), value);
            }
            self.at.pop();
        }
        kept
    }

    fn property<'k>(
        &mut self,
        beside: &Map<String, Value>,
        value: &'a Value,
        declared: Option<&'k Property>,
    ) -> Option<(Option<&'k str>, Value)> {
        let Some(Property { category: Some(category), holds, reduced }) = declared else {
            self.unclassified.push(self.pointer());
            return None;
        };
        match (value, holds.of_object(), holds.of_items()) {
            (Value::Object(members), Some(known), _) => {
                let kept = self.members(members, known);
                (!kept.is_empty()).then_some((None, Value::Object(kept)))
            }
            (Value::Array(items), _, Some(known)) => self.items(items, known).map(|left| (None, left)),
            (_, None, None) => self.leaf(beside, value, *category, reduced),
            _ => self.gone(*category),
        }
    }

    /// A value without members of its own.
    fn leaf<'k>(
        &mut self,
        beside: &Map<String, Value>,
        value: &Value,
        category: Category,
        reduced: &'k Reduced,
    ) -> Option<(Option<&'k str>, Value)> {
        match (self.way)(category) {
            // INVARIANT: a leaf is kept whole, so it must hold nothing that has members of its own.
            Some(Way::Keep) if !holds_object(value) => Some((None, value.clone())),
            None | Some(Way::Keep) => self.gone(category),
            Some(way) => {
                let has = |name: &str| beside.contains_key(name);
                let Some((put, shown)) = reduced.shown(way, value, has, self.reading) else {
                    return self.gone(category);
                };
                self.reduced.insert(category);
                if put.is_some() || shown != *value {
                    let from = self.pointer();
                    let to = put.map_or_else(|| from.clone(), |put| beside_of(&from, put));
                    self.reductions.push(Reduction { from, to, category, way });
                }
                Some((put, shown))
            }
        }
    }

    fn gone<T>(&mut self, category: Category) -> Option<T> {
        self.removed.push((self.pointer(), category));
        None
    }

    fn items(&mut self, items: &'a [Value], known: &Members) -> Option<Value> {
        let mut kept = Vec::new();
        for (index, item) in items.iter().enumerate() {
            self.at.push(Step::Index(index));
            match item {
                Value::Object(members) => {
                    let left = self.members(members, known);
                    kept.extend((!left.is_empty()).then_some(Value::Object(left)));
                }
                _ => self.unclassified.push(self.pointer()),
            }
            self.at.pop();
        }
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    /// The JSON Pointer of the place where the walk stands.
    fn pointer(&self) -> String {
        let mut text = String::with_capacity(32);
        for step in &self.at {
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

/// The pointer of another member of the same object.
fn beside_of(pointer: &str, name: &str) -> String {
    let (object, _) = pointer.rsplit_once('/').unwrap_or(("", ""));
    format!("{object}/{name}")
}

pub(crate) fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(holds_object),
        _ => false,
    }
}
