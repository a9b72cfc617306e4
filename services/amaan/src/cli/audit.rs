//! The arguments of `amaan audit`. What they do is in `commands/audit_verify.rs` and `commands/bundle.rs`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute tree, states and counts of a store and name the first entry that does not hold.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct VerifyArgs {
    #[command(subcommand)]
    pub command: Option<VerifyCommand>,
    /// The store's folder (a sandbox's `--data DIR` works as it is).
    #[arg(long, value_name = "DIR", required_unless_present = "config", conflicts_with = "config")]
    pub data: Option<PathBuf>,
    /// The store that this configuration names, on SQLite or PostgreSQL.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// With --data: the server on which that sandbox keeps its databases.
    #[arg(long, value_name = "URL", requires = "data")]
    pub store: Option<String>,
    /// With --store: certificates (PEM) of the authority that signed the server's own.
    #[arg(long, value_name = "FILE", env = "AMAAN_CA_FILE")]
    pub ca: Option<PathBuf>,
    /// A checkpoint or receipt kept elsewhere; the tree must contain it. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// The ledger's public key (`name+hash+key`, from `GET /v1/audit/key`); signatures are checked with it.
    #[arg(long, value_name = "VKEY")]
    pub vkey: Option<String>,
    /// Open every sealed body too, and compare it with the entry that commits to it; nothing of it is told.
    /// Needs the root key: that of --config, or of a sandbox's folder.
    #[arg(long)]
    pub bodies: bool,
    /// With --bodies: open only about so many, drawn by chance.
    #[arg(long, value_name = "N", requires = "bodies")]
    pub sample: Option<u64>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// What else can be checked.
#[derive(Debug, Subcommand)]
pub enum VerifyCommand {
    /// Check the evidence of one referral (`GET /v1/referrals/{id}/evidence`), without any hub.
    Bundle(BundleArgs),
}

#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The bundle.
    pub file: PathBuf,
    /// The ledger's public key (`name+id+key`), from another place than the bundle; several in lines, as
    /// `GET /v1/audit/key` gives them, of which one must have signed.
    #[arg(long, value_name = "VKEY")]
    pub ledger_key: Option<String>,
    /// The hub's public keys (a JWK set, from `GET /v1/keys`), which sign copies and bundles.
    #[arg(long, value_name = "JWKS")]
    pub hub_keys: Option<PathBuf>,
    /// Agencies' public keys (a JWK set), from the agencies.
    #[arg(long, value_name = "JWKS")]
    pub agency_keys: Option<PathBuf>,
    /// A witness's public key; it must have cosigned. May be repeated.
    #[arg(long, value_name = "VKEY")]
    pub witness_key: Vec<String>,
    /// Write a page to be printed here: what happened, when, by whom, and what proves it.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The page's language.
    #[arg(long, value_enum, default_value = "en", requires = "html")]
    pub lang: LangArg,
    /// The file has many bundles, each behind its length in decimals and a line feed; print a line for each.
    #[arg(long, conflicts_with_all = ["html", "json"])]
    pub batch: bool,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A language of pages.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LangArg {
    /// English.
    En,
    /// Urdu.
    Ur,
}
