//! `amaan policy`: a set is tested and explained from its files, without a hub; a change is compared and
//! proposed over the API of one that runs.

mod explain;
mod propose;
mod test;

use std::path::Path;
use std::process::ExitCode;

use policies::Examined;

use crate::cli::PolicyCommand;
use crate::failure::Failure;

pub async fn run(command: &PolicyCommand) -> Result<ExitCode, Failure> {
    match command {
        PolicyCommand::Test(args) => test::run(args),
        PolicyCommand::Explain(args) => explain::run(args),
        PolicyCommand::Diff(args) => propose::diff(args).await,
        PolicyCommand::Propose(args) => propose::propose(args).await,
        PolicyCommand::Show { api } => propose::show(api).await,
        PolicyCommand::Bundle { dir } => {
            println!("{}", sound(dir.as_deref())?.bundle());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The set of a folder, or the program's own.
fn examined(dir: Option<&Path>) -> Result<Examined, Failure> {
    let read = dir.map_or_else(Examined::embedded, Examined::from_dir);
    read.map_err(|error| Failure::Failed(error.to_string()))
}

/// The same, if it keeps to its tables.
fn sound(dir: Option<&Path>) -> Result<policies::Policies, Failure> {
    let Examined { policies, rows } = examined(dir)?;
    match rows.iter().find(|row| !row.holds) {
        Some(row) => Err(Failure::Failed(format!("{}: {row}; `amaan policy test` shows all", row.file))),
        None => Ok(policies),
    }
}
