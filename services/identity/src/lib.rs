//! Who is calling: an access token (RFC 9068) becomes [`Verified`], or is refused by the one rule it breaks;
//! a person who comes back from a provider becomes [`login::Identified`], or is refused in the same way.
//! Keys come from the issuer's discovery document and key set, through `egress`. It decides nothing about
//! agencies or roles: `hub` maps (issuer, client) to a caller by its registry, never by a claim.
//!
//! An agency's detached signature over a message is checked here too ([`SigningKeys`]), by keys that the
//! hub's registry holds and nobody fetches.
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
mod signature;
mod signing_keys;
mod strict_json;
mod time;
mod token;
mod verifier;

pub use defect::TokenDefect;
pub use discovery::{NoTokenEndpoint, token_endpoint};
pub use signature::{SignatureDefect, SignedFor, sign_message};
pub use signing_keys::{AgencySignature, BadSigningKeys, SigningKeys};
pub use time::{RealTime, TokenTime};
pub use verifier::{OtherClock, REFRESH_EVERY, Thumbprint, TrustedIssuer, Verified, Verifier};
