//! The same on PostgreSQL, and what only several hubs on one server can get wrong. Not run where the tests
//! are given no server (`AMAAN_STORE_URL`).

use super::server::Engine;

pub const ENGINE: Engine = Engine::Postgres;

#[path = "../backup.rs"]
mod backup;
#[path = "../bare.rs"]
mod bare;
#[path = "../batches.rs"]
mod batches;
#[path = "../budgets.rs"]
mod budgets;
#[path = "../clock.rs"]
mod clock;
#[path = "../cosigned.rs"]
mod cosigned;
#[path = "../epochs.rs"]
mod epochs;
#[path = "../events.rs"]
mod events;
#[path = "../facts.rs"]
mod facts;
mod faults;
mod hubs;
#[path = "../keys.rs"]
mod keys;
#[path = "../late.rs"]
mod late;
#[path = "../lists.rs"]
mod lists;
#[path = "../migrations.rs"]
mod migrations;
#[path = "../neighbours.rs"]
mod neighbours;
#[path = "../outbox.rs"]
mod outbox;
mod plans;
#[path = "../receipts.rs"]
mod receipts;
#[path = "../recount.rs"]
mod recount;
mod refusals;
#[path = "../registers.rs"]
mod registers;
#[path = "../repeats.rs"]
mod repeats;
#[path = "../sessions.rs"]
mod sessions;
#[path = "../settled.rs"]
mod settled;
mod shape;
mod statistics;
#[path = "../webhooks.rs"]
mod webhooks;
#[path = "../world.rs"]
mod world;
