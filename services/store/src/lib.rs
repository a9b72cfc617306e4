//! Where everything is kept: the ledger, the state it gives, sealed bodies, statistics, work tables, and,
//! in a database of their own, the case keys. One door for facts (`Store::commit`), read-only connections
//! for reads, one file of work writes.
//!
//! It decides nothing: `casework` does. It opens no sealed body. It knows one engine today, SQLite; its query
//! files are mounted under a module per engine, so a second one plugs in beside `sqlite.rs`.

mod backlog;
mod batch;
mod clock;
mod commit;
mod conservation;
mod error;
mod facts;
mod high_water;
mod keys;
mod load;
pub mod measure;
mod nodes;
mod open;
mod order;
mod reads;
mod receipt;
mod rows;
mod schema;
mod sqlite;
mod verify;
mod work;
mod writer;

pub use backlog::{Backlog, Waiting};
pub use batch::Batch;
pub use clock::CaseClock;
pub use conservation::Conservation;
pub use error::StoreError;
pub use facts::{FactRow, FactStep, NewFact, NewLink, Step};
pub use keys::KeyStore;
pub use open::{LedgerKey, Settings, Store};
pub use order::{CaseKeyUse, Committed, Done, Idempotency, Lane, Order, SealedBody};
pub use reads::{AuditEntry, ReferralFilter, SealedLink, Stored};
pub use receipt::{Receipt, ReceiptProof, note_of_proof};
pub use verify::{Finding, VerifyOptions, VerifyReport, verify};
pub use work::Due;
