//! Why a policy set was refused: the file, the line where it is known, the chain of reasons. Never a panic,
//! and the set in force before stays in force.

use std::fmt;

use cedar_policy::ffi::DetailedError;

/// A policy set that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy set refused: `{file}`{}: {reason}", Line(.line))]
pub struct LoadError {
    /// File name inside the policy folder.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// What is wrong and what to do, chained with colons.
    pub reason: String,
}

struct Line<'a>(&'a Option<usize>);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, " line {line}"))
    }
}

impl LoadError {
    pub(crate) fn new(file: &str, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, reason: reason.into() }
    }

    pub(crate) fn at(file: &str, line: Option<usize>, reason: impl Into<String>) -> Self {
        Self { line, ..Self::new(file, reason) }
    }

    /// From one of Cedar's errors about `text`. `fallback` is the line to name if Cedar knows none.
    pub(crate) fn cedar(file: &str, text: &str, error: &DetailedError, fallback: Option<usize>) -> Self {
        let offset = error.source_locations.first().map(|label| label.loc.start);
        let line = offset.map(|offset| line_of(text, offset)).or(fallback);
        let mut reason = error.message.clone();
        let labels = error.source_locations.iter().filter_map(|label| label.label.as_deref());
        for detail in labels.chain(error.help.as_deref()) {
            reason.push_str(": ");
            reason.push_str(detail);
        }
        Self { file: file.to_owned(), line, reason }
    }
}

/// The line, from 1, in which byte `offset` of `text` lies.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
