//! The arguments of `amaan dead-letter`. What they do is in `commands/dead_letter.rs`.

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum DeadLetterCommand {
    /// Show them: what, for whom, why, whose, until when.
    List,
    /// Show one: what was tried, what stands in it by name, who mends it, whom to call.
    Show {
        /// The delivery, `dl_...`.
        id: String,
    },
    /// Send one again, or all that fit: the same delivery id, the next attempt.
    Replay {
        /// The delivery, `dl_...`.
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// All of them that fit, once their common cause is mended.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// With `--all`: only those for this agency.
        #[arg(long, requires = "all")]
        to: Option<String>,
        /// With `--all`: only those that rest for this reason, for example `unmapped-code`.
        #[arg(long, requires = "all")]
        reason: Option<String>,
        /// With `--all`: only those that carry this, for example `referral.request`.
        #[arg(long, requires = "all")]
        message: Option<String>,
    },
    /// Settle an unknown outcome: delivered ends it, not-delivered sends it again.
    Resolve {
        /// The delivery, `dl_...`.
        id: String,
        /// What you found out.
        #[arg(long = "as", value_enum)]
        resolution: ResolutionArg,
        /// How, as a code: for example `agency-confirmed`.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ResolutionArg {
    /// The agency has it.
    Delivered,
    /// The agency does not have it.
    NotDelivered,
}
