//! People at the web desk: a login under way, the session it opens, and whether a session still counts. What
//! a session may do is read from the register at every request, so a person who may not act any more, or in
//! other roles, cannot go on with an old one. Signing in, confirming and leaving are entries of the person's
//! stand-in. How a person proved who they are is `identity::login`'s.

use casework::{
    Action, AgencyCode, Caller, Command, Person, Pseudonym, Register, RegisterKey, SessionMoved, SessionTurn,
    Timestamp, Via,
};
use identity::login::Identified;
use store::{Lane, Order, Session, SignIn};

use crate::clients::person_label;
use crate::{Hub, HubError};

/// For a dangerous act the provider has to have asked the person within these seconds.
pub const FRESH_SECONDS: i64 = 300;
/// A session's last use is written down once a minute at most; so idle sessions end up to a minute early.
const SEEN_EVERY_SECONDS: i64 = 60;
/// What acts by the web desk are counted under, and what scopes their idempotency keys.
const CLIENT: &str = "desk";

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// So long without use.
    pub idle_seconds: i64,
    /// So long in all.
    pub absolute_seconds: i64,
}

/// Somebody who is signed in, at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// As every use case wants it.
    pub caller: Caller,
    /// The session.
    pub session: Session,
}

/// Why a browser's session does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSession {
    /// No session of that secret: never was, signed out, replaced.
    Unknown,
    /// Unused for too long.
    Idle,
    /// Over.
    Over,
    /// The person may not act any more.
    Person,
}

impl NoSession {
    /// A stable code for logs and counters.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Unknown => "session-unknown",
            Self::Idle => "session-idle",
            Self::Over => "session-over",
            Self::Person => "session-person",
        }
    }
}

impl SignedIn {
    /// Did the provider ask the person a moment ago?
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.session.auth_time.plus_seconds(FRESH_SECONDS) >= now
    }
}

impl Hub {
    /// Keeps a login under way; false where too many are.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn begin_sign_in(&self, sign_in: SignIn) -> Result<bool, HubError> {
        Ok(self.store.begin_sign_in(sign_in).await?)
    }

    /// The login of a ticket, used up by this; none where it is over, was used, or never was.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take_sign_in(&self, id: String, now: Timestamp) -> Result<Option<SignIn>, HubError> {
        Ok(self.store.take_sign_in(id).await?.filter(|held| held.ends > now))
    }

    /// Opens a session under this new id for whoever the provider named, if the agency whose person they came
    /// as has said that they are one and may act; none otherwise. `before` is the session that the browser
    /// came with: it ends, and if the login was to confirm it, it must be the same person's.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sign_in(
        &self,
        sign_in: &SignIn,
        who: &Identified,
        before: Option<Session>,
        id: String,
        rules: SessionRules,
        now: Timestamp,
    ) -> Result<Option<Session>, HubError> {
        let Some(person) = self.registered(&sign_in.agency, who).await? else { return Ok(None) };
        let confirmed = sign_in.session.is_some();
        let same = |held: &Session| Some(&held.id) == sign_in.session.as_ref() && held.person == person.id;
        if confirmed && !before.as_ref().is_some_and(same) {
            return Ok(None);
        }
        let ends = now.plus_seconds(rules.absolute_seconds);
        // Confirming does not make it last longer in all.
        let ends = before.as_ref().filter(|_| confirmed).map_or(ends, |held| held.ends.min(ends));
        let created = before.as_ref().filter(|_| confirmed).map_or(now, |held| held.created);
        let session = Session {
            id,
            person: person.id,
            agency: person.agency,
            provider: sign_in.provider.clone(),
            auth_time: Timestamp::from_micros(who.auth_time.saturating_mul(1_000_000)),
            acr: who.acr.clone(),
            created,
            seen: now,
            ends,
        };
        let old = before.map(|held| held.id);
        let opened = match old {
            Some(old) if !confirmed => {
                self.store.close_session(old).await?;
                self.store.open_session(session.clone(), None).await?
            }
            old => self.store.open_session(session.clone(), old).await?,
        };
        if !opened {
            return Ok(None);
        }
        let turn = if confirmed { SessionTurn::Confirmed } else { SessionTurn::SignedIn };
        if let Err(error) = self.enter_session(&session, turn).await {
            // Nobody is signed in without a trace.
            self.store.close_session(session.id).await?;
            return Err(error);
        }
        Ok(Some(session))
    }

    async fn enter_session(&self, of: &Session, turn: SessionTurn) -> Result<(), HubError> {
        let action = Action::Session(SessionMoved { agency: of.agency.clone(), turn });
        let command = Command { actor: of.person, via: Via::Web, permit: None, commitment: None, action };
        self.store.commit(Order::plain(command, Lane::Reads)).await.map(|_| ()).map_err(HubError::from)
    }

    /// Who a browser's session is of, as it counts now.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn signed_in(
        &self,
        id: &str,
        rules: SessionRules,
        now: Timestamp,
    ) -> Result<Result<SignedIn, NoSession>, HubError> {
        let Some(mut session) = self.store.session(id).await? else { return Ok(Err(NoSession::Unknown)) };
        if session.ends <= now {
            return Ok(Err(NoSession::Over));
        }
        if session.seen.plus_seconds(rules.idle_seconds) <= now {
            return Ok(Err(NoSession::Idle));
        }
        let person = self.person(session.person).await?.filter(|person| person.agency == session.agency);
        let Some(person) = person else { return Ok(Err(NoSession::Person)) };
        if session.seen.plus_seconds(SEEN_EVERY_SECONDS) <= now {
            self.store.touch_session(session.id.clone(), now).await?;
            session.seen = now;
        }
        let caller = Caller {
            agency: person.agency,
            actor: person.id,
            via: Via::Web,
            roles: person.roles.iter().map(ToString::to_string).collect(),
            scopes: Vec::new(),
            client: CLIENT.to_owned(),
        };
        Ok(Ok(SignedIn { caller, session }))
    }

    /// Ends a session at once, for every process. It is over whether or not its entry can be written.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn sign_out(&self, session: &Session) -> Result<(), HubError> {
        self.store.close_session(session.id.clone()).await?;
        self.enter_session(session, SessionTurn::SignedOut).await
    }

    /// Looks without leaving a trace: a subject that no agency named gets no stand-in.
    async fn registered(&self, agency: &AgencyCode, who: &Identified) -> Result<Option<Person>, HubError> {
        let label = person_label(agency, &who.issuer, &who.subject);
        let Some(id) = self.store.known_pseudonym(label).await? else { return Ok(None) };
        Ok(self.person(id).await?.filter(|person| person.agency == *agency))
    }

    /// Somebody who may act now, from the register itself and not from what is kept of it.
    async fn person(&self, id: Pseudonym) -> Result<Option<Person>, HubError> {
        match self.store.register(&RegisterKey::Person(id)).await? {
            Some(Register::Person(held)) if held.active => Ok(Some(held)),
            _ => Ok(None),
        }
    }
}
