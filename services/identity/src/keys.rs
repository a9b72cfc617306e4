//! The keys of one issuer: found by discovery, kept, refreshed, and fetched at most once a minute whatever
//! callers send. One fetch at a time; while it runs, callers whose key is at hand do not wait. A key id that
//! was asked for in vain causes no further fetch for five minutes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet};

use crate::{
    TokenDefect, TokenTime,
    discovery::{discover, get},
    measure,
    public_key::PublicKey,
};

/// Fetched keys are refreshed when they are this old, so a withdrawn key stops working.
const REFRESH_AFTER: Duration = Duration::from_secs(5 * 60);
/// While the issuer cannot be reached, its keys are honoured this long.
const HONOURED_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Least time between two fetches: an unknown key id costs the issuer one fetch a minute at most.
const FETCH_EVERY: Duration = Duration::from_secs(60);
/// So long a key id that a fetch did not bring causes no other. One fetch a minute remembers one key id at
/// most, so there are never more than five.
const UNKNOWN_FOR: Duration = Duration::from_secs(5 * 60);
/// Least time between two fetches while no key was ever fetched: a hub started before its issuer.
const FIRST_FETCH_EVERY: Duration = Duration::from_secs(2);
/// An issuer publishes two or three.
const KEYS_MAX: usize = 64;

/// The keys of one issuer.
pub(crate) struct IssuerKeys {
    issuer: String,
    http: egress::Client,
    held: Mutex<Held>,
    /// Held while fetching.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    keys: Vec<Arc<PublicKey>>,
    fetched: Option<Duration>,
    tried: Option<Duration>,
    /// Key ids that a fetch was made for in vain, and when.
    unknown: HashMap<String, Duration>,
}

/// What the kept keys say about a key id.
enum Look {
    /// Here, and recently fetched.
    Fresh(Vec<Arc<PublicKey>>),
    /// Here, but due for a refresh.
    Stale(Vec<Arc<PublicKey>>),
    /// Keys are at hand, this one is not among them.
    Unknown,
    /// No keys at hand, or too old to honour.
    Nothing,
}

impl IssuerKeys {
    pub(crate) fn new(issuer: String, http: egress::Client) -> Self {
        Self { issuer, http, held: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// The issuer's name.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys of that id; fetches if it must and may.
    pub(crate) async fn find(
        &self,
        kid: &str,
        time: &dyn TokenTime,
    ) -> Result<Vec<Arc<PublicKey>>, TokenDefect> {
        let turn = match self.look(kid, time.monotonic()) {
            Look::Fresh(keys) => return Ok(keys),
            Look::Stale(keys) => match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(keys),
            },
            Look::Unknown if self.was_in_vain(kid, time.monotonic()) => return Err(TokenDefect::KidUnknown),
            Look::Unknown | Look::Nothing => self.turn.lock().await,
        };
        // Whoever had the turn before may have fetched what is wanted.
        let wanted = !matches!(self.look(kid, time.monotonic()), Look::Fresh(_));
        let fetched = wanted && self.may_fetch(time.monotonic()) && self.fetch(time).await;
        drop(turn);
        match self.look(kid, time.monotonic()) {
            Look::Fresh(keys) | Look::Stale(keys) => Ok(keys),
            Look::Unknown => {
                if fetched {
                    self.note_in_vain(kid, time.monotonic());
                }
                Err(TokenDefect::KidUnknown)
            }
            Look::Nothing => Err(TokenDefect::KeysUnavailable),
        }
    }

    /// Fetches if the keys are due for it. Those of an issuer that nobody has named yet are not.
    pub(crate) async fn refresh(&self, time: &dyn TokenTime) {
        let Ok(_turn) = self.turn.try_lock() else { return };
        let fetched = self.held().fetched;
        let due = fetched.is_some_and(|at| time.monotonic().saturating_sub(at) >= REFRESH_AFTER);
        if due && self.may_fetch(time.monotonic()) {
            self.fetch(time).await;
        }
    }

    fn was_in_vain(&self, kid: &str, now: Duration) -> bool {
        self.held().unknown.get(kid).is_some_and(|at| now.saturating_sub(*at) < UNKNOWN_FOR)
    }

    fn note_in_vain(&self, kid: &str, now: Duration) {
        let mut held = self.held();
        held.unknown.retain(|_, at| now.saturating_sub(*at) < UNKNOWN_FOR);
        held.unknown.insert(kid.to_owned(), now);
    }

    fn look(&self, kid: &str, now: Duration) -> Look {
        let held = self.held();
        let Some(age) = held.fetched.map(|fetched| now.saturating_sub(fetched)) else { return Look::Nothing };
        if age >= HONOURED_FOR {
            return Look::Nothing;
        }
        let found: Vec<_> = held.keys.iter().filter(|key| key.is_called(kid)).cloned().collect();
        match (found.is_empty(), age < REFRESH_AFTER) {
            (true, _) => Look::Unknown,
            (false, true) => Look::Fresh(found),
            (false, false) => Look::Stale(found),
        }
    }

    fn may_fetch(&self, now: Duration) -> bool {
        let held = self.held();
        let every = if held.fetched.is_some() { FETCH_EVERY } else { FIRST_FETCH_EVERY };
        held.tried.is_none_or(|tried| now.saturating_sub(tried) >= every)
    }

    /// Did it bring keys?
    async fn fetch(&self, time: &dyn TokenTime) -> bool {
        self.held().tried = Some(time.monotonic());
        let brought = self.download().await;
        measure::fetched(brought.is_ok());
        match brought {
            Ok(set) => self.keep(set, time.monotonic()),
            Err(reason) => {
                tracing::warn!(issuer = %self.issuer, reason, "issuer keys not fetched");
                return false;
            }
        }
        true
    }

    /// Puts a new set in force. A key that stays is the same object, so that what it signed stays known; one
    /// that is gone says so to whatever still points to it.
    fn keep(&self, set: CoreJsonWebKeySet, now: Duration) {
        let mut held = self.held();
        let before = std::mem::take(&mut held.keys);
        let kept = |stated: &CoreJsonWebKey| before.iter().find(|key| key.is(stated)).cloned();
        let made = |stated: &CoreJsonWebKey| Arc::new(PublicKey::new(stated.clone()));
        held.keys = set.keys().iter().map(|key| kept(key).unwrap_or_else(|| made(key))).collect();
        let stays = |key: &Arc<PublicKey>| held.keys.iter().any(|now| Arc::ptr_eq(now, key));
        before.iter().filter(|key| !stays(key)).for_each(|key| key.withdraw());
        held.fetched = Some(now);
    }

    async fn download(&self) -> Result<CoreJsonWebKeySet, &'static str> {
        let found = discover(&self.issuer, &self.http).await?;
        let keys = get(found.jwks_uri, &self.http).await?;
        let keys: CoreJsonWebKeySet = serde_json::from_slice(&keys).map_err(|_| "key-set-not-understood")?;
        match keys.keys().len() {
            0 => Err("key-set-empty"),
            1..=KEYS_MAX => Ok(keys),
            _ => Err("key-set-too-large"),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
