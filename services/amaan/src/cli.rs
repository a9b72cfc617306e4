//! The command line: names, help, defaults. No work is done here.

mod audit;
mod backup;
mod dead_letter;
mod keys;
mod migrate;
mod policy;
mod witness;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use audit::{AuditCommand, BundleArgs, LangArg, VerifyArgs, VerifyCommand};
pub use backup::{BackupArgs, BackupCommand};
pub use dead_letter::{DeadLetterCommand, ResolutionArg};
pub use keys::{KeysArgs, KeysCommand};
pub use migrate::MigrateArgs;
pub use policy::{PolicyCommand, PolicyDiffArgs, PolicyExplainArgs, PolicyProposeArgs, PolicyTestArgs};
pub use witness::{WitnessCommand, WitnessFolder, WitnessMakeKeyArgs, WitnessServeArgs};

/// Amaan (امان, safety): the hub through which child-protection agencies exchange referrals.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything on this machine with synthetic data: hub, issuer, five simulated agencies, a story.
    Sandbox(SandboxArgs),
    /// Run a hub as configured: store, API and delivery, until SIGINT or SIGTERM.
    Serve(ServeArgs),
    /// Look at a configuration, its files and the servers it names, and say what to mend. Changes nothing.
    Doctor(DoctorArgs),
    /// Bring the databases to this version's shape, as `serve` does at its start; or say which they have.
    Migrate(MigrateArgs),
    /// Copies of the databases: make them, check them, bring them back.
    Backup {
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// The keys that wrap case keys: begin another epoch, see how far it has come.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Look at a configuration without starting anything.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Check the record.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Watch a hub's ledger from another house: remember its checkpoints, cosign only what continues them.
    Witness {
        #[command(subcommand)]
        command: WitnessCommand,
    },
    /// Fetch an agency's events and post each, signed like a webhook's, to an address of your own.
    Listen(ListenArgs),
    /// Data-sharing agreements: test a set, explain a decision, see what a change would have changed.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Look at what would become of a referral.
    Referral {
        #[command(flatten)]
        api: ApiArgs,
        #[command(subcommand)]
        command: ReferralCommand,
    },
    /// Deliveries that wait for a person.
    DeadLetter {
        #[command(flatten)]
        api: ApiArgs,
        #[command(subcommand)]
        command: DeadLetterCommand,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SandboxArgs {
    #[command(subcommand)]
    pub act: Option<SandboxCommand>,
    /// Keep the data in this folder and go on from it; without, a temporary folder that goes away.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How many synthetic referrals of the last 90 days to play before the story.
    #[arg(long, value_name = "N", default_value_t = 500)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub past: u32,
    /// Play more before the story: one referral to each ending, and one left alone at each of its stations.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub play: Option<Play>,
    /// Stop after the story instead of staying up until Ctrl-C.
    #[arg(long)]
    pub exit: bool,
    /// Print one JSON object instead of the timeline.
    #[arg(long)]
    pub json: bool,
    /// Send traces to an OpenTelemetry collector on this machine, for example http://127.0.0.1:4318.
    #[arg(long, value_name = "URL")]
    pub traces: Option<String>,
    #[command(flatten)]
    pub parts: PartsArgs,
}

/// What a sandbox can play besides its story.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Play {
    /// Every ending of a referral, and every ladder of an overdue clock.
    EveryEnding,
}

/// Acts on a sandbox that runs.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Move its case time forward, and see what falls due. Tokens, TLS, leases and retries go by real time.
    Clock(ClockArgs),
}

#[derive(Debug, Args)]
pub struct ClockArgs {
    /// How far: +90m, +72h, +14d.
    #[arg(value_name = "+TIME")]
    pub by: String,
    /// The sandbox's folder; its first lines name it.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The parts of a large installation in place of the embedded ones. `ops/services up` starts all three.
#[derive(Debug, Args)]
pub struct PartsArgs {
    /// Keep the data in two databases of its own on this PostgreSQL server instead of SQLite, and drop them
    /// at the end unless --data is given: postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE. The role must be
    /// allowed to create databases.
    #[arg(long, value_name = "URL", hide_env_values = true)]
    pub store: Option<String>,
    /// Carry messages by this RabbitMQ broker instead of inside the process:
    /// amqps://USER:PASSWORD@HOST:PORT/VHOST.
    #[arg(long, value_name = "URL", hide_env_values = true)]
    pub queue: Option<String>,
    /// Trust this OIDC provider instead of the sandbox's own issuer. It must know the sandbox's clients.
    #[arg(long, value_name = "URL", requires = "issuer_clients")]
    pub issuer: Option<String>,
    /// The clients' secrets at that provider: a JSON object {"client id": "secret"}.
    #[arg(long, value_name = "FILE", env = "AMAAN_ISSUER_CLIENTS")]
    pub issuer_clients: Option<PathBuf>,
    /// Certificates (PEM) of a private certificate authority that signed for these three.
    #[arg(long, value_name = "FILE", env = "AMAAN_CA_FILE")]
    pub ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Make the hub's own keys where they are missing, readable by their owner only.
    #[arg(long)]
    pub make_keys: bool,
    /// Only these parts, the others in processes of their own; needs PostgreSQL and RabbitMQ. All by default.
    #[arg(long = "role", value_enum, value_delimiter = ',', value_name = "ROLES")]
    pub roles: Vec<RoleArg>,
}

/// A part of the work.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleArg {
    /// What agencies' systems call.
    Api,
    /// Pages for people.
    Pages,
    /// What keeps asking until somebody answers.
    Delivery,
    /// Statistics and the audit trail.
    Oversight,
}

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with it: every problem, with its place and the fix.
    Check(ConfigArgs),
    /// Show each value in force and who set it: file, environment or default.
    Print(ConfigPrintArgs),
    /// Make an agency's signing key where there is none, and print its public half as the JWK set that the
    /// hub's operator registers (`signing` in the configuration).
    SigningKey(SigningKeyArgs),
    /// Mark identity numbers that nobody has a reason to ask for, for `limits.honey_file`.
    Honey(HoneyArgs),
}

