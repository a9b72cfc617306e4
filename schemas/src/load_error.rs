//! Why schemas or code lists cannot be loaded. Their text is ours, not a sender's, so it may be quoted.

use std::io;

/// A schema or code list that cannot be used: where, what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder could not be read.
    #[error("cannot read {path}: {source}; check that the folder exists and may be read")]
    Read {
        /// The path tried.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file that has to be there is not.
    #[error("{file} is missing; a folder of schemas has `messages/` and `codelists/` whole")]
    Missing {
        /// Its path under the folder.
        file: String,
    },
    /// A file whose content is not usable.
    #[error("{file}: {place}: {problem}")]
    Bad {
        /// Its path under the folder.
        file: String,
        /// Line, row or JSON Pointer.
        place: String,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// An enum in a schema that is not its code list.
    #[error(
        "{file}: {pointer}: the enum is not the code list `{list}`: add {missing:?}, remove {extra:?} \
         (or make the schema's next version)"
    )]
    Drift {
        /// The schema's path under the folder.
        file: String,
        /// JSON Pointer to the schema node that names the list.
        pointer: String,
        /// What its `x-codelist` says.
        list: String,
        /// Codes of the list that the enum does not have.
        missing: Vec<String>,
        /// Codes of the enum that the list does not have.
        extra: Vec<String>,
    },
}

impl LoadError {
    pub(crate) fn bad(file: &str, place: impl ToString, problem: impl ToString) -> Self {
        Self::Bad { file: file.to_owned(), place: place.to_string(), problem: problem.to_string() }
    }
}
