//! The one way out: what may be called, at which addresses, and whether anything was sent when a call fails.
//! Everything listens on loopback; no test reaches a network.

mod addresses;
mod allow_list;
mod names;
mod outcomes;
mod responder;
mod reuse;
mod tls;
