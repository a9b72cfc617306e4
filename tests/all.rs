//! The one test binary: every area is a folder beside this file. Areas use the crates from outside, as their
//! callers do, and go through one `check` helper or one journey each.

mod agencies;
mod authorization;
mod casework;
mod configuration;
mod egress;
mod faults;
mod http;
mod hub;
mod identity;
mod journeys;
mod ledger;
mod observability;
mod oversight;
mod policies;
mod queue;
mod schemas;
mod seal;
mod simulator;
mod store;
mod tidy;
mod witness;
