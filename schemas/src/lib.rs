//! Message schemas and code lists, and what gives them meaning: strict parsing, validation, categories and
//! minimisation, statistics, routing by mandate, clocks.
//!
//! `messages/<name>/v<N>.schema.json` and `codelists/` hold the data; this crate is the only one that knows
//! JSON Schema. It decides nothing about who may send what to whom (policies do), stores nothing, and never
//! puts a submitted value into an error. Called by `hub` (check, minimise, route), `adapters`, `http`
//! (OpenAPI, code lists) and `oversight` (disclosure rules).

mod classify;
mod clock_book;
mod clocks;
mod coarser;
mod codelist;
mod compile;
mod delays;
mod delivery_reasons;
mod directory;
mod drift;
mod explain;
mod facts;
mod invalid;
mod ladders;
mod lives;
mod load_error;
mod mandate;
mod media;
pub mod messages;
mod minimise;
mod nearest;
mod openapi;
mod retention;
mod schema;
mod source;
mod strict;
mod target;

pub use classify::Misclassified;
pub use clock_book::{ClockBook, LadderStep, LegalClock, OperatingClock};
pub use coarser::Reading;
pub use codelist::CodeRow;
pub use delays::DisclosureDelay;
pub use delivery_reasons::DeliveryReason;
pub use directory::{AgencyRow, Directory, DisclosureRules, Helpline, ServiceRow};
pub use invalid::{FieldError, Invalid, problem};
pub use load_error::LoadError;
pub use mandate::{Interval, Route, RouteRefusal};
pub use minimise::{Minimised, Reduction};
pub use retention::{RetentionRow, RetentionSchedule};
pub use schema::{Checked, Schemas};
pub use strict::{BODY_BYTES_MAX, DEPTH_MAX, MEMBERS_MAX, STRING_BYTES_MAX};
pub use target::{BadTarget, Target};
