//! Paths of one person's machine (a home folder, a mounted workplace) in any text file.

use crate::Finding;
use crate::tree::TextFile;

/// Folders that exist on one machine and not on the next. Written in two halves, so that this file does
/// not find itself.
const FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers\\"),
    concat!("/tmp/am", "aan/"),
];

/// Findings about one file, one for each line at most.
pub(crate) fn check(file: &TextFile) -> Vec<Finding> {
    let at_fault = |(index, line): (usize, &str)| {
        let folder = FOLDERS.iter().find(|folder| begins_a_path(line, folder))?;
        Some(Finding {
            path: file.path.clone(),
            line: index + 1,
            rule: "machine-path",
            what: format!("a path of one machine: `{folder}...`"),
            why: "it exists nowhere else, and may name a person",
            fix: "make it relative to the repository, or take it from the environment".to_owned(),
        })
    };
    file.text.lines().enumerate().filter_map(at_fault).collect()
}

/// Whether `folder` stands in `line` at the start of a path: not inside a URL or a longer path.
fn begins_a_path(line: &str, folder: &str) -> bool {
    let of_a_path = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}');
    line.match_indices(folder)
        .any(|(at, _)| !line.get(..at).and_then(|text| text.chars().next_back()).is_some_and(of_a_path))
}
