//! A table for a terminal: aligned columns, `[c]` for what is withheld, method and note below. A table of
//! two dimensions and one figure is laid out as a grid, any other as a list.

use crate::{
    Cell, Row, Table,
    table::{ALL_KEYS, MARK},
};

impl Table {
    /// The table as text, ending in a line feed.
    #[must_use]
    pub fn as_text(&self) -> String {
        let lines = if self.by.len() == 2 && self.columns.len() == 1 { self.grid() } else { self.list() };
        let by = if self.by.is_empty() { String::new() } else { format!(" by {}", self.by.join(" and ")) };
        let mut text = format!("{}{by}, {} to {}\n\n", self.title, self.from_month, self.to_month);
        text.push_str(&aligned(&lines, self.by.len().min(lines_keys(self))));
        text.push('\n');
        for line in [self.method, self.note.as_str()].into_iter().filter(|line| !line.is_empty()) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn list(&self) -> Vec<Vec<String>> {
        let heads = self.by.iter().cloned().chain(self.columns.iter().map(|column| (*column).to_owned()));
        let line = |row: &Row| row.keys.iter().cloned().chain(row.cells.iter().map(shown)).collect();
        let mut lines = vec![heads.collect()];
        lines.extend(self.rows.iter().chain(&self.totals).map(line));
        lines
    }

    fn grid(&self) -> Vec<Vec<String>> {
        let mut across: Vec<&str> = Vec::new();
        for key in self.rows.iter().filter_map(|row| row.keys.get(1)) {
            if !across.contains(&key.as_str()) {
                across.push(key);
            }
        }
        across.push(ALL_KEYS);
        let heads = self.by.first().into_iter().map(String::as_str).chain(across.iter().copied());
        let mut lines: Vec<Vec<String>> = vec![heads.map(str::to_owned).collect()];
        for row in self.rows.iter().chain(&self.totals) {
            let Some(key) = row.keys.first() else { continue };
            if lines.iter().skip(1).all(|line| line.first() != Some(key)) {
                lines.push(vec![key.clone()]);
            }
        }
        for line in lines.iter_mut().skip(1) {
            let Some(key) = line.first().cloned() else { continue };
            line.extend(across.iter().map(|column| self.at(&key, column)));
        }
        lines
    }

    fn at(&self, down: &str, across: &str) -> String {
        let here = |row: &&Row| row.keys.iter().map(String::as_str).eq([down, across]);
        let found = self.rows.iter().chain(&self.totals).find(here);
        found.and_then(|row| row.cells.first()).map(shown).unwrap_or_default()
    }
}

/// How many leading columns hold keys: all of a list, one of a grid.
fn lines_keys(table: &Table) -> usize {
    if table.columns.len() == 1 { 1 } else { table.by.len() }
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Count(count) => count.to_string(),
        Cell::Minutes(minutes) => minutes.to_string(),
        Cell::Percent(percent) => format!("{percent:.1}"),
        Cell::Empty => "-".to_owned(),
        Cell::Withheld { .. } => MARK.to_owned(),
    }
}

/// Keys to the left, figures to the right.
fn aligned(lines: &[Vec<String>], keys: usize) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|text| text.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let padded = line.iter().zip(&widths).enumerate().map(|(at, (field, width))| {
            if at < keys { format!("{field:<width$}") } else { format!("{field:>width$}") }
        });
        text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
