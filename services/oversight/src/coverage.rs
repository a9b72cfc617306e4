//! Which agencies stand behind a table, and which do not: so that a small number is never read as
//! few children.
//!
//! It says no more than the table by agency and month says anyway, where a zero is shown and everything else
//! is a number or withheld: whether there was anything at all.

use std::collections::BTreeMap;

use serde::Serialize;
use store::FactRow;

/// Who is in the figures, who is not, and how old what they are made of is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Agencies to which at least one of the counted referrals went.
    pub answered: Vec<Counted>,
    /// Agencies connected to the hub, to which none went in this period. Others are not connected at all, and
    /// nothing that happens there is counted.
    pub not_answered: Vec<NotCounted>,
}

/// An agency in the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Which.
    pub agency: String,
    /// The last month of the period in which it got one.
    pub data_as_of: String,
}

/// An agency that is in no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCounted {
    /// Which.
    pub agency: String,
    /// Always `none-in-period`.
    pub reason: &'static str,
}

impl Coverage {
    /// Of these rows, among the agencies that are connected.
    #[must_use]
    pub fn of<'a>(rows: &[FactRow], connected: impl Iterator<Item = &'a str>) -> Self {
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for row in rows {
            let month = last.entry(row.to.as_str()).or_default();
            *month = row.month.as_str().max(*month);
        }
        let missing = connected.filter(|agency| !last.contains_key(agency));
        let missing =
            missing.map(|agency| NotCounted { agency: agency.to_owned(), reason: "none-in-period" });
        let counted = last
            .iter()
            .map(|(agency, month)| Counted { agency: (*agency).to_owned(), data_as_of: (*month).to_owned() });
        Self { answered: counted.collect(), not_answered: missing.collect() }
    }
}
