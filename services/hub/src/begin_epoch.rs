//! What was signed is not here: the ledger goes on under another origin, so that nothing is signed a second
//! time under the one that somebody remembers. The new epoch's first entry says what was known of the earlier
//! one; in the same commit the ledger becomes suspect, which closes disclosure. Intake goes on.

use casework::{Action, AgencyCode, Condition, IncidentTurn, Refusal};
use store::{Committed, Lane, Lost, Order, StoreError};

use crate::hand_over::code;
use crate::{Hub, HubError, measure};

/// Several processes may begin one at once, and another may commit in between.
const TRIES: usize = 5;

impl Hub {
    /// Begins an epoch for what is missing, unless another process did.
    ///
    /// # Errors
    /// Where the store fails; nothing is signed then, and it is tried again.
    pub(crate) async fn begin_epoch(&self, lost: &Lost) -> Result<(), HubError> {
        let name = format!("{:08x}", u32::from_be_bytes(seal::random::<4>()));
        for _ in 0..TRIES {
            let Some(next) = self.store.next_epoch(lost, &name).await? else { return Ok(()) };
            let (number, origin) = (next.number, next.origin.clone());
            self.store.set_checkpoint_aside(&origin);
            let order = Order::plain(self.own(Action::BeginEpoch(next)), Lane::Emergency);
            match self.store.commit(order).await? {
                Committed::Done(_) => {
                    self.told_of_epoch(number, &origin, lost).await;
                    return Ok(());
                }
                Committed::Refused(Refusal::VersionConflict { .. } | Refusal::NothingToDo) => {}
                Committed::Refused(refusal) => return Err(refusal.into()),
                Committed::Replayed { .. } | Committed::KeyReused => {}
            }
        }
        Err(StoreError::LedgerSuspect(lost.why.clone()).into())
    }

    async fn told_of_epoch(&self, number: u64, origin: &str, lost: &Lost) {
        let why = &lost.why;
        let vkey = self.store.key().vkey();
        tracing::error!(
            alarm = "ledger-suspect",
            number,
            origin,
            vkey,
            why,
            "another epoch of the ledger has begun, and nothing about a child is shown: tell the witnesses \
             the new key, and see ops/runbooks/ledger.md"
        );
        measure::alarm("ledger-suspect");
        self.registers_moved();
        let part = Some(code(lost.reason));
        self.incident(Condition::LedgerSuspect, &AgencyCode::hub(), part, IncidentTurn::Open).await;
    }

    /// What was found meanwhile: entries that are missing, a suspicion that could not be written down.
    pub(crate) async fn watch_ledger(&self) {
        self.settle_doubt().await;
        if let Some(lost) = self.store.lost()
            && let Err(error) = self.begin_epoch(&lost).await
        {
            tracing::error!(
                problem = error.slug(),
                "no epoch has begun for what is missing; nothing is signed"
            );
        }
    }
}
