//! What carries a message from the relay to a worker: one work queue per recipient agency, so that a slow
//! agency delays nobody else. The broker carries; the database is the truth. Whatever is lost here, the
//! sweeper hands over again.
//!
//! It never looks into a body (a ciphertext), and it decides nothing about retries.

mod embedded;

use std::sync::Arc;

use casework::{AgencyCode, CaseId, DeliveryId, KeyId, MessageKind, ObjectId};
use futures_util::future::BoxFuture;

pub use embedded::Embedded;

/// A message on the queue: a CloudEvents 1.0 event whose attributes are routing facts without personal data
/// and whose body is the very ciphertext stored at acceptance.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// `id`: the delivery.
    pub delivery: DeliveryId,
    /// Which queue.
    pub to: AgencyCode,
    /// `type`: what is carried.
    pub message: MessageKind,
    /// `subject`: the case.
    pub case: CaseId,
    /// The sealed body's id.
    pub object: ObjectId,
    /// The key it is sealed under.
    pub key: KeyId,
    /// `dataschema`: part of the associated data.
    pub schema: String,
    /// nonce, ciphertext, tag.
    pub sealed: Arc<[u8]>,
}

/// A parcel taken from a queue. Dropped without `done`, a broker would bring it again.
pub struct Taken {
    /// The parcel.
    pub parcel: Parcel,
    done: Box<dyn FnOnce() + Send>,
}

impl Taken {
    /// A parcel and what to do once its outcome is committed.
    pub fn new(parcel: Parcel, done: impl FnOnce() + Send + 'static) -> Self {
        Self { parcel, done: Box::new(done) }
    }
    /// Its outcome is committed, or there was nothing to do.
    pub fn done(self) {
        (self.done)();
    }
}

/// Why a parcel was not taken by the queue. The outbox row stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The agency's queue is full; its workers are behind.
    #[error("the queue of `{0}` is full")]
    Full(AgencyCode),
    /// No such queue.
    #[error("there is no queue for `{0}`")]
    NoQueue(AgencyCode),
    /// The queue is closed.
    #[error("the queue is closed")]
    Closed,
}

/// A queue. `Ok` from `publish` means confirmed.
pub trait Queue: Send + Sync {
    /// Hands a parcel over.
    fn publish(&self, parcel: Parcel) -> BoxFuture<'_, Result<(), QueueError>>;
    /// The next parcel of an agency's queue; `None` once the queue is closed.
    fn take<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<Taken>>;
    /// No more parcels: waiting takers get `None`.
    fn close(&self);
}
