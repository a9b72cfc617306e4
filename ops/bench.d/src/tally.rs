//! What a measurement counts: how much was done, in what time, and what it cost this process's processors.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Failure;

/// Linux counts a process's time in hundredths of a second.
const MICROS_PER_TICK: u64 = 10_000;
/// `utime` and `stime` among what follows the program's name in `/proc/self/stat`.
const USER_AND_SYSTEM: std::ops::RangeInclusive<usize> = 11..=12;

/// Processor time of this process so far, all threads together, in microseconds.
pub fn cpu_micros() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(") ").ok_or("/proc/self/stat reads otherwise than expected")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let fields = fields.get(USER_AND_SYSTEM).ok_or("/proc/self/stat is too short")?;
    let ticks = fields.iter().map(|field| field.parse::<u64>()).sum::<Result<u64, _>>()?;
    Ok(ticks * MICROS_PER_TICK)
}

/// Referrals, and what they took.
#[derive(Default, Clone, Copy)]
pub struct Tally {
    pub referrals: usize,
    pub rows: usize,
    pub batches: usize,
    pub took: Duration,
    cpu_micros: u64,
}

impl Tally {
    /// Does this, and adds what it took.
    pub fn timed<T>(&mut self, act: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let (started, before) = (Instant::now(), cpu_micros()?);
        let done = act()?;
        self.took += started.elapsed();
        self.cpu_micros += cpu_micros()?.saturating_sub(before);
        Ok(done)
    }

    /// Referrals in a second.
    pub fn referrals_per_s(&self) -> f64 {
        self.referrals as f64 / self.took.as_secs_f64()
    }

    /// What both sides tell alike.
    pub fn told(&self) -> Value {
        json!({
            "referrals_per_s": self.referrals_per_s(),
            "rows_per_s": self.rows as f64 / self.took.as_secs_f64(),
            "cpu_us_per_referral": self.cpu_micros as f64 / self.referrals as f64,
            "mean_batch": self.referrals as f64 / self.batches as f64,
            "referrals": self.referrals,
            "seconds": self.took.as_secs_f64(),
        })
    }
}
