//! `ops/docs/configuration.md`, made from the declarations. A test compares; a setting without its row cannot
//! be merged.

use super::SECTIONS;
use super::environment::variable;
use super::form::quoted;
use super::key::{Fallback, Key, Kind, Section, Shape, Words};

const HEAD: &str = "\
# Configuration

Made by `amaan config print --reference`; do not edit by hand.

`amaan serve --config FILE` reads one TOML file. An environment variable stands over a setting of the file, a
setting of the file over its default. An unknown name, in the file or in a variable that begins with `AMAAN_`
and holds `__`, is an error. Relative paths are relative to the file. Secrets are read from files only, and a
secret file that others than its owner can read is refused.

`amaan config check --config FILE` names every problem; `amaan config print --config FILE` shows each value
and who set it. A commented example is `ops/examples/amaan.toml`.
";

/// The whole page.
pub fn reference() -> String {
    let sections: String = SECTIONS.iter().map(|section| section_page(section)).collect();
    format!("{HEAD}{sections}")
}

fn section_page(section: &Section) -> String {
    let name = section.name;
    let (written, table) = match &section.shape {
        Shape::One => (format!("`[{name}]`"), Some(name.to_owned())),
        Shape::List => (format!("`[[{name}]]`, once for each"), None),
        Shape::Named => (format!("`[{name}.NAME]`, NAME of your choice: a-z, 0-9 and `-`"), None),
        Shape::ByName(words) => {
            (format!("`[{name}.NAME]`, NAME one of {}", quoted((words.all)())), Some(format!("{name}.NAME")))
        }
    };
    let rows: String = section.keys.iter().map(|key| row(key, table.as_deref())).collect();
    let lists: String = section.keys.iter().filter_map(|key| words(&key.kind)).map(list).collect();
    let environment = match (&section.shape, table) {
        (_, Some(_)) => "",
        (Shape::Named, None) => "The environment cannot stand over names of the file's own.\n\n",
        (_, None) => "The environment cannot stand over a list.\n\n",
    };
    format!(
        "\n## {name}\n\nWritten as {written}. {}\n\n{environment}\
         | setting | default | form | meaning |\n|---|---|---|---|\n\
         {rows}{lists}",
        section.about
    )
}

fn row(key: &Key, table: Option<&str>) -> String {
    let fallback = match key.fallback {
        Fallback::Required => "required".to_owned(),
        Fallback::Absent => "none".to_owned(),
        Fallback::Text(text) => format!("`\"{text}\"`"),
        Fallback::Number(number) => format!("`{number}`"),
        Fallback::Switch(on) => format!("`{on}`"),
    };
    let variable = table
        .map_or_else(String::new, |table| format!("<br>`{}`", variable(&format!("{table}.{}", key.name))));
    format!("| `{}`{variable} | {fallback} | {} | {} |\n", key.name, key.kind.form(), key.about)
}

const fn words(kind: &Kind) -> Option<&'static Words> {
    match kind {
        Kind::OneOf(words) | Kind::ManyOf(words) => Some(words),
        _ => None,
    }
}

fn list(words: &Words) -> String {
    format!("\nEach {}: {}.\n", words.one, quoted((words.all)()))
}
