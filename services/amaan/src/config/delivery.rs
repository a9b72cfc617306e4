//! How often and how long a delivery is tried again, and how often things are looked at.

use std::time::Duration;

use hub::Retry;
use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

/// Below 50 ms an agency in trouble would be hammered; above a minute an emergency would wait for nothing.
const FIRST_WAIT_MS: Bounds = Bounds { min: 50, max: 60_000 };
/// Up to a day: an agency that is down over a weekend is still reached by the attempts that are left.
const LONGEST_WAIT_MS: Bounds = Bounds { min: 1_000, max: 86_400_000 };
const ATTEMPTS_MAX: Bounds = Bounds { min: 1, max: 100 };
const LOOK_MS: Bounds = Bounds { min: 20, max: 60_000 };
const POLL_MS: Bounds = Bounds { min: 100, max: 3_600_000 };
const SWEEP_MS: Bounds = Bounds { min: 100, max: 600_000 };
/// Up to a day: whatever was altered is to be found while somebody still remembers the day.
const AUDIT_SECONDS: Bounds = Bounds { min: 1, max: 86_400 };
const AUDIT_PERCENT: Bounds = Bounds { min: 1, max: 100 };

pub const SECTION: Section = Section {
    name: "delivery",
    shape: Shape::One,
    about: "Retries (exponential backoff with full jitter) and pace.",
    keys: &[
        Key {
            name: "first_wait_ms",
            kind: Kind::Number(FIRST_WAIT_MS),
            fallback: Fallback::Number(1_000),
            about: "The first wait is at most so long; the bound doubles with each attempt.",
        },
        Key {
            name: "longest_wait_ms",
            kind: Kind::Number(LONGEST_WAIT_MS),
            fallback: Fallback::Number(3_600_000),
            about: "No wait is longer. Not less than `first_wait_ms`.",
        },
        Key {
            name: "attempts_max",
            kind: Kind::Number(ATTEMPTS_MAX),
            fallback: Fallback::Number(24),
            about: "After so many attempts it is a dead letter, which waits for a person.",
        },
        Key {
            name: "look_every_ms",
            kind: Kind::Number(LOOK_MS),
            fallback: Fallback::Number(250),
            about: "Between two looks for deliveries that are due; new ones are seen at once.",
        },
        Key {
            name: "poll_every_ms",
            kind: Kind::Number(POLL_MS),
            fallback: Fallback::Number(15_000),
            about: "Between two questions to an agency whose answers have to be fetched.",
        },
        Key {
            name: "sweep_every_ms",
            kind: Kind::Number(SWEEP_MS),
            fallback: Fallback::Number(5_000),
            about: "Between two looks for attempts that nobody ended.",
        },
        Key {
            name: "audit_every_seconds",
            kind: Kind::Number(AUDIT_SECONDS),
            fallback: Fallback::Number(30),
            about: "The hub reads and recomputes its whole record, rests at least so long, and begins again. \
                    What does not hold closes disclosure.",
        },
        Key {
            name: "audit_share_percent",
            kind: Kind::Number(AUDIT_PERCENT),
            fallback: Fallback::Number(2),
            about: "The rest is longer where a round took long: rounds take at most this share of the time. \
                    A long ledger is so read less often, at the same cost.",
        },
        Key {
            name: "paused",
            kind: Kind::Switch,
            fallback: Fallback::Switch(false),
            about: "Messages still go to the queue, but nothing is handed over to any agency and no agency \
                    is asked for answers: for a maintenance of the way out. They wait, their clocks run, and \
                    `/readyz` says `degraded: [\"deliveries\"]`.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    #[validate(range(min = FIRST_WAIT_MS.min, max = FIRST_WAIT_MS.max))]
    pub first_wait_ms: u64,
    #[validate(range(min = LONGEST_WAIT_MS.min, max = LONGEST_WAIT_MS.max))]
    pub longest_wait_ms: u64,
    #[validate(range(min = ATTEMPTS_MAX.min, max = ATTEMPTS_MAX.max))]
    pub attempts_max: u64,
    #[validate(range(min = LOOK_MS.min, max = LOOK_MS.max))]
    pub look_every_ms: u64,
    #[validate(range(min = POLL_MS.min, max = POLL_MS.max))]
    pub poll_every_ms: u64,
    #[validate(range(min = SWEEP_MS.min, max = SWEEP_MS.max))]
    pub sweep_every_ms: u64,
    #[validate(range(min = AUDIT_SECONDS.min, max = AUDIT_SECONDS.max))]
    pub audit_every_seconds: u64,
    #[validate(range(min = AUDIT_PERCENT.min, max = AUDIT_PERCENT.max))]
    pub audit_share_percent: u64,
    pub paused: bool,
}

impl Concern for Delivery {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        if self.longest_wait_ms < self.first_wait_ms {
            let fault = Fault::new(
                "is less than `delivery.first_wait_ms`",
                "the longest wait cannot be shorter than the first",
                "raise it, or lower `delivery.first_wait_ms`",
            );
            faults.push(("delivery.longest_wait_ms".to_owned(), fault));
        }
        faults
    }
}

impl Delivery {
    pub fn retry(&self) -> Retry {
        Retry {
            first_ms: self.first_wait_ms,
            longest_ms: self.longest_wait_ms,
            attempts_max: u32::try_from(self.attempts_max).unwrap_or(u32::MAX),
        }
    }

    pub fn pace(&self) -> delivery::Pace {
        delivery::Pace {
            relay_idle: Duration::from_millis(self.look_every_ms),
            poll: Duration::from_millis(self.poll_every_ms),
            sweep: Duration::from_millis(self.sweep_every_ms),
            audit: delivery::AuditPace {
                every: Duration::from_secs(self.audit_every_seconds),
                share_percent: u32::try_from(self.audit_share_percent).unwrap_or(u32::MAX),
            },
            paused: self.paused,
            ..delivery::Pace::default()
        }
    }
}
