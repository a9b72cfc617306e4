//! One thing that breaks a rule: where, what, why the rule stands, and how to mend it.

use std::fmt;
use std::path::Path;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the root of the tree, with forward slashes.
    pub path: String,
    /// Line, counted from 1; 0 when the finding is about the whole file.
    pub line: usize,
    /// The rule's short name, as used in the file of exceptions.
    pub rule: &'static str,
    /// What was found.
    pub what: String,
    /// Why the rule stands.
    pub why: &'static str,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, what, why, fix } = self;
        write!(f, "{path}:{line}: {what} [{rule}]\n    why: {why}\n    fix: {fix}")
    }
}

/// The tree could not be read.
pub(crate) fn unreadable(root: &Path, error: &std::io::Error) -> Finding {
    Finding {
        path: root.display().to_string(),
        line: 0,
        rule: "tree",
        what: format!("cannot read the tree: {error}"),
        why: "what was not read was not checked",
        fix: "give the repository's folder, readable".to_owned(),
    }
}
