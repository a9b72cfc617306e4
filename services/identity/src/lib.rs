//! Who is calling: an access token (RFC 9068) becomes [`Verified`], or is refused by the one rule it breaks;
//! a person who comes back from a provider becomes [`login::Identified`], or is refused in the same way.
//! Keys come from the issuer's discovery document and key set, through `egress`. It decides nothing about
//! agencies or roles: `hub` maps (issuer, client) to a caller by its registry, never by a claim.
//!
//! [`issuer`] is the sandbox's own small issuer, pure; the simulator serves it over HTTP.

mod cache;
mod claims;
mod defect;
mod discovery;
pub mod issuer;
mod keys;
pub mod login;
pub mod measure;
mod public_key;
mod strict_json;
mod time;
mod token;
mod verifier;

pub use defect::TokenDefect;
pub use discovery::{NoTokenEndpoint, token_endpoint};
pub use time::{RealTime, TokenTime};
pub use verifier::{OtherClock, REFRESH_EVERY, Thumbprint, TrustedIssuer, Verified, Verifier};
