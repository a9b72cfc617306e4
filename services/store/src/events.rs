//! A window of the ledger as one agency may know it: the steps of the referrals it sent or received. A
//! function of the ledger alone, so that whoever asks later, or in another way, gets the same.
//!
//! It says which entries, not how they are told: that is the hub's. Entries hold no personal data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::{
    AgencyCode, Delivery, DeliveryId, DeliveryStep, Entry, Event, MessageKind, Referral, ReferralId,
};
use tokio::sync::watch;

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query};
use crate::load::{parse, parse_all};
use crate::{Batch, Store, StoreError};

/// Entries looked through for one window. Whoever has few of them gets an empty window and goes on.
const WINDOW_ENTRIES_MAX: u64 = 5_000;
/// Entries told at once.
const EVENTS_MAX: u32 = 200;

/// An entry about a referral of the agency's, or a notice to it.
#[derive(Debug, Clone)]
pub struct PartyEntry {
    /// Its place in the ledger.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// The referral as it stands now: only what never changes of it may be told with an older entry. None of
    /// a notice.
    pub referral: Option<Referral>,
    /// The delivery that the entry moves, where it moves one; as it stands now.
    pub delivery: Option<Delivery>,
}

/// A part of the ledger, seen by one agency.
#[derive(Debug, Clone, Default)]
pub struct EventWindow {
    /// Its entries, oldest first.
    pub entries: Vec<PartyEntry>,
    /// The last index looked at: the next window goes on after it. None where the ledger is empty.
    pub last: Option<u64>,
    /// Is there more already?
    pub more: bool,
}

impl Store {
    /// The entries about an agency's referrals after an index, oldest first, at most so many (200). What was
    /// held at intake begins for its receiver with its release.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn events_for(
        &self,
        agency: AgencyCode,
        after: Option<u64>,
        limit: u32,
    ) -> Result<EventWindow, StoreError> {
        let limit = usize::try_from(limit.clamp(1, EVENTS_MAX)).unwrap_or(1);
        self.reading(move |conn| window(conn, &agency, after, limit)).await
    }

    /// The number of entries in the ledger, as far as this process knows: whoever waits for a change is woken
    /// by each commit of this process, and by what `look_for_news` finds of others.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.size.subscribe()
    }

    /// Looks whether another process has committed something.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn look_for_news(&self) -> Result<(), StoreError> {
        let found = self.reading(committed).await?;
        grow(&self.size, found);
        Ok(())
    }
}

/// What the writer calls after a commit, with those told who wait for news.
pub fn tell(
    committed: Box<dyn Fn(&Batch) + Send>,
    size: &Arc<watch::Sender<u64>>,
) -> Box<dyn Fn(&Batch) + Send> {
    let size = Arc::clone(size);
    Box::new(move |batch| {
        committed(batch);
        grow(&size, batch.size);
    })
}

fn grow(size: &watch::Sender<u64>, to: u64) {
    size.send_if_modified(|known| {
        let grown = to > *known;
        *known = to.max(*known);
        grown
    });
}

fn committed(conn: &mut Conn) -> Result<u64, StoreError> {
    query!(conn, trail::newest_head())?.map_or(Ok(0), |head| to_u64(head.size))
}

fn window(
    conn: &mut Conn,
    agency: &AgencyCode,
    after: Option<u64>,
    limit: usize,
) -> Result<EventWindow, StoreError> {
    // Read first: what is committed meanwhile belongs to the next window.
    let size = committed(conn)?;
    let start = after.map_or(0, |after| after.saturating_add(1)).min(size);
    let end = size.min(start.saturating_add(WINDOW_ENTRIES_MAX));
    let steps = query!(conn, events::steps_between(to_i64(start)?, to_i64(end)?))?;
    let mut steps: Vec<Step> = steps.into_iter().map(named).collect::<Result<_, _>>()?;
    let parties = parties(conn, &steps, agency)?;
    let notices = notices(conn, &steps, agency)?;
    steps.retain(|(index, referral)| match referral {
        Some(referral) => parties.contains_key(referral),
        None => notices.contains(index),
    });
    let cut = steps.len() > limit;
    steps.truncate(limit);
    let end = match steps.last() {
        Some((last, _)) if cut => to_u64(*last)?.saturating_add(1),
        _ => end,
    };
    let entries = entries(conn, &steps, &parties)?;
    let entries = shown(conn, entries, agency)?;
    Ok(EventWindow { entries, last: end.checked_sub(1), more: end < size })
}

/// An entry of a referral, or a notice.
type Step = (i64, Option<ReferralId>);

fn named((index, referral): (i64, Option<String>)) -> Result<Step, StoreError> {
    Ok((index, referral.map(|id| id.parse()).transpose()?))
}

