//! Each setting with the value in force and who set it, for `amaan config print`. A secret shows as the path
//! of its file: nothing else of it is in the configuration.

use figment::value::{Num, Value};
use serde::Serialize;

use super::key::{Kind, Section};
use super::{SECTIONS, Settings, form};

/// One setting.
#[derive(Serialize)]
pub struct Line {
    pub key: String,
    pub value: String,
    pub origin: String,
}

/// All of them, in the order of the reference.
pub fn listing(settings: &Settings) -> Vec<Line> {
    let merged = settings.layers.merged();
    let of_section = |section: &&'static Section| match merged.get(section.name) {
        Some(value) => lines(settings, section, value),
        None => Vec::new(),
    };
    SECTIONS.iter().flat_map(of_section).collect()
}

fn lines(settings: &Settings, section: &Section, value: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for (path, table) in form::tables(section, value).unwrap_or_default() {
        for key in section.keys {
            let Some(value) = table.find_ref(key.name) else { continue };
            let path = format!("{path}.{}", key.name);
            let origin = settings.layers.origin(&settings.file, &path, value);
            lines.push(Line { key: path, value: shown(&key.kind, value), origin });
        }
    }
    lines
}

fn shown(kind: &Kind, value: &Value) -> String {
    let text = match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, letter) => format!("{:?}", letter.to_string()),
        Value::Num(_, number) => whole(*number),
        Value::Array(_, items) => {
            format!("[{}]", items.iter().map(|item| shown(kind, item)).collect::<Vec<_>>().join(", "))
        }
        _ => "-".to_owned(),
    };
    if matches!(kind, Kind::SecretFile) { format!("{text} (secret, not shown)") } else { text }
}

fn whole(number: Num) -> String {
    number.to_u128_lossy().map_or_else(|| "-".to_owned(), |number| number.to_string())
}
