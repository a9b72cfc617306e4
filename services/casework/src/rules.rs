//! Rules as data: how long each clock runs, which days count. `schemas` fills this from the code lists;
//! nothing here is law unless its source says so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{ClockKind, Code, Timestamp};

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// A clock never runs longer than two years of calendar days, whatever the data says.
const DAYS_MAX: u32 = 731;

/// How urgent a referral is (`codelists/priority.csv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Immediate danger: its clocks run on every day of the year and never pause.
    Emergency,
    /// Within days.
    Urgent,
    /// Everything else.
    Normal,
}

impl Priority {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Urgent => "urgent",
            Self::Normal => "normal",
        }
    }
}

/// How long one clock runs, in microseconds, by priority (`codelists/referral_clocks.csv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockRow {
    /// For `emergency`.
    pub emergency_micros: i64,
    /// For `urgent`, working days only.
    pub urgent_micros: i64,
    /// For `normal`, working days only.
    pub normal_micros: i64,
}

/// Days that do not count for `urgent` and `normal` clocks, in Pakistan's time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// Public holidays.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    fn works(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&day)
    }

    /// `start` moved forward by `micros` of working days (each counts its 24 hours).
    #[must_use]
    pub fn add(&self, start: Timestamp, micros: i64) -> Timestamp {
        let mut at = start;
        let mut left = micros.max(0);
        for _ in 0..DAYS_MAX {
            let local = at.in_pakistan();
            let into_day = local.time().signed_duration_since(chrono::NaiveTime::MIN);
            let rest = MICROS_PER_DAY - into_day.num_microseconds().unwrap_or(0);
            if self.works(local.date_naive()) {
                if left <= rest {
                    return at.plus_micros(left);
                }
                left -= rest;
            }
            at = at.plus_micros(rest);
        }
        at
    }
}

/// What `decide` needs beyond state and command.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Every clock of the code list.
    pub clocks: BTreeMap<ClockKind, ClockRow>,
    /// Days that do not count.
    pub calendar: Calendar,
    /// Coded outcomes that mean the service failed (child lost, withdrew, died, moved).
    pub failed_outcomes: BTreeSet<Code>,
}

impl Rules {
    /// When a clock started at `start` falls due; `None` for a clock the list does not have.
    #[must_use]
    pub fn due(&self, kind: ClockKind, priority: Priority, start: Timestamp) -> Option<Timestamp> {
        let row = self.clocks.get(&kind)?;
        Some(match priority {
            Priority::Emergency => start.plus_micros(row.emergency_micros),
            Priority::Urgent => self.calendar.add(start, row.urgent_micros),
            Priority::Normal => self.calendar.add(start, row.normal_micros),
        })
    }
}
