//! Which environment variable stands over which setting: `AMAAN_HUB__LISTEN` over `hub.listen`. Variables
//! without a double underscore (`AMAAN_LOG`, `AMAAN_URL`, ...) are other parts' business.

use std::collections::BTreeMap;

use figment::providers::Env;

use super::SECTIONS;
use super::form::{did_you_mean, names, quoted, section, unknown};
use super::key::{Section, Shape};
use super::problem::{Fault, Place, Problem};

const PREFIX: &str = "AMAAN_";
const BETWEEN: &str = "__";

/// The variable over a path.
pub fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.to_uppercase().replace('.', BETWEEN).replace('-', "_"))
}

/// Every variable there could be, with its path.
pub fn known() -> BTreeMap<String, String> {
    let paths = SECTIONS.iter().flat_map(|section| paths(section));
    paths.map(|path| (variable(&path), path)).collect()
}

fn paths(section: &Section) -> Vec<String> {
    let tables = match &section.shape {
        Shape::One => vec![section.name.to_owned()],
        Shape::ByName(words) => (words.all)().iter().map(|word| format!("{}.{word}", section.name)).collect(),
        Shape::List | Shape::Named => Vec::new(),
    };
    let keys_of = |table: &String| {
        let table = table.clone();
        section.keys.iter().map(move |key| format!("{table}.{}", key.name))
    };
    tables.iter().flat_map(keys_of).collect()
}

/// Those of the known ones that are set, path to variable.
pub fn set() -> BTreeMap<String, String> {
    let known = known();
    let ours = |name: String| known.get(&name).map(|path| (path.clone(), name));
    variables().into_iter().filter_map(ours).collect()
}

/// The layer that figment puts over the file.
pub fn provider() -> Env {
    let known = known();
    Env::raw().lowercase(false).filter_map(move |name| known.get(name.as_str()).cloned().map(Into::into))
}

/// Variables that mean a setting which does not exist.
pub fn check() -> Vec<Problem> {
    let known = known();
    let strange = variables().into_iter().filter(|name| !known.contains_key(name));
    let all: Vec<String> = known.keys().cloned().collect();
    strange.map(|name| stray(&name, &all).at(Place::Variable(name), "")).collect()
}

fn stray(name: &str, all: &[String]) -> Fault {
    let (table, key) =
        name.strip_prefix(PREFIX).and_then(|rest| rest.split_once(BETWEEN)).unwrap_or_default();
    let table = table.to_lowercase();
    let Some(section) = section(&table) else {
        return Fault::new(
            "is no setting",
            "a misspelt name would be without effect",
            did_you_mean(name, all),
        );
    };
    if matches!(section.shape, Shape::List) {
        let fix = format!("write it as `[[{table}]]` in the file");
        return Fault::new("stands over a list", "one variable cannot say which entry it means", fix);
    }
    if matches!(section.shape, Shape::Named) {
        let fix = format!("write it under `[{table}.NAME]` in the file");
        return Fault::new("stands over names of the file's own", "a variable cannot write them", fix);
    }
    if let (Shape::ByName(words), Some((word, _))) = (&section.shape, key.split_once(BETWEEN)) {
        // Never another agency's variable as the nearest: the wrong system would be called.
        let meant = |known: &String| variable(known) == variable(word);
        if !(words.all)().iter().any(meant) {
            let fix = format!("known are {}", quoted((words.all)()));
            return Fault::new(format!("names no {}", words.one), "it would be without effect", fix);
        }
    }
    let key = key.rsplit(BETWEEN).next().unwrap_or_default().to_lowercase();
    let mut fault = unknown(&key, &table, &names(section));
    if fault.fix.starts_with("did") || fault.fix.starts_with("known") {
        fault.fix = did_you_mean(name, all);
    }
    fault
}

/// Names of variables that could be ours, sorted.
fn variables() -> Vec<String> {
    let ours = |name: &String| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains(BETWEEN));
    let mut found: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(ours).collect();
    found.sort_unstable();
    found
}
