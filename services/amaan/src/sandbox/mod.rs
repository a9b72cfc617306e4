//! `amaan sandbox`: everything on one machine with synthetic data. Starts the hub on the embedded wiring, its
//! own issuer and five simulated agencies, plays the past and then one story, and stays up.
//!
//! Nothing here is a shortcut: every act goes through an agency's own simulated system and the hub's API.

mod agreed;
mod banner;
mod children;
mod desk;
mod endings;
mod house;
mod narrator;
mod officers;
mod parts;
mod past;
mod people;
mod plan;
mod report;
mod signing;
mod story;
mod time;
mod wait;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::cli::{Play, SandboxArgs, SandboxCommand};
use crate::config;
use crate::failure::Failure;
use crate::signals::Signals;
use crate::telemetry::{Logs, Telemetry};

pub use house::{NAME, root_key};
pub use parts::place_on;
pub use plan::{FILE as PLAN_FILE, STORE_FOLDER};

/// Where the data lies, and whether it goes away.
enum Place {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Place {
    fn choose(args: &SandboxArgs) -> Result<Self, Failure> {
        match &args.data {
            Some(dir) => Ok(Self::Kept(dir.clone())),
            None => {
                tempfile::tempdir().map(Self::Temporary).map_err(Failure::at("making a temporary folder"))
            }
        }
    }
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }
}

/// Plays the sandbox, or acts on one that runs.
pub async fn run(args: SandboxArgs) -> Result<ExitCode, Failure> {
    if let Some(SandboxCommand::Clock(asked)) = &args.act {
        return time::run(asked).await;
    }
    let traces = args.traces.as_deref().map(|collector| config::traces(collector, 100, "sandbox"));
    let telemetry = Telemetry::start(&Logs::default(), traces.transpose()?.as_ref())?;
    let ended = open_and_play(args).await;
    telemetry.finish().await;
    ended
}

async fn open_and_play(args: SandboxArgs) -> Result<ExitCode, Failure> {
    let place = Place::choose(&args)?;
    let _held = plan::hold(place.path())?;
    let plan = plan::Plan::load_or_make(place.path(), args.parts.store.is_some())?;
    let parts = parts::Chosen::new(&args.parts, place.path(), &plan)?;
    let house = house::open(place.path(), &plan, parts).await?;
    banner::welcome(&house, place.path(), args.data.is_some());
    let mut signals = Signals::listen()?;
    // Whatever ends it, the house is closed: nothing half-written, and a temporary folder is gone.
    let ended = tokio::select! {
        ended = tell(&house, &args) => ended.map(|code| (code, args.exit)),
        signal = signals.first() => Ok((stopped_by(signal), true)),
    };
    if let Ok((_, false)) = ended {
        banner::stays_up(&house, place.path(), args.json);
        eprintln!("\n{}: stopping", signals.first().await);
    }
    house.close(args.data.is_some()).await?;
    ended.map(|(code, _)| code)
}

fn stopped_by(signal: &str) -> ExitCode {
    eprintln!("\n{signal}: stopping before the story is complete");
    ExitCode::FAILURE
}

/// Plays past and story and prints the report.
async fn tell(house: &house::House, args: &SandboxArgs) -> Result<ExitCode, Failure> {
    let report = play(house, args).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(Failure::at("rendering the report"))?);
    } else {
        report.print();
    }
    eprintln!("the story is complete");
    Ok(if report.good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(house: &house::House, args: &SandboxArgs) -> Result<report::Report, Failure> {
    let started = Instant::now();
    people::register(house).await?;
    past::play(house, args.past).await?;
    let past_took = started.elapsed();
    let started = Instant::now();
    let endings = match args.play {
        Some(Play::EveryEnding) => endings::play(house).await?,
        None => Vec::new(),
    };
    let story = story::play(house, !args.json).await?;
    report::make(house, story, endings, past_took, started.elapsed()).await
}
