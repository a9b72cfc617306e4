//! Rules as data: how long each clock runs, which days count. `schemas` fills this from the code lists;
//! nothing here is law unless its source says so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{ClockKind, Code, MessageKind, Rung, Timestamp};

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

impl ClockRow {
    /// What this row is longer than another.
    #[must_use]
    pub const fn less(&self, other: &Self) -> Self {
        Self {
            emergency_micros: self.emergency_micros.saturating_sub(other.emergency_micros),
            urgent_micros: self.urgent_micros.saturating_sub(other.urgent_micros),
            normal_micros: self.normal_micros.saturating_sub(other.normal_micros),
        }
    }
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

impl Calendar {
    /// Microseconds of working days from `start` to `end`; none where `end` is not later.
    #[must_use]
    pub fn between(&self, start: Timestamp, end: Timestamp) -> i64 {
        let (mut at, mut counted) = (start, 0_i64);
        for _ in 0..DAYS_MAX {
            if at >= end {
                break;
            }
            let local = at.in_pakistan();
            let into_day = local.time().signed_duration_since(chrono::NaiveTime::MIN);
            let midnight = at.plus_micros(MICROS_PER_DAY - into_day.num_microseconds().unwrap_or(0));
            let until = midnight.min(end);
            if self.works(local.date_naive()) {
                counted = counted.saturating_add(until.micros().saturating_sub(at.micros()));
            }
            at = until;
        }
        counted
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
    /// Who is told of each clock when it is overdue, rung by rung.
    pub ladders: BTreeMap<ClockKind, Vec<Rung>>,
    /// How long a delivery is tried.
    pub lives: Lives,
}

/// How long a delivery is tried before it rests with a person (`codelists/delivery_lives.csv`). Every day of
/// the year counts: machines know no working days.
#[derive(Debug, Clone, Default)]
pub struct Lives {
    /// For every message without a row of its own; without this row nothing expires.
    pub any: Option<ClockRow>,
    /// For these.
    pub of: BTreeMap<MessageKind, ClockRow>,
}

impl Rules {
    /// When a clock started at `start` falls due; `None` for a clock the list does not have.
    #[must_use]
    pub fn due(&self, kind: ClockKind, priority: Priority, start: Timestamp) -> Option<Timestamp> {
        Some(self.later(self.clocks.get(&kind)?, priority, start))
    }

    /// `start` and what a row says for this priority.
    #[must_use]
    pub fn later(&self, row: &ClockRow, priority: Priority, start: Timestamp) -> Timestamp {
        match priority {
            Priority::Emergency => start.plus_micros(row.emergency_micros),
            Priority::Urgent => self.calendar.add(start, row.urgent_micros),
            Priority::Normal => self.calendar.add(start, row.normal_micros),
        }
    }

    /// When a clock that stood still from `paused` to `now` falls due: what was left of it counts on, in the
    /// time it counts in. One that was overdue already is late by as much as before.
    #[must_use]
    pub fn resumed(
        &self,
        priority: Priority,
        due: Timestamp,
        paused: Timestamp,
        now: Timestamp,
    ) -> Timestamp {
        let stood = now.micros().saturating_sub(paused.micros()).max(0);
        if priority == Priority::Emergency || due <= paused {
            return due.plus_micros(stood);
        }
        self.calendar.add(now, self.calendar.between(paused, due))
    }

    /// How long a message of this kind is tried, in microseconds; `None` where the list says nothing.
    #[must_use]
    pub fn life(&self, message: MessageKind, priority: Priority) -> Option<i64> {
        let row = self.lives.of.get(&message).or(self.lives.any.as_ref())?;
        Some(match priority {
            Priority::Emergency => row.emergency_micros,
            Priority::Urgent => row.urgent_micros,
            Priority::Normal => row.normal_micros,
        })
    }

    /// A rung of a clock's ladder; the first is 1.
    #[must_use]
    pub fn rung(&self, kind: ClockKind, rung: u8) -> Option<&Rung> {
        self.ladders.get(&kind)?.get(usize::from(rung.checked_sub(1)?))
    }
}
