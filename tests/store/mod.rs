//! The store by itself, on SQLite: group commit under concurrent callers, repeats, bad neighbours, keys,
//! clock, outbox, statistics, migrations, crashes, and tampering from outside. No HTTP, no policies, no
//! schemas.

mod batches;
mod clock;
mod crash;
mod facts;
mod keys;
mod late;
mod migrations;
mod neighbours;
mod outbox;
mod receipts;
mod repeats;
mod tamper;
mod world;
