//! The newest head as a commit goes on from it: the tree's frontier and the time, read from its row.

use casework::Timestamp;
use ledger::Frontier;

use crate::StoreError;
use crate::commit::to_u64;
use crate::rows::HeadRow;

/// The newest head.
pub struct Head {
    pub frontier: Frontier,
    pub at: Timestamp,
}

impl Head {
    pub fn of(row: Option<&HeadRow>) -> Result<Self, StoreError> {
        let Some(row) = row else {
            return Ok(Self { frontier: Frontier::empty(), at: Timestamp::default() });
        };
        let frontier = Frontier::from_peaks_bytes(to_u64(row.size)?, &row.peaks)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        // INVARIANT: nothing is signed on top of a head that does not fit itself.
        if frontier.root().as_slice() != row.root.as_slice() {
            let what = "the newest head's peaks do not give its root; run `amaan audit verify`";
            return Err(StoreError::Unreadable(what.to_owned()));
        }
        Ok(Self { frontier, at: Timestamp::from_micros(row.at) })
    }
}
