//! Who is told when a clock is overdue, rung by rung, and what the last rung does (`codelists/ladders.csv`).
//! Data only; `overdue` climbs it.

use crate::{ClockRow, Code};

/// Whose people a rung tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// The referral's receiver.
    Receiver,
    /// The referral's sender.
    Sender,
    /// Who is responsible now; for a dead letter, who has to settle it.
    Owner,
    /// The hub's operator. No message is sent: it stands in the ledger, as an alarm and on oversight pages.
    Hub,
}

/// What a rung does besides telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Tell,
    /// The referral is cancelled as expired; its sender has to refer elsewhere.
    Expire,
    /// A question stays unanswered; the receiver's clocks run on.
    Lapse,
    /// Consent that was over some time ago: as if it had been taken back.
    Withdraw,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Whose people.
    pub whom: Whom,
    /// Which of them.
    pub role: Code,
    /// How long after the clock fell due, by priority; zero on the first rung.
    pub after: ClockRow,
    /// What it does.
    pub effect: Effect,
}
