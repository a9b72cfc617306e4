//! Decision tables: what an agreement promises, row by row, in `tests/<agreement>.toml`. A set that breaks
//! one of its rows is not accepted.

use casework::{AgencyCode, Categories, Code, MessageKind, Priority, Way};
use serde::Deserialize;

use crate::{Act, Ask, Decision, Disclosure, LoadError, Policies};

/// Rows a table may have.
const ROWS_MAX: usize = 2000;

/// One agreement's table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Who may do what.
    #[serde(default, rename = "decision")]
    pub decisions: Vec<Row>,
    /// Who may see what.
    #[serde(default, rename = "mask")]
    pub masks: Vec<MaskRow>,
}

/// Who does what to whom, and what must come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The acting agency.
    pub who: AgencyCode,
    /// Its caller's roles; `system` unless said.
    #[serde(default = "system")]
    pub roles: Vec<String>,
    /// The act.
    pub act: Act,
    /// The other agency.
    pub to: Option<AgencyCode>,
    /// The message, by schema name.
    pub message: Option<String>,
    /// The service.
    pub service: Option<Code>,
    /// The purpose.
    pub purpose: Option<Code>,
    /// The basis.
    pub basis: Option<Code>,
    /// The priority.
    pub urgency: Option<Priority>,
    /// The outcome.
    pub expect: Expect,
    /// The deciding policies; empty for a denial by default.
    #[serde(default)]
    pub by: Vec<String>,
}

/// An outcome as a table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// Permitted, by exactly the policies named.
    Permitted,
    /// Denied, by exactly the policies named or by default.
    Denied,
    /// Not decidable.
    Failed,
}

/// What a recipient must be able to see, exactly.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRow {
    /// The sender.
    pub from: AgencyCode,
    /// The recipient.
    pub to: AgencyCode,
    /// The message, by schema name.
    pub message: String,
    /// The service.
    pub service: Option<Code>,
    /// The purpose.
    pub purpose: Code,
    /// The basis.
    pub basis: Code,
    /// The priority.
    pub urgency: Priority,
    /// The schema's version; 1 unless said.
    #[serde(default = "first")]
    pub version: u16,
    /// Exactly these categories as they were sent.
    pub allowed: Categories,
    /// Exactly these in a coarser form.
    #[serde(default)]
    pub generalised: Categories,
    /// Exactly these as a word in their place.
    #[serde(default)]
    pub pseudonymised: Categories,
}

const fn first() -> u16 {
    1
}

fn system() -> Vec<String> {
    vec!["system".to_owned()]
}

impl Table {
    /// A table from its text.
    ///
    /// # Errors
    /// [`LoadError`] with the line, or for a table without rows.
    pub fn parse(file: &str, text: &str) -> Result<Self, LoadError> {
        let table: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| crate::load_error::line_of(text, span.start));
            LoadError::at(file, line, error.message())
        })?;
        match table.decisions.len() + table.masks.len() {
            0 => {
                Err(LoadError::new(file, "has no row: write what the agreement permits and what it does not"))
            }
            rows if rows > ROWS_MAX => Err(LoadError::new(file, format!("has more than {ROWS_MAX} rows"))),
            _ => Ok(table),
        }
    }

    /// Runs every row; the first that does not hold refuses the set.
    pub(crate) fn check(&self, file: &str, policies: &Policies) -> Result<(), LoadError> {
        for (number, row) in (1..).zip(&self.decisions) {
            row.check(policies)
                .map_err(|reason| LoadError::new(file, format!("decision {number}: {reason}")))?;
        }
        for (number, row) in (1..).zip(&self.masks) {
            row.check(policies).map_err(|reason| LoadError::new(file, format!("mask {number}: {reason}")))?;
        }
        Ok(())
    }
}

impl Row {
    fn check(&self, policies: &Policies) -> Result<(), String> {
        let ask = Ask {
            agency: self.who.clone(),
            roles: self.roles.clone(),
            act: self.act,
            counterpart: self.to.clone(),
            message: self.message.as_deref().map(message).transpose()?,
            service: self.service.clone(),
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            urgency: self.urgency,
            read_version: None,
        };
        let (found, by) = match policies.permit(&ask) {
            Decision::Permitted(permit) => (Expect::Permitted, permit.policies),
            Decision::Denied { policies } => (Expect::Denied, policies),
            Decision::Failed { .. } => (Expect::Failed, Vec::new()),
        };
        let mut wanted = self.by.clone();
        wanted.sort();
        if found == self.expect && by == wanted {
            return Ok(());
        }
        let (who, act) = (&self.who, self.act.as_str());
        Err(format!("`{who}` {act}: expected {:?} by {wanted:?}, got {found:?} by {by:?}", self.expect))
    }
}

impl MaskRow {
    fn check(&self, policies: &Policies) -> Result<(), String> {
        let mask = policies.mask(&Disclosure {
            recipient: self.to.clone(),
            sender: self.from.clone(),
            message: message(&self.message)?,
            version: self.version,
            service: self.service.clone(),
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            urgency: self.urgency,
        });
        let promised = [
            (Way::Keep, &self.allowed, ""),
            (Way::Generalise, &self.generalised, " generalised"),
            (Way::Pseudonymise, &self.pseudonymised, " pseudonymised"),
        ];
        let (from, to) = (&self.from, &self.to);
        if let Some(failed) = &mask.failed {
            return Err(format!("`{to}` of `{from}`: {failed}"));
        }
        for (way, wanted, how) in promised {
            let seen = mask.seen(way);
            if seen != *wanted {
                let (more, less) = (words(&seen, wanted), words(wanted, &seen));
                return Err(format!("`{to}` of `{from}`: also sees [{more}], does not see [{less}]{how}"));
            }
        }
        Ok(())
    }
}

/// Those of `these` that are not in `those`.
fn words(these: &Categories, those: &Categories) -> String {
    these.difference(those).map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
}

fn message(name: &str) -> Result<MessageKind, String> {
    name.parse().map_err(|_| format!("`{name}` is no message"))
}
