//! Under which origin, and with which keys, the ledger is signed now. Both stand in the ledger itself, as
//! rows of the registers: an epoch gives it another origin, a turn of keys another key. A process reads them
//! when it opens the store, and again when it meets a head that was signed with what it does not know:
//! another process has written there meanwhile.
//!
//! It is given the private keys and signs nothing by itself; that is `LedgerKey`'s.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use casework::{LedgerEpoch, NoteKeyTurn, Register, Timestamp};
use ledger::{Checkpoint, VerifierKey, parse_note};
use seal::{NoteKey, verify_note_signature};

use crate::engine::{Conn, query};
use crate::high_water::Lost;
use crate::load::parse_all;
use crate::rows::HeadRow;
use crate::vouched::{self, Epoch};
use crate::{LedgerKey, StoreError};

/// Epochs and turns of keys that are read; there is something odd about a ledger that has more.
const ROWS_MAX: i64 = 500;

/// The keys at hand, and how the ledger stands.
pub struct Ring {
    base: String,
    pairs: Vec<Arc<NoteKey>>,
    standing: RwLock<Arc<Standing>>,
    /// What is missing here; until an epoch has begun, nothing is signed.
    lost: Mutex<Option<Lost>>,
    /// What this process signed last.
    signed: Mutex<Option<Checkpoint>>,
}

/// How the ledger is signed, as its entries say.
#[derive(Clone)]
pub struct Standing {
    pub epochs: Vec<LedgerEpoch>,
    pub turns: Vec<NoteKeyTurn>,
    key: Arc<LedgerKey>,
    /// The earlier key signs beside the newest until then.
    beside: Option<(Arc<LedgerKey>, Timestamp)>,
}

impl Standing {
    /// The key of a head of this time.
    pub fn key(&self, at: Timestamp) -> Arc<LedgerKey> {
        match &self.beside {
            Some((both, until)) if at < *until => Arc::clone(both),
            _ => Arc::clone(&self.key),
        }
    }

    /// Did another origin take the place of this one?
    pub fn is_over(&self, origin: &str) -> bool {
        self.epochs.iter().any(|epoch| epoch.before == origin)
    }

    /// Where the present epoch begins: how many entries are of earlier ones.
    pub fn begins(&self) -> u64 {
        self.epochs.last().map_or(0, |epoch| epoch.kept)
    }
}

impl Ring {
    /// These keys; the first signs until an entry says otherwise.
    pub fn new(first: NoteKey, others: Vec<NoteKey>) -> Self {
        let base = first.name().to_owned();
        let pairs: Vec<_> = std::iter::once(first).chain(others).map(Arc::new).collect();
        let key = Arc::new(LedgerKey::new(base.clone(), pairs.iter().take(1).cloned().collect()));
        let standing = Standing { epochs: Vec::new(), turns: Vec::new(), key, beside: None };
        Self {
            base,
            pairs,
            standing: RwLock::new(Arc::new(standing)),
            lost: Mutex::default(),
            signed: Mutex::default(),
        }
    }

    /// The hub's name: the origin of the first epoch.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a commit has changed, once it is committed.
    pub fn stands(&self, standing: Arc<Standing>) {
        *self.standing.write().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Reads what the entries say.
    pub fn load(&self, conn: &mut Conn) -> Result<Arc<Standing>, StoreError> {
        let mut rows = query!(conn, registers::of("ledger-epoch", None, ROWS_MAX))?;
        rows.extend(query!(conn, registers::of("note-key", None, ROWS_MAX))?);
        let standing = Arc::new(self.of_rows(parse_all(&rows)?)?);
        self.stands(Arc::clone(&standing));
        Ok(standing)
    }

    /// How it stands at this head: read again where another process moved it on.
    pub fn at_head(&self, conn: &mut Conn, head: Option<&HeadRow>) -> Result<Arc<Standing>, StoreError> {
        let standing = self.standing();
        let fits = |standing: &Standing| head.is_none_or(|head| head.key_id == standing.key.id());
        if fits(&standing) {
            return Ok(standing);
        }
        let standing = self.load(conn)?;
        if fits(&standing) { Ok(standing) } else { Err(foreign()) }
    }

    /// How it stands after these rows were written.
    pub fn after<'r>(
        &self,
        standing: &Standing,
        rows: impl Iterator<Item = &'r Register>,
    ) -> Result<Arc<Standing>, StoreError> {
        let epochs = standing.epochs.iter().cloned().map(Register::LedgerEpoch);
        let turns = standing.turns.iter().cloned().map(Register::NoteKey);
        Ok(Arc::new(self.of_rows(epochs.chain(turns).chain(rows.cloned()).collect())?))
    }

