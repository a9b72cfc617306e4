//! The head of an agreement's file, in comments: its title, parties, legal basis and dates. It is read and it
//! binds: no permission of the agreement counts outside its dates, or for an agency that is no party to it.
//! Prohibitions always count. Applying it is the work of `evaluate`.

use casework::AgencyCode;
use serde::Serialize;

use crate::{LoadError, Validity};

/// The longest head looked through for its four lines.
const HEAD_LINES_MAX: usize = 20;
/// How a legal basis begins that nobody has confirmed.
const UNVERIFIED: &str = "assumed, unverified";
/// How one begins that somebody has.
const CONFIRMED: &str = "confirmed";

/// A data-sharing agreement as its file states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// The file's name without `.cedar`; every policy's id begins with it and a dot.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The agencies bound by it.
    pub parties: Vec<AgencyCode>,
    /// The law or document it rests on, with its confidence ("assumed, unverified" or "confirmed").
    pub legal_basis: String,
    /// From when to when.
    pub valid: Validity,
    /// Its policies, by name, in the file's order, each with its title.
    pub policies: Vec<(String, String)>,
}

impl Agreement {
    /// Reads the head of `text`; the policies are filled in by the loader.
    pub(crate) fn read_head(file: &str, name: &str, text: &str) -> Result<Self, LoadError> {
        let (_, parties) = head_line(file, text, "Parties")?;
        let mut agencies = Vec::new();
        for party in parties.split(',') {
            let bad = |_| {
                LoadError::new(file, "a party in its head is no agency code: write `// Parties: ictp, cpi`")
            };
            agencies.push(party.trim().parse().map_err(bad)?);
        }
        let (line, valid) = head_line(file, text, "Valid")?;
        Ok(Self {
            name: name.to_owned(),
            title: head_line(file, text, "Agreement")?.1,
            parties: agencies,
            legal_basis: legal_basis(file, text)?,
            valid: Validity::parse(&valid).map_err(|reason| LoadError::at(file, Some(line), reason))?,
            policies: Vec::new(),
        })
    }

    /// Has somebody confirmed its legal basis?
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.legal_basis.starts_with(CONFIRMED)
    }

    /// Is this agency bound by it?
    #[must_use]
    pub fn binds(&self, agency: &AgencyCode) -> bool {
        self.parties.contains(agency)
    }
}

/// What it rests on, and whether anybody has confirmed it: the word decides what `doctor` says of it.
fn legal_basis(file: &str, text: &str) -> Result<String, LoadError> {
    let (line, basis) = head_line(file, text, "Legal basis")?;
    if basis.starts_with(UNVERIFIED) || basis.starts_with(CONFIRMED) {
        return Ok(basis);
    }
    let reason = "its legal basis does not say how sure it is: begin it with `assumed, unverified` or \
                  `confirmed`, then the law or document in brackets";
    Err(LoadError::at(file, Some(line), reason))
}

/// A line of the head, with its number.
fn head_line(file: &str, text: &str, label: &str) -> Result<(usize, String), LoadError> {
    let prefix = format!("// {label}:");
    let mut lines = (1..).zip(text.lines().take(HEAD_LINES_MAX));
    let found = lines.find_map(|(number, line)| Some((number, line.strip_prefix(&prefix)?)));
    found
        .map(|(number, value)| (number, value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .ok_or_else(|| LoadError::new(file, format!("its head lacks the line `{prefix} ...`")))
}
