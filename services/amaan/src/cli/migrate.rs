//! The arguments of `amaan migrate`. What it does is in `commands/migrate.rs`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Take so many of the newest back, in both databases, with everything that is in their tables.
    #[arg(long, value_name = "N", conflicts_with = "check")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub down: Option<u32>,
    /// With --down, where the ledger has entries: yes, they may go.
    #[arg(long, requires = "down")]
    pub drop_data: bool,
    /// Change nothing: say what is in and what is missing; fails if anything is.
    #[arg(long)]
    pub check: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
