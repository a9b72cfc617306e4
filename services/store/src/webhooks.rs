//! How far each webhook has come: work, no fact. One hub at a time sends for a webhook: it holds a lease, and
//! what it writes down at the end counts only while it does.

use casework::Timestamp;
use diesel::prelude::{Queryable, Selectable};

use crate::commit::{to_i64, to_u64};
use crate::engine::query;
use crate::{Store, StoreError, schema};

/// How long one hub may send before another takes over: a batch is given up long before.
const LEASE_SECONDS: i64 = 60;
/// Longest word kept of why it does not go on.
const PROBLEM_CHARS_MAX: usize = 200;

/// The row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::webhooks)]
pub struct WebhookRow {
    pub name: String,
    pub passed: i64,
    pub tries: i32,
    pub next_try: i64,
    pub lease_until: i64,
    pub disabled_since: Option<i64>,
    pub problem: Option<String>,
}

/// Where a webhook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookState {
    /// Its name.
    pub name: String,
    /// Entries of the ledger that are behind it: the next event is of the entry with this index, or a later
    /// one.
    pub passed: u64,
    /// Tries of the next event that have failed.
    pub tries: u32,
    /// Not before; real time.
    pub next_try: Timestamp,
    /// Since when nothing is sent any more, until somebody asks for it.
    pub disabled_since: Option<Timestamp>,
    /// Why the last try failed.
    pub problem: Option<String>,
    lease: i64,
}

impl TryFrom<WebhookRow> for WebhookState {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        Ok(Self {
            passed: to_u64(row.passed)?,
            tries: u32::try_from(row.tries).unwrap_or(0),
            next_try: Timestamp::from_micros(row.next_try),
            disabled_since: row.disabled_since.map(Timestamp::from_micros),
            problem: row.problem,
            lease: row.lease_until,
            name: row.name,
        })
    }
}

impl WebhookState {
    /// May something be sent now, as far as this tells?
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.disabled_since.is_none() && self.next_try <= now && self.lease <= now.micros()
    }

    fn row(self) -> Result<WebhookRow, StoreError> {
        let short = |text: String| text.chars().take(PROBLEM_CHARS_MAX).collect();
        Ok(WebhookRow {
            passed: to_i64(self.passed)?,
            tries: i32::try_from(self.tries).unwrap_or(i32::MAX),
            next_try: self.next_try.micros(),
            lease_until: 0,
            disabled_since: self.disabled_since.map(Timestamp::micros),
            problem: self.problem.map(short),
            name: self.name,
        })
    }
}

impl Store {
    /// Where every webhook stands that ever began.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn webhooks(&self) -> Result<Vec<WebhookState>, StoreError> {
        let rows = self.reading(|conn| Ok(query!(conn, webhooks::all())?)).await?;
        rows.into_iter().map(WebhookState::try_from).collect()
    }

    /// Where a webhook stands. A new one begins with what comes from now on.
    ///
    /// # Errors
    /// Where the database cannot be read or written.
    pub async fn webhook(&self, name: &str) -> Result<WebhookState, StoreError> {
        if let Some(found) = self.webhook_row(name).await? {
            return Ok(found);
        }
        self.look_for_news().await?;
        let (owned, passed) = (name.to_owned(), to_i64(*self.size.borrow())?);
        self.working(move |conn| Ok(query!(conn, webhooks::begin(&owned, passed))?)).await?;
        let gone = || StoreError::Unreadable("a webhook's row".to_owned());
        self.webhook_row(name).await?.ok_or_else(gone)
    }

    async fn webhook_row(&self, name: &str) -> Result<Option<WebhookState>, StoreError> {
        let name = name.to_owned();
        let row = self.reading(move |conn| Ok(query!(conn, webhooks::one(&name))?)).await?;
        row.map(WebhookState::try_from).transpose()
    }

    /// Takes a webhook for this hub, if something may be sent now and no other hub does; where it stands
    /// then.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn claim_webhook(&self, name: &str) -> Result<Option<WebhookState>, StoreError> {
        let now = self.clock.real();
        let until = now.plus_seconds(LEASE_SECONDS).micros();
        let name = name.to_owned();
        let row = self.working(move |conn| {
            let claimed = query!(conn, webhooks::claim(&name, now.micros(), until))?;
            let row = query!(conn, webhooks::one(&name))?;
            Ok(row.filter(|row| claimed && row.lease_until == until))
        });
        row.await?.map(WebhookState::try_from).transpose()
    }

    /// Writes down how far a claimed webhook came; false where it was restarted meanwhile, or taken over.
    ///
    /// # Errors
    /// Where the database cannot be written: what was sent is sent again then, under the same ids.
    pub async fn settle_webhook(&self, state: WebhookState) -> Result<bool, StoreError> {
        let (lease, row) = (state.lease, state.row()?);
        self.working(move |conn| Ok(query!(conn, webhooks::settle(&row, lease))?)).await
    }

    /// Enables a webhook and lets it go on after so many entries, at most as many as there are.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn restart_webhook(&self, name: &str, passed: u64) -> Result<WebhookState, StoreError> {
        // Makes the row where there is none yet.
        self.webhook(name).await?;
        self.look_for_news().await?;
        let (owned, passed) = (name.to_owned(), to_i64(passed.min(*self.size.borrow()))?);
        self.working(move |conn| Ok(query!(conn, webhooks::restart(&owned, passed))?)).await?;
        self.webhook(name).await
    }
}
