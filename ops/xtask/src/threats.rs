//! `ops/threats.md`: each threat names its control, its default and the test that shows it; every place it
//! names exists. Whether the control is good enough is for people to say.

use crate::Finding;
use crate::tree::TextFile;

const PAGE: &str = "ops/threats.md";
/// Threat, control, default, test.
const COLUMNS: usize = 4;
const FOLDERS: &[&str] = &["services/", "schemas/", "adapters/", "policies/", "tests/", "ops/"];

/// Findings about the page, if the tree has one.
pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else { return Vec::new() };
    let rows = page.text.lines().enumerate().filter(|(_, line)| is_row(line));
    rows.flat_map(|(index, line)| check_row(files, index + 1, line)).collect()
}

/// A row of a table that is neither its head nor the line below it.
fn is_row(line: &str) -> bool {
    line.starts_with('|') && !line.starts_with("|--") && !line.starts_with("| threat ")
}

fn check_row(files: &[TextFile], line: usize, row: &str) -> Vec<Finding> {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    if cells.len() != COLUMNS || cells.iter().any(|cell| cell.is_empty()) {
        return vec![finding(line, format!("{} cells, some may be empty", cells.len()))];
    }
    let tests = cells.last().map(|cell| places(cell)).unwrap_or_default();
    if !tests.iter().any(|place| place.starts_with("tests/") || place.starts_with("ops/")) {
        return vec![finding(line, "the last cell names no test".to_owned())];
    }
    let all = cells.iter().flat_map(|cell| places(cell));
    let missing = all.filter(|place| !exists(files, place));
    missing.map(|place| finding(line, format!("`{place}` does not exist"))).collect()
}

/// What stands between backticks and begins like a path of this repository.
fn places(cell: &str) -> Vec<&str> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|text| FOLDERS.iter().any(|folder| text.starts_with(folder))).collect()
}

/// A file, a folder, or `file::name` of a function in it.
fn exists(files: &[TextFile], place: &str) -> bool {
    let (path, name) = place.split_once("::").map_or((place, None), |(path, name)| (path, Some(name)));
    let folder = format!("{}/", path.trim_end_matches('/'));
    let found = files.iter().filter(|file| file.path == path || file.path.starts_with(&folder));
    let holds = |file: &TextFile| name.is_none_or(|name| file.text.contains(&format!("fn {name}(")));
    found.into_iter().any(holds)
}

fn finding(line: usize, what: String) -> Finding {
    Finding {
        path: PAGE.to_owned(),
        line,
        rule: "threat",
        what,
        why: "a threat whose control nobody tests is a promise",
        fix: "name threat, control, default and a test that exists: `tests/<file>.rs::<function>`".to_owned(),
    }
}
