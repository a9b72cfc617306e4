//! The store by itself: group commit under concurrent callers, repeats, bad neighbours, keys, clock, outbox,
//! statistics, migrations, crashes, tampering from outside. No HTTP, no policies, no schemas.
//!
//! Files here run on SQLite; `postgres/` mounts most of them once more on PostgreSQL, and adds what only
//! several hubs on one server can get wrong.

use std::path::Path;

use server::Engine;

pub const ENGINE: Engine = Engine::Sqlite;

/// A SQLite store in this folder.
pub fn at(dir: &Path) -> store::Place {
    store::Place::Sqlite { dir: dir.to_owned() }
}

mod backup;
mod bare;
mod batches;
mod budgets;
mod classified;
mod clock;
mod cosigned;
mod crash;
mod epochs;
mod events;
mod facts;
mod keys;
mod late;
mod lists;
mod migrations;
mod neighbours;
mod outbox;
#[expect(clippy::duplicate_mod, reason = "one text of tests, mounted once per engine")]
mod postgres;
mod receipts;
mod recount;
mod registers;
mod repeats;
pub mod server;
mod sessions;
mod settled;
mod shape;
mod tamper;
mod webhooks;
pub mod world;
