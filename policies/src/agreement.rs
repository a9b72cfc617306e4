//! The head of an agreement's file, in comments: its title, parties, legal basis and dates. For people and
//! for the loader's cross-check that a policy names nobody outside its agreement; no decision depends on
//! it.

use casework::AgencyCode;

use crate::LoadError;

/// The longest head looked through for its four lines.
const HEAD_LINES_MAX: usize = 20;

/// A data-sharing agreement as its file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The file's name without `.cedar`; every policy's id begins with it and a dot.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The agencies bound by it.
    pub parties: Vec<AgencyCode>,
    /// The law or document it rests on, with its confidence ("assumed, unverified").
    pub legal_basis: String,
    /// From when to when, as written.
    pub valid: String,
    /// Its policies, by name, in the file's order, each with its title.
    pub policies: Vec<(String, String)>,
}

impl Agreement {
    /// Reads the head of `text`; the policies are filled in by the loader.
    pub(crate) fn read_head(file: &str, name: &str, text: &str) -> Result<Self, LoadError> {
        let parties = head_line(file, text, "Parties")?;
        let mut agencies = Vec::new();
        for party in parties.split(',') {
            let bad = |_| {
                LoadError::new(file, "a party in its head is no agency code: write `// Parties: ictp, cpi`")
            };
            agencies.push(party.trim().parse().map_err(bad)?);
        }
        Ok(Self {
            name: name.to_owned(),
            title: head_line(file, text, "Agreement")?,
            parties: agencies,
            legal_basis: head_line(file, text, "Legal basis")?,
            valid: head_line(file, text, "Valid")?,
            policies: Vec::new(),
        })
    }
}

fn head_line(file: &str, text: &str, label: &str) -> Result<String, LoadError> {
    let prefix = format!("// {label}:");
    let found = text.lines().take(HEAD_LINES_MAX).find_map(|line| line.strip_prefix(&prefix));
    found
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .ok_or_else(|| LoadError::new(file, format!("its head lacks the line `{prefix} ...`")))
}
