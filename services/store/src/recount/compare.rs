//! What is open by the ledger against the rows of the tables, each as a whole: where it stands, whose it is,
//! which clocks run. Principle 2 is asked of the ledger's own state, so that a table cannot excuse it.

use std::collections::BTreeMap;

use casework::{Delivery, DeliveryId, Referral, ReferralId, State};

use super::{Principle, Recount};
use crate::StoreError;
use crate::engine::{Conn, query};
use crate::rows::{DeliveryRow, ReferralRow};

/// Compares, and names what differs.
pub fn with_tables(conn: &mut Conn, open: State, found: &mut Recount) -> Result<(), StoreError> {
    for held in open.referrals.values() {
        owned(held, found);
    }
    referrals(query!(conn, read::open_referrals())?, open.referrals, found)?;
    deliveries(query!(conn, read::open_deliveries())?, open.deliveries, found)?;
    for (id, ..) in query!(conn, work::lost())? {
        found.add(Principle::NothingLost, id, "is on its way, and no line has it: nobody will send it");
    }
    Ok(())
}

/// An owner, and a clock that runs: one that stands still is lawful only beside another.
fn owned(held: &Referral, found: &mut Recount) {
    if held.owner.is_none() {
        found.add(Principle::NobodyUnowned, held.id, "is open and nobody's, by the ledger");
    }
    if !held.clocks.iter().any(|clock| clock.paused.is_none()) {
        found.add(Principle::NobodyUnowned, held.id, "is open and no clock runs for it, by the ledger");
    }
}

fn referrals(
    rows: Vec<ReferralRow>,
    mut open: BTreeMap<ReferralId, Referral>,
    found: &mut Recount,
) -> Result<(), StoreError> {
    for row in rows {
        let held = row.id.parse().ok().and_then(|id| open.remove(&id));
        let what = match held {
            None => "is open in its table, and closed or unknown by the ledger",
            Some(held) if ReferralRow::try_from(&held)? == row => continue,
            Some(_) => "has another owner, clock or state in its table than by the ledger",
        };
        found.add(Principle::NobodyUnowned, row.id, what);
    }
    for id in open.into_keys() {
        let what = "is open by the ledger, and its table has it closed or not at all";
        found.add(Principle::NobodyUnowned, id, what);
    }
    Ok(())
}

fn deliveries(
    rows: Vec<DeliveryRow>,
    mut open: BTreeMap<DeliveryId, Delivery>,
    found: &mut Recount,
) -> Result<(), StoreError> {
    for row in rows {
        let held = row.id.parse().ok().and_then(|id| open.remove(&id));
        let what = match held {
            None => "is on its way in its table, and at its end or unknown by the ledger",
            Some(held) if DeliveryRow::try_from(&held)? == row => continue,
            Some(_) => "stands elsewhere in its table than by the ledger",
        };
        found.add(Principle::NothingLost, row.id, what);
    }
    for id in open.into_keys() {
        let what = "is on its way by the ledger, and its table has it at its end or not at all";
        found.add(Principle::NothingLost, id, what);
    }
    Ok(())
}
