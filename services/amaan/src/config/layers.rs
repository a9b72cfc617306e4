//! Defaults, the file over them, the environment over both; figment merges them and remembers who set what.

use std::collections::BTreeMap;
use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;

use super::document::Document;
use super::key::{Fallback, Section, Shape};
use super::problem::{Fault, Place, Problem, place_in_words};
use super::{SECTIONS, environment, form};

/// The merged configuration.
pub struct Layers {
    figment: Figment,
    document: Document,
    variables: BTreeMap<String, String>,
}

impl Layers {
    /// Fails where figment cannot read what `document.rs` could.
    pub fn new(document: Document) -> Result<Self, Problem> {
        FromFile(&document.text).dict().ok_or_else(too_new)?;
        let figment = Figment::from(Defaults).merge(FromFile(&document.text)).merge(environment::provider());
        Ok(Self { figment, document, variables: environment::set() })
    }

    /// Everything wrong with names and forms.
    pub fn check(&self) -> Vec<Problem> {
        let in_file = |path: &str| self.document.place(path);
        let anywhere = |path: &str| self.place(path);
        let file = FromFile(&self.document.text).dict().unwrap_or_default();
        let mut problems = form::check(&file, &in_file);
        let mut environment = environment::provider().data().unwrap_or_default();
        let environment = environment.remove(&Profile::Default).unwrap_or_default();
        problems.extend(form::check(&environment, &anywhere));
        problems.extend(environment::check());
        problems.extend(form::missing(&self.merged(), &anywhere));
        problems
    }

    /// The values of a section; `None` where they do not have its shape.
    pub fn values<T: DeserializeOwned>(&self, section: &Section) -> Option<T> {
        self.figment.extract_inner(section.name).ok()
    }

    /// Where the value in force stands; what is missing, beside what is there of its table.
    pub fn place(&self, path: &str) -> Place {
        if let Some(name) = self.variables.get(path) {
            return Place::Variable(name.clone());
        }
        let table = path.rsplit_once('.').map_or(path, |(table, _)| table);
        let beside = |set: &&String| set.rsplit_once('.').is_some_and(|(of, _)| of == table);
        match self.variables.keys().find(beside).and_then(|set| self.variables.get(set)) {
            Some(name) if !self.document.holds(table) => Place::Variable(name.clone()),
            _ => self.document.place(path),
        }
    }

    /// Who set a value, in words.
    pub fn origin(&self, file: &Path, path: &str, value: &Value) -> String {
        match self.figment.get_metadata(value.tag()) {
            Some(metadata) if metadata.name == DEFAULT => DEFAULT.to_owned(),
            _ => place_in_words(file, &self.place(path)),
        }
    }

    pub fn merged(&self) -> Dict {
        let find =
            |section: &&Section| Some((section.name.to_owned(), self.figment.find_value(section.name).ok()?));
        SECTIONS.iter().filter_map(find).collect()
    }
}

const DEFAULT: &str = "default";

/// What the declarations say.
struct Defaults;

impl Provider for Defaults {
    fn metadata(&self) -> Metadata {
        Metadata::named(DEFAULT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let section = |section: &&Section| (section.name.to_owned(), defaults_of(section));
        Ok(Profile::Default.collect(SECTIONS.iter().map(section).collect()))
    }
}

fn defaults_of(section: &Section) -> Value {
    match section.shape {
        Shape::List => Value::from(Vec::<Value>::new()),
        Shape::ByName(_) | Shape::Named => Value::from(Dict::new()),
        Shape::One => {
            let fallback = |fallback: &Fallback| match fallback {
                Fallback::Required | Fallback::Absent => None,
                Fallback::Text(text) => Some(Value::from(*text)),
                Fallback::Number(number) => Some(Value::from(*number)),
                Fallback::Switch(on) => Some(Value::from(*on)),
            };
            let keys = section.keys.iter();
            Value::from(
                keys.filter_map(|key| Some((key.name.to_owned(), fallback(&key.fallback)?)))
                    .collect::<Dict>(),
            )
        }
    }
}

/// The file, read once by `document.rs`.
struct FromFile<'a>(&'a str);

impl FromFile<'_> {
    fn dict(&self) -> Option<Dict> {
        Some(self.data().ok()?.remove(&Profile::Default).unwrap_or_default())
    }
}

impl Provider for FromFile<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("file")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Toml::string(self.0).data()
    }
}

/// Lines are found by a parser of TOML 1.1, values by one of 1.0.
fn too_new() -> Problem {
    let fix =
        "write inline tables on one line, without a comma after the last entry; no `\\e` or `\\x` in text";
    Fault::new("uses TOML 1.1", "values are read as TOML 1.0", fix).at(Place::File, "")
}
