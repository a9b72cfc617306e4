//! How long a case is kept: which rows of a schedule speak of it, and from when on its time is over. Pure,
//! and of codes alone: a date of birth is sealed, so what runs from a birthday is agreed on paper and not
//! run here.
//!
//! That the time is over erases nothing. It is the ground on which two people may have the case erased.

use chrono::Months;

use crate::{Case, Code, Referral, Status, Timestamp};

const DAY_MICROS: i64 = 86_400 * 1_000_000;

/// How long: calendar months, then days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptFor {
    /// Months, a year being twelve.
    pub months: u32,
    /// Days.
    pub days: u32,
}

impl KeptFor {
    /// When that is over, counted by Pakistan's calendar. Beyond what a calendar holds it never is.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        let never = Timestamp::from_micros(i64::MAX);
        let months = start.in_pakistan().checked_add_months(Months::new(self.months));
        let days = i64::from(self.days).saturating_mul(DAY_MICROS);
        months.map_or(never, |at| Timestamp::from_micros(at.timestamp_micros()).plus_micros(days))
    }
}

/// Which cases a row of the schedule speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptCase {
    /// Those with a referral for this purpose.
    Purpose(Code),
    /// Those with a referral for this service.
    Service(Code),
    /// Those that nobody served: every referral was declined, or should never have been.
    NotServed,
    /// Those without a referral: an identity was asked about, and nothing came of it.
    NoReferral,
    /// All others.
    Any,
}

/// What starts the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptFrom {
    /// The last step of the last referral that closed.
    Closed,
    /// The newest entry of the case that is no look and no act of keeping or erasing it.
    LastActivity,
}

/// A row of the schedule that the hub runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// Its name.
    pub record: Code,
    /// Of which cases.
    pub of: KeptCase,
    /// From when on.
    pub from: KeptFrom,
    /// How long.
    pub keep: KeptFor,
}

/// The rows that the hub runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keeping {
    /// In the order of the file.
    pub rows: Vec<KeptRow>,
}

/// From when on a case need not be kept any longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptUntil {
    /// By which row.
    pub record: Code,
    /// What started the time.
    pub since: Timestamp,
    /// When it is over.
    pub due: Timestamp,
}

impl Keeping {
    /// When the time of a case is over; `None` while a referral of it is open, once it is erased, and where
    /// no row speaks of it. Of several rows the one counts that keeps it longest.
    #[must_use]
    pub fn until(&self, case: &Case, referrals: &[Referral], activity: Timestamp) -> Option<KeptUntil> {
        if case.erased.is_some() || !referrals.iter().all(Referral::closed) {
            return None;
        }
        let closed = referrals.iter().map(|held| held.moved).max().unwrap_or(activity);
        let one = |row: &KeptRow| {
            let since = match row.from {
                KeptFrom::Closed => closed,
                KeptFrom::LastActivity => activity.max(closed),
            };
            KeptUntil { record: row.record.clone(), since, due: row.keep.after(since) }
        };
        let found = self.rows_of(referrals).map(one);
        found.max_by(|one, other| (one.due, &other.record).cmp(&(other.due, &one.record)))
    }

    /// A case of a kind of its own is of that kind alone; what no other row names is of `any`.
    fn rows_of<'a>(&'a self, referrals: &'a [Referral]) -> impl Iterator<Item = &'a KeptRow> {
        let alone = alone(referrals).filter(|kind| self.rows.iter().any(|row| row.of == *kind));
        let names = move |row: &&KeptRow| match (&alone, &row.of) {
            (Some(kind), of) => kind == of,
            (None, KeptCase::Purpose(code)) => referrals.iter().any(|held| held.purpose == *code),
            (None, KeptCase::Service(code)) => referrals.iter().any(|held| held.service == *code),
            (None, of) => *of == KeptCase::Any,
        };
        self.rows.iter().filter(names)
    }
}

fn alone(referrals: &[Referral]) -> Option<KeptCase> {
    let declined = |held: &Referral| matches!(held.status, Status::Rejected | Status::EnteredInError);
    match referrals {
        [] => Some(KeptCase::NoReferral),
        some => some.iter().all(declined).then_some(KeptCase::NotServed),
    }
}
