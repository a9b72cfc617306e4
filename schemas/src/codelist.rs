//! The files of `codelists/` as tables, and the selectors by which schemas name a list. What a row means is
//! not known here.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{LoadError, source::Files};

/// The file with the statistical dimensions.
const DIMENSIONS: &str = "disaggregation.json";
/// Codes of a dimension that say why there is none. On the wire they are `missing_reasons.csv` instead.
const MISSING: &[&str] = &["NK", "NASK", "RF", "NS"];
/// Columns that hold a person's words for a code, the first found counts.
const LABEL_COLUMNS: &[&str] = &["label", "name", "name_en", "purpose", "duty", "holds"];

/// A code and its English label; the code again where the list has no label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// As it stands on the wire.
    pub code: String,
    /// For a person.
    pub label: String,
}

/// A CSV file without its comment lines.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Where each row begins in its file; the first line is 1.
    lines: Vec<u64>,
}

/// All files of `codelists/`.
#[derive(Debug)]
pub(crate) struct Lists {
    tables: BTreeMap<String, Table>,
    documents: BTreeMap<String, Value>,
}

impl Lists {
    pub(crate) fn load(files: &Files) -> Result<Self, LoadError> {
        let mut lists = Self { tables: BTreeMap::new(), documents: BTreeMap::new() };
        for (path, bytes) in files {
            let Some(name) = path.strip_prefix("codelists/") else { continue };
            if name.ends_with(".csv") {
                lists.tables.insert(name.to_owned(), Table::read(path, bytes)?);
            } else {
                let document = serde_json::from_slice(bytes)
                    .map_err(|error| LoadError::bad(path, format!("line {}", error.line()), "not JSON"))?;
                lists.documents.insert(name.to_owned(), document);
            }
        }
        Ok(lists)
    }

    pub(crate) fn table(&self, name: &str) -> Result<&Table, LoadError> {
        self.tables.get(name).ok_or_else(|| LoadError::Missing { file: format!("codelists/{name}") })
    }

    pub(crate) fn document(&self, name: &str) -> Result<&Value, LoadError> {
        self.documents.get(name).ok_or_else(|| LoadError::Missing { file: format!("codelists/{name}") })
    }

    /// The codes a selector names: `file.csv` (first column), `file.csv#column`, `file.csv?column=value`
    /// (those rows), `disaggregation.json#SEX` (a dimension without its reasons for missing),
    /// `disaggregation.json#SEX+NK` (and one of those). `None` if there is no such list.
    pub(crate) fn select(&self, selector: &str) -> Option<Vec<CodeRow>> {
        if let Some(dimension) = selector.strip_prefix(DIMENSIONS).and_then(|rest| rest.strip_prefix('#')) {
            let (id, plus) = dimension.split_once('+').unwrap_or((dimension, ""));
            let all = self.dimension(id)?;
            let wanted = |row: &CodeRow| row.code == plus || !MISSING.contains(&row.code.as_str());
            return Some(all.into_iter().filter(wanted).collect());
        }
        if let Some((file, filter)) = selector.split_once('?') {
            let (column, value) = filter.split_once('=')?;
            return self.tables.get(file)?.codes(None, Some((column, value)));
        }
        let (file, column) = selector.split_once('#').map_or((selector, None), |(f, c)| (f, Some(c)));
        self.tables.get(file)?.codes(column, None)
    }

    fn dimension(&self, id: &str) -> Option<Vec<CodeRow>> {
        let all = self.documents.get(DIMENSIONS)?.get("dimensions")?.as_array()?;
        let found = all.iter().find(|dimension| dimension.get("id").and_then(Value::as_str) == Some(id))?;
        let row = |code: &Value| {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
            let first = text(Some(code)).or_else(|| text(code.get(0)))?;
            Some(CodeRow { label: text(code.get(1)).unwrap_or_else(|| first.replace('_', " ")), code: first })
        };
        Some(found.get("codes")?.as_array()?.iter().filter_map(row).collect())
    }
}

impl Table {
    fn read(path: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let bad = |error: csv::Error| LoadError::bad(path, "csv", error);
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
        let columns = reader.headers().map_err(bad)?.iter().map(ToOwned::to_owned).collect();
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(bad)?;
            lines.push(record.position().map_or(0, csv::Position::line));
            rows.push(record.iter().map(ToOwned::to_owned).collect());
        }
        Ok(Self { columns, rows, lines })
    }

    /// Each row as a lookup by column name; a missing column or cell is empty.
    pub(crate) fn rows(&self) -> impl Iterator<Item = impl Fn(&str) -> String> {
        self.rows.iter().map(move |row| {
            move |column: &str| {
                let at = self.columns.iter().position(|name| name == column);
                at.and_then(|at| row.get(at)).cloned().unwrap_or_default()
            }
        })
    }

    /// The same, each with the line of the file on which it begins.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, impl Fn(&str) -> String)> {
        self.lines.iter().copied().zip(self.rows())
    }

    fn codes(&self, column: Option<&str>, filter: Option<(&str, &str)>) -> Option<Vec<CodeRow>> {
        let has = |name: &str| self.columns.iter().any(|column| column == name);
        let column = column.or(self.columns.first().map(String::as_str))?;
        if !has(column) || filter.is_some_and(|(name, _)| !has(name)) {
            return None;
        }
        let label = LABEL_COLUMNS.iter().find(|name| has(name)).copied().unwrap_or(column);
        let kept = self.rows().filter(|row| filter.is_none_or(|(name, value)| row(name) == value));
        Some(kept.map(|row| CodeRow { code: row(column), label: row(label) }).collect())
    }
}
