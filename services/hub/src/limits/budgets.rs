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
struct Bound {
    limit: &'static str,
    long: Long,
    whose: String,
    most: u32,
}

impl Bound {
    fn budget(&self, now: i64) -> (Budget, Reached) {
        let (since, retry_after) = self.long.window(now);
        let window = Window { whose: self.whose.clone(), act: self.limit.to_owned(), since };
        (Budget { window, most: self.most }, Reached { limit: self.limit, retry_after })
    }
}

impl Leases {
    /// Uses one of what was taken before, if there is one. A new day forgets all; gives true then.
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
        let child = hex::encode(mark);
        let bounds = [
            (hour, "identity-checks-per-hour", &own, set.identity_checks_per_hour),
            (day, "identity-checks-per-day-of-agency", &agency, set.identity_checks_per_day_of_agency),
        ];
        // Children first: a number that may not be asked for uses up no check.
        let children = [
            (day, "identity-children-per-day", &own, set.identity_children_per_day),
            (day, "identity-children-per-day-of-agency", &agency, set.identity_children_per_day_of_agency),
        ];
        for bound in children {
            self.spend_child(&made(bound), &child).await?;
        }
        for bound in bounds {
            self.spend_one(&made(bound), 1).await?;
        }
        Ok(())
    }

    /// A look at personal data of a case, or of something that looks like one.
    pub(crate) async fn spend_read(&self, caller: &Caller, child: &str) -> Result<(), HubError> {
        let set = self.limits.settings;
        let (own, agency) = whose(caller);
        let children = [
            (Long::Day, "children-per-day", &own, set.children_per_day),
            (Long::Day, "children-per-day-of-agency", &agency, set.children_per_day_of_agency),
        ];
        for bound in children {
            self.spend_child(&made(bound), child).await?;
        }
        self.spend_one(&made((Long::Day, "reads-per-day", &own, set.reads_per_day)), BLOCK).await?;
        let all = (Long::Day, "reads-per-day-of-agency", &agency, set.reads_per_day_of_agency);
        self.spend_one(&made(all), BLOCK).await
    }

    /// A table that leaves the hub.
    pub(crate) async fn spend_export(&self, caller: &Caller) -> Result<(), HubError> {
        let set = self.limits.settings;
        let (own, agency) = whose(caller);
        self.spend_one(&made((Long::Day, "exports-per-day", &own, set.exports_per_day)), 1).await?;
        let all = (Long::Day, "exports-per-day-of-agency", &agency, set.exports_per_day_of_agency);
        self.spend_one(&made(all), 1).await
    }

    async fn spend_one(&self, bound: &Bound, block: u32) -> Result<(), HubError> {
        let (budget, reached) = bound.budget(self.budget_time().await.micros());
        if self.limits.leases.use_one(&budget.window) {
            return Ok(());
        }
        if block > 1 && self.store.spend(budget.clone(), block).await? {
            self.limits.leases.put(budget.window, block.saturating_sub(1));
            return Ok(());
        }
        if self.store.spend(budget, 1).await? { Ok(()) } else { Err(reached.into()) }
    }

    async fn spend_child(&self, bound: &Bound, child: &str) -> Result<(), HubError> {
        let (budget, reached) = bound.budget(self.budget_time().await.micros());
        if self.limits.leases.knows(&budget.window, child) {
            return Ok(());
        }
        let window = budget.window.clone();
        if !self.store.spend_for(budget, child.to_owned()).await? {
            return Err(reached.into());
        }
        self.limits.leases.learn(window, child.to_owned());
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

fn made((long, limit, whose, most): (Long, &'static str, &String, u32)) -> Bound {
    Bound { limit, long, whose: whose.clone(), most }
}
