//! Adapters: what turns the hub's messages into an agency's own form and transport, and its answers back.
//! An agency is a folder under `agencies/` and no Rust; a protocol is three files under `protocols/`.
//! Not here: when to try again, what a dead letter is (`delivery`), who may see what (`policies`), the
//! allow-list of addresses (`egress`). The only crate with jaq.

mod agency;
mod codes;
mod copied;
mod examples;
mod exchange;
mod folder;
mod maintenance;
mod manifest;
mod mapping;
mod outgoing;
mod protocols;
mod registry;

pub use agency::Agency;
pub use codes::{BadCodes, Direction};
pub use copied::Copied;
pub use examples::{Mismatch, check_examples};
pub use exchange::{Asked, Exchange, ExchangeError, Inbound, Link, OpenReferral, Polled, Triage};
pub use folder::FolderError;
pub use maintenance::Window;
pub use manifest::{Contact, Contract, ErrorClass, ManifestError, Protocol};
pub use mapping::{MappingError, NotAdmitted};
pub use outgoing::Outgoing;
pub use registry::{AdapterError, AdapterErrors, Registry};
