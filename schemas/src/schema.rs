//! All message schemas, loaded: checking a message, telling its categories, cutting it down. Where a schema
//! and a code list disagree nothing is loaded.

use std::{collections::BTreeMap, fmt, path::Path};

use casework::{Categories, Category, Document, Facts, MessageKind, Way, Ways};
use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::{
    LoadError, Misclassified,
    classify::{Classes, Classified, Members, classify},
    coarser::Reading,
    codelist::Lists,
    compile::compile,
    drift, explain, facts,
    invalid::{Invalid, Names, problem},
    media,
    minimise::{self, Minimised},
    openapi,
    source::{self, Files},
    strict,
};

/// Every version of every message.
pub struct Schemas {
    schemas: BTreeMap<(MessageKind, u16), Schema>,
    /// Every member name of every schema.
    names: Names,
}

struct Schema {
    document: Value,
    validator: Validator,
    classes: Classes,
    members: Members,
    defects: Vec<(String, &'static str)>,
}

/// A message that its schema accepts.
pub struct Checked {
    /// What it is.
    pub kind: MessageKind,
    /// Its schema's version.
    pub version: u16,
    /// The message. About a child: never printed, never logged.
    pub value: Document,
    /// The codes of its `statistics` block, keyed `age-band`; a dimension left out is `not-asked`.
    pub facts: Facts,
    /// The categories that stand in it.
    pub categories: Categories,
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked({}/v{})", self.kind, self.version)
    }
}

