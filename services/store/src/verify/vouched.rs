//! Epochs of the ledger are vouched for by a note key of the hub, or somebody wrote them who has none. Judged
//! only where the verifier was given keys.

use casework::{LedgerEpoch, NoteKeyTurn, Register};

use super::VerifyReport;
use super::trusted::keys_of;
use crate::vouched::{Epoch, is_signed, with_earlier};

/// What the entries say, in their order.
#[derive(Default)]
pub struct Vouched {
    epochs: Vec<(LedgerEpoch, u64)>,
    turns: Vec<NoteKeyTurn>,
}

impl Vouched {
    pub fn note(&mut self, row: &Register, index: u64) {
        match row {
            Register::LedgerEpoch(epoch) => self.epochs.push((epoch.clone(), index)),
            Register::NoteKey(turn) => self.turns.push(turn.clone()),
            _ => {}
        }
    }

    /// A key that was turned later vouches for those before it, and they for earlier epochs.
    pub fn compare(&self, vkeys: Option<&str>, report: &mut VerifyReport) {
        let Some((keys, base)) = vkeys.map(keys_of) else { return };
        let keys = with_earlier(&base, keys, &self.turns);
        for (epoch, index) in &self.epochs {
            if !is_signed(&base, &Epoch::of(epoch).text(&base), &epoch.vouch, &keys) {
                let detail = "no key of this ledger signed the entry that begins an epoch";
                report.add("epoch-unsigned", *index, *index, detail);
            }
        }
    }
}
