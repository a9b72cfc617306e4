//! The two calls that ask databases and broker about themselves. The judgement is in `database.rs` and
//! `broker.rs`.

use casework::Sensitive;
use seal::NoteKey;
use store::Probe;

use crate::config::Broker;

/// Looks at the store; `None` where there is none yet. With the ledger's key, also whether it is older than
/// its newest checkpoint.
pub fn store(place: &store::Place, keys: Vec<NoteKey>) -> Result<Option<Probe>, String> {
    store::probe(place, keys).map_err(|error| error.to_string())
}

/// Looks at the broker.
pub async fn broker(broker: Broker) -> Result<(), String> {
    queue::probe(Sensitive::new(broker.url.to_string()), broker.ca_pem)
        .await
        .map_err(|error| error.to_string())
}
