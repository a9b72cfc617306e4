//! The arguments of `amaan backup`. What they do is in `commands/backup.rs`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Copy the databases, while hubs run, into new folders: one for each, because copies of the keys are
    /// destroyed within `keys.backup_days`.
    Run(BackupArgs),
    /// Bring copies back into a scratch place, recompute the whole record there, and say whether it is the
    /// beginning of the store's ledger. On PostgreSQL the role must be allowed to create databases.
    Verify(BackupArgs),
    /// Bring copies back into the configured place, which must be empty. Run
    /// `amaan audit verify` before a hub.
    Restore(BackupArgs),
}

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The folder of the main database's copy.
    #[arg(long, value_name = "DIR")]
    pub main: Option<PathBuf>,
    /// The folder of the key database's copy.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
