//! Reads a bundle line by line and says whether it holds: the first thing that is wrong, or what it proves.
//! No network, no clock, no storage; everything it believes is in the bundle or was given. A second judge
//! that shares no code with this one is `ops/verify_bundle.py`; both say the same of every bundle, wrong ones
//! included, so each step here has its place.

mod entries;
mod messages;

pub(super) use messages::SEAL_TYP;

use ledger::{CosignerKey, VerifierKey, first_origin};

use super::checkpoint::Signed;
use super::held::{Held, HeldCopy, HeldMessage};
use super::keys::Jwk;
use super::leaf::Leaf;
use super::lines::{BUNDLE_BYTES_MAX, Header, KeysLine, Line};
use super::reason::{Reason, Refused};

/// Ranks of lines ([`Line::rank`]): entries, then messages and copies, of which there may be none.
const ENTRIES: usize = 2;
const MESSAGES: usize = 3;
const SEAL: usize = 4;

/// Keys that whoever checks has from elsewhere.
#[derive(Debug, Default)]
pub struct GivenKeys {
    /// The ledger's, as `GET /v1/audit/key` said on another day: one of them must have signed; none where the
    /// bundle's own is believed.
    pub ledger: Vec<VerifierKey>,
    /// Witnesses that must have cosigned.
    pub witnesses: Vec<CosignerKey>,
    /// The hub's, from `GET /v1/keys`.
    pub hub: Option<Vec<Jwk>>,
    /// The agencies', from the agencies.
    pub agencies: Option<Vec<Jwk>>,
}

/// Does it hold?
///
/// # Errors
/// The first line that is wrong, and why.
pub fn judge(bundle: &[u8], given: &GivenKeys) -> Result<Held, Refused> {
    let lines = lines(bundle)?;
    let mut reader = Reader::new(given);
    let mut end = 0_usize;
    for (at, text) in lines.iter().enumerate() {
        let refused = |reason| Refused { line: at.saturating_add(1), reason };
        let before = bundle.get(..end).unwrap_or_default();
        Line::read(text).ok_or(Reason::Form).and_then(|line| reader.take(line, before)).map_err(refused)?;
        end = end.saturating_add(text.len()).saturating_add(1);
    }
    let missing = Refused { line: lines.len().saturating_add(1), reason: Reason::EndsEarly };
    reader.done().ok_or(missing)
}

fn lines(bundle: &[u8]) -> Result<Vec<&str>, Refused> {
    let refused = Refused { line: 1, reason: Reason::NotLines };
    let fits = bundle.len() <= BUNDLE_BYTES_MAX;
    let text = str::from_utf8(bundle).ok().filter(|_| fits).ok_or(refused)?;
    Ok(text.strip_suffix('\n').ok_or(refused)?.split('\n').collect())
}

/// What has been read so far.
struct Reader<'a> {
    given: &'a GivenKeys,
    rank: Option<usize>,
    header: Option<Header>,
    ledger: Option<VerifierKey>,
    witnesses: Vec<CosignerKey>,
    keys: Option<KeysLine>,
    note: Option<(String, Signed)>,
    entries: Vec<(u64, Leaf)>,
    request: Option<String>,
    parties: Option<(String, String)>,
    version: u64,
    deliveries: Vec<String>,
    messages: Vec<HeldMessage>,
    copies: Vec<HeldCopy>,
}

type Taken = Result<(), Reason>;

impl<'a> Reader<'a> {
    const fn new(given: &'a GivenKeys) -> Self {
        Self {
            given,
            rank: None,
            header: None,
            ledger: None,
            witnesses: Vec::new(),
            keys: None,
            note: None,
            entries: Vec::new(),
            request: None,
            parties: None,
            version: 0,
            deliveries: Vec::new(),
            messages: Vec::new(),
            copies: Vec::new(),
        }
    }

    fn take(&mut self, line: Line, before: &[u8]) -> Taken {
        self.place(line.rank())?;
        match line {
            Line::Header(header) => self.header(header),
            Line::Keys(line) => self.keys(line),
            Line::Entry(line) => self.entry(&line),
            Line::Message(line) => self.message(line),
            Line::Copy(line) => self.copy(&line),
            Line::Seal(line) => self.seal(&line, before),
        }
    }

    fn place(&mut self, rank: usize) -> Taken {
        let fits = match self.rank {
            None => rank == 0,
            Some(ENTRIES) => rank >= ENTRIES,
            Some(MESSAGES) => rank >= MESSAGES,
            Some(before) => rank == before.saturating_add(1) && before < SEAL,
        };
        self.rank = Some(rank);
        fits.then_some(()).ok_or(Reason::Order)
    }

    fn header(&mut self, header: Header) -> Taken {
        self.header = Some(header);
        Ok(())
    }

    fn known_header(&self) -> Result<&Header, Reason> {
        self.header.as_ref().ok_or(Reason::Order)
    }

    fn known_keys(&self) -> Result<&KeysLine, Reason> {
        self.keys.as_ref().ok_or(Reason::Order)
    }

    fn keys(&mut self, line: KeysLine) -> Taken {
        let ledger = ledger_key(&line.ledger_key).ok_or(Reason::Key)?;
        let witnesses = line.witness_keys.iter().map(|text| witness_key(text)).collect::<Option<Vec<_>>>();
        self.witnesses = witnesses.ok_or(Reason::Key)?;
        let hub = &self.known_header()?.hub;
        let is_ours = ledger.name == *hub || first_origin(&ledger.name) == hub;
        if !is_ours || line.hub_key.usable().is_none_or(|(alg, _)| alg != "EdDSA") {
            return Err(Reason::Key);
        }
        let given = self.given;
        // What the hub's key is called does not matter; an agency's name of its key leads to whose it is.
        let is_hubs = |given: &Vec<Jwk>| given.iter().any(|held| held.is_same_as(&line.hub_key));
        let are_agencies = |given: &Vec<Jwk>| line.agency_keys.iter().all(|held| given.contains(&held.jwk));
        if !given.hub.as_ref().is_none_or(is_hubs) || !given.agencies.as_ref().is_none_or(are_agencies) {
            return Err(Reason::OtherKey);
        }
        (self.ledger, self.keys) = (Some(ledger), Some(line));
        Ok(())
    }

    /// All of it, once its seal was read.
    fn done(self) -> Option<Held> {
        let (_, signed) = self.note.filter(|_| self.rank == Some(SEAL))?;
        Some(Held {
            header: self.header?,
            keys: self.keys?,
            checkpoint: signed.checkpoint,
            witnesses: signed.cosigned,
            entries: self.entries,
            messages: self.messages,
            copies: self.copies,
            is_ledger_key_given: !self.given.ledger.is_empty(),
            is_hub_key_given: self.given.hub.is_some(),
            are_agency_keys_given: self.given.agencies.is_some(),
        })
    }
}

fn ledger_key(text: &str) -> Option<VerifierKey> {
    let key = VerifierKey::parse(text).ok()?;
    (key.name.bytes().all(|byte| byte.is_ascii_graphic()) && key.to_text() == text).then_some(key)
}

fn witness_key(text: &str) -> Option<CosignerKey> {
    let key = CosignerKey::parse(text).ok()?;
    (key.name.bytes().all(|byte| byte.is_ascii_graphic()) && key.to_text() == text).then_some(key)
}
