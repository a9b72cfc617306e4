//! Somebody fetches the receipt of what it did, again; cosigned by witnesses where they have by now. A
//! receipt is of whoever made the entry: anybody else's looks like none. It shows nothing of a child.

use casework::Caller;
use serde::Serialize;
use store::{Cosigned, ReceiptProof};

use crate::error::not_found;
use crate::{Hub, HubError};

/// A receipt without its opening, which was given once.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptView {
    /// Entry and proof. Cosignatures stand as lines under the checkpoint.
    #[serde(flatten)]
    pub proof: ReceiptProof,
    /// Did any witness cosign the checkpoint?
    pub witnessed: bool,
    /// Which.
    pub witnesses: Vec<String>,
}

impl Hub {
    /// The receipt of an entry that this caller made: in the first tree that witnesses cosigned if asked for
    /// and there is one, else in the newest.
    ///
    /// # Errors
    /// `not-found` where there is no such entry, or it is another's.
    pub async fn show_receipt(
        &self,
        caller: &Caller,
        index: u64,
        witnessed: bool,
    ) -> Result<ReceiptView, HubError> {
        // What no engine counts to is as absent as what is not there.
        i64::try_from(index).map_err(|_| not_found())?;
        let entry = self.store.entry(index).await?;
        entry.filter(|entry| entry.actor == caller.actor).ok_or_else(not_found)?;
        let cosigned = if witnessed { self.store.cosigned_with(index).await? } else { None };
        let cosigned = match cosigned {
            Some(cosigned) => cosigned,
            None => Cosigned { size: self.newest_size().await?, lines: Vec::new() },
        };
        let mut proof = self.store.proof(index, cosigned.size).await?.ok_or_else(not_found)?;
        let mut witnesses = Vec::new();
        for (witness, line) in cosigned.lines {
            proof.tlog_proof.push_str(&line);
            witnesses.push(witness);
        }
        Ok(ReceiptView { proof, witnessed: !witnesses.is_empty(), witnesses })
    }

    async fn newest_size(&self) -> Result<u64, HubError> {
        let newest = self.store.checkpoint().await?;
        newest.map(|(size, _)| size).ok_or_else(not_found)
    }
}
