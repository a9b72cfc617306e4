//! Another key is to sign the ledger's checkpoints. One of the hub's people asks, another agrees; for a month
//! both keys sign, so that whoever verifies has time to learn the new one. Which key it is stands in the
//! hub's configuration: a private key comes by no address.

use casework::{Caller, Change};
use policies::Act;

use crate::permits::ask;
use crate::submit_referral::idempotency;
use crate::{ApprovalView, Hub, HubError, Key, Problem};

/// How long both keys sign: 30 days, proposed.
const OVERLAP_MICROS: i64 = 30 * 24 * 3_600 * 1_000_000;

impl Hub {
    /// Asks a second person of the hub to have the second key sign from now on, the first one beside it for a
    /// month.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an operator; `validation-failed` where no second key is at hand.
    pub async fn ask_note_key_turn(&self, caller: &Caller, key: &Key) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::ManageSwitches, None))?;
        let once = idempotency(caller, key, "POST /v1/audit/key/turn", &[]);
        if let Some(asked) = self.approval_before(caller, &once).await? {
            return Ok(asked);
        }
        let Some(next) = self.store.second_note_key() else { return Err(no_second_key()) };
        let until = casework::TimeSource::now(&*self.store).plus_micros(OVERLAP_MICROS);
        let before = self.store.key().vkey();
        let vouch = self.store.vouch_for(&before, &next);
        let change = Change::TurnNoteKey { key: next, before, until, vouch };
        self.ask_approval(caller, change, permit, once, None).await
    }

    /// Has this process what a change needs?
    pub(crate) fn can_do(&self, change: &Change) -> Result<(), HubError> {
        match change {
            Change::TurnNoteKey { key, .. } if !self.store.has_note_key(key) => Err(no_second_key()),
            _ => Ok(()),
        }
    }
}

fn no_second_key() -> HubError {
    let detail = "this process has no second ledger key that never signed: make one with `amaan keys \
                  make-note-key`, give it to every process of the hub, and start them anew";
    Problem::new("validation-failed", detail).into()
}
