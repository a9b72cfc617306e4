//! Token buckets (GCRA, by `governor`): one for each caller and kind of request. A bucket that is full again
//! is forgotten, so that memory is bounded by who asked in the last minute.

use std::hash::RandomState;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use casework::{AgencyCode, Caller, Priority, Pseudonym};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;

use super::{LimitSettings, Limits, Reached};

/// Full buckets are forgotten every so many questions.
const TIDY_EVERY: u32 = 1_024;
/// Full ones are forgotten at once where there are more. Callers are registered: there are not that many.
const BUCKETS_MAX: usize = 10_000;

/// What a request counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limited {
    /// A look or a list.
    Reads,
    /// Any write but intake.
    Writes,
    /// A request or a draft of one.
    Intake,
    /// An identity check.
    IdentityChecks,
}

/// Whose bucket.
type Whose = (AgencyCode, String, Pseudonym);
type Limiter = RateLimiter<
    Whose,
    HashMapStateStore<Whose, RandomState>,
    DefaultClock,
    NoOpMiddleware<std::time::Instant>,
>;

/// One kind's buckets.
struct Bucket {
    name: &'static str,
    limiter: Limiter,
    asked: AtomicU32,
}

/// All buckets.
#[derive(Debug)]
pub struct Buckets {
    reads: Bucket,
    writes: Bucket,
    intake: Bucket,
    emergencies: Bucket,
    identity: Bucket,
    person_reads: Bucket,
    person_writes: Bucket,
    person_intake: Bucket,
}

/// All that is looked at of a message before it is read properly.
#[derive(Deserialize)]
struct Peeked {
    priority: Option<Priority>,
}

impl Buckets {
    pub fn new(settings: &LimitSettings) -> Self {
        let person = settings.person_requests_per_minute;
        Self {
            reads: Bucket::new("reads", settings.reads_per_minute),
            writes: Bucket::new("writes", settings.writes_per_minute),
            intake: Bucket::new("intake", settings.intake_per_minute),
            emergencies: Bucket::new("emergencies", settings.emergencies_per_minute),
            identity: Bucket::new("identity-checks", settings.identity_checks_per_minute),
            person_reads: Bucket::new("person-requests", person),
            person_writes: Bucket::new("person-requests", person),
            person_intake: Bucket::new("person-requests", person),
        }
    }

    fn of(&self, caller: &Caller, what: Limited) -> &Bucket {
        let person = !caller.has_role("system");
        match what {
            Limited::IdentityChecks => &self.identity,
            Limited::Reads if person => &self.person_reads,
            Limited::Writes if person => &self.person_writes,
            Limited::Intake if person => &self.person_intake,
            Limited::Reads => &self.reads,
            Limited::Writes => &self.writes,
            Limited::Intake => &self.intake,
        }
    }
}

impl Bucket {
    fn new(name: &'static str, per_minute: u32) -> Self {
        let most = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let limiter = RateLimiter::keyed(Quota::per_minute(most));
        Self { name, limiter, asked: AtomicU32::new(0) }
    }

    fn take(&self, caller: &Caller) -> Result<(), Reached> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if asked.is_multiple_of(TIDY_EVERY) || self.limiter.len() > BUCKETS_MAX {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let whose = (caller.agency.clone(), caller.client.clone(), caller.actor);
        self.limiter.check_key(&whose).map_err(|until| {
            let wait = until.wait_time_from(self.limiter.clock().now());
            Reached { limit: self.name, retry_after: wait.as_secs().saturating_add(1) }
        })
    }
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({}, of {})", self.name, self.limiter.len())
    }
}

impl Limits {
    /// One request of this kind.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take(&self, caller: &Caller, what: Limited) -> Result<(), Reached> {
        self.buckets.of(caller, what).take(caller)
    }

    /// A request whose bucket is empty: taken all the same where it says that it is an emergency, from a
    /// bucket that nothing else empties.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take_emergency(&self, caller: &Caller, body: &[u8], reached: Reached) -> Result<(), Reached> {
        let peeked: Option<Peeked> = serde_json::from_slice(body).ok();
        let emergency = peeked.is_some_and(|found| found.priority == Some(Priority::Emergency));
        if emergency { self.buckets.emergencies.take(caller) } else { Err(reached) }
    }

    /// How many buckets are kept, of all kinds.
    #[must_use]
    pub fn kept(&self) -> usize {
        let all = &self.buckets;
        let system = [&all.reads, &all.writes, &all.intake, &all.emergencies, &all.identity];
        let person = [&all.person_reads, &all.person_writes, &all.person_intake];
        system.iter().chain(&person).map(|bucket| bucket.limiter.len()).sum()
    }
}
