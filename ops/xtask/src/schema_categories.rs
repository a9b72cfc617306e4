//! Every property of a message schema has exactly one `x-data-category`: its own, or the one of the local
//! definition it refers to, and it is on the closed list.
//!
//! A property named again inside `if`, `then`, `allOf` and the like only narrows the one declared beside
//! it, and needs (and may have) no category of its own.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::Finding;
use crate::schema_files::WHY;
use crate::tree::TextFile;

const CATEGORY: &str = "x-data-category";
/// A chain of references longer than this goes in a circle.
const REFERENCES_MAX: usize = 8;
/// Parts that speak of the same object again.
const SAME_OBJECT: &[&str] = &["if", "then", "else", "not", "allOf", "anyOf", "oneOf", "dependentSchemas"];

type Names = BTreeSet<String>;

struct Walk<'a> {
    file: &'a TextFile,
    root: &'a Value,
    listed: &'a [String],
    /// Definitions walked already, each with what was declared when it was referred to.
    walked: BTreeSet<(String, Names)>,
    findings: Vec<Finding>,
}

/// Findings about one schema. `listed` is the closed list; when empty, any word will do.
pub(crate) fn check(file: &TextFile, schema: &Value, listed: &[String]) -> Vec<Finding> {
    let mut walk = Walk { file, root: schema, listed, walked: BTreeSet::new(), findings: Vec::new() };
    walk.schema(schema, &mut Vec::new(), &Names::new());
    walk.findings
}

impl<'a> Walk<'a> {
    /// Walks one schema. `declared`: properties of the same object that are declared already.
    fn schema(&mut self, schema: &'a Value, path: &mut Vec<String>, declared: &Names) {
        let Some(object) = schema.as_object() else { return };
        let properties = ["properties", "patternProperties"]
            .into_iter()
            .filter_map(|key| Some((key, object.get(key)?.as_object()?)));
        let mut known = declared.clone();
        for (key, properties) in properties {
            path.push(key.to_owned());
            for (name, property) in properties {
                path.push(name.to_owned());
                self.property(name, property, path, declared);
                self.schema(property, path, &Names::new());
                path.pop();
            }
            path.pop();
            known.extend(properties.keys().cloned());
        }
        self.parts(object, path, &known);
        if let Some(reference) = local_reference(schema) {
            self.definition(reference, known);
        }
    }

    /// Walks a definition where it is used: the object may have declared its properties there. One that
    /// nothing refers to shows nothing to anybody.
    fn definition(&mut self, reference: &'a str, declared: Names) {
        let Some(target) = self.root.pointer(reference) else { return };
        if self.walked.insert((reference.to_owned(), declared.clone())) {
            let mut path = reference.split('/').skip(1).map(str::to_owned).collect();
            self.schema(target, &mut path, &declared);
        }
    }

    /// Walks everything a schema holds beside its properties.
    fn parts(&mut self, object: &'a Map<String, Value>, path: &mut Vec<String>, known: &Names) {
        for (key, part) in object {
            if matches!(
                key.as_str(),
                "$defs" | "properties" | "patternProperties" | "enum" | "const" | "examples" | "default"
            ) {
                continue;
            }
            let same = SAME_OBJECT.contains(&key.as_str());
            let declared = if same { known.clone() } else { Names::new() };
            path.push(key.to_owned());
            match part {
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        path.push(index.to_string());
                        self.schema(item, path, &declared);
                        path.pop();
                    }
                }
                Value::Object(named) if key == "dependentSchemas" => {
                    for (name, item) in named {
                        path.push(name.to_owned());
                        self.schema(item, path, &declared);
                        path.pop();
                    }
                }
                _ => self.schema(part, path, &declared),
            }
            path.pop();
        }
    }

    fn property(&mut self, name: &str, property: &'a Value, path: &[String], declared: &Names) {
        let found = self.categories(property);
        let what = match (found.as_slice(), declared.contains(name)) {
            ([], true) => return,
            ([], false) => format!("property `{}` has no {CATEGORY}", pointer(path)),
            ([one], false) if self.listed.is_empty() || self.listed.iter().any(|code| code == one) => return,
            ([one], false) => format!("property `{}` has the unlisted category `{one}`", pointer(path)),
            (several, _) => {
                format!("property `{}` has more than one {CATEGORY}: {}", pointer(path), several.join(", "))
            }
        };
        self.findings.push(Finding {
            path: self.file.path.clone(),
            line: line_of(&self.file.text, path),
            rule: "schema-category",
            what,
            why: WHY,
            fix: format!("give it one {CATEGORY} of schemas/codelists/data_categories.csv"),
        });
    }

    /// The property's own category and those of the local definitions it refers to.
    fn categories(&self, property: &'a Value) -> Vec<&'a str> {
        let mut found = Vec::new();
        let mut next = Some(property);
        for _ in 0..REFERENCES_MAX {
            let Some(schema) = next else { break };
            match schema.get(CATEGORY) {
                Some(Value::String(category)) => found.push(category.as_str()),
                Some(_) => found.push("(not a word)"),
                None => {}
            }
            let reference =
                schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
            next = reference.and_then(|pointer| self.root.pointer(pointer));
        }
        found
    }
}

/// The JSON Pointer of a reference into the same document.
fn local_reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'))
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

/// The line on which the last step of `path` stands: each step is searched from where the one before was
/// found, which is right as long as members stand in the order of the pointer.
fn line_of(text: &str, path: &[String]) -> usize {
    let mut at = 0;
    for step in path {
        let key = format!("\"{step}\":");
        at = text.get(at..).and_then(|rest| rest.find(&key)).map_or(at, |found| at + found + 1);
    }
    text.get(..at).map_or(0, |before| before.matches('\n').count() + 1)
}
