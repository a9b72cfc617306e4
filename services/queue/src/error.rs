//! Why a parcel was not taken by the queue. In every case the outbox row stays as it was.

use casework::AgencyCode;

/// Why a parcel was not taken by the queue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The agency's queue is full; its workers are behind.
    #[error("the queue of `{0}` is full")]
    Full(AgencyCode),
    /// No such queue.
    #[error("there is no queue for `{0}`")]
    NoQueue(AgencyCode),
    /// The broker took the message and gave it back: nothing is bound for this agency.
    #[error("the broker has no queue bound for `{0}`")]
    Unroutable(AgencyCode),
    /// The broker is short of memory or disk.
    #[error("the broker takes no messages for now")]
    Paused,
    /// There is no connection to the broker.
    #[error("the broker is not reachable")]
    Unreachable,
    /// The connection was lost, or the confirm did not come: whether the broker has it is unknown.
    #[error("the broker did not confirm; whether it has the message is unknown")]
    Unconfirmed,
    /// The queue is closed.
    #[error("the queue is closed")]
    Closed,
    /// The settings cannot be right.
    #[error("the settings of the queue: {0}")]
    Settings(&'static str),
}

impl QueueError {
    /// One word, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Full(_) => "full",
            Self::NoQueue(_) => "no-queue",
            Self::Unroutable(_) => "unroutable",
            Self::Paused => "paused",
            Self::Unreachable => "unreachable",
            Self::Unconfirmed => "unconfirmed",
            Self::Closed => "closed",
            Self::Settings(_) => "settings",
        }
    }
}
