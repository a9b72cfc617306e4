//! What is due for delivery: looks at the outbox, with everything a parcel is made from, and at one delivery
//! with everything its hand-over asks for. Looks only; nothing here is marked or claimed.

use std::collections::{BTreeMap, BTreeSet};

use casework::{AgencyCode, Delivery, DeliveryId, MessageKind, ObjectId, Referral};

use crate::engine::{Conn, query};
use crate::load::{parse, parse_all, parse_some};
use crate::{SealedBody, Store, StoreError};

/// How long the queue is believed to carry what it has confirmed, before the relay may hand it over again.
const CONFIRMED_STALE_SECONDS: i64 = 30;
/// How long what was handed to a relay is believed to be on its way without a confirm: its process may have
/// died with it.
const HANDED_STALE_SECONDS: i64 = 10;
/// Deliveries of one agency looked at together.
pub const DUE_MAX: i64 = 256;

/// A delivery that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub delivery: DeliveryId,
    /// To whom.
    pub to: AgencyCode,
    /// W3C `traceparent` of the request behind it, where one was given.
    pub trace: Option<String>,
}

impl Due {
    fn read((id, to, trace): (String, String, Option<String>)) -> Result<Self, StoreError> {
        Ok(Self { delivery: id.parse()?, to: to.parse()?, trace })
    }
}

/// A due delivery with what its parcel is made from.
#[derive(Debug, Clone)]
pub struct DueParcel {
    /// What is due.
    pub due: Due,
    /// The delivery and its sealed message; `None` where the database lost one of them.
    pub found: Option<(Delivery, SealedBody)>,
}

/// Which rows are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What is not with the queue yet.
    Waiting,
    /// What was handed to a relay and not confirmed in time.
    Unconfirmed,
    /// That, and what the queue confirmed too long ago to believe in.
    Doubted,
}

/// One delivery as its hand-over needs it.
#[derive(Debug, Clone)]
pub struct Handing {
    /// The delivery.
    pub delivery: Delivery,
    /// Its referral; `None` where the database lost it.
    pub referral: Option<Referral>,
    /// Is it due now, and in nobody's hands?
    pub is_due: bool,
    /// The earlier message of its referral that it has to wait for.
    pub waits_for: Option<DeliveryId>,
}

impl Store {
    /// Deliveries to these agencies that are due now and not with the queue, or for too long.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn due(&self, agencies: Vec<String>) -> Result<Vec<Due>, StoreError> {
        let times = self.times();
        let rows = self.reading(move |conn| {
            let mut rows = Vec::new();
            for agency in agencies {
                rows.extend(rows_of(conn, &agency, Look::Waiting, times, DUE_MAX)?);
                rows.extend(rows_of(conn, &agency, Look::Doubted, times, DUE_MAX)?);
            }
            Ok(rows)
        });
        rows.await?.into_iter().map(Due::read).collect()
    }

    /// Deliveries due now to agencies that nobody has connected.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn due_unconnected(&self, agencies: Vec<String>) -> Result<Vec<Due>, StoreError> {
        let now = self.clock.real().micros();
        let rows =
            self.reading(move |conn| Ok(query!(conn, work::waiting_for_any(&agencies, now, DUE_MAX))?));
        rows.await?.into_iter().map(Due::read).collect()
    }

    /// What is due to one agency, with everything a parcel is made from. Three statements, however many rows.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn due_parcels(
        &self,
        agency: String,
        look: Look,
        at_most: i64,
    ) -> Result<Vec<DueParcel>, StoreError> {
        let times = self.times();
        self.reading(move |conn| {
            let rows = rows_of(conn, &agency, look, times, at_most)?;
            parcels(conn, rows.into_iter().map(Due::read).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A delivery, its referral, and whether it is due: by one look.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn handing(&self, id: DeliveryId) -> Result<Option<Handing>, StoreError> {
        let now = self.clock.real().micros();
        self.reading(move |conn| {
            let Some((delivery, referral, ready, lease)) = query!(conn, work::handing(&id.to_string()))?
            else {
                return Ok(None);
            };
            let is_due = lease.is_none() && ready.is_some_and(|ready| ready <= now);
            let delivery: Delivery = parse(&delivery)?;
            let waits_for = match delivery.message {
                // The first of its referral: nothing is asked.
                MessageKind::Request => None,
                _ => casework::waits_for(&delivery, &beside(conn, std::slice::from_ref(&delivery))?),
            };
            Ok(Some(Handing { referral: parse_some(referral)?, delivery, is_due, waits_for }))
        })
        .await
    }

    fn times(&self) -> Times {
        let now = self.clock.real();
        let ago = |seconds: i64| now.plus_seconds(-seconds).micros();
        Times { now: now.micros(), unsure: ago(HANDED_STALE_SECONDS), stale: ago(CONFIRMED_STALE_SECONDS) }
    }
}

/// Now, and since when what is on its way is doubted.
#[derive(Clone, Copy)]
struct Times {
    now: i64,
    unsure: i64,
    stale: i64,
}

fn rows_of(
    conn: &mut Conn,
    agency: &str,
    look: Look,
    times: Times,
    at_most: i64,
) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
    Ok(match look {
        Look::Waiting => query!(conn, work::waiting(agency, times.now, at_most))?,
        Look::Unconfirmed => query!(conn, work::doubted(agency, times.unsure, i64::MIN, at_most))?,
        Look::Doubted => query!(conn, work::doubted(agency, times.unsure, times.stale, at_most))?,
    })
}

/// The open messages of the same referrals.
pub fn beside(conn: &mut Conn, held: &[Delivery]) -> Result<Vec<Delivery>, StoreError> {
    let later = held.iter().filter(|held| held.message != MessageKind::Request);
    let referrals: BTreeSet<String> = later.map(|held| held.referral.to_string()).collect();
    if referrals.is_empty() {
        return Ok(Vec::new());
    }
    let referrals: Vec<String> = referrals.into_iter().collect();
    parse_all(&query!(conn, read::open_deliveries_of(&referrals))?)
}

fn parcels(conn: &mut Conn, due: Vec<Due>) -> Result<Vec<DueParcel>, StoreError> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = due.iter().map(|due| due.delivery.to_string()).collect();
    let mut deliveries: BTreeMap<DeliveryId, Delivery> = BTreeMap::new();
    for row in query!(conn, commit::deliveries_by_id(&ids))? {
        let delivery: Delivery = parse(&row.state)?;
        deliveries.insert(delivery.id, delivery);
    }
    let objects: BTreeSet<String> = deliveries.values().map(|held| held.object.to_string()).collect();
    let objects: Vec<String> = objects.into_iter().collect();
    let mut bodies: BTreeMap<ObjectId, SealedBody> = BTreeMap::new();
    for row in query!(conn, read::bodies_by_id(&objects))? {
        let body = SealedBody::read(row)?;
        bodies.insert(body.object, body);
    }
    let mut found = |due: &Due| {
        let delivery = deliveries.remove(&due.delivery)?;
        let body = bodies.get(&delivery.object)?.clone();
        Some((delivery, body))
    };
    Ok(due.into_iter().map(|due| DueParcel { found: found(&due), due }).collect())
}
