//! From when to when an agreement binds: days in Pakistan, both inclusive. What an agreement permits counts
//! on these days only.

use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

/// What the line has to be.
const SHAPE: &str = "its dates cannot be read: write `// Valid: 2026-01-01 to 2026-12-31` (both days \
                     included), or `open` for the second, and if need be a remark in brackets";
/// An agreement without an end.
const OPEN: &str = "open";

/// The days of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day; none where it is open.
    pub until: Option<NaiveDate>,
}

/// How an agreement stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has not begun.
    NotYet,
    /// It binds.
    InForce,
    /// It is over.
    Ended,
}

impl Standing {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotYet => "not-yet",
            Self::InForce => "in-force",
            Self::Ended => "ended",
        }
    }
}

impl Validity {
    /// From the line of a head.
    pub(crate) fn parse(line: &str) -> Result<Self, &'static str> {
        let (days, remark) = line.split_once('(').map_or((line, None), |(days, rest)| (days, Some(rest)));
        if remark.is_some_and(|remark| !remark.ends_with(')')) {
            return Err(SHAPE);
        }
        let (from, until) = days.split_once(" to ").ok_or(SHAPE)?;
        let day = |text: &str| text.trim().parse::<NaiveDate>().map_err(|_| SHAPE);
        let from = day(from)?;
        let until = (until.trim() != OPEN).then(|| day(until)).transpose()?;
        match until {
            Some(until) if until < from => Err("it ends before it begins"),
            _ => Ok(Self { from, until }),
        }
    }

    /// How it stands on a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Standing {
        if day < self.from {
            return Standing::NotYet;
        }
        if self.until.is_some_and(|until| until < day) { Standing::Ended } else { Standing::InForce }
    }

    /// Whole days left after this one, where it binds and has an end: 0 on its last day.
    #[must_use]
    pub fn days_left(&self, day: NaiveDate) -> Option<i64> {
        let until = self.until.filter(|_| self.on(day) == Standing::InForce)?;
        Some(until.signed_duration_since(day).num_days())
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "{} to {until}", self.from),
            None => write!(f, "{} to {OPEN}", self.from),
        }
    }
}

impl Serialize for Validity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut shape = serializer.serialize_struct("Validity", 2)?;
        shape.serialize_field("from", &self.from.to_string())?;
        shape.serialize_field("until", &self.until.map(|until| until.to_string()))?;
        shape.end()
    }
}
