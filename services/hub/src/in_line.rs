//! What waits for an earlier message of its referral, remembered by the process that put it off, so that it
//! goes on at once when the earlier one has arrived. Where another process brought that one to rest, the next
//! sweep sees it; forgotten with its process, it goes on when its wait is over.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

use casework::{Delivery, DeliveryId, DeliveryStatus, ReferralId};

use crate::{HandedOver, Hub, HubError};

/// A message that waits its turn is looked at again after so long.
const WAIT_MICROS: i64 = 30_000_000;
/// Referrals remembered at most.
const REFERRALS_MAX: usize = 10_000;
/// Referrals that one sweep looks at.
const LOOKED_AT_MAX: usize = 256;

/// Messages that wait, by referral.
#[derive(Debug, Default)]
pub struct InLine(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    by_referral: BTreeMap<ReferralId, BTreeSet<DeliveryId>>,
    /// The last referral that was swept.
    swept: Option<ReferralId>,
}

impl InLine {
    fn with<T>(&self, act: impl FnOnce(&mut Waiting) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, held: &Delivery) {
        self.with(|waiting| {
            if waiting.by_referral.len() < REFERRALS_MAX {
                waiting.by_referral.entry(held.referral).or_default().insert(held.id);
            }
        });
    }

    fn take(&self, referral: ReferralId) -> BTreeSet<DeliveryId> {
        self.with(|waiting| waiting.by_referral.remove(&referral)).unwrap_or_default()
    }

    /// What waits for the referrals behind those that were swept last; from the first again after the last.
    fn next(&self) -> BTreeSet<DeliveryId> {
        self.with(|waiting| {
            let from = waiting.swept.map_or(Bound::Unbounded, Bound::Excluded);
            let rows = waiting.by_referral.range((from, Bound::Unbounded)).take(LOOKED_AT_MAX);
            let (referrals, ids): (Vec<ReferralId>, Vec<_>) = rows.unzip();
            let found = ids.into_iter().flatten().copied().collect();
            waiting.swept = referrals.last().copied().filter(|_| referrals.len() == LOOKED_AT_MAX);
            found
        })
    }

    fn forget(&self, ids: &BTreeMap<DeliveryId, bool>) {
        self.with(|waiting| {
            waiting.by_referral.retain(|_, held| {
                held.retain(|id| !ids.contains_key(id));
                !held.is_empty()
            });
        });
    }
}

impl Hub {
    /// Puts a message off that another one of its referral has to precede.
    pub(crate) async fn wait_in_line(&self, held: &Delivery) -> Result<HandedOver, HubError> {
        let until = self.store.clock().real().plus_micros(WAIT_MICROS);
        let waits = self.postpone(held, until).await?;
        self.in_line.add(held);
        // The earlier one may have come to rest meanwhile, when nobody knew yet that this one waits.
        self.let_those_go(BTreeSet::from([held.id])).await?;
        Ok(waits)
    }

    /// What waits here for a message that another process brought to rest is due now; a part of it at a time.
    ///
    /// # Errors
    /// Where the store fails; it goes on when its wait is over.
    pub async fn let_waiting_go(&self) -> Result<(), HubError> {
        self.let_those_go(self.in_line.next()).await
    }

    async fn let_those_go(&self, waiting: BTreeSet<DeliveryId>) -> Result<(), HubError> {
        if waiting.is_empty() {
            return Ok(());
        }
        let free = self.store.first_in_line(waiting).await?;
        if free.is_empty() {
            return Ok(());
        }
        self.in_line.forget(&free);
        // One that was tried since then waits for another reason, which may be its agency's wish.
        let untried: BTreeSet<DeliveryId> =
            free.into_iter().filter(|(_, untried)| *untried).map(|(id, _)| id).collect();
        if !untried.is_empty() {
            self.store.hasten(untried).await?;
            self.bell.notify_one();
        }
        Ok(())
    }

    /// One came to rest: those that waited for it are due now. It costs nothing where none waits.
    pub(crate) async fn let_next_go(&self, rested: &Delivery) {
        let waiting = self.in_line.take(rested.referral);
        if waiting.is_empty() {
            return;
        }
        if let Err(error) = self.store.hasten(waiting).await {
            let referral = rested.referral;
            tracing::warn!(%referral, %error, "messages that waited their turn wait a little longer");
        }
        self.bell.notify_one();
    }

    /// Why a message that is to be delivered is not tried now, if something holds it.
    ///
    /// # Errors
    /// Where the registers were never read.
    pub(crate) async fn held_by(
        &self,
        held: &Delivery,
        all: &[Delivery],
    ) -> Result<Option<&'static str>, HubError> {
        let waits = matches!(held.status, DeliveryStatus::Queued | DeliveryStatus::WaitingForRetry);
        if !waits {
            return Ok(None);
        }
        if casework::waits_for(held, all).is_some() {
            return Ok(Some("order"));
        }
        if self.switched_off(held).await?.is_some() {
            return Ok(Some("switch"));
        }
        let now = self.store.clock().real();
        if self.adapters.agency(&held.to).is_some_and(|agency| agency.down_until(now).is_some()) {
            return Ok(Some("window"));
        }
        Ok(self.breakers.is_open(&held.to).then_some("breaker"))
    }
}
