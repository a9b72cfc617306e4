//! When a delivery that failed for now fails for good: its life is over, or it took too many workers with it.
//! Either way it rests with a person. It counts no attempts; how many there may be is `hub`'s.

use crate::{Delivery, DeliveryMoved, DeliveryStatus, DeliveryStep, Rules, Timestamp};

/// The reason of a delivery whose life is over.
const LIFE_OVER: &str = "life-over";
/// The reason of a delivery that took its workers with it.
const POISONED: &str = "poisoned";
/// Reasons of attempts whose worker was lost: its process died or its lease ran out, or it panicked.
const LOST: [&str; 2] = ["worker-lost", "panicked"];
/// So many workers a delivery may take with it: the last one puts it into quarantine.
const LOST_MAX: u8 = 3;

impl Delivery {
    /// Was it not delivered in its time?
    #[must_use]
    pub fn life_is_over(&self, rules: &Rules, now: Timestamp) -> bool {
        let began = self.renewed.unwrap_or(self.created);
        rules.life(self.message, self.priority).is_some_and(|life| began.plus_micros(life) <= now)
    }
}

/// Is there a later? Otherwise the event says how it rests.
pub fn weigh(held: &Delivery, event: &mut DeliveryMoved, rules: &Rules, now: Timestamp) {
    let is_lost = event.reason.as_ref().is_some_and(|reason| LOST.contains(&reason.as_str()));
    event.lost = held.lost.saturating_add(u8::from(is_lost));
    let (step, status, reason) = if is_lost && event.lost >= LOST_MAX {
        (DeliveryStep::Undeliverable, DeliveryStatus::Undeliverable, POISONED)
    } else if held.life_is_over(rules, now) {
        (DeliveryStep::Expired, DeliveryStatus::Expired, LIFE_OVER)
    } else {
        return;
    };
    (event.step, event.status, event.reason) = (step, status, reason.parse().ok());
}
