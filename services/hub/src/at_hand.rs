//! What this process has just committed and will soon hand over itself: delivery and referral as the entries
//! made them, so that the hand-over needs not look for them in the database. A hint and no more. Whoever uses
//! it claims the attempt, and the claim looks at the rows: where they have moved since, it refuses, and they
//! are read after all. What is not here any more, or was committed by another hub, is looked up.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use casework::{Delivery, DeliveryId, Entry, MessageKind, Referral, State};
use store::{Handing, StoreError};

use crate::Hub;

/// Deliveries kept at most; there are more only where agencies are slower than senders, and then a look is
/// not what anybody waits for.
const KEPT_MAX: usize = 1024;
/// Older ones are looked up: most are taken within a fraction of a second.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// A delivery, its referral, and since when they are kept.
type Kept = (Delivery, Referral, Instant);

/// What is at hand; nothing where this process hands nothing over.
#[derive(Debug, Default)]
pub struct AtHand(OnceLock<Mutex<BTreeMap<DeliveryId, Kept>>>);

impl AtHand {
    /// From now on this process hands deliveries over.
    pub fn wanted(&self) {
        self.0.get_or_init(Mutex::default);
    }

    /// Keeps these deliveries as their entries have made them.
    pub(crate) fn keep(&self, deliveries: impl IntoIterator<Item = DeliveryId>, entries: &[Entry]) {
        let Some(kept) = self.0.get() else { return };
        let mut state = State::default();
        for entry in entries {
            casework::advance(&mut state, entry);
        }
        let now = Instant::now();
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        for id in deliveries {
            let Some(delivery) = state.deliveries.remove(&id) else { continue };
            // Any other message may have to wait for an earlier one.
            if delivery.message != MessageKind::Request {
                continue;
            }
            let Some(referral) = state.referrals.get(&delivery.referral) else { continue };
            if make_room(&mut kept, now) {
                kept.insert(id, (delivery, referral.clone(), now));
            }
        }
    }

    /// Takes it out, if it is here and new enough. A second attempt is always looked up.
    pub(crate) fn take(&self, id: DeliveryId) -> Option<(Delivery, Referral)> {
        let taken = self.0.get()?.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        taken.filter(|(_, _, since)| since.elapsed() < KEPT_FOR).map(|(held, referral, _)| (held, referral))
    }
}

/// Is there room for one more? What nobody has come for goes first: ids are drawn in order of time, so what
/// is left behind by others stands at the front.
fn make_room(kept: &mut BTreeMap<DeliveryId, Kept>, now: Instant) -> bool {
    while kept.len() >= KEPT_MAX {
        match kept.first_entry() {
            Some(oldest) if now.duration_since(oldest.get().2) >= KEPT_FOR => _ = oldest.remove(),
            _ => return false,
        }
    }
    true
}

impl Hub {
    /// A delivery as its hand-over needs it. What the queue brought for its first attempt needs no look; a
    /// later one does, because another hub made those before it.
    pub(crate) async fn handing(
        &self,
        id: DeliveryId,
        carried_after: Option<u32>,
    ) -> Result<Option<Handing>, StoreError> {
        match self.at_hand.take(id).filter(|_| carried_after == Some(0)) {
            Some((delivery, referral)) => {
                Ok(Some(Handing { delivery, referral: Some(referral), is_due: true, waits_for: None }))
            }
            None => self.store.handing(id).await,
        }
    }
}
