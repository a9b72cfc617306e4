//! Daily and hourly budgets, by person or client and by agency, and how many children each is used for. They
//! stand in the store. Looks are many, so their budget is taken a block at a time; what is left of a block
//! when the hub stops is lost to whoever it was for, never given twice.
//!
//! A day is Pakistan's, an hour the clock's; both in real time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use casework::{Caller, Timestamp};
use store::{Budget, Window};

use super::Reached;
use crate::{Hub, HubError};

/// Looks taken together.
const BLOCK: u32 = 20;
/// Windows remembered at most.
const LEASES_MAX: usize = 10_000;
/// Children remembered at most, so that asking again for one touches no table.
const CHILDREN_MAX: usize = 100_000;
const HOUR_MICROS: i64 = 3_600_000_000;
const DAY_MICROS: i64 = 24 * HOUR_MICROS;
/// Pakistan is five hours ahead, the year round.
const PAKISTAN_MICROS: i64 = 5 * HOUR_MICROS;

/// What is taken of budgets and not used yet, and what is known of children.
#[derive(Debug, Default)]
pub struct Leases(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    day: i64,
    left: BTreeMap<Window, u32>,
    children: BTreeSet<(Window, String)>,
}

/// How long a window is.
#[derive(Debug, Clone, Copy)]
enum Long {
    Hour,
    Day,
}

impl Long {
    /// When the window began in which this moment lies, and the seconds until the next.
    fn window(self, now: i64) -> (i64, u64) {
        let (long, ahead) = match self {
            Self::Hour => (HOUR_MICROS, 0),
            Self::Day => (DAY_MICROS, PAKISTAN_MICROS),
        };
        let since = now.saturating_sub(now.saturating_add(ahead).rem_euclid(long));
        let left = since.saturating_add(long).saturating_sub(now).max(0) / 1_000_000;
        (since, u64::try_from(left).unwrap_or(0).saturating_add(1))
    }
}

/// One bound of one window.
struct Bound<'a> {
    limit: &'static str,
    long: Long,
    whose: &'a str,
    most: u32,
}

impl Bound<'_> {
    fn budget(&self, now: i64) -> (Budget, Reached) {
        let (since, retry_after) = self.long.window(now);
        let window = Window { whose: self.whose.to_owned(), act: self.limit.to_owned(), since };
        (Budget { window, most: self.most }, Reached { limit: self.limit, retry_after })
    }
}

impl Leases {
    /// Uses one of what was taken before, if there is one.
    fn use_one(&self, window: &Window) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left) = kept.left.get_mut(window) else { return false };
        let found = *left > 0;
        *left = left.saturating_sub(1);
        found
    }

    fn put(&self, window: Window, left: u32) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.left.len() >= LEASES_MAX {
            kept.left.clear();
        }
        let held = kept.left.entry(window).or_default();
        *held = held.saturating_add(left);
    }

    fn knows(&self, window: &Window, child: &str) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.children.contains(&(window.clone(), child.to_owned()))
    }

    fn learn(&self, window: Window, child: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.children.len() >= CHILDREN_MAX {
            kept.children.clear();
        }
        kept.children.insert((window, child));
    }

    /// Is this the first question of a day? Then what is kept of the last one goes.
    fn begins(&self, day: i64) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = kept.day != day;
        if begins {
            *kept = Kept { day, ..Kept::default() };
        }
        begins
    }
}

impl Hub {
    /// An identity check, before it is entered; `mark` stands for the number asked for.
    pub(crate) async fn spend_check(&self, caller: &Caller, mark: &[u8; 32]) -> Result<(), HubError> {
        let set = self.limits.settings;
        let (own, agency) = whose(caller);
        let (hour, day) = (Long::Hour, Long::Day);
        // Children first: a number that may not be asked for uses up no check.
        let children = [
            made(day, "identity-children-per-day", &own, set.identity_children_per_day),
            made(
                day,
                "identity-children-per-day-of-agency",
                &agency,
                set.identity_children_per_day_of_agency,
            ),
        ];
        self.spend_child(&children, &hex::encode(mark)).await?;
        let checks = [
            made(hour, "identity-checks-per-hour", &own, set.identity_checks_per_hour),
            made(day, "identity-checks-per-day-of-agency", &agency, set.identity_checks_per_day_of_agency),
        ];
        self.spend_ones(&checks, 1).await
    }

