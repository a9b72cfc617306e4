//! The fault knobs: how a test or the sandbox makes an agency's system misbehave for its next messages.
//! They touch only the agency's own protocol, never the control routes, and a restart forgets them.
//! What each fault looks like on the wire is in `fault.rs`.

use serde::{Deserialize, Serialize};

/// A minute: longer than any caller's timeout.
const SLOW_MS_MAX: u64 = 60_000;
/// An hour: the longest wait a caller honours.
const RETRY_AFTER_S_MAX: u64 = 3_600;
/// "Until told otherwise" for every run there is.
const COUNT_MAX: u32 = 10_000;

/// How many of the next messages meet which fault.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Knobs {
    slow_ms: u64,
    time_out_next: u32,
    fail_next: u32,
    garbage_next: u32,
    refuse_next: u32,
    retry_after_next: u32,
    retry_after_s: u64,
    lose_ack_next: u32,
    duplicate_next: u32,
}

/// A change of some knobs; those not named stay.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnobChange {
    slow_ms: Option<u64>,
    time_out_next: Option<u32>,
    fail_next: Option<u32>,
    garbage_next: Option<u32>,
    refuse_next: Option<u32>,
    retry_after_next: Option<u32>,
    retry_after_s: Option<u64>,
    lose_ack_next: Option<u32>,
    duplicate_next: Option<u32>,
}

/// What befalls one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is neither carried out nor answered.
    TimeOut,
    /// The system breaks before carrying it out: 500.
    Fail,
    /// Something in front of the system answers 200 with HTML; it is not carried out.
    Garbage,
    /// The system declines it: 422.
    Refuse,
    /// The system is busy: 429 with `Retry-After` in seconds.
    RetryAfter(u64),
    /// It is carried out and written down, then the connection drops without an answer.
    LoseAck,
    /// It reaches the system twice, as through a proxy that repeats it; the second answer goes back.
    Duplicate,
}

impl Knobs {
    /// Applies a change, each value held at its bound.
    pub(crate) fn change(&mut self, change: &KnobChange) {
        let count = |held: &mut u32, new: Option<u32>| *held = new.map_or(*held, |new| new.min(COUNT_MAX));
        count(&mut self.time_out_next, change.time_out_next);
        count(&mut self.fail_next, change.fail_next);
        count(&mut self.garbage_next, change.garbage_next);
        count(&mut self.refuse_next, change.refuse_next);
        count(&mut self.retry_after_next, change.retry_after_next);
        count(&mut self.lose_ack_next, change.lose_ack_next);
        count(&mut self.duplicate_next, change.duplicate_next);
        self.slow_ms = change.slow_ms.map_or(self.slow_ms, |new| new.min(SLOW_MS_MAX));
        self.retry_after_s =
            change.retry_after_s.map_or(self.retry_after_s, |new| new.min(RETRY_AFTER_S_MAX));
    }

    /// How long the system takes before it answers, in milliseconds.
    pub(crate) const fn slow_ms(&self) -> u64 {
        self.slow_ms
    }

    /// The fault the next message meets; one count is used up. Where several are set, they come in the order
    /// of [`Fault`].
    pub(crate) fn next_fault(&mut self) -> Fault {
        let retry_after_s = self.retry_after_s.max(1);
        let waiting = [
            (&mut self.time_out_next, Fault::TimeOut),
            (&mut self.fail_next, Fault::Fail),
            (&mut self.garbage_next, Fault::Garbage),
            (&mut self.refuse_next, Fault::Refuse),
            (&mut self.retry_after_next, Fault::RetryAfter(retry_after_s)),
            (&mut self.lose_ack_next, Fault::LoseAck),
            (&mut self.duplicate_next, Fault::Duplicate),
        ];
        for (count, fault) in waiting {
            if let Some(left) = count.checked_sub(1) {
                *count = left;
                return fault;
            }
        }
        Fault::None
    }
}
