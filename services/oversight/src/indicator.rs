//! What an indicator is: a name, a method in words, and which facts it counts. Not how tables are
//! protected.

use store::FactRow;

/// What is computed from the facts of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// How many referrals.
    Count,
    /// The median of [`Indicator::minutes`] over the referrals that have it, and how many those are.
    MedianMinutes,
    /// The share of referrals that [`Indicator::hit`], and of how many.
    Percent,
}

/// A definition. One file each under `indicators/`.
pub trait Indicator: Sync {
    /// Stable name in paths and on the command line.
    fn id(&self) -> &'static str;
    /// For people.
    fn title(&self) -> &'static str;
    /// What is counted, as the name of a column.
    fn unit(&self) -> &'static str {
        "referrals"
    }
    /// What it may be broken down by.
    fn by(&self) -> &'static [&'static str] {
        crate::query::referral_dimensions()
    }
    /// Numerator, denominator and what is left out, in words.
    fn method(&self) -> &'static str;
    /// What is computed.
    fn measure(&self) -> Measure;
    /// Does this referral count in the numerator?
    fn hit(&self, row: &FactRow) -> bool {
        self.minutes(row).is_some()
    }
    /// The duration taken, for medians.
    fn minutes(&self, _row: &FactRow) -> Option<i64> {
        None
    }
}
