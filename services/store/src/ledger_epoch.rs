//! The next epoch of the ledger, as far as the store has to do with it: its number and origin, how many
//! entries it goes on from, and the checkpoint file that it takes the place of, kept as evidence.

use casework::BeginEpoch;

use crate::commit::to_u64;
use crate::engine::query;
use crate::high_water::Lost;
use crate::latest::CHECKPOINT_FILE;
use crate::vouched::Epoch;
use crate::{Store, StoreError};

impl Store {
    /// What would begin the next epoch, with some letters of its own in its origin: one that was begun before
    /// and is lost itself is not begun a second time. `None` where another process has begun one.
    ///
    /// # Errors
    /// Where the database cannot be read, or a key is not at hand that signs now.
    pub async fn next_epoch(&self, lost: &Lost, name: &str) -> Result<Option<BeginEpoch>, StoreError> {
        let (ring, lost, name) = (self.ring(), lost.clone(), name.to_owned());
        self.reading(move |conn| {
            let head = query!(conn, trail::newest_head())?;
            let standing = ring.at_head(conn, head.as_ref())?;
            let before = standing.key(Default::default()).origin().to_owned();
            if before != lost.under {
                return Ok(None);
            }
            let known = standing.epochs.last().map_or(1, |epoch| epoch.number);
            let seen = number_of(ring.base(), &lost.seen.origin).unwrap_or(1);
            let number = known.max(seen).saturating_add(1);
            let origin = format!("{}/{number}-{name}", ring.base());
            let kept = head.map_or(Ok(0), |head| to_u64(head.size))?;
            let seen = lost.seen.clone();
            let epoch = Epoch { number, origin: &origin, before: &before, kept, lost: &seen };
            let vouch = ring.vouch(&standing.turns, &epoch.text(ring.base()))?;
            let reason = lost.reason.parse()?;
            Ok(Some(BeginEpoch { number, origin, before, kept, lost: seen, reason, vouch }))
        })
        .await
    }

    /// The newest checkpoint of what is about to be another epoch, kept under another name: it is evidence,
    /// and the next one that is signed would take its place.
    pub fn set_checkpoint_aside(&self, origin: &str) {
        let file = self.place.dir().join(CHECKPOINT_FILE);
        let label = origin.rsplit('/').next().unwrap_or_default();
        let aside = self.place.dir().join(format!("checkpoint.before-{label}"));
        if file.exists()
            && let Err(error) = std::fs::copy(&file, &aside)
        {
            tracing::error!(%error, "the newest checkpoint of the earlier epoch was not kept");
        }
    }
}

/// The number in an epoch's origin.
fn number_of(base: &str, origin: &str) -> Option<u64> {
    let label = origin.strip_prefix(base)?.strip_prefix('/')?;
    label.split('-').next()?.parse().ok()
}
