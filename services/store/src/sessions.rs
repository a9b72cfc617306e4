//! People signing in and signed in: work, no fact. A browser holds a secret, the row its hash. Whether a
//! session still counts is `hub`'s to say; here it stands or not, for every process alike.

use casework::{AgencyCode, Pseudonym, Timestamp};
use diesel::prelude::{Insertable, Queryable, Selectable};

use crate::engine::query;
use crate::{Store, StoreError, schema};

/// Logins under way at most: so many in ten minutes are no agency's people. A row is about 300 bytes: 30 MB.
const SIGN_INS_MAX: i64 = 100_000;

/// The row of a login under way.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = schema::sign_ins)]
pub struct SignInRow {
    pub id: String,
    pub provider: String,
    pub agency: String,
    pub place: String,
    pub session: Option<String>,
    pub begun: i64,
    pub ends: i64,
}

/// The row of a session.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = schema::sessions)]
pub struct SessionRow {
    pub id: String,
    pub person: String,
    pub agency: String,
    pub provider: String,
    pub auth_time: i64,
    pub acr: Option<String>,
    pub created: i64,
    pub seen: i64,
    pub ends: i64,
}

/// A login under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Hash of the browser's ticket.
    pub id: String,
    /// Where the person is asked.
    pub provider: String,
    /// As whose person.
    pub agency: AgencyCode,
    /// Where the browser goes on to.
    pub place: String,
    /// The session that is confirmed, if it is no new one.
    pub session: Option<String>,
    /// Since when.
    pub begun: Timestamp,
    /// Until when it can be finished.
    pub ends: Timestamp,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of the browser's secret.
    pub id: String,
    /// Who.
    pub person: Pseudonym,
    /// As whose person.
    pub agency: AgencyCode,
    /// Who vouched.
    pub provider: String,
    /// When the provider last asked the person.
    pub auth_time: Timestamp,
    /// How the person proved it, as far as the provider says.
    pub acr: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// Last used, a minute more or less.
    pub seen: Timestamp,
    /// Until when at the latest.
    pub ends: Timestamp,
}

impl From<SignIn> for SignInRow {
    fn from(held: SignIn) -> Self {
        let SignIn { id, provider, agency, place, session, begun, ends } = held;
        let (begun, ends) = (begun.micros(), ends.micros());
        Self { id, provider, agency: agency.to_string(), place, session, begun, ends }
    }
}

impl TryFrom<SignInRow> for SignIn {
    type Error = StoreError;
    fn try_from(row: SignInRow) -> Result<Self, StoreError> {
        let SignInRow { id, provider, agency, place, session, begun, ends } = row;
        let agency = agency.parse().map_err(|_| unreadable("the agency of a login"))?;
        let (begun, ends) = (Timestamp::from_micros(begun), Timestamp::from_micros(ends));
        Ok(Self { id, provider, agency, place, session, begun, ends })
    }
}

impl From<Session> for SessionRow {
    fn from(held: Session) -> Self {
        Self {
            id: held.id,
            person: held.person.to_string(),
            agency: held.agency.to_string(),
            provider: held.provider,
            auth_time: held.auth_time.micros(),
            acr: held.acr,
            created: held.created.micros(),
            seen: held.seen.micros(),
            ends: held.ends.micros(),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;
    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            person: row.person.parse()?,
            agency: row.agency.parse().map_err(|_| unreadable("the agency of a session"))?,
            provider: row.provider,
            auth_time: Timestamp::from_micros(row.auth_time),
            acr: row.acr,
            created: Timestamp::from_micros(row.created),
            seen: Timestamp::from_micros(row.seen),
            ends: Timestamp::from_micros(row.ends),
        })
    }
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Unreadable(what.to_owned())
}

impl Store {
    /// Keeps a login under way; false where too many are. What is over by its own `begun` goes.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn begin_sign_in(&self, sign_in: SignIn) -> Result<bool, StoreError> {
        let row = SignInRow::from(sign_in);
        self.working(move |conn| {
            if query!(conn, sessions::clear_sign_ins(row.begun))? >= SIGN_INS_MAX {
                return Ok(false);
            }
            query!(conn, sessions::begin(&row))?;
            Ok(true)
        })
        .await
    }

    /// The login of this ticket, once.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn take_sign_in(&self, id: String) -> Result<Option<SignIn>, StoreError> {
        let row = self.working(move |conn| Ok(query!(conn, sessions::take(&id))?)).await?;
        row.map(SignIn::try_from).transpose()
    }

    /// Opens a session, in the place of another where one is named; false where that one is gone: nothing is
    /// opened then. What is over by its own `seen` goes.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn open_session(&self, session: Session, instead: Option<String>) -> Result<bool, StoreError> {
        let row = SessionRow::from(session);
        self.working(move |conn| {
            query!(conn, sessions::clear_sessions(row.seen))?;
            // No transaction: whoever is closed and not opened signs in again.
            let there = instead.map(|old| query!(conn, sessions::close(&old))).transpose()?;
            if there == Some(false) {
                return Ok(false);
            }
            query!(conn, sessions::open(&row))?;
            Ok(true)
        })
        .await
    }

    /// A session, if it stands.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        let id = id.to_owned();
        let row = self.reading(move |conn| Ok(query!(conn, sessions::one(&id))?)).await?;
        row.map(Session::try_from).transpose()
    }

    /// It was used.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn touch_session(&self, id: String, seen: Timestamp) -> Result<(), StoreError> {
        self.working(move |conn| Ok(query!(conn, sessions::touch(&id, seen.micros()))?)).await
    }

    /// Ends a session, for every process; was it there?
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn close_session(&self, id: String) -> Result<bool, StoreError> {
        self.working(move |conn| Ok(query!(conn, sessions::close(&id))?)).await
    }

    /// The pseudonym behind a label that has one; [`Store::pseudonym`] gives it one.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn known_pseudonym(&self, label: String) -> Result<Option<Pseudonym>, StoreError> {
        let found = self.reading(move |conn| Ok(query!(conn, sessions::pseudonym(&label))?)).await?;
        Ok(found.map(|found| found.parse()).transpose()?)
    }
}