/// Those of the notices that are to the agency.
fn notices(conn: &mut Conn, steps: &[Step], agency: &AgencyCode) -> Result<BTreeSet<i64>, StoreError> {
    let indexes: Vec<i64> = steps.iter().filter(|(_, of)| of.is_none()).map(|(index, _)| *index).collect();
    if indexes.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut found = BTreeSet::new();
    for (index, leaf) in query!(conn, events::leaves(&indexes))? {
        if matches!(Entry::from_leaf(&leaf)?.event, Event::Noticed(told) if told.whom == *agency) {
            found.insert(index);
        }
    }
    Ok(found)
}

fn parties(
    conn: &mut Conn,
    steps: &[Step],
    agency: &AgencyCode,
) -> Result<BTreeMap<ReferralId, Referral>, StoreError> {
    let ids: BTreeSet<ReferralId> = steps.iter().filter_map(|(_, referral)| *referral).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows = query!(conn, events::of_party(&ids, agency.as_str()))?;
    rows.iter().map(|row| parse::<Referral>(&row.state).map(|held| (held.id, held))).collect()
}

fn entries(
    conn: &mut Conn,
    steps: &[Step],
    parties: &BTreeMap<ReferralId, Referral>,
) -> Result<Vec<PartyEntry>, StoreError> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let places: BTreeMap<i64, Option<ReferralId>> = steps.iter().copied().collect();
    let indexes: Vec<i64> = places.keys().copied().collect();
    let mut found = Vec::new();
    for (index, leaf) in query!(conn, events::leaves(&indexes))? {
        let referral = places.get(&index).copied().flatten().and_then(|id| parties.get(&id)).cloned();
        let entry = Entry::from_leaf(&leaf)?;
        found.push(PartyEntry { index: to_u64(index)?, entry, referral, delivery: None });
    }
    put_deliveries(conn, &mut found)?;
    Ok(found)
}

/// Which delivery an entry moves; its row tells what it carries, and to whom.
const fn moved(event: &Event) -> Option<DeliveryId> {
    match event {
        Event::Delivery(step) => Some(step.delivery),
        _ => None,
    }
}

fn put_deliveries(conn: &mut Conn, entries: &mut [PartyEntry]) -> Result<(), StoreError> {
    let ids: BTreeSet<DeliveryId> = entries.iter().filter_map(|held| moved(&held.entry.event)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Delivery> = parse_all(&query!(conn, events::deliveries_by_id(&ids))?)?;
    let rows: BTreeMap<DeliveryId, Delivery> = rows.into_iter().map(|row| (row.id, row)).collect();
    for held in entries {
        held.delivery = moved(&held.entry.event).and_then(|id| rows.get(&id)).cloned();
    }
    Ok(())
}

/// Without what a receiver may not know of: the entries of a referral before its release from hold at intake,
/// or before its draft was sent.
fn shown(
    conn: &mut Conn,
    entries: Vec<PartyEntry>,
    agency: &AgencyCode,
) -> Result<Vec<PartyEntry>, StoreError> {
    let referrals = entries.iter().filter_map(|held| held.referral.as_ref());
    let received: BTreeSet<ReferralId> =
        referrals.filter(|held| held.from != *agency).map(|held| held.id).collect();
    let released = releases(conn, &received)?;
    let may = |held: &PartyEntry| match held.referral.as_ref().and_then(|of| released.get(&of.id)) {
        None => true,
        Some(release) => release.is_some_and(|release| held.index >= release),
    };
    Ok(entries.into_iter().filter(may).collect())
}

/// Of those referrals that were held at intake, or written as drafts: at which entry each was released or
/// sent, if it was.
fn releases(
    conn: &mut Conn,
    referrals: &BTreeSet<ReferralId>,
) -> Result<BTreeMap<ReferralId, Option<u64>>, StoreError> {
    if referrals.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = referrals.iter().map(ToString::to_string).collect();
    let mut found = BTreeMap::new();
    for leaf in query!(conn, events::beginnings(&ids))? {
        let (id, shown) = match Entry::from_leaf(&leaf)?.event {
            Event::Created(made) if made.held => {
                (made.referral, release(conn, made.referral, made.delivery)?)
            }
            Event::Drafted(made) => (made.referral, sent(conn, made.referral)?),
            _ => continue,
        };
        found.insert(id, shown);
    }
    Ok(found)
}

fn release(conn: &mut Conn, referral: ReferralId, held: DeliveryId) -> Result<Option<u64>, StoreError> {
    for (index, leaf) in query!(conn, events::of_kind(&referral.to_string(), "delivery.moved"))? {
        if let Event::Delivery(step) = Entry::from_leaf(&leaf)?.event
            && step.delivery == held
            && step.step == DeliveryStep::Replayed
        {
            return Ok(Some(to_u64(index)?));
        }
    }
    Ok(None)
}

fn sent(conn: &mut Conn, referral: ReferralId) -> Result<Option<u64>, StoreError> {
    for (index, leaf) in query!(conn, events::of_kind(&referral.to_string(), "referral.moved"))? {
        let event = Entry::from_leaf(&leaf)?.event;
        if matches!(event, Event::Moved(step) if step.step == MessageKind::Send) {
            return Ok(Some(to_u64(index)?));
        }
    }
    Ok(None)
}
