//! The hub counts everything once a day, from the ledger: is nothing accepted lost, has every child an owner
//! and a clock? What it came to is an entry, a gauge, and, where a promise is broken, an alarm. Who asks is
//! shown the newest count; asking counts nothing.

use std::collections::BTreeMap;

use casework::{Action, AgencyCode, Caller, Condition, Counted, IncidentTurn, Timestamp};
use policies::Act;
use serde::Serialize;
use store::{Committed, CountedTwice, Lane, LastCount, Order, StoreError, Violation};

use crate::permits::ask;
use crate::{Hub, HubError, measure};

/// A count older than this is made anew: a day.
const COUNT_MICROS: i64 = 86_400_000_000;
/// The role that may see every agency's deliveries.
const OPERATOR: &str = "operator";

/// The newest count. No child is in it: ids of deliveries and referrals, and numbers.
#[derive(Debug, Clone, Serialize)]
pub struct ConservationView {
    /// Its entry in the ledger; nothing where no hub has counted yet.
    pub entry: Option<u64>,
    /// When, RFC 3339.
    pub counted_at: Option<String>,
    /// How many entries were counted.
    pub entries: u64,
    /// Do both principles hold?
    pub holds: Option<bool>,
    /// Deliveries by recipient, counted from the ledger and from the tables.
    pub agencies: BTreeMap<AgencyCode, CountedTwice>,
    /// Referrals that are not closed.
    pub open_referrals: u64,
    /// What breaks principle 1.
    pub lost: u64,
    /// What breaks principle 2.
    pub unowned: u64,
    /// The first of them.
    pub violations: Vec<Violation>,
}

impl Hub {
    /// Counts, where the newest count is older than a day; what it came to then.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn count_if_due(&self) -> Result<Option<Counted>, HubError> {
        let last = self.store.last_count().await?;
        let now = self.store.clock().real().micros();
        if let Some(last) = last.filter(|last| now.saturating_sub(last.real.micros()) < COUNT_MICROS) {
            // A restart, or another hub's count: the gauges say what is known.
            measure::conservation(&last.found);
            return Ok(None);
        }
        self.count_conservation().await.map(Some)
    }

    /// Counts everything now and enters what it came to.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn count_conservation(&self) -> Result<Counted, HubError> {
        let found = self.store.recount().await?;
        let counted = found.counted()?;
        let order = Order::plain(self.own(Action::Counted(counted.clone())), Lane::Reads);
        let Committed::Done(done) = self.store.commit(order).await? else {
            return Err(StoreError::Unreadable("a count was not entered".to_owned()).into());
        };
        measure::conservation(&found);
        let turn = if found.holds() { IncidentTurn::Recover } else { IncidentTurn::Open };
        self.incident(Condition::ConservationBroken, &AgencyCode::hub(), None, turn).await;
        if !found.holds() {
            let first = counted.first.as_deref().unwrap_or_default();
            let (lost, unowned) = (found.lost, found.unowned);
            tracing::error!(alarm = "conservation-broken", lost, unowned, first, "a promise is broken");
            measure::alarm("conservation-broken");
        }
        let at = done.entries.first().map_or_else(Timestamp::default, |entry| entry.at);
        let real = self.store.clock().real();
        self.store.keep_count(&LastCount { entry: done.index, at, real, found }).await?;
        Ok(counted)
    }

    /// The newest count: all of it for auditors and operators, its own line for an agency.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn show_conservation(&self, caller: &Caller) -> Result<ConservationView, HubError> {
        let all = caller.has_role(OPERATOR) || self.permit(&ask(caller, Act::ReadAudit, None)).is_ok();
        let Some(last) = self.store.last_count().await? else { return Ok(none_yet()) };
        let mut found = last.found;
        let holds = Some(found.holds());
        if !all {
            found.agencies.retain(|agency, _| *agency == caller.agency);
            found.violations.clear();
        }
        Ok(ConservationView {
            entry: Some(last.entry),
            counted_at: Some(last.at.to_string()),
            entries: found.size,
            holds,
            agencies: found.agencies,
            open_referrals: found.open,
            lost: found.lost,
            unowned: found.unowned,
            violations: found.violations,
        })
    }
}

const fn none_yet() -> ConservationView {
    ConservationView {
        entry: None,
        counted_at: None,
        entries: 0,
        holds: None,
        agencies: BTreeMap::new(),
        open_referrals: 0,
        lost: 0,
        unowned: 0,
        violations: Vec::new(),
    }
}
