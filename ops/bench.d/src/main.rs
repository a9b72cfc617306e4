//! `amaan-bench`: the parts of `ops/bench` that have to be fast themselves. Each subcommand does one thing
//! and prints one JSON object on a line; what is run beside what, and what it means, is `ops/bench`'s.
//! Loopback only, and bounded in time: nothing here may be pointed at a real system.

mod fill;
mod load;
mod raw;
mod read_hash;
mod sink;
mod standing;

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
}

fn main() -> ExitCode {
    let done = match Ask::parse() {
        Ask::Fill(fill) => fill.run(),
        Ask::Load(load) => load.run(),
        Ask::ReadHash(read_hash) => read_hash.run(),
        Ask::Sink(sink) => sink.run(),
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
