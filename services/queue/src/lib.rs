//! What carries a message from the relay to a worker: one work queue per recipient agency, so that a slow
//! agency delays nobody else. The broker carries; the database is the truth. Whatever is lost here, the
//! relay hands over again.
//!
//! Two of them keep one contract: [`Embedded`] inside the process, and [`Rabbit`] on a broker that several
//! hubs may share. Neither ever looks into a body (a ciphertext), and neither decides about retries.

mod embedded;
mod error;
mod parcel;
mod rabbitmq;

use std::time::Instant;

use casework::AgencyCode;
use futures_util::future::BoxFuture;

pub use embedded::Embedded;
pub use error::QueueError;
pub use parcel::{Parcel, Taken};
pub use rabbitmq::measure::METRICS;
pub use rabbitmq::{Rabbit, RabbitSettings, Tuning, probe};

/// How a queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueState {
    /// It takes parcels and brings them.
    Up,
    /// The broker is short of memory or disk and takes nothing for now.
    Blocked,
    /// There is no broker.
    Down {
        /// Since when.
        since: Instant,
    },
}

/// A queue. `Ok` from `publish` means confirmed: it is kept, and in the queue of its agency.
pub trait Queue: Send + Sync {
    /// Hands a parcel over. Many may be under way at once.
    fn publish(&self, parcel: Parcel) -> BoxFuture<'_, Result<(), QueueError>>;
    /// The next parcel of an agency's queue; `None` once the queue is closed.
    fn take<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<Taken>>;
    /// How it stands now.
    fn state(&self) -> QueueState;
    /// Parcels that lie in an agency's queue and are in nobody's hands; `None` where nobody can say.
    fn held<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<u64>>;
    /// No more parcels: waiting takers get `None`.
    fn close(&self);
    /// After `close`, and once nobody holds a parcel: what was done is told to the broker, and the
    /// connections to it are closed.
    fn closed(&self) -> BoxFuture<'_, ()>;
}
