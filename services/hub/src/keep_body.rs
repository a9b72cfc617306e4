//! Sealing a message under its case's key with an opening of its own, and opening it again. The opening is
//! the key of the commitment in the ledger; erasing the case key destroys the hub's copy of both.
//!
//! An agency's signature is sealed with its message: opening, then the message; or opening, the byte 1, the
//! signature, a line feed, the message. No message begins with that byte, so older bodies read as they are.

use std::sync::Arc;

use casework::{
    AgencyCode, CaseId, Commitment, Condition, FactId, IncidentTurn, KeyId, ObjectId, ReferralId, Refusal,
    Sensitive,
};
use schemas::Checked;
use seal::{CaseKey, Place};
use store::{CaseKeyUse, Committed, NewLink, Order, SealedBody, StoreError};
use uuid::Uuid;

use crate::{Hub, HubError, Sent, measure};

const OPENING_BYTES: usize = 32;
/// A signature follows. JSON cannot begin with it, nor can any other text that is kept.
const SIGNED: u8 = 1;
/// A signature has no such byte.
const SIGNED_TO: u8 = b'\n';
/// The schema word in the associated data of a link to statistics.
const LINK_SCHEMA: &str = "fact-link/v1";

/// An idempotency key as a caller sends it: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A checked key, or `None`.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = matches!(text.len(), 1..=128) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A body ready to be committed.
pub(crate) struct Kept {
    pub body: SealedBody,
    pub commitment: Commitment,
    pub opening: String,
    pub case_key: Option<CaseKeyUse>,
    key: Arc<CaseKey>,
}

/// An opened body.
pub(crate) struct Opened {
    pub opening: String,
    /// The agency's, where it signed.
    pub signature: Option<Sensitive<String>>,
    pub bytes: Sensitive<Vec<u8>>,
}

impl Opened {
    /// What the ledger says of it.
    pub fn commitment(&self) -> Option<Commitment> {
        let key: [u8; OPENING_BYTES] = hex::decode(&self.opening).ok()?.try_into().ok()?;
        let signature = self.signature.as_ref().map(|text| text.expose().as_str());
        Some(commitment(&key, self.bytes.expose(), signature))
    }
}

impl Hub {
    /// Seals a message: a new case takes an unused slot from memory, a known one uses its key.
    pub(crate) async fn keep(
        &self,
        case: CaseId,
        new: bool,
        object: ObjectId,
        message: &Checked,
        sent: Sent<'_>,
    ) -> Result<Kept, HubError> {
        let schema = format!("{}/v{}", message.kind, message.version);
        self.seal_as((case, new), object, schema, sent).await
    }

    /// Seals what belongs to a known case and is no message.
    pub(crate) async fn keep_as(
        &self,
        case: CaseId,
        object: ObjectId,
        schema: &str,
        bytes: &[u8],
    ) -> Result<Kept, HubError> {
        self.seal_as((case, false), object, schema.to_owned(), bytes.into()).await
    }

    async fn seal_as(
        &self,
        (case, new): (CaseId, bool),
        object: ObjectId,
        schema: String,
        sent: Sent<'_>,
    ) -> Result<Kept, HubError> {
        let (key, case_key) = if new { self.new_key(case)? } else { self.key_of(case).await? };
        let opening: [u8; OPENING_BYTES] = seal::random();
        let commitment = commitment(&opening, sent.bytes, sent.signature());
        let signature = Sensitive::new(before(sent.signature()));
        let plain = Sensitive::new([opening.as_slice(), signature.expose(), sent.bytes].concat());
        let place = Place { hub: &self.name, case, object, schema: &schema };
        let sealed = key.seal(&place, plain.expose());
        let body = SealedBody { object, case, key: key.id(), schema, sealed };
        Ok(Kept { body, commitment, opening: hex::encode(opening), case_key, key })
    }

    fn new_key(&self, case: CaseId) -> Result<(Arc<CaseKey>, Option<CaseKeyUse>), HubError> {
        let key = self.store.keys().take()?;
        failpoint::here("S2");
        let used = CaseKeyUse { case, key: key.id() };
        Ok((key, Some(used)))
    }

    /// The case's key; where the key database does not answer, a new one, so that intake goes on.
    async fn key_of(&self, case: CaseId) -> Result<(Arc<CaseKey>, Option<CaseKeyUse>), HubError> {
        let known = self.store.keys_of(case).await?;
        let Some(id) = known.first() else { return self.new_key(case) };
        match self.key(case, *id).await {
            Ok(key) => Ok((key, None)),
            Err(erased @ HubError::Refused(Refusal::Erased)) => Err(erased),
            // It is an alarm by now where it has to be one, and intake goes on.
            Err(_) => self.new_key(case),
        }
    }

    /// Commits an order with what was kept for it. While the store is full or down, callers come again and
    /// again: each of them gives its key back where certainly nothing was written.
    pub(crate) async fn commit_kept(&self, order: Order, kept: &Kept) -> Result<Committed, StoreError> {
        let done = self.store.commit(order).await;
        if done.as_ref().is_err_and(StoreError::wrote_nothing) {
            kept.give_up(self);
        }
        done
    }

    /// Opens a body.
    pub(crate) async fn open(&self, body: &SealedBody) -> Result<Opened, HubError> {
        let key = self.key(body.case, body.key).await?;
        let place = Place { hub: &self.name, case: body.case, object: body.object, schema: &body.schema };
        let plain = key.open(&place, &body.sealed).map_err(|_| key_in_doubt())?;
        let (opening, rest) = plain.expose().split_at_checked(OPENING_BYTES).ok_or_else(key_in_doubt)?;
        let (signature, bytes) = parted(rest).ok_or_else(key_in_doubt)?;
        let signature = signature.map(|text| Sensitive::new(text.to_owned()));
        Ok(Opened { opening: hex::encode(opening), signature, bytes: Sensitive::new(bytes.to_vec()) })
    }

