//! When an agency's system is down on purpose: hours of a week, by Pakistan's clock, as its `agency.toml` has
//! them. Nothing is sent meanwhile and no attempt is spent, emergencies included: the system is not there.

use casework::Timestamp;
use chrono::{Datelike, NaiveTime, TimeDelta, Weekday};
use serde::Deserialize;

use crate::manifest::ManifestError;

const DAY_SECONDS: i64 = 86_400;
/// The end of a day, which a time of day cannot say.
const MIDNIGHT: &str = "24:00";

/// As the file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// `mon` to `sun`.
    days: Vec<String>,
    /// `01:00`.
    from: String,
    /// `03:00`, later than `from`; `24:00` is the day's end.
    to: String,
}

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    days: Vec<Weekday>,
    from_seconds: i64,
    to_seconds: i64,
}

impl Window {
    pub fn read(told: &Told) -> Result<Self, ManifestError> {
        let days: Option<Vec<Weekday>> = told.days.iter().map(|day| day.parse().ok()).collect();
        let days = days.filter(|days| !days.is_empty()).ok_or(ManifestError::Maintenance)?;
        let (from_seconds, to_seconds) = (seconds(&told.from)?, seconds(&told.to)?);
        if from_seconds >= to_seconds {
            return Err(ManifestError::Maintenance);
        }
        Ok(Self { days, from_seconds, to_seconds })
    }

    /// When it ends, if it runs now.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let local = now.in_pakistan();
        let midnight = local.date_naive().and_time(NaiveTime::MIN);
        let into = local.naive_local().signed_duration_since(midnight);
        let runs = self.days.contains(&local.weekday())
            && into >= TimeDelta::seconds(self.from_seconds)
            && into < TimeDelta::seconds(self.to_seconds);
        let left = TimeDelta::seconds(self.to_seconds).checked_sub(&into)?.num_microseconds()?;
        runs.then(|| now.plus_micros(left))
    }
}

fn seconds(text: &str) -> Result<i64, ManifestError> {
    if text == MIDNIGHT {
        return Ok(DAY_SECONDS);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| ManifestError::Maintenance)?;
    Ok(time.signed_duration_since(NaiveTime::MIN).num_seconds())
}
