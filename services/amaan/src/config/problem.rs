//! What is wrong with a configuration: what, where, why, and the fix. Holds no value of it, so none can be
//! printed: a secret pasted into the wrong place stays there.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::Failure;

/// A fault of one value, wherever it stands.
#[derive(Debug)]
pub struct Fault {
    pub what: String,
    pub why: String,
    pub fix: String,
}

impl Fault {
    pub fn new(what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), fix: fix.into() }
    }

    pub fn at(self, place: Place, key: impl Into<String>) -> Problem {
        Problem { place, key: key.into(), fault: self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, why, fix } = self;
        write!(f, "{what}: {why}; {fix}")
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the file, on this line.
    Line(usize),
    /// In the file, or rather missing there.
    File,
    /// In an environment variable.
    Variable(String),
}

/// A fault and its place.
#[derive(Debug)]
pub struct Problem {
    pub place: Place,
    /// The key's path, for example `clients[0].agency`; empty where the file itself is at fault.
    pub key: String,
    pub fault: Fault,
}

/// A problem in words.
pub struct Told {
    pub place: String,
    pub what: String,
    pub why: String,
    pub fix: String,
}

/// Everything wrong with one file and the environment over it.
#[derive(Debug)]
pub struct Problems {
    file: PathBuf,
    list: Vec<Problem>,
}

impl Problems {
    /// In the order of the file, the environment last.
    pub fn new(file: &Path, mut list: Vec<Problem>) -> Self {
        list.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
        Self { file: file.to_path_buf(), list }
    }

    /// Each of them in words, for `doctor`.
    pub fn told(&self) -> impl Iterator<Item = Told> {
        self.list.iter().map(|problem| {
            let Fault { what, why, fix } = &problem.fault;
            let place = self.place(problem);
            let place = if problem.key.is_empty() { place } else { format!("{place}: {}", problem.key) };
            Told { place, what: what.clone(), why: why.clone(), fix: fix.clone() }
        })
    }

    /// For machines: the same as the text.
    pub fn to_json(&self) -> Value {
        let one = |problem: &Problem| {
            let Fault { what, why, fix } = &problem.fault;
            json!({ "where": self.place(problem), "key": problem.key, "what": what, "why": why, "fix": fix })
        };
        self.list.iter().map(one).collect()
    }

    fn place(&self, problem: &Problem) -> String {
        place_in_words(&self.file, &problem.place)
    }
}

/// `amaan.toml:7`, or the variable.
pub fn place_in_words(file: &Path, place: &Place) -> String {
    match place {
        Place::Line(line) => format!("{}:{line}", file.display()),
        Place::File => file.display().to_string(),
        Place::Variable(name) => format!("environment variable {name}"),
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.list.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "the configuration has {count} {noun}")?;
        for problem in &self.list {
            let key = if problem.key.is_empty() { String::new() } else { format!("{}: ", problem.key) };
            let Fault { what, why, fix } = &problem.fault;
            write!(f, "\n\n{}: {key}{what}\n  why: {why}\n  fix: {fix}", self.place(problem))?;
        }
        Ok(())
    }
}

/// Why there are no settings.
pub enum Refused {
    /// The file named on the command line cannot be read.
    Unreadable(String),
    /// It, or what it names, has problems.
    Problems(Problems),
}

impl From<Problems> for Refused {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unreadable(text) => Self::Usage(text),
            Refused::Problems(problems) => Self::Failed(problems.to_string()),
        }
    }
}