    fn of_rows(&self, rows: Vec<Register>) -> Result<Standing, StoreError> {
        let (mut epochs, mut turns) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Register::LedgerEpoch(epoch) => epochs.push(epoch),
                Register::NoteKey(turn) => turns.push(turn),
                _ => {}
            }
        }
        epochs.sort_by_key(|epoch: &LedgerEpoch| epoch.number);
        turns.sort_by_key(|turn: &NoteKeyTurn| turn.since);
        // INVARIANT: no origin is over because a row says so: a note key of this hub vouches for each epoch.
        let keys = self.vouching(&turns);
        let vouched = |epoch: &LedgerEpoch| {
            vouched::is_signed(&self.base, &Epoch::of(epoch).text(&self.base), &epoch.vouch, &keys)
        };
        if let Some(epoch) = epochs.iter().find(|epoch| !vouched(epoch)) {
            return Err(unvouched(epoch.number));
        }
        let origin = epochs.last().map_or_else(|| self.base.clone(), |epoch| epoch.origin.clone());
        let newest = self.newest(&turns)?;
        let earlier = turns.last().and_then(|turn| Some((self.pair(&turn.before)?, turn.until)));
        let both = |(earlier, until)| {
            (Arc::new(LedgerKey::new(origin.clone(), vec![Arc::clone(&newest), earlier])), until)
        };
        let beside = earlier.map(both);
        Ok(Standing { key: Arc::new(LedgerKey::new(origin, vec![newest])), beside, epochs, turns })
    }

    fn newest(&self, turns: &[NoteKeyTurn]) -> Result<Arc<NoteKey>, StoreError> {
        let key = match turns.last() {
            Some(turn) => self.pair(&turn.key),
            None => self.pairs.first().cloned(),
        };
        key.ok_or_else(foreign)
    }

    /// The newest key's signature of a statement.
    pub fn vouch(&self, turns: &[NoteKeyTurn], text: &str) -> Result<String, StoreError> {
        Ok(vouched::sign(&self.base, &*self.newest(turns)?, text))
    }

    /// A key's own signature that it takes the place of another.
    pub fn vouch_turn(&self, before: &str, key: &str) -> Option<String> {
        let text = vouched::turn_text(&self.base, before, key);
        self.pair(key).map(|pair| vouched::sign(&self.base, &pair, &text))
    }

    /// Public keys that may vouch: those at hand, and those before them for which they vouch themselves.
    fn vouching(&self, turns: &[NoteKeyTurn]) -> Vec<[u8; 32]> {
        let at_hand = self.pairs.iter().map(|pair| pair.public()).collect();
        vouched::with_earlier(&self.base, at_hand, turns)
    }

    /// The same as verifiers take them.
    pub fn vouching_vkeys(&self) -> String {
        let text = |public| VerifierKey { name: self.base.clone(), public }.to_text();
        self.vouching(&self.standing().turns).into_iter().map(text).collect::<Vec<_>>().join("\n")
    }

    /// The private key of a public one, where it is at hand.
    fn pair(&self, vkey: &str) -> Option<Arc<NoteKey>> {
        let public = VerifierKey::parse(vkey).ok()?.public;
        self.pairs.iter().find(|pair| pair.public() == public).cloned()
    }

    /// The public key that signed first.
    pub fn first_key(&self) -> String {
        match (self.standing().turns.first(), self.pairs.first()) {
            (Some(turn), _) => turn.before.clone(),
            (None, Some(pair)) => VerifierKey { name: self.base.clone(), public: pair.public() }.to_text(),
            (None, None) => String::new(),
        }
    }

    /// Is the private key of this public one at hand?
    pub fn has(&self, vkey: &str) -> bool {
        self.pair(vkey).is_some()
    }

    /// Keys at hand, each under the present origin.
    pub fn at_hand(&self) -> Vec<String> {
        let name = self.standing().key.origin().to_owned();
        let text = |pair: &Arc<NoteKey>| VerifierKey { name: name.clone(), public: pair.public() }.to_text();
        self.pairs.iter().map(text).collect()
    }

    /// The checkpoint in a note, where a key of this ledger signed it, of whatever epoch.
    pub fn verified(&self, note: &str) -> Option<Checkpoint> {
        let (body, signatures) = parse_note(note).ok()?;
        let seen = Checkpoint::parse(&body).ok()?;
        let rest = seen.origin.strip_prefix(&self.base)?;
        let ours = rest.is_empty() || rest.starts_with('/');
        let standing = self.standing();
        let told = standing.turns.iter().flat_map(|turn| [&turn.key, &turn.before]);
        let told = told.filter_map(|vkey| VerifierKey::parse(vkey).ok().map(|key| key.public));
        let signed = self.pairs.iter().map(|pair| pair.public()).chain(told).any(|public| {
            let key = VerifierKey { name: seen.origin.clone(), public };
            signatures.iter().any(|one| {
                one.name == key.name
                    && one.key_id == key.id()
                    && verify_note_signature(&public, &body, &one.bytes)
            })
        });
        (ours && signed).then_some(seen)
    }

    /// Something is missing here: nothing is signed before another epoch has begun. Of several, what tells of
    /// most is kept: what it knows is said to be lost.
    pub fn doubt(&self, lost: Lost) {
        let mut held = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let tells_more = |held: &Lost| held.under != lost.under || held.seen.size < lost.seen.size;
        if held.as_ref().is_none_or(tells_more) {
            *held = Some(lost);
        }
    }

    /// This was signed, and is never to be another root or more than there is.
    pub fn has_signed(&self, signed: Checkpoint) {
        *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Some(signed);
    }

    /// What this process signed last.
    pub fn signed(&self) -> Option<Checkpoint> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is missing, while no epoch has begun since it was found.
    pub fn lost(&self) -> Option<Lost> {
        let mut held = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let under = &held.as_ref()?.under;
        if under != self.standing().key.origin() {
            *held = None;
        }
        held.clone()
    }
}

/// An epoch that somebody wrote who has no key of this hub.
fn unvouched(number: u64) -> StoreError {
    StoreError::LedgerSuspect(format!(
        "no note key of this hub signed the row that begins its epoch {number}: somebody wrote it into the \
         database, which may be an old one; keep it as evidence, and bring back the newest database"
    ))
}

/// Heads that no key at hand signed.
fn foreign() -> StoreError {
    let why = "its heads were signed by another ledger key; give it the key it was made with, or the one \
               that took its place";
    StoreError::LedgerSuspect(why.to_owned())
}
