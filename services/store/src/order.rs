//! What a caller hands to the writer, and what comes back.

use std::sync::Arc;

use casework::{CaseId, Command, DeliveryId, Entry, KeyId, ObjectId, Refusal, Timestamp};

use crate::rows::BodyRow;
use crate::{Batch, FactStep, NewFact, StoreError};

/// Which waiting line an order stands in; the writer serves them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Emergency intake.
    Emergency,
    /// Claims and outcomes of deliveries: they free memory elsewhere.
    Outcomes,
    /// All other intake.
    Intake,
    /// Reads and refusals.
    Reads,
}

/// A message body under its case key.
#[derive(Debug, Clone)]
pub struct SealedBody {
    /// Its id.
    pub object: ObjectId,
    /// The case.
    pub case: CaseId,
    /// The key it is sealed under.
    pub key: KeyId,
    /// `referral.request/v1`, for example; part of the associated data.
    pub schema: String,
    /// nonce, ciphertext, tag. Inside: the opening (32 bytes), then the exact message bytes.
    pub sealed: Vec<u8>,
}

impl SealedBody {
    pub(crate) fn read(row: BodyRow) -> Result<Self, StoreError> {
        let (object, case, key) = (row.object_id.parse()?, row.case_id.parse()?, row.key_id.parse()?);
        Ok(Self { object, case, key, schema: row.schema, sealed: row.sealed })
    }
}

/// A case begins to use a key.
#[derive(Debug, Clone, Copy)]
pub struct CaseKeyUse {
    /// The case.
    pub case: CaseId,
    /// The key.
    pub key: KeyId,
}

/// A caller's idempotency key.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// `agency/client/key`, one text.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub request_hash: [u8; 32],
}

/// One command with everything that is committed with it.
#[derive(Debug, Clone)]
pub struct Order {
    /// The act.
    pub command: Command,
    /// Where it waits.
    pub lane: Lane,
    /// The caller's key, for acts that may be repeated.
    pub idempotency: Option<Idempotency>,
    /// The message.
    pub body: Option<SealedBody>,
    /// A key the case begins to use.
    pub case_key: Option<CaseKeyUse>,
    /// Statistics of new referrals.
    pub facts: Vec<NewFact>,
    /// A later step of a referral's statistics.
    pub fact_step: Option<FactStep>,
    /// Real time before which a delivery that waits for a retry is not due.
    pub retry_at: Option<Timestamp>,
    /// Deliveries that the caller itself hands to the relay as soon as they are committed.
    pub handed: Vec<DeliveryId>,
    /// W3C `traceparent` of the request; it goes along with the deliveries that the order moves. Work data,
    /// not a fact.
    pub trace: Option<String>,
}

impl Order {
    /// A command with nothing beside it.
    #[must_use]
    pub const fn plain(command: Command, lane: Lane) -> Self {
        Self {
            command,
            lane,
            idempotency: None,
            body: None,
            case_key: None,
            facts: Vec::new(),
            fact_step: None,
            retry_at: None,
            handed: Vec::new(),
            trace: None,
        }
    }

    /// Bytes it brings along, for the bound of a batch.
    pub(crate) fn weight(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.sealed.len()).saturating_add(1024)
    }
}

/// What became of an order.
#[derive(Debug, Clone)]
pub enum Committed {
    /// It is in the ledger.
    Done(Done),
    /// The same request was committed before: at this entry, when the tree had this size.
    Replayed {
        /// Index of its first entry.
        index: u64,
        /// The size its receipt speaks of.
        size: u64,
    },
    /// The idempotency key was used for another request.
    KeyReused,
    /// The rules say no; nothing was written.
    Refused(Refusal),
}

/// A committed order.
#[derive(Debug, Clone)]
pub struct Done {
    /// Index of its first entry.
    pub index: u64,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// The bytes of the first, as the tree has them.
    pub leaf: Vec<u8>,
    /// The batch it was committed with, from which any caller renders its proof.
    pub batch: Arc<Batch>,
}
