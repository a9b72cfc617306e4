//! A breaker per agency: a system that does not answer is left alone for a while, and no attempt is spent
//! on it meanwhile. After five failures in a row it opens; when its time is over one message goes as a
//! probe, and only an answer closes it again. Asked before the claim. In memory: each process learns by
//! itself, and a restart begins with trust.
//!
//! Which message probes is not decided here: the first that comes, and the outbox gives emergencies first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::Exchange;
use casework::{AgencyCode, Code, Timestamp};
use store::Store;

use crate::Retry;

/// Failures in a row that open it.
const FAILURES_MAX: u32 = 5;
/// It stays open so long at first, in milliseconds; twice as long after each probe that fails.
const FIRST_MS: u64 = 30_000;
/// It never stays open longer, in milliseconds.
const LONGEST_MS: u64 = 300_000;
/// While a probe is on its way the others wait so long, in milliseconds.
const PROBE_MS: u64 = 10_000;
/// Classes that say the system is not there: no connection, no answer, or a 5xx. All others are answers.
const SILENT: &[&str] = &[
    "name-unresolved",
    "unreachable",
    "tls-failed",
    "timed-out",
    "connection-closed",
    "agency-unavailable",
    "unclear-answer",
    "soap-fault-server",
    "cannot-ask",
];
/// Classes that say nothing of the system: no call was made, or none that ended.
const NOTHING: &[&str] = &["no-turn", "panicked"];

/// All agencies' breakers.
pub struct Breakers {
    states: Mutex<BTreeMap<AgencyCode, State>>,
    first_micros: i64,
    longest_micros: i64,
    probe_micros: i64,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed { failures: u32 },
    Open { until: Timestamp, waited: i64 },
    Probing { waited: i64 },
}

/// May a message go?
pub(crate) enum Admitted<'a> {
    /// Yes; what came of it is told.
    Go(Ticket<'a>),
    /// Not before then.
    Wait(Timestamp),
}

/// One message let through. Dropped without a word, a probe is somebody else's.
pub(crate) struct Ticket<'a> {
    of: &'a Breakers,
    to: AgencyCode,
    probes: bool,
}

impl Breakers {
    /// By the store's real time, which is what the outbox waits by. No agency is left alone for longer than a
    /// message may wait between two attempts.
    #[must_use]
    pub fn new(retry: Retry, store: &Arc<Store>) -> Self {
        let store = Arc::clone(store);
        Self::by(retry, move || store.clock().real())
    }

    /// By another clock, for tests.
    #[must_use]
    pub fn by(retry: Retry, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let micros = |ms: u64| i64::try_from(ms.min(retry.longest_ms).max(1)).unwrap_or(1) * 1_000;
        Self {
            states: Mutex::default(),
            first_micros: micros(FIRST_MS),
            longest_micros: micros(LONGEST_MS),
            probe_micros: micros(PROBE_MS),
            clock: Box::new(clock),
        }
    }

    /// Is this agency left alone, or being tried again?
    #[must_use]
    pub fn is_open(&self, agency: &AgencyCode) -> bool {
        !matches!(self.states().get(agency), None | Some(State::Closed { .. }))
    }

    pub(crate) fn admit(&self, to: &AgencyCode) -> Admitted<'_> {
        let now = (self.clock)();
        let mut states = self.states();
        let state = states.entry(to.clone()).or_insert(State::Closed { failures: 0 });
        let probes = match *state {
            State::Closed { .. } => false,
            State::Probing { .. } => return Admitted::Wait(now.plus_micros(self.probe_micros)),
            // Where the machine's clock was set back, it is still not open for longer than it may be.
            State::Open { until, .. } if until > now => {
                return Admitted::Wait(until.min(now.plus_micros(self.longest_micros)));
            }
            State::Open { waited, .. } => {
                *state = State::Probing { waited };
                true
            }
        };
        Admitted::Go(Ticket { of: self, to: to.clone(), probes })
    }

    fn note(&self, to: &AgencyCode, answers: bool, probes: bool) {
        let now = (self.clock)();
        let mut states = self.states();
        let state = states.entry(to.clone()).or_insert(State::Closed { failures: 0 });
        let next = match *state {
            State::Closed { .. } if answers => State::Closed { failures: 0 },
            State::Open { .. } | State::Probing { .. } if answers => {
                tracing::info!(agency = %to, "an agency's system answers again");
                State::Closed { failures: 0 }
            }
            State::Closed { failures } => match failures.saturating_add(1) {
                failures if failures < FAILURES_MAX => State::Closed { failures },
                _ => self.opened(to, now, self.first_micros),
            },
            State::Probing { waited } if probes => {
                self.opened(to, now, waited.saturating_mul(2).min(self.longest_micros))
            }
            // Of a message that was on its way when it opened.
            same => same,
        };
        *state = next;
    }

    fn opened(&self, to: &AgencyCode, now: Timestamp, wait: i64) -> State {
        let seconds = wait / 1_000_000;
        tracing::warn!(agency = %to, seconds, "an agency's system does not answer; it is left alone");
        State::Open { until: now.plus_micros(wait), waited: wait }
    }

    /// A state is one word; a thread that panicked left a whole one.
    fn states(&self) -> MutexGuard<'_, BTreeMap<AgencyCode, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    /// What came of the call.
    pub(crate) fn told(mut self, exchange: &Exchange) {
        if let Some(answers) = answers(exchange) {
            let probes = std::mem::take(&mut self.probes);
            self.of.note(&self.to, answers, probes);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.probes {
            return;
        }
        let now = (self.of.clock)();
        if let Some(state) = self.of.states().get_mut(&self.to)
            && let State::Probing { waited } = *state
        {
            *state = State::Open { until: now, waited };
        }
    }
}

/// Does the agency's system answer? `None`: nothing was learnt.
fn answers(exchange: &Exchange) -> Option<bool> {
    let is = |classes: &[&str], class: &Code| classes.contains(&class.as_str());
    match exchange {
        Exchange::Delivered { .. } | Exchange::Refused { .. } => Some(true),
        Exchange::Broken { .. } => None,
        Exchange::Later { class, .. } | Exchange::Unknown { class } if is(NOTHING, class) => None,
        Exchange::Later { class, .. } | Exchange::Unknown { class } => Some(!is(SILENT, class)),
    }
}
