//! Decision tables: what an agreement promises, row by row, in `tests/<agreement>.toml`. A set that breaks
//! one of its rows is not accepted.

use std::fmt;

use std::sync::Arc;

use casework::{AgencyCode, Categories, Code, MessageKind, Priority, Way};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{Act, Ask, Disclosure, LoadError, Mask, Moment, Places, Policies, evaluate::Verdict};

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
    /// The scopes of the caller's token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The provinces the acting agency works in.
    #[serde(default)]
    pub agency_provinces: Vec<Code>,
    /// The province of the case.
    pub case_province: Option<Code>,
    /// Its district.
    pub case_district: Option<Code>,
    /// The day; the first of the table's agreement unless said.
    pub on: Option<NaiveDate>,
    /// The hour of the day; noon unless said.
    pub hour: Option<u32>,
    /// Why it must be so, for people.
    pub why: Option<String>,
    /// The outcome.
    pub expect: Expect,
    /// The deciding policies; empty for a denial by default.
    #[serde(default)]
    pub by: Vec<String>,
}

/// An outcome as a table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
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
    /// The day; the first of the table's agreement unless said.
    pub on: Option<NaiveDate>,
    /// Why it must be so, for people.
    pub why: Option<String>,
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
        match self.run(file, policies).into_iter().find(|row| !row.holds) {
            Some(row) => Err(LoadError::new(file, row.to_string())),
            None => Ok(()),
        }
    }

    /// Runs every row and says what came of it.
    pub(crate) fn run(&self, file: &str, policies: &Policies) -> Vec<RowResult> {
        let first = first_day(file, policies);
        let decisions =
            (1..).zip(&self.decisions).map(|(number, row)| row.run(file, number, policies, first));
        let masks = (1..).zip(&self.masks).map(|(number, row)| row.run(file, number, policies, first));
        decisions.chain(masks).collect()
    }
}

/// The first day of a table's agreement; of the youngest where the table is of none.
fn first_day(file: &str, policies: &Policies) -> NaiveDate {
    let name = file.trim_start_matches("tests/").trim_end_matches(".toml");
    let own = policies.agreements.iter().find(|agreement| agreement.name == name);
    let youngest = || policies.agreements.iter().map(|agreement| agreement.valid.from).max();
    own.map(|own| own.valid.from).or_else(youngest).unwrap_or_default()
}

impl Row {
    /// The question it asks.
    ///
    /// # Errors
    /// Where its message is none.
    pub fn ask(&self) -> Result<Ask, String> {
        Ok(Ask {
            scopes: self.scopes.clone(),
            counterpart: self.to.clone(),
            message: self.message.as_deref().map(message).transpose()?,
            service: self.service.clone(),
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            urgency: self.urgency,
            places: Places {
                agency_provinces: self.agency_provinces.clone(),
                case_province: self.case_province.clone(),
                case_district: self.case_district.clone(),
            },
            ..Ask::of(self.who.clone(), self.roles.clone(), self.act)
        })
    }

    fn run(&self, file: &str, number: usize, policies: &Policies, first: NaiveDate) -> RowResult {
        let at = Moment::on(self.on.unwrap_or(first));
        let at = Moment { hour: self.hour.unwrap_or(at.hour), ..at };
        let (found, by, left_out) = match self.ask().map(|ask| policies.weigh(&ask, at)) {
            Ok((Verdict::Allow(by), _)) => (Expect::Permitted, by, Vec::new()),
            Ok((Verdict::Deny(by), left_out)) => (Expect::Denied, by, left_out),
            Ok((Verdict::Error(error), _)) | Err(error) => (Expect::Failed, vec![error], Vec::new()),
        };
        let mut wanted = self.by.clone();
        wanted.sort();
        let to = self.to.as_ref().map_or(String::new(), |to| format!(" -> {to}"));
        let left_out = left_out.iter().map(|one| format!("{} ({})", one.policy, one.why));
        RowResult {
            file: file.to_owned(),
            row: format!("decision {number}"),
            what: format!("`{}` {}{to} on {}", self.who, self.act.as_str(), at.day),
            holds: found == self.expect && (by == wanted || found == Expect::Failed),
            expected: said(self.expect, &wanted),
            got: said(found, &by),
            left_out: left_out.collect(),
            why: self.why.clone(),
        }
    }
}

