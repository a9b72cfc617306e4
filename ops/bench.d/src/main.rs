//! `amaan-bench`: the parts of `ops/bench` that have to be fast themselves. Each subcommand does one thing
//! and prints one JSON object on a line; what is run beside what, and what it means, is `ops/bench`'s.
//! Loopback only, and bounded in time: nothing here may be pointed at a real system.

mod load;
mod sink;

use std::process::ExitCode;

use clap::Parser;

/// What can be asked for.
#[derive(Parser)]
#[command(name = "amaan-bench", about = "Load, endpoints and limits for ops/bench")]
enum Ask {
    /// Posts messages over a fixed number of connections for some seconds.
    Load(load::Load),
    /// Answers for three agencies at once, as their protocols say, and counts what came.
    Sink(sink::Sink),
}

fn main() -> ExitCode {
    let done = match Ask::parse() {
        Ask::Load(load) => load.run(),
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
