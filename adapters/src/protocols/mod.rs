//! The protocols. Same kind, same files: `config` is the protocol's table in `agency.toml`, `connect` makes
//! one call, `exchange` hands a message over and reads what came of it. A protocol whose answers are fetched
//! has `poll` besides. What a status or a broken connection means is the same for all: `verdict`.

pub mod call;
pub mod verdict;

pub mod http_json {
    //! JSON over HTTP in the agency's own form, with a bearer secret and the delivery id as idempotency key.
    pub mod config;
    pub mod connect;
    pub mod exchange;
}

pub mod primero {
    //! Primero v2's public API: a case by our id, a referral on it, answers polled.
    pub mod config;
    pub mod connect;
    pub mod exchange;
    pub mod poll;
    pub mod records;
}

pub mod soap {
    //! SOAP 1.1: a question answered at once.
    pub mod config;
    pub mod connect;
    pub mod envelope;
    pub mod exchange;
}

pub mod pull {
    //! No outbound call: the agency's system fetches from the hub's inbox and acknowledges.
    pub mod config;
    pub mod connect;
    pub mod exchange;
}
