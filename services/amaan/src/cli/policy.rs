//! The command line of `amaan policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ApiArgs;

/// Acts on a set of policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Read a set, validate it and run every row of its tables; each row that does not hold is shown.
    Test(PolicyTestArgs),
    /// Say what is decided, by which policies, and what would have to be otherwise to turn it round.
    Explain(Box<PolicyExplainArgs>),
    /// Put the last decisions of a hub to another set, and show what it would decide otherwise.
    Diff(PolicyDiffArgs),
    /// Propose a set to a hub; another person approves it.
    Propose(PolicyProposeArgs),
    /// Show the policies in force at a hub, how long they bind, and what is proposed.
    Show {
        #[command(flatten)]
        api: ApiArgs,
    },
    /// Print a set as one JSON text, as the API takes it.
    Bundle {
        /// The folder of the set; the program's own without.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct PolicyDiffArgs {
    #[command(flatten)]
    pub api: ApiArgs,
    /// The folder of the new set; the program's own without.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// How many past decisions.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub last: u64,
}

#[derive(Debug, Args)]
pub struct PolicyProposeArgs {
    #[command(flatten)]
    pub api: ApiArgs,
    /// The folder of the new set; the program's own without.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct PolicyTestArgs {
    /// The folder of the set: `amaan.cedarschema`, `*.cedar`, `tests/*.toml`; the program's own without.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print every row's result as JSON.
    #[arg(long)]
    pub json: bool,
}

/// One question, in codes.
#[derive(Debug, Args)]
pub struct PolicyExplainArgs {
    /// The acting agency, for example ictp.
    pub who: String,
    /// What it wants to do: send, answer, receive, check-identity, read-referral, ...
    pub act: String,
    /// The other agency.
    pub to: Option<String>,
    /// The folder of the set; the program's own without.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The caller's roles.
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',', default_value = "system")]
    pub roles: Vec<String>,
    /// The scopes of its token.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<String>,
    /// The message, for example referral.request.
    #[arg(long)]
    pub message: Option<String>,
    /// The service, for example SVC-SHELTER.
    #[arg(long)]
    pub service: Option<String>,
    /// The purpose, for example protection.
    #[arg(long)]
    pub purpose: Option<String>,
    /// The basis, for example consent.
    #[arg(long)]
    pub basis: Option<String>,
    /// The priority: emergency, urgent, normal.
    #[arg(long)]
    pub urgency: Option<String>,
    /// The provinces the acting agency works in, for example PK4.
    #[arg(long = "agency-province", value_name = "CODE", value_delimiter = ',')]
    pub agency_provinces: Vec<String>,
    /// The province of the case.
    #[arg(long, value_name = "CODE")]
    pub case_province: Option<String>,
    /// Its district.
    #[arg(long, value_name = "CODE")]
    pub case_district: Option<String>,
    /// The day in Pakistan, for example 2026-12-31; today without.
    #[arg(long, value_name = "DAY")]
    pub on: Option<String>,
    /// The hour of the day in Pakistan; noon without.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=23), default_value_t = 12)]
    pub hour: u32,
    /// Print the explanation as JSON.
    #[arg(long)]
    pub json: bool,
}
