//! Which category each property of a schema has, read from the schema alone. Whatever this does not list is
//! unknown, and what is unknown is not disclosed. It reads no message.

use std::collections::BTreeMap;

use casework::Category;
use serde_json::Value;

use crate::{coarser::Reduced, codelist::Lists, invalid::Names};

/// Properties deeper than this are not walked; no message comes near it, and a `$ref` cycle ends here.
const DEPTH_MAX: usize = 12;

/// Pointer pattern (`*` for an array index) to the one category declared there; `None` where it has none,
/// several, or one that the closed list does not have.
pub(crate) type Classes = BTreeMap<String, Option<Category>>;

/// The same as a tree, for walking a message without writing pointers: the members an object may have.
pub(crate) type Members = BTreeMap<String, Property>;

/// A property as the schema declares it.
#[derive(Debug)]
pub(crate) struct Property {
    pub category: Option<Category>,
    pub reduced: Reduced,
    pub holds: Holds,
}

/// Whether a property holds further properties.
#[derive(Debug)]
pub(crate) enum Holds {
    Nothing,
    Members(Members),
    /// Objects in a list, each with these.
    Items(Members),
}

static NONE: Members = Members::new();

impl Holds {
    /// What is known of the members of an object standing here.
    pub(crate) fn of_object(&self) -> Option<&Members> {
        match self {
            Self::Nothing => None,
            Self::Members(members) => Some(members),
            Self::Items(_) => Some(&NONE),
        }
    }

    /// What is known of the members of each object in a list standing here.
    pub(crate) fn of_items(&self) -> Option<&Members> {
        match self {
            Self::Nothing => None,
            Self::Members(_) => Some(&NONE),
            Self::Items(members) => Some(members),
        }
    }
}

/// A place in a schema that breaks the rule "exactly one category per property, and nothing undeclared".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misclassified {
    /// The schema, `referral.accept/v1` for example.
    pub schema: String,
    /// Pointer pattern of the property, `*` for an array index.
    pub pointer: String,
    /// What is wrong there.
    pub problem: &'static str,
}

/// What one walk over a schema found.
#[derive(Debug, Default)]
pub(crate) struct Classified {
    pub classes: Classes,
    pub members: Members,
    pub defects: Vec<(String, &'static str)>,
    pub names: Names,
}

/// Walks every property of a schema.
pub(crate) fn classify(document: &Value, lists: &Lists) -> Classified {
    let mut found = Classified::default();
    found.members = object((document, lists), document, "", 0, &mut found);
    found
}

fn object(whole: (&Value, &Lists), node: &Value, at: &str, depth: usize, found: &mut Classified) -> Members {
    let (document, lists) = whole;
    let mut members = Members::new();
    if node.get("additionalProperties") != Some(&Value::Bool(false)) {
        found.defects.push((at.to_owned(), "open object: `additionalProperties` must be false"));
    }
    if depth >= DEPTH_MAX {
        found.defects.push((at.to_owned(), "nested too deep to be classified"));
        return members;
    }
    for (name, property) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        found.names.insert(name.clone());
        let here = format!("{at}/{name}");
        let inner = follow(document, property);
        let category = one_category(property, inner, &here, found);
        found.classes.insert(here.clone(), category);
        let holds = match inside(document, inner) {
            Some(Below::Members(node)) => Holds::Members(object(whole, node, &here, depth + 1, found)),
            Some(Below::Items(node)) => {
                Holds::Items(object(whole, node, &format!("{here}/*"), depth + 1, found))
            }
            None => Holds::Nothing,
        };
        let reduced = Reduced::read(property, lists).unwrap_or_else(|wrong| {
            found.defects.push((here.clone(), wrong));
            Reduced::default()
        });
        members.insert(name.clone(), Property { category, reduced, holds });
    }
    if let Some(name) =
        members.values().flat_map(|one| one.reduced.puts()).find(|put| members.contains_key(*put))
    {
        found.defects.push((format!("{at}/{name}"), "stands for something reduced, so nobody may send it"));
    }
    members
}

enum Below<'a> {
    Members(&'a Value),
    Items(&'a Value),
}

/// What a property holds that has properties itself.
fn inside<'a>(document: &'a Value, node: &'a Value) -> Option<Below<'a>> {
    let typed = |node: &Value| node.get("type").and_then(Value::as_str) == Some("object");
    let is_object = |node: &Value| node.get("properties").is_some() || typed(node);
    if is_object(node) {
        return Some(Below::Members(node));
    }
    let items = follow(document, node.get("items")?);
    is_object(items).then_some(Below::Items(items))
}

/// The schema a local `$ref` stands for; the node itself if it has none.
fn follow<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let mut node = node;
    for _ in 0..DEPTH_MAX {
        let target = node.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match target.and_then(|pointer| document.pointer(pointer)) {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

fn one_category(property: &Value, inner: &Value, at: &str, found: &mut Classified) -> Option<Category> {
    let own = property.get("x-data-category");
    let inherited = inner.get("x-data-category").filter(|_| !std::ptr::eq(property, inner));
    let problem = match (own, inherited) {
        (None, None) => "no category: add `x-data-category`",
        (Some(_), Some(_)) => "two categories: keep the property's own, not that of its `$ref`",
        (Some(word), None) | (None, Some(word)) => {
            match word.as_str().and_then(|word| word.parse::<Category>().ok()) {
                Some(category) => return Some(category),
                None => "not one word of the closed list codelists/data_categories.csv",
            }
        }
    };
    found.defects.push((at.to_owned(), problem));
    None
}
