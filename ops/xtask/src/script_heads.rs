//! Scripts open with a comment that says what they do: `.py`, `.mjs`, `.js`, `.sh`, `.jq`, and any file
//! whose first line names an interpreter.

use crate::Finding;
use crate::tree::TextFile;

/// How a comment begins in any of those languages.
const OPENINGS: &[&str] = &["#", "//", "/*", "\"\"\"", "r\"\"\""];
const SCRIPTS: &[&str] = &["py", "mjs", "js", "sh", "jq"];

/// A finding when a script has no head.
pub(crate) fn check(file: &TextFile) -> Option<Finding> {
    let shebang = file.text.starts_with("#!") && file.extension() != "rs";
    if !shebang && !SCRIPTS.contains(&file.extension()) {
        return None;
    }
    let first = file.text.lines().skip(usize::from(shebang)).find(|line| !line.trim().is_empty());
    let words = |line: &str| {
        let comment = OPENINGS.iter().find_map(|opening| line.trim_start().strip_prefix(opening));
        comment.is_some_and(|rest| rest.chars().any(char::is_alphabetic))
    };
    (!first.is_some_and(words)).then(|| Finding {
        path: file.path.clone(),
        line: 1,
        rule: "script-head",
        what: "the script does not open with a comment".to_owned(),
        why: "a script is run by people who did not write it",
        fix: "say in its first lines what it does, what it changes and how to call it".to_owned(),
    })
}
