//! `amaan-bench`: the parts of `ops/bench` that have to be fast themselves. Each subcommand does one thing
//! and prints one JSON object on a line; what is run beside what, and what it means, is `ops/bench`'s.
//! Loopback only, and bounded in time: nothing here may be pointed at a real system.

mod echo;
mod fill;
mod insert;
mod limits;
mod line;
mod load;
mod orders;
mod queue;
mod raw;
mod read_hash;
mod sink;
mod standing;
mod stores;
mod tally;
mod writer;

use std::process::ExitCode;

use clap::Parser;

/// What can be asked for.
#[derive(Parser)]
#[command(name = "amaan-bench", about = "Load, endpoints and limits for ops/bench")]
enum Ask {
    /// Fills a store with referrals as they would be after months of work, through the store's own door.
    Fill(fill::Fill),
    /// Posts messages over a fixed number of connections for some seconds.
    Load(load::Load),
    /// Reads every leaf of a ledger and hashes it: the least that any verification has to do.
    ReadHash(read_hash::ReadHash),
    /// Answers for three agencies at once, as their protocols say, and counts what came.
    Sink(sink::Sink),
    /// Bare inserts of the rows that the store's writer writes.
    Insert(insert::Insert),
    /// The store's writer fed directly.
    Writer(writer::Writer),
    /// Both, in turn, and how they compare.
    Limits(limits::Limits),
    /// A bare quorum queue: publish, confirm, consume, acknowledge.
    Queue(queue::Queue),
    /// A bare HTTP server that reads JSON and sends it back.
    Echo(echo::Echo),
}

fn main() -> ExitCode {
    let done = match Ask::parse() {
        Ask::Fill(fill) => fill.run(),
        Ask::Load(load) => load.run(),
        Ask::ReadHash(read_hash) => read_hash.run(),
        Ask::Sink(sink) => sink.run(),
        Ask::Insert(insert) => insert.run(),
        Ask::Writer(writer) => writer.run(),
        Ask::Limits(limits) => limits.run(),
        Ask::Queue(queue) => queue.run(),
        Ask::Echo(echo) => echo.run(),
    };
    match done {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("amaan-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why a part did not come about.
type Failure = Box<dyn std::error::Error + Send + Sync>;
