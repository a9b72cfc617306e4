//! Work writes: what was handed to the queue, cursors of pollers, pseudonyms. None of them is a fact.

use std::sync::PoisonError;

use casework::{AgencyCode, DeliveryId, Pseudonym, Timestamp};

use crate::sqlite::{Conn, work};
use crate::{Store, StoreError};

/// How long the queue is believed to carry a message before the sweeper hands it over again.
const RELAYED_STALE_SECONDS: i64 = 30;
/// Deliveries handed over at a time.
const DUE_MAX: i64 = 256;

/// A delivery that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub delivery: DeliveryId,
    /// To whom.
    pub to: AgencyCode,
}

impl Store {
    async fn working<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let conn = std::sync::Arc::clone(&self.work);
        let done = tokio::task::spawn_blocking(move || {
            act(&mut conn.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// Deliveries to these agencies to hand to the queue now; an agency that fetches is not among them.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn due(&self, agencies: Vec<String>) -> Result<Vec<Due>, StoreError> {
        let now = self.clock.real();
        let rows = self.reading(move |conn| {
            let stale = now.plus_seconds(-RELAYED_STALE_SECONDS).micros();
            Ok(work::due(conn, &agencies, now.micros(), stale, DUE_MAX)?)
        });
        let parse = |(id, to): (String, String)| Ok(Due { delivery: id.parse()?, to: to.parse()? });
        rows.await?.into_iter().map(parse).collect()
    }

    /// When the next delivery falls due, in real time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let now = self.clock.real().micros();
        let found = self.reading(move |conn| Ok(work::next_due(conn, now)?)).await?;
        Ok(found.map(Timestamp::from_micros))
    }

    /// Notes that the queue has confirmed these, which were due when the outbox was `looked` at: what a
    /// faster worker has planned anew since then stays due.
    ///
    /// # Errors
    /// Where the database cannot be written; they will be handed over twice, which is harmless.
    pub async fn mark_relayed(
        &self,
        deliveries: Vec<DeliveryId>,
        looked: Timestamp,
    ) -> Result<(), StoreError> {
        let at = looked.micros();
        let ids: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
        self.working(move |conn| Ok(work::mark_relayed(conn, &ids, at)?)).await
    }

    /// Attempts that were claimed and whose worker must be dead.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn abandoned(&self) -> Result<Vec<DeliveryId>, StoreError> {
        let now = self.clock.real().micros();
        let ids = self.reading(move |conn| Ok(work::abandoned(conn, now, DUE_MAX)?)).await?;
        ids.iter().map(|id| Ok(id.parse()?)).collect()
    }

    /// The attempts that stood claimed when this process started: no worker of an embedded store survives it.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn claimed_before_start(&self) -> Result<Vec<DeliveryId>, StoreError> {
        let ids = self.reading(|conn| Ok(work::abandoned(conn, i64::MAX, i64::MAX)?)).await?;
        ids.iter().map(|id| Ok(id.parse()?)).collect()
    }

    /// Keeps a poller's cursor.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn set_cursor(&self, name: String, value: String) -> Result<(), StoreError> {
        self.working(move |conn| Ok(work::set_cursor(conn, &name, &value)?)).await
    }

    /// A poller's cursor.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn cursor(&self, name: String) -> Result<Option<String>, StoreError> {
        self.reading(move |conn| Ok(work::cursor(conn, &name)?)).await
    }

    /// The pseudonym that stands in the ledger for a client or person. Random; the label is erasable.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn pseudonym(&self, label: String) -> Result<Pseudonym, StoreError> {
        let proposed = Pseudonym::new(uuid::Uuid::new_v4()).to_string();
        let found = self.working(move |conn| Ok(work::pseudonym(conn, &label, &proposed)?)).await?;
        Ok(found.parse()?)
    }
}
