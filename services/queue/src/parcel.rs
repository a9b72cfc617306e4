//! What is carried, and what a worker holds in its hand. Routing facts and a ciphertext; no personal data.

use std::sync::Arc;

use casework::{AgencyCode, CaseId, DeliveryId, KeyId, MessageKind, ObjectId};

/// A message on the queue: a CloudEvents 1.0 event whose attributes are routing facts without personal data
/// and whose body is the very ciphertext stored at acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// `id`: the delivery.
    pub delivery: DeliveryId,
    /// Which queue.
    pub to: AgencyCode,
    /// `type`: what is carried.
    pub message: MessageKind,
    /// `subject`: the case.
    pub case: CaseId,
    /// Attempts that had been made when it was handed over. A copy of an earlier try brings fewer; a hub of
    /// an earlier version did not say.
    pub attempts: Option<u32>,
    /// The sealed body's id.
    pub object: ObjectId,
    /// The key it is sealed under.
    pub key: KeyId,
    /// `dataschema`: part of the associated data.
    pub schema: String,
    /// nonce, ciphertext, tag.
    pub sealed: Arc<[u8]>,
    /// `traceparent`: the trace of the request that caused it, as in W3C Trace Context.
    pub trace: Option<String>,
}

/// A parcel taken from a queue. Dropped without `done`, it comes again.
pub struct Taken {
    /// The parcel.
    pub parcel: Parcel,
    end: Option<Box<dyn FnOnce(bool) + Send>>,
}

impl Taken {
    /// A parcel, and what its end means to the queue: `true` once its outcome is committed, `false` where
    /// it was let go without.
    pub(crate) fn new(parcel: Parcel, end: impl FnOnce(bool) + Send + 'static) -> Self {
        Self { parcel, end: Some(Box::new(end)) }
    }

    /// Its outcome is committed, or there was nothing to do.
    pub fn done(mut self) {
        self.finish(true);
    }

    fn finish(&mut self, done: bool) {
        if let Some(end) = self.end.take() {
            end(done);
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.finish(false);
    }
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Taken({})", self.parcel.delivery)
    }
}
