//! Where the sums differ and nothing open explains it: which delivery is it? Reads the ledger once more, a
//! page at a time against the table, and then the table against the ledger. Only ever run on a broken store.

use std::collections::{BTreeMap, BTreeSet};

use casework::{DeliveryId, DeliveryStatus, Entry, Event};

use super::walk::{is_end, made};
use super::{Principle, Recount};
use crate::StoreError;
use crate::engine::{Conn, query};
use crate::rows::seen::{SeenDelivery, SeenEntry};
use crate::verify::pages::each_page;

/// Rows of the table read at a time.
const PAGE: i64 = 256;

/// Names what is missing, what ended otherwise, and what nobody made.
pub fn look(conn: &mut Conn, found: &mut Recount) -> Result<(), StoreError> {
    each_page(conn, |conn, rows| {
        of_page(conn, &rows, found)?;
        Ok(true)
    })?;
    unknown(conn, found)
}

/// Deliveries that a page of entries makes or ends, against their rows.
fn of_page(conn: &mut Conn, rows: &[SeenEntry], found: &mut Recount) -> Result<(), StoreError> {
    let mut said: BTreeMap<DeliveryId, Option<DeliveryStatus>> = BTreeMap::new();
    for row in rows {
        let event = Entry::from_leaf(&row.leaf)?.event;
        if let Some((id, _)) = made(&event) {
            said.entry(id).or_insert(None);
        }
        if let Event::Delivery(step) = event
            && is_end(step.status)
        {
            said.insert(step.delivery, Some(step.status));
        }
    }
    let ids: Vec<String> = said.keys().map(ToString::to_string).collect();
    let rows = query!(conn, commit::deliveries_by_id(&ids))?;
    let rows: BTreeMap<String, String> = rows.into_iter().map(|row| (row.id, row.status)).collect();
    for (id, end) in said {
        match (rows.get(&id.to_string()), end) {
            (None, _) => found.add(Principle::NothingLost, id, "was made, and its table does not have it"),
            (Some(stands), Some(end)) if stands != end.as_str() => {
                let what = format!("is {stands} in its table and {} by the ledger", end.as_str());
                found.add(Principle::NothingLost, id, what);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Rows that stand in no entry of their referral.
fn unknown(conn: &mut Conn, found: &mut Recount) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let rows: Vec<SeenDelivery> = query!(conn, read::deliveries_after(after.as_deref(), PAGE))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id.as_str().to_owned());
        let referrals: BTreeSet<String> =
            rows.iter().map(|row| row.referral_id.as_str().to_owned()).collect();
        let referrals: Vec<String> = referrals.into_iter().collect();
        let mut known = BTreeSet::new();
        for leaf in query!(conn, trail::leaves_of_referrals(&referrals))? {
            known.extend(made(&Entry::from_leaf(&leaf)?.event).map(|(id, _)| id.to_string()));
        }
        for row in rows.iter().filter(|row| !known.contains(row.id.as_str())) {
            found.add(Principle::NothingLost, row.id.as_str(), "stands in its table, and no entry made it");
        }
    }
}
