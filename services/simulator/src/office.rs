//! One simulated agency: its effect log, its knobs, the secret callers must know, and its own way to the hub.
//! Shared by every protocol. It knows no wire form; those are in `http_json`, `primero`, `soap` and `pull`.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use casework::{AgencyCode, DeliveryId, ReferralId, Sensitive};
use tokio::sync::watch;

use crate::{
    clock,
    effects::{Effect, EffectLog},
    error::NotWritten,
    hub_client::HubClient,
    knobs::{Fault, KnobChange, Knobs},
};

/// An agency's system, shared by its server's handlers.
pub(crate) struct Office {
    agency: AgencyCode,
    secret: Sensitive<String>,
    log: Mutex<EffectLog>,
    knobs: Mutex<Knobs>,
    hub: Option<HubClient>,
    stopping: watch::Receiver<bool>,
}

/// What came of a message: the agency's number for it.
pub(crate) struct Settled {
    /// The agency's own number.
    pub reference: String,
}

impl Office {
    /// A system over an opened log. `hub` is absent where the agency only answers (NADRA).
    pub(crate) fn new(
        agency: AgencyCode,
        secret: String,
        log: EffectLog,
        hub: Option<HubClient>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let knobs = Mutex::new(Knobs::default());
        Self { agency, secret: Sensitive::new(secret), log: Mutex::new(log), knobs, hub, stopping }
    }

    /// Its code, lower case.
    pub(crate) fn agency(&self) -> &str {
        self.agency.as_str()
    }

    /// Its client of the hub, if it has one.
    pub(crate) const fn hub(&self) -> Option<&HubClient> {
        self.hub.as_ref()
    }

    /// Whether this is the secret it gave to the hub.
    pub(crate) fn knows(&self, secret: &str) -> bool {
        self.secret.expose() == secret
    }

    /// The log, for a reader.
    pub(crate) fn log(&self) -> MutexGuard<'_, EffectLog> {
        held(&self.log)
    }

    /// The knobs after a change, or as they are.
    pub(crate) fn knobs(&self, change: Option<&KnobChange>) -> Knobs {
        let mut knobs = held(&self.knobs);
        if let Some(change) = change {
            knobs.change(change);
        }
        knobs.clone()
    }

    /// The fault the next message meets.
    pub(crate) fn next_fault(&self) -> Fault {
        held(&self.knobs).next_fault()
    }

    /// Writes down an effect of this moment, on the disk when this returns; `describe` gets its number.
    ///
    /// # Errors
    /// [`NotWritten`]: nothing was done.
    pub(crate) fn record(&self, describe: impl FnOnce(String) -> Effect) -> Result<Settled, NotWritten> {
        record_in(&mut self.log(), self.agency(), describe)
    }

    /// Like [`Self::record`], but a delivery already written down keeps its first number and has no second
    /// effect.
    ///
    /// # Errors
    /// [`NotWritten`]: nothing was done.
    pub(crate) fn record_once(
        &self,
        delivery: &DeliveryId,
        describe: impl FnOnce(String) -> Effect,
    ) -> Result<Settled, NotWritten> {
        let mut log = self.log();
        let known = log.by_delivery(delivery).map(|effect| effect.reference.clone());
        match known {
            Some(reference) => Ok(Settled { reference }),
            None => record_in(&mut log, self.agency(), describe),
        }
    }

    /// The agency's number for a referral it has seen.
    pub(crate) fn reference_of(&self, referral: &ReferralId) -> Option<String> {
        let log = self.log();
        let of_it = log.all().iter().find(|effect| effect.referral.as_ref() == Some(referral));
        of_it.map(|effect| effect.reference.clone())
    }

    /// Waits as long as the `slow_ms` knob says.
    pub(crate) async fn dawdle(&self) {
        let slow_ms = held(&self.knobs).slow_ms();
        if slow_ms > 0 {
            self.wait(Duration::from_millis(slow_ms)).await;
        }
    }

    /// Waits so long, or until the simulator stops, whichever is first. True while it does not stop.
    pub(crate) async fn wait(&self, at_most: Duration) -> bool {
        let mut stopping = self.stopping.clone();
        tokio::time::timeout(at_most, stopping.wait_for(|stop| *stop)).await.is_err()
    }
}

fn record_in(
    log: &mut EffectLog,
    agency: &str,
    describe: impl FnOnce(String) -> Effect,
) -> Result<Settled, NotWritten> {
    let effect = describe(log.next_number(agency, clock::year(clock::now())));
    let reference = effect.reference.clone();
    log.append(effect)?;
    Ok(Settled { reference })
}

/// A lock whose holder panicked is still a whole value: every change here is one assignment.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
