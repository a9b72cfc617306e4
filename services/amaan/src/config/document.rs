//! The file as text, and on which line each key stands. What the keys mean is not known here.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Fault, Place, Problem};

/// 1 MiB: a hundred times a file with every agency's clients.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A file that is TOML.
pub struct Document {
    pub text: String,
    lines: BTreeMap<String, usize>,
}

/// The file's text, or why there is none.
pub fn read_text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let whole = u64::try_from(text.len()).is_ok_and(|bytes| bytes <= FILE_BYTES_MAX);
    if whole { Ok(text) } else { Err("it is larger than 1 MiB".to_owned()) }
}

impl Document {
    /// Every fault of the syntax, if there is one. The parser's own report is not shown whole: it quotes the
    /// line, and a secret may stand there.
    pub fn parse(text: String) -> Result<Self, Vec<Problem>> {
        let (table, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() {
            let problem = |error: &toml::de::Error| {
                let place = error.span().map_or(Place::File, |span| Place::Line(line(&text, span.start)));
                let fix = "mend the line; strings stand in quotes, a name only once in its table";
                Fault::new(format!("is not TOML: {}", error.message()), "nothing of it can be used", fix)
                    .at(place, "")
            };
            return Err(errors.iter().map(problem).collect());
        }
        let mut lines = BTreeMap::new();
        note_table(&text, "", table.get_ref(), &mut lines);
        drop(table);
        Ok(Self { text, lines })
    }

    /// Does this key stand in the file?
    pub fn holds(&self, path: &str) -> bool {
        self.lines.contains_key(path)
    }

    /// The line of a key, or of the nearest table around it that is written at all.
    pub fn place(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Place::Line(*line);
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => return Place::File,
            }
        }
    }
}

fn note_table(text: &str, path: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path =
            if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        lines.insert(path.clone(), line(text, key.span().start));
        note_value(text, &path, value, lines);
    }
}

fn note_value(text: &str, path: &str, value: &Spanned<DeValue<'_>>, lines: &mut BTreeMap<String, usize>) {
    match value.get_ref() {
        DeValue::Table(table) => note_table(text, path, table, lines),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                lines.insert(path.clone(), line(text, item.span().start));
                note_value(text, &path, item, lines);
            }
        }
        _ => {}
    }
}

fn line(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}
