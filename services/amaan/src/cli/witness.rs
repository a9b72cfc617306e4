//! The command line of `amaan witness`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Make the witness's key, and print the public key that hubs are configured with.
    MakeKey(WitnessMakeKeyArgs),
    /// Run it, until SIGINT or SIGTERM.
    Serve(WitnessServeArgs),
    /// Show what it has seen of each log.
    Show(WitnessFolder),
    /// Print the signed checkpoints that it refused, each beside the one it had seen. Exit code 1 where there
    /// are any.
    Evidence(WitnessFolder),
}

#[derive(Debug, Args)]
pub struct WitnessMakeKeyArgs {
    /// The witness's folder; made where there is none.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Its name, a URL without scheme: witness.ncrc.example/w1.
    #[arg(long, value_name = "NAME")]
    pub name: String,
}

#[derive(Debug, Args)]
pub struct WitnessServeArgs {
    /// The witness's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// A log's public key (`GET /v1/audit/key` at its hub, compared by telephone). One for each log, and for
    /// each key of a log whose key changes.
    #[arg(long = "log", value_name = "VKEY", required = true)]
    pub logs: Vec<String>,
    /// Where it listens. Off loopback only with --certificate.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8460")]
    pub listen: SocketAddr,
    /// The certificate (PEM) to serve TLS with.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The certificate's private key (PEM), readable by its owner only.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct WitnessFolder {
    /// The witness's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}