    /// A look at personal data of a case, or of something that looks like one.
    pub(crate) async fn spend_read(&self, caller: &Caller, child: &str) -> Result<(), HubError> {
        let set = self.limits.settings;
        let (own, agency) = whose(caller);
        let children = [
            made(Long::Day, "children-per-day", &own, set.children_per_day),
            made(Long::Day, "children-per-day-of-agency", &agency, set.children_per_day_of_agency),
        ];
        self.spend_child(&children, child).await?;
        let reads = [
            made(Long::Day, "reads-per-day", &own, set.reads_per_day),
            made(Long::Day, "reads-per-day-of-agency", &agency, set.reads_per_day_of_agency),
        ];
        self.spend_ones(&reads, BLOCK).await
    }

    /// A table that leaves the hub.
    pub(crate) async fn spend_export(&self, caller: &Caller) -> Result<(), HubError> {
        let set = self.limits.settings;
        let (own, agency) = whose(caller);
        let exports = [
            made(Long::Day, "exports-per-day", &own, set.exports_per_day),
            made(Long::Day, "exports-per-day-of-agency", &agency, set.exports_per_day_of_agency),
        ];
        self.spend_ones(&exports, 1).await
    }

    /// One of each: from what was leased before, else a block of each, else one of each.
    async fn spend_ones(&self, bounds: &[Bound<'_>], block: u32) -> Result<(), HubError> {
        let now = self.budget_time().await.micros();
        let all = bounds.iter().map(|bound| bound.budget(now));
        let due: Vec<(Budget, Reached)> =
            all.filter(|(budget, _)| !self.limits.leases.use_one(&budget.window)).collect();
        if due.is_empty() {
            return Ok(());
        }
        let asked: Vec<Budget> = due.iter().map(|(budget, _)| budget.clone()).collect();
        if block > 1 && self.store.spend(asked.clone(), block).await?.is_none() {
            for budget in asked {
                self.limits.leases.put(budget.window, block.saturating_sub(1));
            }
            return Ok(());
        }
        reached(&due, self.store.spend(asked, 1).await?)
    }

    async fn spend_child(&self, bounds: &[Bound<'_>], child: &str) -> Result<(), HubError> {
        let now = self.budget_time().await.micros();
        let all = bounds.iter().map(|bound| bound.budget(now));
        let due: Vec<(Budget, Reached)> =
            all.filter(|(budget, _)| !self.limits.leases.knows(&budget.window, child)).collect();
        if due.is_empty() {
            return Ok(());
        }
        let asked: Vec<Budget> = due.iter().map(|(budget, _)| budget.clone()).collect();
        reached(&due, self.store.spend_for(asked, child.to_owned()).await?)?;
        for (budget, _) in due {
            self.limits.leases.learn(budget.window, child.to_owned());
        }
        Ok(())
    }

    /// The time budgets go by. With a new day the windows of the day before yesterday are forgotten.
    async fn budget_time(&self) -> Timestamp {
        let now = self.store.clock().real();
        let (day, _) = Long::Day.window(now.micros());
        if self.limits.leases.begins(day)
            && let Err(error) = self.store.forget_budgets(day.saturating_sub(DAY_MICROS)).await
        {
            tracing::warn!(%error, "old budgets could not be forgotten; they go with the next day");
        }
        now
    }
}

fn whose(caller: &Caller) -> (String, String) {
    (caller.actor.to_string(), caller.agency.to_string())
}

const fn made<'a>(long: Long, limit: &'static str, whose: &'a str, most: u32) -> Bound<'a> {
    Bound { limit, long, whose, most }
}

/// The first that had not enough, if one had not.
fn reached(due: &[(Budget, Reached)], short: Option<usize>) -> Result<(), HubError> {
    match short.and_then(|at| due.get(at)) {
        Some((_, reached)) => Err((*reached).into()),
        None => Ok(()),
    }
}
