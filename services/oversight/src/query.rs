//! A question to an indicator, and what is refused before anything is counted. Refusals never repeat what
//! was sent; they name what is allowed.

use serde::{Deserialize, Serialize};

use crate::Indicator;
use crate::rules::{CELLS_MAX, MONTHS_MAX};

/// What a table may be broken down by: the referral's own codes, then the dimensions of `statistics`.
pub const DIMENSIONS: &[&str] = &[
    "service",
    "to",
    "month",
    "priority",
    "sex",
    "age-band",
    "district",
    "nationality",
    "legal-status",
    "disability",
    "socio-economic",
    "area",
    "care",
    "setting",
    "clock",
    "rung",
];

/// What breaches of clocks may be broken down by.
pub(crate) const BREACH_DIMENSIONS: &[&str] = &["to", "month", "clock", "rung"];

/// What referrals may be broken down by: all but what only breaches have.
pub(crate) fn referral_dimensions() -> &'static [&'static str] {
    DIMENSIONS
        .split_at_checked(DIMENSIONS.len().saturating_sub(2))
        .map_or(DIMENSIONS, |(referrals, _)| referrals)
}

/// Two dimensions and no more.
pub(crate) const BY_MAX: usize = 2;

/// Which facts, broken down how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// At most two of [`DIMENSIONS`], in the order of the table's key columns.
    #[serde(default)]
    pub by: Vec<String>,
    /// First month, `2026-08`.
    pub from_month: String,
    /// Last month, inclusive.
    pub to_month: String,
}

/// Why a query is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryRefusal {
    /// More than two dimensions.
    #[error("a table has at most {BY_MAX} dimensions: ask twice, or leave one out")]
    TooManyDimensions,
    /// A dimension that does not exist.
    #[error("a dimension is not known: choose from {}", DIMENSIONS.join(", "))]
    UnknownDimension,
    /// A dimension that this indicator does not have.
    #[error("this indicator does not have that dimension: choose from {}", .by.join(", "))]
    NotOfThis {
        /// Those it has.
        by: &'static [&'static str],
    },
    /// The same dimension twice.
    #[error("a dimension is named twice: name it once")]
    RepeatedDimension,
    /// Not a month.
    #[error("a month is not of the form 2026-11")]
    BadMonth,
    /// From after to.
    #[error("the first month is after the last one: exchange them")]
    PeriodReversed,
    /// Too long.
    #[error("the period is longer than {MONTHS_MAX} months: ask for a shorter one")]
    PeriodTooLong,
    /// Too many cells.
    #[error("the table would have more than {CELLS_MAX} cells: leave a dimension out")]
    TooLarge,
}

impl Query {
    /// Checks everything that can be checked without facts.
    ///
    /// # Errors
    /// The first [`QueryRefusal`] that applies.
    pub fn check(&self) -> Result<(), QueryRefusal> {
        if self.by.len() > BY_MAX {
            return Err(QueryRefusal::TooManyDimensions);
        }
        if self.by.iter().any(|by| !DIMENSIONS.contains(&by.as_str())) {
            return Err(QueryRefusal::UnknownDimension);
        }
        if !self.by.is_empty() && self.by.first() == self.by.get(1) {
            return Err(QueryRefusal::RepeatedDimension);
        }
        let (from, to) = (month_number(&self.from_month)?, month_number(&self.to_month)?);
        if from > to {
            return Err(QueryRefusal::PeriodReversed);
        }
        if to - from >= MONTHS_MAX { Err(QueryRefusal::PeriodTooLong) } else { Ok(()) }
    }

    /// The same, and whether the indicator has these dimensions.
    ///
    /// # Errors
    /// The first [`QueryRefusal`] that applies.
    pub fn check_for(&self, definition: &dyn Indicator) -> Result<(), QueryRefusal> {
        self.check()?;
        let has = |by: &String| definition.by().contains(&by.as_str());
        if self.by.iter().all(has) { Ok(()) } else { Err(QueryRefusal::NotOfThis { by: definition.by() }) }
    }

    pub(crate) fn covers(&self, month: &str) -> bool {
        self.from_month.as_str() <= month && month <= self.to_month.as_str()
    }
}

/// Months since year 0; exactly `YYYY-MM`, so that text order is time order.
fn month_number(text: &str) -> Result<u32, QueryRefusal> {
    let digits = |part: &str, len: usize| {
        let well = part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
        if well { part.parse::<u32>().ok() } else { None }
    };
    let (year, month) = text.split_once('-').ok_or(QueryRefusal::BadMonth)?;
    match (digits(year, 4), digits(month, 2)) {
        (Some(year), Some(month @ 1..=12)) => Ok(year * 12 + month),
        _ => Err(QueryRefusal::BadMonth),
    }
}
