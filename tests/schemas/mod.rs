//! What message schemas and code lists promise: examples, bad input, categories, routing, loading. The
//! examples themselves are files under `schemas/messages/<name>/examples/`.

mod bounds;
mod disclosure;
mod echoes;
mod examples;
mod lists;
mod loading;
mod reading;
mod reduced;
mod routing;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use schemas::{Directory, Invalid, Schemas};
use serde_json::Value;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::embedded().unwrap());
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| Directory::embedded().unwrap());

/// Checks a text; `Ok` is its kind, `Err` the first error as `problem pointer code`.
fn check(text: &str, expect: Result<&str, &str>) {
    let got = SCHEMAS.check(None, text.as_bytes());
    match (got.as_ref().map(|checked| checked.kind.to_string()), expect) {
        (Ok(kind), Ok(wanted)) => assert_eq!(kind, wanted),
        (Err(invalid), Err(wanted)) => {
            let told: Vec<String> = lines(invalid);
            assert!(told.iter().any(|line| line == wanted), "wanted `{wanted}`, got {told:?}");
        }
        (got, expect) => panic!("wanted {expect:?}, got {got:?}"),
    }
}

/// Each error as `problem pointer code`.
fn lines(invalid: &Invalid) -> Vec<String> {
    let line = |error: &schemas::FieldError| format!("{} {} {}", invalid.problem, error.pointer, error.code);
    invalid.errors.iter().map(line).collect()
}

/// The `schemas` folder of the repository.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

/// Every example of a sort (`valid`, `invalid`): message folder, file name, content; in a fixed order.
fn examples(sort: &str) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for message in names(&folder().join("messages")) {
        let place = folder().join("messages").join(&message).join("examples").join(sort);
        for file in names(&place) {
            let text = fs::read_to_string(place.join(&file)).unwrap();
            all.push((message.clone(), file, serde_json::from_str(&text).unwrap()));
        }
    }
    all
}

/// One valid example.
fn example(message: &str, file: &str) -> Value {
    let path = folder().join("messages").join(message).join("examples/valid").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn names(place: &Path) -> Vec<String> {
    let entries = fs::read_dir(place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
