//! Where everything is kept: the ledger, the state it gives, sealed bodies, statistics, work tables, and,
//! in a database of their own, the case keys. One door for facts (`Store::commit`), read-only connections
//! for reads, one file of work writes.
//!
//! It decides nothing: `casework` does. It opens no sealed body. It knows two engines: SQLite for one
//! process, PostgreSQL for several hubs on one ledger. Their query files are one text, mounted under a module
//! per engine (`sqlite.rs`, `postgres.rs`); everything else speaks to either through `engine.rs`.

mod backlog;
mod backup;
mod bare;
mod batch;
mod budgets;
mod clock;
mod commit;
mod conservation;
mod cosignatures;
mod due;
mod engine;
mod erasable;
mod erased;
mod erasure_entered;
mod error;
mod events;
mod facts;
mod feeds;
mod folder_lock;
mod head;
mod high_water;
mod keys;
mod latest;
mod ledger_epoch;
mod ledger_key;
mod lines;
mod load;
pub mod measure;
mod migrate;
mod nodes;
mod note_keys;
mod open;
mod order;
mod overdue;
mod pause;
mod place;
mod policy_sets;
#[expect(clippy::duplicate_mod, reason = "one query text, mounted once per engine")]
mod postgres;
mod probe;
mod reads;
mod reads_of_party;
mod receipt;
mod recount;
mod registers;
mod retention;
mod ring;
mod rows;
mod schema;
mod seen;
mod sessions;
#[expect(clippy::duplicate_mod, reason = "one query text, mounted once per engine")]
mod sqlite;
mod tiles;
mod together;
mod verify;
mod vouched;
mod webhooks;
mod work;
mod writer;

pub use backlog::{Backlog, Waiting};
pub use backup::{Copied, CopyHead, Scratch, contains, copy, count_keys, newest_head, restore};
pub use bare::{Bare, Rows, Span};
pub use batch::Batch;
pub use budgets::{Budget, Window};
pub use clock::CaseClock;
pub use conservation::Conservation;
pub use cosignatures::Cosigned;
pub use due::{DUE_MAX, Due, DueParcel, Handing, Look};
pub use erasable::Erasable;
pub use erased::{ErasedKeys, destroy_erased};
pub use error::StoreError;
pub use events::{EventWindow, PartyEntry};
pub use facts::{FactRow, FactStep, NewFact, NewLink, Step};
pub use feeds::{Feed, Feeds, MESSAGES_MIN};
pub use high_water::{Lost, SEEN_MORE, SEEN_OTHER};
pub use keys::{KeyStore, begin_epoch, epochs};
pub use ledger_key::LedgerKey;
pub use migrate::{DatabaseSchema, Migrated, SchemaState, To, migrate, schema_state};
pub use note_keys::ToldKey;
pub use open::{Settings, Store};
pub use order::{CaseKeyUse, Committed, Done, Idempotency, Lane, Order, SealedBody};
pub use overdue::OverdueClock;
pub use place::{Databases, Place};
pub use postgres::{drop_databases, make_databases};
pub use probe::{Probe, probe};
pub use reads::{AuditEntry, CHECK_WAITED_SECONDS, ReferralFilter, SealedLink, Stored};
pub use receipt::{Receipt, ReceiptProof, note_of_proof};
pub use recount::{CountedTwice, LastCount, Principle, Recount, Violation};
pub use retention::{ClosedCase, KeptCaseRow, MovedCases, RETENTION_COUNTED_MAX};
pub use seen::{SEEN_MAX, SeenEntry, Slice};
pub use sessions::{Session, SignIn};
pub use verify::{
    BodiesReport, Finding, LostRange, VerifyBodies, VerifyOptions, VerifyReport, row_digest, verify,
    verify_bodies,
};
pub use webhooks::WebhookState;
