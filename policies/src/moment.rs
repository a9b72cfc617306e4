//! When something is asked, as far as policies may know it: the day and the hour in Pakistan. Nothing finer,
//! so that an answer can be kept for an hour; nothing here reads a clock.

use casework::Timestamp;
use chrono::{NaiveDate, Timelike};

/// A day and an hour in Pakistan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The day.
    pub day: NaiveDate,
    /// The hour of the day, from 0.
    pub hour: u32,
}

/// Where only the day matters, it is noon.
const NOON: u32 = 12;

impl Moment {
    /// The day and the hour in Pakistan at this time.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let there = at.in_pakistan();
        Self { day: there.date_naive(), hour: there.hour() }
    }

    /// That day, at noon.
    #[must_use]
    pub const fn on(day: NaiveDate) -> Self {
        Self { day, hour: NOON }
    }
}
