//! Sealing a message under its case's key with an opening of its own, and opening it again. The opening is
//! the key of the commitment in the ledger; erasing the case key destroys the hub's copy of both.

use std::sync::Arc;

use casework::{CaseId, Digest, FactId, KeyId, ObjectId, ReferralId, Sensitive};
use schemas::Checked;
use seal::{CaseKey, Place};
use store::{CaseKeyUse, Committed, NewLink, Order, SealedBody, StoreError};
use uuid::Uuid;

use crate::{Hub, HubError, measure};

const OPENING_BYTES: usize = 32;
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
    pub commitment: Digest,
    pub opening: String,
    pub case_key: Option<CaseKeyUse>,
    key: Arc<CaseKey>,
}

/// An opened body.
pub(crate) struct Opened {
    pub opening: String,
    pub bytes: Sensitive<Vec<u8>>,
}

impl Hub {
    /// Seals a message: a new case takes an unused slot from memory, a known one uses its key.
    pub(crate) async fn keep(
        &self,
        case: CaseId,
        new: bool,
        object: ObjectId,
        message: &Checked,
        bytes: &[u8],
    ) -> Result<Kept, HubError> {
        let schema = format!("{}/v{}", message.kind, message.version);
        self.seal_as((case, new), object, schema, bytes).await
    }

    /// Seals what belongs to a known case and is no message.
    pub(crate) async fn keep_as(
        &self,
        case: CaseId,
        object: ObjectId,
        schema: &str,
        bytes: &[u8],
    ) -> Result<Kept, HubError> {
        self.seal_as((case, false), object, schema.to_owned(), bytes).await
    }

    async fn seal_as(
        &self,
        (case, new): (CaseId, bool),
        object: ObjectId,
        schema: String,
        bytes: &[u8],
    ) -> Result<Kept, HubError> {
        let (key, case_key) = if new { self.new_key(case)? } else { self.key_of(case).await? };
        let opening: [u8; OPENING_BYTES] = seal::random();
        let commitment = hex::encode(seal::commitment(&opening, bytes));
        let plain = Sensitive::new([opening.as_slice(), bytes].concat());
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
        if let Some(id) = known.first()
            && let Ok(key) = self.store.keys().get(*id).await
        {
            return Ok((key, None));
        }
        self.new_key(case)
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
        let key = self.key(body.key).await?;
        let place = Place { hub: &self.name, case: body.case, object: body.object, schema: &body.schema };
        let plain = key.open(&place, &body.sealed).map_err(|_| key_in_doubt())?;
        let (opening, bytes) = plain.expose().split_at_checked(OPENING_BYTES).ok_or_else(key_in_doubt)?;
        Ok(Opened { opening: hex::encode(opening), bytes: Sensitive::new(bytes.to_vec()) })
    }

    /// Opens a stored body by its id.
    pub(crate) async fn open_stored(&self, object: ObjectId) -> Result<Opened, HubError> {
        let body = self.store.body(object).await?;
        self.open(&body.ok_or_else(key_in_doubt)?).await
    }

    async fn key(&self, id: KeyId) -> Result<Arc<CaseKey>, HubError> {
        self.store.keys().get(id).await.map_err(|error| match error {
            StoreError::KeyLost => key_in_doubt(),
            other => HubError::Store(other),
        })
    }

    /// The way from a referral to its statistics, opened while the key lives; `None` once it is gone.
    pub(crate) async fn open_link(&self, referral: ReferralId) -> Result<Option<FactId>, HubError> {
        let Some(link) = self.store.fact_link(referral).await? else { return Ok(None) };
        let Ok(key) = self.key(link.key).await else { return Ok(None) };
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
        let (case, object) = (self.body.case, ObjectId::new(Uuid::new_v4()));
        let place = Place { hub, case, object, schema: LINK_SCHEMA };
        NewLink { case, key: self.key.id(), object, sealed: self.key.seal(&place, fact.uuid().as_bytes()) }
    }
}

/// A key that is missing or does not fit is an alarm, never an empty answer.
fn key_in_doubt() -> HubError {
    tracing::error!(alarm = "key-loss", "a case key is missing or does not open its body");
    measure::alarm("key-loss");
    HubError::InDoubt("a case key is missing; it is logged as an alarm")
}
