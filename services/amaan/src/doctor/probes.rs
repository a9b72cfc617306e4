//! What databases and broker say of themselves, as plain values, and the two calls that fetch it. The
//! judgement is in `database.rs` and `broker.rs`.

use seal::NoteKey;
use store::Probe;

use crate::config::Broker;

/// What a broker says of itself.
pub struct BrokerProbe {
    /// Its name and version: `RabbitMQ 3.12.1`.
    pub version: String,
    /// Is the connection encrypted?
    pub tls: bool,
    /// Does it know quorum queues?
    pub quorum_queues: bool,
    /// Does it refuse publishers for want of memory or disk?
    pub blocked: bool,
}

/// Looks at the store; `None` where there is none yet. With the ledger's key, also whether it is older than its
/// newest checkpoint.
pub fn store(place: &store::Place, key: Option<NoteKey>) -> Result<Option<Probe>, String> {
    store::probe(place, key).map_err(|error| error.to_string())
}

/// Looks at the broker.
/// AT THE MERGE: `queue::probe`.
pub async fn broker(broker: Broker) -> Result<BrokerProbe, String> {
    drop((broker.url, broker.ca_pem));
    Err("this version cannot use RabbitMQ yet".to_owned())
}