impl Schemas {
    /// The schemas this program was built with.
    ///
    /// # Errors
    /// [`LoadError`] if they are not usable; a test holds that they are.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::load(&source::embedded())
    }

    /// The schemas of a folder that holds `messages/` and `codelists/`.
    ///
    /// # Errors
    /// [`LoadError`] says which file is wrong and how.
    pub fn from_dir(folder: &Path) -> Result<Self, LoadError> {
        Self::load(&source::folder(folder)?)
    }

    fn load(files: &Files) -> Result<Self, LoadError> {
        let lists = Lists::load(files)?;
        let mut loaded = Self { schemas: BTreeMap::new(), names: Names::new() };
        for (file, bytes) in files.iter().filter(|(file, _)| file.starts_with("messages/")) {
            loaded.add(file, bytes, &lists)?;
        }
        match MessageKind::ALL.iter().find(|kind| !loaded.schemas.contains_key(&(**kind, 1))) {
            Some(kind) => Err(LoadError::Missing { file: format!("messages/{kind}/v1.schema.json") }),
            None => Ok(loaded),
        }
    }

    fn add(&mut self, file: &str, bytes: &[u8], lists: &Lists) -> Result<(), LoadError> {
        let (kind, version) = named_by_path(file).ok_or_else(|| {
            LoadError::bad(file, "path", "expected messages/<message kind>/v<number>.schema.json")
        })?;
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| LoadError::bad(file, format!("line {}", error.line()), "not JSON"))?;
        let id = format!("https://schemas.amaan.example/messages/{kind}/v{version}");
        if document.get("$id").and_then(Value::as_str) != Some(id.as_str()) {
            return Err(LoadError::bad(file, "/$id", format!("must be `{id}`, as the path says")));
        }
        let constant = document.pointer("/properties/schema/const").and_then(Value::as_str);
        if constant != Some(format!("{kind}/v{version}").as_str()) {
            return Err(LoadError::bad(file, "/properties/schema/const", "must be the folder and version"));
        }
        drift::compare(file, &document, lists)?;
        let validator = compile(file, &document)?;
        let Classified { classes, members, defects, names } = classify(&document, lists);
        self.names.extend(names);
        let schema = Schema { document, validator, classes, members, defects };
        self.schemas.insert((kind, version), schema);
        Ok(())
    }

    /// Reads a message and checks it: strict JSON, no media, a known schema (the one `expected`, if given),
    /// and valid under it.
    ///
    /// # Errors
    /// [`Invalid`] with a problem slug and field errors, none of which repeats a submitted value.
    pub fn check(&self, expected: Option<MessageKind>, bytes: &[u8]) -> Result<Checked, Invalid> {
        let value = strict::parse(bytes, &self.names)?;
        media::refuse(&value, &self.names)?;
        let (kind, version, schema) = self.named(&value)?;
        if let Some(expected) = expected.filter(|expected| *expected != kind) {
            let detail = format!("this is a `{kind}`; this address takes a `{expected}`");
            return Err(Invalid::one(problem::WRONG_MESSAGE, "/schema".to_owned(), detail));
        }
        explain::validate(&schema.validator, &schema.document, &schema.classes, &value)?;
        let facts = facts::facts(&schema.document, &value);
        let categories = minimise::present(&schema.members, &value);
        Ok(Checked { kind, version, value: Document::of(value), facts, categories })
    }

    /// Reads a message that was checked when it was accepted and has come back from under its seal. The very
    /// bytes need no second check, and a schema that has grown stricter since refuses no message that is on
    /// its way.
    ///
    /// # Errors
    /// [`Invalid`] where it is no such message after all.
    pub fn reread(&self, expected: MessageKind, bytes: &[u8]) -> Result<Checked, Invalid> {
        let unreadable = || Invalid::one(problem::MALFORMED_JSON, String::new(), "not as it was".to_owned());
        let value: Value = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
        let (kind, version, schema) = self.named(&value)?;
        if kind != expected {
            return Err(unreadable());
        }
        let facts = facts::facts(&schema.document, &value);
        let categories = minimise::present(&schema.members, &value);
        Ok(Checked { kind, version, value: Document::of(value), facts, categories })
    }

    /// Which schema the message says it follows.
    fn named(&self, value: &Value) -> Result<(MessageKind, u16, &Schema), Invalid> {
        let refused = |slug, detail| Invalid::one(slug, "/schema".to_owned(), detail);
        let no_name = "the member `schema` says which message this is, `referral.accept/v1` for example";
        let unknown = || refused(problem::UNKNOWN_SCHEMA, no_name.to_owned());
        let said = value.get("schema").and_then(Value::as_str).ok_or_else(unknown)?;
        let (name, version) = said.rsplit_once("/v").ok_or_else(unknown)?;
        let kind: MessageKind = name.parse().map_err(|_| unknown())?;
        let held = self.list().filter(|(known, _)| *known == kind);
        let versions: Vec<u16> = held.map(|(_, version)| version).collect();
        let version = versions.iter().find(|known| known.to_string() == version).ok_or_else(|| {
            let known: Vec<String> = versions.iter().map(|known| format!("`{kind}/v{known}`")).collect();
            let detail = format!("no such version of `{kind}`; there is {}", known.join(", "));
            refused(problem::UNKNOWN_SCHEMA_VERSION, detail)
        })?;
        let schema = self.schemas.get(&(kind, *version)).ok_or_else(unknown)?;
        Ok((kind, *version, schema))
    }

    /// `body` with only the categories `allowed`; a property that the schema does not classify is removed,
    /// and of a message or version that is not known nothing is left.
    #[must_use]
    pub fn minimise(&self, kind: MessageKind, version: u16, body: &Value, allowed: &Categories) -> Minimised {
        let nothing = Reading { on: chrono::NaiveDate::MIN, word: &|_, _| String::new() };
        let whole = |category| allowed.contains(&category).then_some(Way::Keep);
        minimise::minimise(self.members(kind, version), body, &whole, &nothing)
    }

    /// `body` with each category in its way only: as it was sent, coarser, a word in its place, or not at
    /// all.
    #[must_use]
    pub fn cut(
        &self,
        kind: MessageKind,
        version: u16,
        body: &Value,
        ways: &Ways,
        reading: &Reading<'_>,
    ) -> Minimised {
        let way = |category| ways.get(&category).copied();
        minimise::minimise(self.members(kind, version), body, &way, reading)
    }

    fn members(&self, kind: MessageKind, version: u16) -> &Members {
        static NONE: Members = Members::new();
        self.schemas.get(&(kind, version)).map_or(&NONE, |schema| &schema.members)
    }

    /// Every property of a message: pointer pattern (`*` for an array index) and category.
    pub fn categories(&self, kind: MessageKind, version: u16) -> impl Iterator<Item = (&str, Category)> {
        let classes = self.schemas.get(&(kind, version)).map(|schema| &schema.classes);
        let pairs = classes.into_iter().flatten();
        pairs.filter_map(|(pattern, category)| Some((pattern.as_str(), (*category)?)))
    }

    /// The schema as it stands in its file.
    #[must_use]
    pub fn document(&self, kind: MessageKind, version: u16) -> Option<&Value> {
        self.schemas.get(&(kind, version)).map(|schema| &schema.document)
    }

    /// Every message and version.
    pub fn list(&self) -> impl Iterator<Item = (MessageKind, u16)> {
        self.schemas.keys().copied()
    }

    /// Every property without exactly one category, and every object open to undeclared ones; empty, or
    /// tidy fails.
    #[must_use]
    pub fn misclassified(&self) -> Vec<Misclassified> {
        let all = self.schemas.iter().flat_map(|((kind, version), schema)| {
            schema.defects.iter().map(move |(pointer, problem)| Misclassified {
                schema: format!("{kind}/v{version}"),
                pointer: pointer.clone(),
                problem,
            })
        });
        all.collect()
    }

    /// The messages as `components.schemas` of an OpenAPI 3.1 document: `referral.accept.v1`, and its
    /// definitions as `referral.accept.v1.officer`.
    #[must_use]
    pub fn openapi_components(&self) -> Map<String, Value> {
        let mut components = Map::new();
        for ((kind, version), schema) in &self.schemas {
            openapi::add(&mut components, &openapi::component_name(*kind, *version), &schema.document);
        }
        components
    }
}

/// `messages/referral.accept/v1.schema.json` is version 1 of `referral.accept`.
fn named_by_path(file: &str) -> Option<(MessageKind, u16)> {
    let (folder, name) = file.strip_prefix("messages/")?.split_once('/')?;
    let version: u16 = name.strip_prefix('v')?.strip_suffix(".schema.json")?.parse().ok()?;
    Some((folder.parse().ok()?, version))
}
