//! The commands, one file each; `sandbox/` is one more.

mod api;
pub mod audit_verify;
pub mod backup;
pub mod bundle;
mod client_tls;
pub mod config;
pub mod dead_letter;
pub mod doctor;
pub mod keys;
pub mod listen;
mod make_keys;
pub mod migrate;
pub mod policy;
pub mod referral;
pub mod serve;
pub mod signing_key;
pub mod witness;

pub use make_keys::write_new;