#[derive(Debug, Args)]
pub struct SigningKeyArgs {
    /// The private key (Ed25519, PKCS#8 PEM); it stays with the agency.
    #[arg(long, value_name = "FILE")]
    pub key_file: PathBuf,
    /// What it is called (`kid`), for example ictp-2027.
    #[arg(long, value_name = "KID")]
    pub kid: String,
}

#[derive(Debug, Args)]
pub struct HoneyArgs {
    /// The configuration, TOML: its root key marks (see ops/docs/limits.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ConfigPrintArgs {
    /// The configuration, TOML (see ops/docs/configuration.md).
    #[arg(long, value_name = "FILE", required_unless_present_any = ["reference", "metrics"])]
    pub config: Option<PathBuf>,
    /// Print the settings as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print the reference of all settings instead: this is ops/docs/configuration.md.
    #[arg(long, conflicts_with_all = ["config", "json"])]
    pub reference: bool,
    /// Print the reference of all metrics instead: this is ops/docs/metrics.md.
    #[arg(long, conflicts_with_all = ["config", "json", "reference"])]
    pub metrics: bool,
}

#[derive(Debug, Args)]
pub struct ListenArgs {
    /// Where events go: an address on this machine, or an https one.
    #[arg(long, value_name = "URL")]
    pub forward_to: String,
    /// The hub's address, for example http://127.0.0.1:8080.
    #[arg(long, env = "AMAAN_URL", value_name = "URL")]
    pub url: String,
    /// An access token; it lives for minutes, so better name --issuer, --client and --secret-file.
    #[arg(long, env = "AMAAN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Fetch tokens from this issuer.
    #[arg(long, value_name = "URL", requires_all = ["client", "secret_file"])]
    pub issuer: Option<String>,
    /// The client to fetch tokens as.
    #[arg(long, value_name = "CLIENT")]
    pub client: Option<String>,
    /// Holds the client's secret, on one line.
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Keeps the last event that was taken; the next start goes on after it.
    #[arg(long, value_name = "FILE", default_value = "listen.cursor")]
    pub cursor_file: PathBuf,
    /// Holds the signing key; made where there is none.
    #[arg(long, value_name = "FILE", default_value = "listen.key")]
    pub key_file: PathBuf,
    /// Begin after this event, the first time; without, with what happens from now on.
    #[arg(long, value_name = "N")]
    pub after: Option<u64>,
    /// Forward what there is and end; exit code 1 where something was not taken.
    #[arg(long)]
    pub once: bool,
    /// Print each line as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub tls: TlsArgs,
}

/// Certificates of a command that calls a hub over TLS.
#[derive(Debug, Args)]
pub struct TlsArgs {
    /// The agency's client certificate (PEM), which its tokens are bound to.
    #[arg(long, value_name = "FILE", requires = "key", env = "AMAAN_CLIENT_CERT")]
    pub cert: Option<PathBuf>,
    /// The certificate's private key (PEM), readable by its owner only.
    #[arg(long, value_name = "FILE", requires = "cert", env = "AMAAN_CLIENT_KEY")]
    pub key: Option<PathBuf>,
    /// Certificates (PEM) of the private authority that signed the hub's own.
    #[arg(long, value_name = "FILE", env = "AMAAN_CA_FILE")]
    pub ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ApiArgs {
    /// The hub's address, for example http://127.0.0.1:8080.
    #[arg(long, env = "AMAAN_URL", value_name = "URL")]
    pub url: String,
    /// An access token (the sandbox prints how to get one).
    #[arg(long, env = "AMAAN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub token: String,
    /// Print the hub's answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    pub tls: TlsArgs,
}

#[derive(Debug, Subcommand)]
pub enum ReferralCommand {
    /// Send it, signed where a key is named, and print the receipt. Run again after whatever went wrong: the
    /// same key stands for the same request, so that the child is referred once.
    Send(SendArgs),
    /// Say what each recipient would get of it, field by field, and why. Nothing is sent, no value is
    /// printed.
    Preview {
        /// The message, JSON, as for `POST /v1/referrals`.
        file: PathBuf,
    },
    /// Say what of a child went to whom, as the agency that is responsible for the case; to be printed.
    Disclosures {
        /// The case, `cs_...`.
        case: String,
        /// The child's own report: without what is to be told later.
        #[arg(long)]
        child: bool,
    },
}

#[derive(Debug, Args)]
pub struct SendArgs {
    /// The message, JSON, as for `POST /v1/referrals`. Its bytes are sent as they stand.
    pub file: PathBuf,
    /// Where the request's key is kept; made if it is not there. `FILE.key` if absent.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The agency's signing key (Ed25519, PKCS#8 PEM).
    #[arg(long, value_name = "FILE", requires_all = ["kid", "agency"])]
    pub sign_key: Option<PathBuf>,
    /// What the key is called at the hub (`kid`).
    #[arg(long, value_name = "KID")]
    pub kid: Option<String>,
    /// The agency's code, for example ictp.
    #[arg(long, value_name = "CODE")]
    pub agency: Option<String>,
}
