//! Clocks that run on a referral, a delivery or nothing else: started, paused, resumed and stopped only by
//! entries. What happens when one falls due is in `overdue`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Which clock (`codelists/referral_clocks.csv`, column `clock`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// An officer of the receiver opens it.
    Receive,
    /// The receiver accepts or rejects.
    Decide,
    /// The receiver's first action.
    FirstAction,
    /// The next progress note or the outcome.
    Update,
    /// The sender answers a question.
    Answer,
    /// The owner refers elsewhere or closes with a reason.
    Reroute,
    /// The sender acknowledges the outcome.
    Feedback,
    /// Somebody settles a dead letter.
    DeadLetter,
    /// The receiver confirms or refuses a cancellation.
    CancelConfirm,
    /// The receiver says that it has removed what was entered in error.
    Purge,
    /// The receiver says that it has ceased, or on what ground it goes on, once consent was taken back.
    ConsentCease,
    /// The consent ends that a referral rests on.
    ConsentExpiry,
    /// The receiver looks again at what it put on hold, on the day it named.
    Review,
}

impl ClockKind {
    /// All of them; a test compares their words with the code list.
    pub const ALL: &'static [Self] = &[
        Self::Receive,
        Self::Decide,
        Self::FirstAction,
        Self::Update,
        Self::Answer,
        Self::Reroute,
        Self::Feedback,
        Self::DeadLetter,
        Self::CancelConfirm,
        Self::Purge,
        Self::ConsentCease,
        Self::ConsentExpiry,
        Self::Review,
    ];

    /// The word in the code list.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Decide => "decide",
            Self::FirstAction => "first-action",
            Self::Update => "update",
            Self::Answer => "answer",
            Self::Reroute => "reroute",
            Self::Feedback => "feedback",
            Self::DeadLetter => "dead-letter",
            Self::CancelConfirm => "cancel-confirm",
            Self::Purge => "purge",
            Self::ConsentCease => "consent-cease",
            Self::ConsentExpiry => "consent-expiry",
            Self::Review => "review",
        }
    }

    /// Does it run for the work itself: stopped by the next step, and standing still during a question?
    pub(crate) const fn is_work(self) -> bool {
        !matches!(self, Self::CancelConfirm | Self::ConsentCease | Self::ConsentExpiry)
    }
}

/// A clock that has been started and not stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Which.
    pub kind: ClockKind,
    /// When it started.
    pub started: Timestamp,
    /// When it falls due, if nothing pauses it.
    pub due: Timestamp,
    /// Since when it stands still, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Timestamp>,
    /// How far up its ladder it has climbed; 0 before it was ever overdue.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rung: u8,
    /// When the next rung is due, once it has climbed; nothing after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(rung: &u8) -> bool {
    *rung == 0
}

impl Clock {
    /// When somebody has to be told next: when it falls due, then at each rung. Never while it stands still.
    #[must_use]
    pub const fn wakes(&self) -> Option<Timestamp> {
        match (self.paused, self.rung) {
            (Some(_), _) => None,
            (None, 0) => Some(self.due),
            (None, _) => self.next,
        }
    }
}

/// When the first of these wakes.
#[must_use]
pub fn wakes(clocks: &[Clock]) -> Option<Timestamp> {
    clocks.iter().filter_map(Clock::wakes).min()
}

/// What an entry does to a clock. Due times stand in the entry, so `apply` needs no rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", try_from = "Told")]
pub enum ClockChange {
    /// Starts, or starts anew.
    Start {
        /// Which.
        clock: ClockKind,
        /// When it falls due.
        due: Timestamp,
    },
    /// Stands still.
    Pause {
        /// Which.
        clock: ClockKind,
    },
    /// Runs on, due later by as long as it stood still.
    Resume {
        /// Which.
        clock: ClockKind,
        /// The new due time.
        due: Timestamp,
    },
    /// Climbs a rung: somebody was told that it is overdue.
    Rung {
        /// Which.
        clock: ClockKind,
        /// The rung it stands on now.
        rung: u8,
        /// When the next is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Timestamp>,
    },
    /// Ends.
    Stop {
        /// Which.
        clock: ClockKind,
    },
}

/// A change as it is read: all members at one level, so that Serde need not keep them until it finds which
/// change it is.
#[derive(Deserialize)]
struct Told {
    r#do: Doing,
    clock: ClockKind,
    due: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Doing {
    Start,
    Pause,
    Resume,
    Stop,
}

impl TryFrom<Told> for ClockChange {
    type Error = &'static str;
    fn try_from(told: Told) -> Result<Self, Self::Error> {
        let (clock, due) = (told.clock, told.due.ok_or("missing field `due`"));
        Ok(match told.r#do {
            Doing::Start => Self::Start { clock, due: due? },
            Doing::Pause => Self::Pause { clock },
            Doing::Resume => Self::Resume { clock, due: due? },
            Doing::Stop => Self::Stop { clock },
        })
    }
}

/// The clocks after one change made at `at`.
pub(crate) fn change(clocks: &mut Vec<Clock>, change: ClockChange, at: Timestamp) {
    match change {
        ClockChange::Start { clock, due } => {
            clocks.retain(|held| held.kind != clock);
            clocks.push(Clock { kind: clock, started: at, due, paused: None, rung: 0, next: None });
        }
        ClockChange::Pause { clock } => {
            for held in clocks.iter_mut().filter(|held| held.kind == clock) {
                held.paused = Some(at);
            }
        }
        ClockChange::Resume { clock, due } => {
            for held in clocks.iter_mut().filter(|held| held.kind == clock) {
                let later = due.micros().saturating_sub(held.due.micros());
                held.next = held.next.map(|next| next.plus_micros(later));
                held.paused = None;
                held.due = due;
            }
        }
        ClockChange::Rung { clock, rung, next } => {
            for held in clocks.iter_mut().filter(|held| held.kind == clock) {
                (held.rung, held.next) = (rung, next);
            }
        }
        ClockChange::Stop { clock } => clocks.retain(|held| held.kind != clock),
    }
    // Most things end without a clock; the room of the last one would stay with them.
    if clocks.is_empty() {
        *clocks = Vec::new();
    }
}
