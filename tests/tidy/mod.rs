//! The tree itself passes `tidy`, and `tidy` finds what it should: one example a file, in `cases/`.
//!
//! A case is a small tree in one text: `--- path` opens a file, `--- expect` the findings, one a line, as
//! `path:line rule what`. `~~` is dropped when the tree is written, so that a case can hold a word which
//! the check of the real tree would find.

use std::fmt::Write as _;
use std::path::Path;

const EMPTY_WORKSPACE: &str = "[workspace]\nresolver = \"3\"\n";

#[test]
fn the_house_is_tidy() {
    let findings = xtask::tidy(house());
    let listed: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{} to mend:\n\n{}", listed.len(), listed.join("\n\n"));
}

#[test]
fn every_case_finds_what_it_expects() {
    let cases = house().join("tests/tidy/cases");
    let mut paths: Vec<_> = std::fs::read_dir(&cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 10, "only {} cases in {}", paths.len(), cases.display());
    let failures: Vec<String> = paths.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Writes the tree of one case, runs `tidy` on it and compares.
fn check(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).unwrap().replace("~~", "");
    let (input, expect) = text.split_once("--- expect\n").expect("a case has `--- expect`");
    let tree = tempfile::tempdir().unwrap();
    std::fs::write(tree.path().join("Cargo.toml"), EMPTY_WORKSPACE).unwrap();
    for part in input.split("--- ").skip(1) {
        let (name, body) = part.split_once('\n').unwrap();
        let file = tree.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, repeated(body)).unwrap();
    }
    let mut found = String::new();
    for finding in xtask::tidy(tree.path()) {
        writeln!(found, "{}:{} {} {}", finding.path, finding.line, finding.rule, finding.what).unwrap();
        assert!(!finding.why.is_empty() && !finding.fix.is_empty(), "a finding says why and what to do");
    }
    if found == expect {
        return Ok(());
    }
    Err(format!("{}\n-- expected\n{expect}-- found\n{found}", path.display()))
}

/// `@repeat N text` stands for N lines of that text, so that a long file makes a short case.
fn repeated(body: &str) -> String {
    let mut out = String::new();
    for line in body.lines() {
        let (count, text) = line
            .strip_prefix("@repeat ")
            .and_then(|rest| rest.split_once(' '))
            .map_or((1, line), |(count, text)| (count.parse().unwrap(), text));
        (0..count).for_each(|_| writeln!(out, "{text}").unwrap());
    }
    out
}

/// The repository's folder.
fn house() -> &'static Path {
    let is_the_house =
        |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join("services").is_dir();
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(is_the_house).unwrap()
}
