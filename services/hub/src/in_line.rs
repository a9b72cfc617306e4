//! What waits for an earlier message of its referral, remembered by the process that put it off, so that it
//! goes on at once when the earlier one has arrived. Forgotten, it goes on when its wait is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use casework::{Delivery, DeliveryId, DeliveryStatus, ReferralId};

use crate::registers::Kept;
use crate::{HandedOver, Hub, HubError};

/// A message that waits its turn is looked at again after so long.
const WAIT_MICROS: i64 = 30_000_000;
/// Referrals remembered at most.
const REFERRALS_MAX: usize = 10_000;

/// Messages that wait, by referral.
#[derive(Debug, Default)]
pub struct InLine(Mutex<BTreeMap<ReferralId, BTreeSet<DeliveryId>>>);

impl InLine {
    fn add(&self, held: &Delivery) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < REFERRALS_MAX {
            waiting.entry(held.referral).or_default().insert(held.id);
        }
    }

    fn take(&self, referral: ReferralId) -> BTreeSet<DeliveryId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&referral).unwrap_or_default()
    }
}

impl Hub {
    /// Puts a message off that another one of its referral has to precede.
    pub(crate) async fn wait_in_line(&self, held: &Delivery) -> Result<HandedOver, HubError> {
        self.in_line.add(held);
        let until = self.store.clock().real().plus_micros(WAIT_MICROS);
        self.postpone(held, until).await
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
    pub(crate) fn held_by(&self, held: &Delivery, all: &[Delivery], kept: &Kept) -> Option<&'static str> {
        let waits = matches!(held.status, DeliveryStatus::Queued | DeliveryStatus::WaitingForRetry);
        if !waits {
            return None;
        }
        if casework::waits_for(held, all).is_some() {
            return Some("order");
        }
        if kept.switch(&held.to, held.message).is_some() {
            return Some("switch");
        }
        let now = self.store.clock().real();
        if self.adapters.agency(&held.to).is_some_and(|agency| agency.down_until(now).is_some()) {
            return Some("window");
        }
        self.breakers.is_open(&held.to).then_some("breaker")
    }
}
