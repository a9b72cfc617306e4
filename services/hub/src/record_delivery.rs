//! What came of an attempt is written down: delivered, refused, again later, or resting as a dead letter. An
//! unknown outcome is repeated only where the agency dedupes; otherwise it is asked, or a person decides.

use std::time::Duration;

use adapters::{Asked, Exchange};
use casework::{
    Action, Code, Delivery, DeliveryMoved, DeliveryStep, Digest, Entry, Event, Outcome, Timestamp,
};
use store::{Committed, Lane, Order};

use crate::hand_over::code;
use crate::unharmed::unharmed;
use crate::{HandedOver, Hub, HubError, measure};

/// How much of the answer's digest a leaf holds, in hexadecimal digits.
const EVIDENCE_DIGITS: usize = 32;

/// Asking an agency whether it has a message.
const ASK_MAX: Duration = Duration::from_secs(10);
/// Waits between tries to commit an outcome, in milliseconds: together less than what is left of the lease.
const COMMIT_WAITS_MS: [u64; 4] = [50, 200, 1_000, 4_000];

/// An outcome in the making.
struct Found {
    step: DeliveryStep,
    reason: Option<Code>,
    evidence: Option<Digest>,
    retry_after_s: Option<u64>,
}

impl Found {
    const fn new(step: DeliveryStep, reason: Option<Code>) -> Self {
        Self { step, reason, evidence: None, retry_after_s: None }
    }
}

impl Hub {
    /// Commits what came of an attempt.
    ///
    /// # Errors
    /// Where the store fails; the attempt then stays claimed and is settled when its lease ends.
    pub async fn record_delivery(
        &self,
        delivery: &Delivery,
        attempt: u32,
        exchange: Exchange,
    ) -> Result<HandedOver, HubError> {
        let found = self.weigh(delivery, attempt, exchange).await;
        let retry_at =
            (found.step == DeliveryStep::Retry).then(|| self.next_try(attempt, found.retry_after_s));
        let action = Action::Outcome(Outcome {
            delivery: delivery.id,
            attempt,
            step: found.step,
            reason: found.reason,
            evidence: found.evidence,
        });
        let order = Order { retry_at, ..Order::plain(self.own(action), Lane::Outcomes) };
        let committed = self.commit_outcome(order).await?;
        let Committed::Done(done) = committed else { return Ok(HandedOver::NotOurs) };
        // What failed for now may have been the last try.
        let moved = done.entries.first().and_then(moved);
        if let Some(moved) = moved {
            self.note_rest(&delivery.to, moved.status, moved.reason.as_ref()).await;
        }
        let step = moved.map_or(found.step, |moved| moved.step);
        measure::outcome(delivery, step, &*self.store);
        if step != DeliveryStep::Retry {
            self.let_next_go(delivery).await;
            return Ok(HandedOver::Rested);
        }
        self.bell.notify_one();
        Ok(HandedOver::Waits)
    }

    /// What is known is not forgotten over a busy or full database: it is tried again while the lease runs.
    #[expect(clippy::disallowed_methods, reason = "a short, bounded wait for the database, within the lease")]
    async fn commit_outcome(&self, order: Order) -> Result<Committed, HubError> {
        for wait in COMMIT_WAITS_MS {
            match self.store.commit(order.clone()).await {
                Ok(committed) => return Ok(committed),
                Err(error) => tracing::warn!(%error, "an outcome waits to be committed"),
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        Ok(self.store.commit(order).await?)
    }

    async fn weigh(&self, delivery: &Delivery, attempt: u32, exchange: Exchange) -> Found {
        match exchange {
            Exchange::Delivered { evidence, .. } => delivered(&evidence),
            Exchange::Refused { code } => Found::new(DeliveryStep::Refused, Some(code)),
            Exchange::Broken { class } => Found::new(DeliveryStep::Undeliverable, Some(class)),
            Exchange::Later { class, retry_after_s } => Found { retry_after_s, ..self.again(attempt, class) },
            Exchange::Unknown { class } => self.weigh_unknown(delivery, attempt, class).await,
        }
    }

    /// Another attempt, unless there have been enough.
    fn again(&self, attempt: u32, class: Code) -> Found {
        if attempt < self.retry.attempts_max {
            Found::new(DeliveryStep::Retry, Some(class))
        } else {
            Found::new(DeliveryStep::Undeliverable, Some(code("attempts-spent")))
        }
    }

    async fn weigh_unknown(&self, delivery: &Delivery, attempt: u32, class: Code) -> Found {
        let unknown = || Found::new(DeliveryStep::Undeliverable, Some(code("outcome-unknown")));
        let Some(agency) = self.adapters.agency(&delivery.to) else { return unknown() };
        let blind = failpoint::planted("blind-retry");
        if blind || agency.dedupes || agency.protocol == adapters::Protocol::Pull {
            return self.again(attempt, class);
        }
        let Some(link) = self.links.get(&delivery.to) else { return unknown() };
        let asked = tokio::time::timeout(ASK_MAX, agency.ask(link, delivery.id, delivery.case));
        match unharmed(asked).await.and_then(Result::ok).unwrap_or(Asked::CannotTell) {
            Asked::Delivered { evidence, .. } => delivered(&evidence),
            Asked::NotThere => self.again(attempt, class),
            Asked::CannotTell => unknown(),
        }
    }

    fn next_try(&self, attempt: u32, asked_s: Option<u64>) -> Timestamp {
        let asked_s = asked_s.filter(|_| !failpoint::planted("retry-after-ignored"));
        let jitter = u64::from_le_bytes(seal::random());
        self.retry.at(self.store.clock().real(), attempt, asked_s, jitter)
    }
}

const fn moved(entry: &Entry) -> Option<&DeliveryMoved> {
    match &entry.event {
        Event::Delivery(moved) => Some(moved),
        _ => None,
    }
}

fn delivered(evidence: &[u8; 32]) -> Found {
    let mut digest = hex::encode(evidence);
    digest.truncate(EVIDENCE_DIGITS);
    Found { evidence: Some(digest), ..Found::new(DeliveryStep::Delivered, None) }
}
