//! Work writes: what was handed to the queue, cursors of pollers, pseudonyms. None of them is a fact.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use casework::{AgencyCode, Delivery, DeliveryId, Pseudonym, Timestamp};

use crate::engine::{Conn, query, write_tx};
use crate::load::parse_all;
use crate::open::OFFSET_CURSOR;
use crate::pause::Pause;
use crate::place::Place;
use crate::{Store, StoreError};

/// Attempts settled at a time.
const ABANDONED_MAX: i64 = 256;

/// The one connection for work writes, opened when it is first needed and again when it broke.
pub struct Desk {
    place: Arc<Place>,
    held: Mutex<(Option<Conn>, Pause)>,
}

impl Desk {
    pub fn new(place: Arc<Place>) -> Self {
        Self { place, held: Mutex::default() }
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Conn) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, pause) = &mut *held;
        let mut conn = match kept.take() {
            Some(conn) if conn.is_sound() => conn,
            _ => pause.between(|| self.place.open_writer())?,
        };
        let done = act(&mut conn).map_err(|error| conn.blame(error));
        *kept = Some(conn);
        done
    }
}

impl Store {
    pub(crate) async fn working<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let desk = Arc::clone(&self.desk);
        tokio::task::spawn_blocking(move || desk.with(act)).await.map_err(|_| StoreError::Closed)?
    }

    /// When the next delivery falls due, in real time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let now = self.clock.real().micros();
        let found = self.reading(move |conn| Ok(query!(conn, work::next_due(now))?)).await?;
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
        self.working(move |conn| Ok(query!(conn, mark_relayed(&ids, at))?)).await
    }

    /// Notes that the queue has confirmed these, which their own hub had handed to its relay.
    ///
    /// # Errors
    /// Where the database cannot be written; they will be handed over twice, which is harmless.
    pub async fn confirm_relayed(&self, deliveries: Vec<DeliveryId>) -> Result<(), StoreError> {
        let ids: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
        self.working(move |conn| Ok(query!(conn, confirm_relayed(&ids))?)).await
    }

    /// Notes that these, which their own hub had handed to its relay, did not reach the queue: they wait.
    ///
    /// # Errors
    /// Where the database cannot be written; they wait until their hand-over is doubted.
    pub async fn keep_waiting(&self, deliveries: Vec<DeliveryId>) -> Result<(), StoreError> {
        let ids: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
        self.working(move |conn| Ok(query!(conn, keep_waiting(&ids))?)).await
    }

    /// One that is in nobody's hands waits until then; no attempt is counted.
    ///
    /// # Errors
    /// Where the database cannot be written; it comes again when its hand-over is doubted.
    pub async fn postpone(&self, delivery: DeliveryId, until: Timestamp) -> Result<(), StoreError> {
        let (ids, at) = ([delivery.to_string()], until.micros());
        self.working(move |conn| Ok(query!(conn, postpone(&ids, at))?)).await
    }

    /// Those that wait until later are due now.
    ///
    /// # Errors
    /// Where the database cannot be written; they come when their wait is over.
    pub async fn hasten(&self, deliveries: BTreeSet<DeliveryId>) -> Result<(), StoreError> {
        let ids: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
        let now = self.clock.real().micros();
        self.working(move |conn| Ok(query!(conn, hasten(&ids, now))?)).await
    }

    /// Attempts that were claimed and whose worker must be dead, of all agencies but these. A shared
    /// database's own clock tells: a hub whose machine runs ahead takes nobody's attempt away.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn abandoned(&self, except: &BTreeSet<AgencyCode>) -> Result<Vec<Delivery>, StoreError> {
        let except: Vec<String> = except.iter().map(ToString::to_string).collect();
        let clock = Arc::clone(&self.clock);
        self.reading(move |conn| {
            if let Some(moment) = query!(conn, moment(OFFSET_CURSOR))? {
                clock.follow(&moment);
            }
            let now = clock.real().micros();
            parse_all(&query!(conn, work::abandoned(now, &except, ABANDONED_MAX))?)
        })
        .await
    }

    /// The attempts that stood claimed when this process started: no worker of an embedded store survives it.
    /// Where other hubs may live, only those whose lease is over.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn claimed_before_start(&self) -> Result<Vec<Delivery>, StoreError> {
        let until = if self.place.is_shared() { self.clock.real().micros() } else { i64::MAX };
        self.reading(move |conn| parse_all(&query!(conn, work::abandoned(until, &[], i64::MAX))?)).await
    }

    /// Takes from the statistics what their place in the files tells: which referral each was written with.
    /// Erasing a case calls it before the key is destroyed. SQLite's table tells nothing to begin with.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn mix_statistics(&self) -> Result<(), StoreError> {
        self.working(|conn| {
            write_tx(conn, |conn| Ok(query!(conn, mix_statistics())?))?;
            Ok(query!(conn, sweep_statistics())?)
        })
        .await
    }

    /// Keeps a poller's cursor.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn set_cursor(&self, name: String, value: String) -> Result<(), StoreError> {
        self.working(move |conn| Ok(query!(conn, work::set_cursor(&name, &value))?)).await
    }

    /// A poller's cursor.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn cursor(&self, name: String) -> Result<Option<String>, StoreError> {
        self.reading(move |conn| Ok(query!(conn, work::cursor(&name))?)).await
    }

    /// The pseudonym that stands in the ledger for a client or person. Random; the label is erasable.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn pseudonym(&self, label: String) -> Result<Pseudonym, StoreError> {
        let proposed = Pseudonym::new(uuid::Uuid::new_v4()).to_string();
        let found = self.working(move |conn| Ok(query!(conn, work::pseudonym(&label, &proposed))?)).await?;
        Ok(found.parse()?)
    }
}