    /// Opens a stored body by its id, to be shown.
    pub(crate) async fn open_stored(&self, object: ObjectId) -> Result<Opened, HubError> {
        self.may_disclose().await?;
        self.open_unshown(object).await
    }

    /// The same for intake, which goes on while nothing is shown: a draft that is sent, a repeat's opening.
    pub(crate) async fn open_unshown(&self, object: ObjectId) -> Result<Opened, HubError> {
        let body = self.store.body(object).await?.ok_or_else(key_in_doubt)?;
        // From the order on, whoever still has the key in memory. What is handed over is of no such case.
        self.not_erased(body.case).await?;
        self.open(&body).await
    }

    /// The opening that a repeat is given again, and nothing of the message.
    pub(crate) async fn opening_of(&self, object: ObjectId) -> Result<String, HubError> {
        Ok(self.open_unshown(object).await?.opening)
    }

    async fn key(&self, case: CaseId, id: KeyId) -> Result<Arc<CaseKey>, HubError> {
        if let Some(key) = self.store.keys().held(id) {
            return Ok(key);
        }
        // An old copy of the key database may have brought it back: what the ledger says is erased is not
        // opened, whatever keys there are.
        self.not_erased(case).await?;
        match self.store.keys().get(id).await {
            Err(StoreError::KeyLost) => Err(self.without_key(case).await),
            other => Ok(other?),
        }
    }

    async fn not_erased(&self, case: CaseId) -> Result<(), HubError> {
        let erased = self.store.case(case).await?.is_some_and(|held| held.erased.is_some());
        if erased { Err(Refusal::Erased.into()) } else { Ok(()) }
    }

    /// A key that is gone: erased where the ledger says that this was ordered, and an alarm otherwise. The
    /// two never look alike.
    async fn without_key(&self, case: CaseId) -> HubError {
        match self.store.case(case).await {
            Ok(Some(held)) if held.erased.is_some() => Refusal::Erased.into(),
            Ok(_) => {
                tracing::error!(alarm = "key-loss", %case, "a case key is gone, and nobody ordered that");
                measure::alarm("key-loss");
                self.incident(Condition::KeyLoss, &AgencyCode::hub(), None, IncidentTurn::Open).await;
                HubError::KeyLoss
            }
            Err(error) => error.into(),
        }
    }

    /// The way from a referral to its statistics, opened while the key lives; `None` once it is gone.
    pub(crate) async fn open_link(&self, referral: ReferralId) -> Result<Option<FactId>, HubError> {
        let Some(link) = self.store.fact_link(referral).await? else { return Ok(None) };
        let Ok(key) = self.key(link.case, link.key).await else { return Ok(None) };
        let place = Place { hub: &self.name, case: link.case, object: link.object, schema: LINK_SCHEMA };
        let Ok(plain) = key.open(&place, &link.sealed) else { return Ok(None) };
        let bytes: Option<[u8; 16]> = plain.expose().as_slice().try_into().ok();
        Ok(bytes.map(|bytes| FactId::new(Uuid::from_bytes(bytes))))
    }
}

impl Kept {
    /// Nothing was committed with it: a key that was taken for it goes back.
    pub(crate) fn give_up(&self, hub: &Hub) {
        if self.case_key.is_some() {
            hub.store.keys().give_back(Arc::clone(&self.key));
        }
    }

    /// The sealed way from a referral to its statistics, under the same key as the message.
    pub(crate) fn link(&self, hub: &str, fact: FactId) -> NewLink {
        let (case, object) = (self.body.case, ObjectId::new(Uuid::now_v7()));
        let place = Place { hub, case, object, schema: LINK_SCHEMA };
        NewLink { case, key: self.key.id(), object, sealed: self.key.seal(&place, fact.uuid().as_bytes()) }
    }
}

/// What binds an entry to a message and its signature.
fn commitment(opening: &[u8; OPENING_BYTES], bytes: &[u8], signature: Option<&str>) -> Commitment {
    let to = |bytes: &[u8]| hex::encode(seal::commitment(opening, bytes));
    Commitment { message: to(bytes), signature: signature.map(|text| to(text.as_bytes())) }
}

/// What the ledger must say of a body, given all that was sealed.
#[must_use]
pub fn committed(plain: &[u8]) -> Option<Commitment> {
    let (opening, rest) = plain.split_first_chunk::<OPENING_BYTES>()?;
    let (signature, bytes) = parted(rest)?;
    Some(commitment(opening, bytes, signature))
}

/// What stands before a message that was signed.
fn before(signature: Option<&str>) -> Vec<u8> {
    signature.map_or_else(Vec::new, |text| [&[SIGNED], text.as_bytes(), &[SIGNED_TO]].concat())
}

/// Signature and message.
fn parted(plain: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let Some((&SIGNED, rest)) = plain.split_first() else { return Some((None, plain)) };
    let end = rest.iter().position(|byte| *byte == SIGNED_TO)?;
    let (text, rest) = rest.split_at_checked(end)?;
    Some((Some(str::from_utf8(text).ok()?), rest.get(1..)?))
}

/// A body that is missing or that its key does not open is an alarm, never an empty answer.
fn key_in_doubt() -> HubError {
    tracing::error!(alarm = "key-loss", "a body is missing, or its case key does not open it");
    measure::alarm("key-loss");
    HubError::InDoubt("a body does not open; it is logged as an alarm")
}
