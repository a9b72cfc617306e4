//! The one way out: every HTTP call the hub makes to an agency's system or an identity provider goes through
//! [`Client`], which dials only allow-listed origins at vetted addresses, bounds what comes back and says
//! whether anything was sent. It is not a retry policy, not a breaker, and knows no agency; `delivery`,
//! `adapters` and `identity` decide what an error means.
//!
//! INVARIANT: no other crate depends on an HTTP client.

mod address;
mod client;
mod error;
mod exchange;
mod identity;
mod knock;
mod names;
mod origin;
mod roots;
mod rules;

pub use address::is_public;
pub use client::Client;
pub use error::{Cause, EgressError, Forbidden, RulesError};
pub use exchange::{Method, REQUEST_BYTES_MAX, Request, Response};
pub use names::{Looking, Names, SystemNames};
pub use origin::entry_for;
pub use rules::{Identity, Rules};
pub use url::Url;
