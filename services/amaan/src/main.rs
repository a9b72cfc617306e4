//! `amaan`, the one program. Results go to stdout, talk to stderr; exit codes are 0 ok, 1 failed, 2 usage.
//! What each command does stands in `commands/` and `sandbox/`; how the parts are put together in
//! `wiring.rs`.

mod cli;
mod commands;
mod config;
mod doctor;
mod failure;
mod listener_tls;
mod sandbox;
mod signals;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser;
use cli::{AuditCommand, Cli, Command, ConfigCommand};
use failure::Failure;
use telemetry::{Logs, Telemetry};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // INVARIANT: one crypto provider; anything that builds a TLS client needs it installed.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("amaan: the crypto provider could not be installed");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("amaan: the runtime did not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("amaan: {failure}");
            failure.exit_code()
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    // `serve` and `sandbox` know more about it, and start it themselves.
    if !matches!(cli.command, Command::Serve(_) | Command::Sandbox(_)) {
        Telemetry::start(&Logs::default(), None)?;
    }
    match cli.command {
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Serve(args) => commands::serve::run(&args).await,
        Command::Doctor(args) => commands::doctor::run(&args).await,
        Command::Migrate(args) => commands::migrate::run(&args),
        Command::Keys { command } => commands::keys::run(&command),
        Command::Backup { command } => commands::backup::run(&command),
        Command::Config { command: ConfigCommand::Check(args) } => commands::config::check(&args),
        Command::Config { command: ConfigCommand::Print(args) } => commands::config::print(&args),
        Command::Config { command: ConfigCommand::Honey(args) } => commands::config::honey(&args),
        Command::Config { command: ConfigCommand::SigningKey(args) } => commands::signing_key::run(&args),
        Command::Audit { command: AuditCommand::Verify(args) } => commands::audit_verify::run(&args),
        Command::Witness { command } => commands::witness::run(command).await,
        Command::Listen(args) => commands::listen::run(&args).await,
        Command::Policy { command } => commands::policy::run(&command).await,
        Command::Referral { api, command } => commands::referral::run(&api, command).await,
        Command::DeadLetter { api, command } => commands::dead_letter::run(&api, command).await,
    }
}
