//! How a command ends when it does not end well: what, where, why, and what to do.

use std::fmt;
use std::process::ExitCode;

/// A command that could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// It was asked wrongly; exit code 2.
    Usage(String),
    /// It failed; exit code 1.
    Failed(String),
}

impl Failure {
    /// A failure of this step.
    pub fn at<E: fmt::Display>(what: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}
