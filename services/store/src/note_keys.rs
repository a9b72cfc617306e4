//! The public keys of the ledger, with the time each signed: what whoever verifies an old receipt looks for.

use casework::Timestamp;
use ledger::VerifierKey;

use crate::Store;

/// A public key that signs checkpoints, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldKey {
    /// As verifiers take it: `name+id+key`; the name is the origin.
    pub vkey: String,
    /// Since when; from the beginning where absent.
    pub since: Option<Timestamp>,
    /// Until when; still where absent.
    pub until: Option<Timestamp>,
}

impl Store {
    /// All keys that the ledger was ever signed with, in every epoch, the newest first.
    #[must_use]
    pub fn note_keys(&self) -> Vec<ToldKey> {
        let ring = self.ring();
        let standing = ring.standing();
        // The first turn may have come after an epoch, and names its key under that.
        let first = named(&ring.first_key(), ring.base());
        let mut all = vec![ToldKey { vkey: first, since: None, until: None }];
        let mut turns = standing.turns.iter().peekable();
        let mut epochs = standing.epochs.iter().peekable();
        loop {
            let is_turn = match (turns.peek(), epochs.peek()) {
                (Some(turn), Some(epoch)) => turn.since <= epoch.since,
                (turn, None) => turn.is_some(),
                (None, Some(_)) => false,
            };
            if is_turn {
                let Some(turn) = turns.next() else { break };
                follow(&mut all, turn.key.clone(), turn.since, turn.until);
            } else {
                let Some(epoch) = epochs.next() else { break };
                let newest = all.last().map(|told| named(&told.vkey, &epoch.origin)).unwrap_or_default();
                follow(&mut all, newest, epoch.since, epoch.since);
            }
        }
        all.reverse();
        all
    }

    /// The private key at hand that never signed, as a public one; none where there is none.
    #[must_use]
    pub fn second_note_key(&self) -> Option<String> {
        let (ring, told) = (self.ring(), self.note_keys());
        let signed = |vkey: &String| told.iter().any(|told| public(&told.vkey) == public(vkey));
        ring.at_hand().into_iter().find(|vkey| !signed(vkey))
    }

    /// The signature of this new key, where it is at hand, that it takes the place of that one.
    #[must_use]
    pub fn vouch_for(&self, before: &str, key: &str) -> Option<String> {
        self.ring().vouch_turn(before, key)
    }

    /// Is the private key of this public one at hand?
    #[must_use]
    pub fn has_note_key(&self, vkey: &str) -> bool {
        self.ring().has(vkey)
    }
}

/// One more, which takes the place of the newest until then.
fn follow(all: &mut Vec<ToldKey>, vkey: String, since: Timestamp, until: Timestamp) {
    if let Some(before) = all.last_mut() {
        before.until = Some(until);
    }
    all.push(ToldKey { vkey, since: Some(since), until: None });
}

/// The same key under another name.
fn named(vkey: &str, name: &str) -> String {
    let public = VerifierKey::parse(vkey).map(|key| key.public);
    public.map(|public| VerifierKey { name: name.to_owned(), public }.to_text()).unwrap_or_default()
}

fn public(vkey: &str) -> Option<[u8; 32]> {
    VerifierKey::parse(vkey).ok().map(|key| key.public)
}
