//! Token buckets (GCRA, by `governor`): one for each caller and kind of request, and for the desk one for
//! each address and session. A bucket that is full again is forgotten, so that memory is bounded by who asked
//! in the last minute; addresses beyond a bound wait, since strangers have as many as they like.

use std::hash::{Hash, RandomState};
use std::net::{IpAddr, Ipv4Addr};
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
const MINUTE_SECONDS: u64 = 60;

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
type Limiter<K> =
    RateLimiter<K, HashMapStateStore<K, RandomState>, DefaultClock, NoOpMiddleware<std::time::Instant>>;

/// One kind's buckets.
struct Bucket<K: Hash + Eq + Clone = Whose> {
    name: &'static str,
    limiter: Limiter<K>,
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
    sign_ins: Bucket<IpAddr>,
    visits: Bucket<IpAddr>,
    confirmations: Bucket<String>,
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
            sign_ins: Bucket::new("sign-ins", settings.sign_ins_per_minute),
            visits: Bucket::new("desk-visits", settings.desk_visits_per_minute),
            confirmations: Bucket::new("confirmations", settings.confirmations_per_minute),
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

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(name: &'static str, per_minute: u32) -> Self {
        let most = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let limiter = RateLimiter::keyed(Quota::per_minute(most));
        Self { name, limiter, asked: AtomicU32::new(0) }
    }

    /// Forgets those that are full again; every so often, and at once where there are many.
    fn tidy(&self) {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if asked.is_multiple_of(TIDY_EVERY) || self.limiter.len() > BUCKETS_MAX {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
    }

    fn take(&self, whose: &K) -> Result<(), Reached> {
        self.tidy();
        self.limiter.check_key(whose).map_err(|until| {
            let wait = until.wait_time_from(self.limiter.clock().now());
            Reached { limit: self.name, retry_after: wait.as_secs().saturating_add(1) }
        })
    }

    /// The same, and none of those who would need one more than there may be.
    fn take_of_strangers(&self, whose: &K) -> Result<(), Reached> {
        self.tidy();
        if self.limiter.len() > BUCKETS_MAX {
            return Err(Reached { limit: self.name, retry_after: MINUTE_SECONDS });
        }
        self.take(whose)
    }
}

fn whose(caller: &Caller) -> Whose {
    (caller.agency.clone(), caller.client.clone(), caller.actor)
}

/// What counts as one address; those that are not known count as one.
fn place(from: Option<IpAddr>) -> IpAddr {
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), house)
}

/// One house has as many IPv6 addresses as it likes: they count as one (the first 64 bits).
fn house(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

impl<K: Hash + Eq + Clone> std::fmt::Debug for Bucket<K> {
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
        self.buckets.of(caller, what).take(&whose(caller))
    }

    /// A request whose bucket is empty: taken all the same where it says that it is an emergency, from a
    /// bucket that nothing else empties.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take_emergency(&self, caller: &Caller, body: &[u8], reached: Reached) -> Result<(), Reached> {
        let peeked: Option<Peeked> = serde_json::from_slice(body).ok();
        let emergency = peeked.is_some_and(|found| found.priority == Some(Priority::Emergency));
        if emergency { self.buckets.emergencies.take(&whose(caller)) } else { Err(reached) }
    }

    /// A try to sign in from this address; one that is not known counts as one address.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take_sign_in(&self, from: Option<IpAddr>) -> Result<(), Reached> {
        self.buckets.sign_ins.take_of_strangers(&place(from))
    }

    /// A visit to the desk from this address with a session's secret, by its hash, counted before the session
    /// is looked for: whoever guesses secrets asks the store so often and no more. A session that counted
    /// when it was looked for last is not held up by strangers at its address.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take_visit(&self, from: Option<IpAddr>, session: &str) -> Result<(), Reached> {
        if self.sessions.has(session) { Ok(()) } else { self.buckets.visits.take_of_strangers(&place(from)) }
    }

    /// Whether that session counts.
    pub fn note_visit(&self, session: &str, counts: bool) {
        self.sessions.note(session, counts);
    }

    /// A session is to be confirmed.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take_confirmation(&self, session: &str) -> Result<(), Reached> {
        self.buckets.confirmations.take(&session.to_owned())
    }

    /// How many buckets are kept, of all kinds.
    #[must_use]
    pub fn kept(&self) -> usize {
        let all = &self.buckets;
        let system = [&all.reads, &all.writes, &all.intake, &all.emergencies, &all.identity];
        let person = [&all.person_reads, &all.person_writes, &all.person_intake];
        let callers: usize = system.iter().chain(&person).map(|bucket| bucket.limiter.len()).sum();
        let people = [all.sign_ins.limiter.len(), all.visits.limiter.len(), all.confirmations.limiter.len()];
        people.into_iter().fold(callers, usize::saturating_add)
    }
}
