//! The arguments of `amaan keys`. What they do is in `commands/keys.rs`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Begin another epoch: a new key wraps case keys from now on. Hubs that run follow within a minute, wrap
    /// what there is anew, and destroy the earlier key once nothing needs it.
    Rotate(KeysArgs),
    /// Make another key for the ledger, where `keys.second_ledger_key_file` says. It signs nothing before two
    /// people of the hub have said so (`POST /v1/audit/key/turn`).
    MakeNoteKey(KeysArgs),
    /// Say how many keys each epoch still has.
    Show(KeysArgs),
}

#[derive(Debug, Args)]
pub struct KeysArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}
