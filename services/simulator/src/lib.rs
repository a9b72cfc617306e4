//! Faithful fakes of five agencies' systems behind their real protocols, with fault knobs, and the HTTP
//! server of the sandbox's OIDC issuer. For the sandbox and the tests only.
//!
//! It shares no code with `adapters`: every wire form is written here a second time, so that a test in which
//! both agree says something. What an agency's system does, it writes to an effect log, fsynced before it
//! answers, so that a checker can count what the hub really caused. What each fake imitates and what is
//! assumed of it: `ops/docs/simulators.md`.
//!
//! INVARIANT: nothing here knows a hub's inside; the agencies reach it by its public API alone.

mod answers;
mod case_clock;
mod clock;
mod config;
mod connection;
mod control;
mod effects;
mod error;
mod fault;
mod http_json;
mod hub_client;
mod issuer;
mod issuer_pages;
mod knobs;
mod office;
mod primero;
mod pull;
mod request;
mod serve;
mod signing;
mod soap;
mod start;

pub use case_clock::{MoveClock, RunningCaseClock, start_case_clock};
pub use config::{AgenciesConfig, SimConfig};
pub use error::SimError;
pub use signing::Signing;
pub use start::{AGENCIES, Running, RunningAgencies, RunningIssuer, start, start_agencies, start_issuer};