impl MaskRow {
    fn run(&self, file: &str, number: usize, policies: &Policies, first: NaiveDate) -> RowResult {
        let on = self.on.unwrap_or(first);
        let mask = self.asked().map(|asked| policies.mask(&asked, Moment::on(on)));
        let mask = mask.unwrap_or_else(|error| Arc::new(Mask { failed: Some(error), ..Mask::default() }));
        let differs: Vec<String> = self.ways().iter().filter_map(|way| differs(&mask, way)).collect();
        let (got, holds) = match &mask.failed {
            Some(error) => (format!("not decided: {error}"), false),
            None if differs.is_empty() => ("as expected".to_owned(), true),
            None => (format!("{}; allowed by {}", differs.join("; "), mask.policies.join(", ")), false),
        };
        let expected: Vec<String> =
            self.ways().iter().map(|(_, wanted, how)| format!("[{}]{how}", words(wanted))).collect();
        RowResult {
            file: file.to_owned(),
            row: format!("mask {number}"),
            what: format!("`{}` of `{}`: {} on {on}", self.to, self.from, self.message),
            holds,
            expected: format!("sees {}", expected.join(", ")),
            got,
            left_out: Vec::new(),
            why: self.why.clone(),
        }
    }

    /// What it promises of each way, and the way's words.
    fn ways(&self) -> [Promised<'_>; 3] {
        [
            (Way::Keep, &self.allowed, ""),
            (Way::Generalise, &self.generalised, " generalised"),
            (Way::Pseudonymise, &self.pseudonymised, " pseudonymised"),
        ]
    }

    fn asked(&self) -> Result<Disclosure, String> {
        Ok(Disclosure {
            recipient: self.to.clone(),
            sender: self.from.clone(),
            message: message(&self.message)?,
            version: self.version,
            service: self.service.clone(),
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            urgency: self.urgency,
        })
    }
}

type Promised<'a> = (Way, &'a Categories, &'static str);

fn words(set: &Categories) -> String {
    set.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")
}

/// In what a mask is not as promised, of one way.
fn differs(mask: &Mask, (way, wanted, how): &Promised<'_>) -> Option<String> {
    let seen = mask.seen(*way);
    let more = words(&seen.difference(wanted).copied().collect());
    let less = words(&wanted.difference(&seen).copied().collect());
    (seen != **wanted).then(|| format!("also sees [{more}], does not see [{less}]{how}"))
}

/// What came of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowResult {
    /// The table.
    pub file: String,
    /// Which row, for example `decision 3`.
    pub row: String,
    /// Who does what to whom, and when.
    pub what: String,
    /// Is it as the row says?
    pub holds: bool,
    /// What the row says.
    pub expected: String,
    /// What was decided, and by which policies.
    pub got: String,
    /// Permissions that fit and do not count, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Why the row wants it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl fmt::Display for RowResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: expected {}, got {}", self.row, self.what, self.expected, self.got)?;
        if !self.left_out.is_empty() {
            write!(f, "; left out: {}", self.left_out.join(", "))?;
        }
        self.why.as_ref().map_or(Ok(()), |why| write!(f, " ({why})"))
    }
}

fn said(found: Expect, by: &[String]) -> String {
    match (found, by) {
        (Expect::Failed, [error]) => format!("not decided: {error}"),
        (Expect::Failed, _) => "not decided".to_owned(),
        (Expect::Permitted, by) => format!("permitted by {}", by.join(", ")),
        (Expect::Denied, []) => "denied, since nothing permits it".to_owned(),
        (Expect::Denied, by) => format!("forbidden by {}", by.join(", ")),
    }
}

fn message(name: &str) -> Result<MessageKind, String> {
    name.parse().map_err(|_| format!("`{name}` is no message"))
}
