//! The shape of a Rust file: its head, its length, its lines and its functions. What it means is clippy's
//! business; how it is laid out, rustfmt's.

use crate::Finding;
use crate::rust_text;
use crate::tree::TextFile;

const FILE_LINES_MAX: usize = 400;
const LINE_COLUMNS_MAX: usize = 110;
const FUNCTION_LINES_MAX: usize = 70;

/// Findings about one file; none when it is not Rust.
pub(crate) fn check(file: &TextFile) -> Vec<Finding> {
    if file.extension() != "rs" {
        return Vec::new();
    }
    let mut findings = Vec::new();
    findings.extend(check_head(file));
    findings.extend(check_length(file));
    findings.extend(check_lines(file));
    findings.extend(check_functions(file));
    findings
}

fn check_head(file: &TextFile) -> Option<Finding> {
    let first = file.text.lines().next().unwrap_or_default();
    let says_something = first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty());
    (!says_something).then(|| Finding {
        path: file.path.clone(),
        line: 1,
        rule: "head",
        what: "the file does not open with a `//!` head".to_owned(),
        why: "a reader wants to know what a file is, and what it is not, before reading it",
        fix: "write two to eight lines: what it is, what it is not, who calls it".to_owned(),
    })
}

fn check_length(file: &TextFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > FILE_LINES_MAX).then(|| Finding {
        path: file.path.clone(),
        line: FILE_LINES_MAX + 1,
        rule: "file-length",
        what: format!("{lines} lines, more than {FILE_LINES_MAX}"),
        why: "one file holds one idea",
        fix: "split it by noun; types and what is done with them can part".to_owned(),
    })
}

fn check_lines(file: &TextFile) -> Vec<Finding> {
    let too_wide = |(index, line): (usize, &str)| {
        let columns = line.chars().count();
        (columns > LINE_COLUMNS_MAX).then(|| Finding {
            path: file.path.clone(),
            line: index + 1,
            rule: "line-length",
            what: format!("{columns} columns, more than {LINE_COLUMNS_MAX}"),
            why: "two files stand side by side on one screen",
            fix: "break the line; rustfmt leaves long strings and comments to you".to_owned(),
        })
    };
    file.text.lines().enumerate().filter_map(too_wide).collect()
}

fn check_functions(file: &TextFile) -> Vec<Finding> {
    let code = rust_text::split(&file.text).code;
    let too_long = |function: Function| {
        (function.lines > FUNCTION_LINES_MAX).then(|| Finding {
            path: file.path.clone(),
            line: function.line,
            rule: "function-length",
            what: format!("`{}` has {} lines, more than {FUNCTION_LINES_MAX}", function.name, function.lines),
            why: "a function is read in one look",
            fix: "let helpers compute and the parent decide".to_owned(),
        })
    };
    functions(&code).into_iter().filter_map(too_long).collect()
}

/// A function with a body: where it begins and how long it is, first and last line included.
struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Every function with a body; nested ones count on their own as well.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (offset, _) in code.match_indices("fn ") {
        let (before, rest) = (code.get(..offset).unwrap_or_default(), code.get(offset..).unwrap_or_default());
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let name: String = rest.chars().skip(3).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if let Some(lines) = lines_of_body(rest).filter(|_| !name.is_empty()) {
            let line = before.matches('\n').count() + 1;
            found.push(Function { name, line, lines });
        }
    }
    found
}

/// Lines from the start of `rest` to the brace that closes the first block opened outside parentheses and
/// brackets; nothing when a semicolon comes first (a declaration without a body).
fn lines_of_body(rest: &str) -> Option<usize> {
    let (mut nested, mut braces, mut lines) = (0_usize, 0_usize, 1_usize);
    for c in rest.chars() {
        match c {
            '\n' => lines += 1,
            '(' | '[' => nested += 1,
            ')' | ']' => nested = nested.saturating_sub(1),
            ';' if nested == 0 && braces == 0 => return None,
            '{' if nested == 0 || braces > 0 => braces += 1,
            '}' if braces > 0 => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return Some(lines);
                }
            }
            _ => {}
        }
    }
    None
}
