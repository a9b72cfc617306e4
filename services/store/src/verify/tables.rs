//! The tables beside the ledger must be exactly what the ledger gives: every column of every state row. A
//! wrong row is named by the last entry that moved it, which is looked for only where a row is wrong.

use std::collections::BTreeMap;
use std::str::FromStr;

use casework::{
    Case, CaseId, CheckId, Delivery, DeliveryId, Entry, IdentityCheck, Referral, ReferralId, Register,
    RegisterKey, Touched, moves,
};
use diesel::QueryResult;

use super::VerifyReport;
use super::beside::{Given, read_beside};
use super::held::{Held, Keep};
use super::pages::each_page;
use super::sums::{Sums, bucket};
use crate::StoreError;
use crate::commit::to_u64;
use crate::engine::{Conn, query};
use crate::place::Place;
use crate::rows::seen::{SeenCase, SeenCheck, SeenDelivery, SeenReferral, SeenRegister};
use crate::rows::{CaseRow, CheckRow, DeliveryRow, Feed, ReferralRow, RegisterRow};

/// Rows read at a time.
const PAGE: i64 = 256;

/// Room for most rows.
const ROW_BYTES: usize = 1024;

/// A row of a state table, and what it is a row of.
pub trait StateRow: Feed + Send + Sized + for<'a> TryFrom<&'a Self::Thing, Error = StoreError> {
    /// The same row as it is read.
    type Seen: Feed + Send;
    type Id: Ord + FromStr + Send;
    type Thing: Send;
    const WHAT: &'static str;
    const TABLE: u8;
    fn id(&self) -> &str;
    fn count(conn: &mut Conn) -> QueryResult<i64>;
    fn after(conn: &mut Conn, id: Option<&str>) -> QueryResult<Vec<Self::Seen>>;
    fn seen_id(seen: &Self::Seen) -> &str;
}

// A macro, because the five rows differ in nothing but their names.
macro_rules! state_row {
    ($(
        $table:literal $row:ident or $seen:ident of $thing:ident by $id:ident = $what:literal,
            $count:ident, $after:ident;
    )*) => {$(
        impl StateRow for $row {
            type Seen = $seen;
            type Id = $id;
            type Thing = $thing;
            const WHAT: &'static str = $what;
            const TABLE: u8 = $table;
            fn id(&self) -> &str {
                &self.id
            }
            fn count(conn: &mut Conn) -> QueryResult<i64> {
                query!(conn, read::$count())
            }
            fn after(conn: &mut Conn, id: Option<&str>) -> QueryResult<Vec<$seen>> {
                query!(conn, read::$after(id, PAGE))
            }
            fn seen_id(seen: &$seen) -> &str {
                seen.id.as_str()
            }
        }
    )*};
}
state_row! {
    0 CaseRow or SeenCase of Case by CaseId = "case", cases_count, cases_after;
    1 ReferralRow or SeenReferral of Referral by ReferralId = "referral", referrals_count, referrals_after;
    2 DeliveryRow or SeenDelivery of Delivery by DeliveryId = "delivery", deliveries_count, deliveries_after;
    3 CheckRow or SeenCheck of IdentityCheck by CheckId = "identity check", checks_count, checks_after;
    4 RegisterRow or SeenRegister of Register by RegisterKey = "register", registers_count, registers_after;
}

/// A row that does not fit: how, of which thing, in words.
struct Wrong {
    kind: &'static str,
    id: String,
    detail: String,
}

/// Compares all five state tables with the state that the entries give. What differs is only then looked for,
/// in a second reading of the entries.
pub fn compare_states(
    conn: &mut Conn,
    held: Held,
    place: &Place,
    report: &mut VerifyReport,
) -> Result<(), StoreError> {
    report.held_max = u64::try_from(held.most).unwrap_or(u64::MAX);
    let Some(keep) = differing(conn, held)? else { return Ok(()) };
    report.read_again = true;
    let mut again = Held::new(place, keep);
    each_page(conn, |_, rows| {
        for row in &rows {
            if let Ok(entry) = Entry::from_leaf(&row.leaf) {
                again.follow(row, &entry)?;
            }
        }
        Ok(true)
    })?;
    name_wrong(conn, again, report)
}

/// Where a table differs from what the entries give; everywhere, where that is in doubt.
fn differing(conn: &mut Conn, held: Held) -> Result<Option<Keep>, StoreError> {
    let Held { state, mut sums, mut in_doubt, .. } = held;
    if !in_doubt {
        in_doubt |= differs::<CaseRow>(conn, state.cases, &mut sums)?;
        in_doubt |= differs::<ReferralRow>(conn, state.referrals, &mut sums)?;
        in_doubt |= differs::<DeliveryRow>(conn, state.deliveries, &mut sums)?;
        in_doubt |= differs::<CheckRow>(conn, state.checks, &mut sums)?;
        in_doubt |= differs::<RegisterRow>(conn, state.registers, &mut sums)?;
    }
    let buckets = sums.left_over();
    Ok(match (in_doubt, buckets.is_empty()) {
        (true, _) => Some(Keep::Everything),
        (false, false) => Some(Keep::Only(buckets)),
        (false, true) => None,
    })
}

/// Rows of what is held must be equal; those of what is settled come off the sums. In doubt where ids do not
/// ascend: one might be there twice.
fn differs<R: StateRow>(
    conn: &mut Conn,
    mut expected: BTreeMap<R::Id, R::Thing>,
    sums: &mut Sums,
) -> Result<bool, StoreError> {
    let (mut last, mut in_doubt) = (String::new(), false);
    let mut look = |seen: &R::Seen| -> Result<(), StoreError> {
        let id = R::seen_id(seen);
        in_doubt |= id <= last.as_str();
        last.clear();
        last.push_str(id);
        match id.parse().ok().and_then(|id| expected.remove(&id)) {
            Some(thing) if are_equal(&R::try_from(&thing)?, seen) => {}
            Some(_) => sums.mark_wrong(bucket::<R>(id)),
            None => sums.take::<R>(id, seen),
        }
        Ok(())
    };
    read_beside(
        |given| read_rows::<R>(conn, given),
        |page: &Vec<R::Seen>| page.iter().try_for_each(&mut look),
    )?;
    for thing in expected.into_values() {
        sums.mark_wrong(bucket::<R>(R::try_from(&thing)?.id()));
    }
    Ok(in_doubt)
}

/// Compares row by row what is held of the wrong buckets, and names what is wrong.
fn name_wrong(conn: &mut Conn, held: Held, report: &mut VerifyReport) -> Result<(), StoreError> {
    let Held { state, keep, .. } = held;
    let mut wrong = Wrongs { found: Vec::new(), room: report.room() };
    compare::<CaseRow>(conn, state.cases, &keep, &mut wrong)?;
    compare::<ReferralRow>(conn, state.referrals, &keep, &mut wrong)?;
    compare::<DeliveryRow>(conn, state.deliveries, &keep, &mut wrong)?;
    compare::<CheckRow>(conn, state.checks, &keep, &mut wrong)?;
    compare::<RegisterRow>(conn, state.registers, &keep, &mut wrong)?;
    if wrong.found.is_empty() {
        return Ok(());
    }
    let moved = last_moved(conn, wrong.found.iter().map(|wrong| wrong.id.clone()))?;
    for Wrong { kind, id, detail } in wrong.found {
        let at = moved.get(&id).copied().flatten().unwrap_or(report.entries);
        report.add_row(kind, at, &id, detail);
    }
    Ok(())
}

/// As many as the report still takes.
struct Wrongs {
    found: Vec<Wrong>,
    room: usize,
}

impl Wrongs {
    fn add(&mut self, kind: &'static str, id: &str, detail: impl FnOnce() -> String) {
        if self.found.len() < self.room {
            self.found.push(Wrong { kind, id: id.to_owned(), detail: detail() });
        }
    }
}

fn compare<R: StateRow>(
    conn: &mut Conn,
    mut expected: BTreeMap<R::Id, R::Thing>,
    keep: &Keep,
    wrong: &mut Wrongs,
) -> Result<(), StoreError> {
    let mut look = |seen: &R::Seen| {
        let wanted = keep.wants::<R>(R::seen_id(seen));
        if wanted { compare_row::<R>(seen, &mut expected, wrong) } else { Ok(()) }
    };
    read_beside(
        |given| read_rows::<R>(conn, given),
        |page: &Vec<R::Seen>| page.iter().try_for_each(&mut look),
    )?;
    for thing in expected.values() {
        let row = R::try_from(thing)?;
        let id = row.id();
        if keep.wants::<R>(id) {
            wrong.add("state-missing", id, || format!("{} {id} is missing from its table", R::WHAT));
        }
    }
    Ok(())
}

/// As many as there are, and no more: an id that is no text, put there by hand, sorts behind all texts, but
/// what comes after it would begin again among them.
fn read_rows<R: StateRow>(conn: &mut Conn, given: &Given<Vec<R::Seen>>) -> Result<(), StoreError> {
    let (mut left, mut after) = (to_u64(R::count(conn)?)?, None);
    while left > 0 {
        let page = R::after(conn, after.as_deref())?;
        left = left.saturating_sub(u64::try_from(page.len()).unwrap_or(u64::MAX));
        after = page.last().map(|row| R::seen_id(row).to_owned());
        if after.is_none() || !given.give(page) {
            break;
        }
    }
    Ok(())
}

fn compare_row<R: StateRow>(
    row: &R::Seen,
    expected: &mut BTreeMap<R::Id, R::Thing>,
    wrong: &mut Wrongs,
) -> Result<(), StoreError> {
    // Each id has one text.
    let (what, id) = (R::WHAT, R::seen_id(row));
    match id.parse().ok().and_then(|id| expected.remove(&id)) {
        Some(thing) if are_equal(&R::try_from(&thing)?, row) => {}
        Some(_) => {
            wrong.add("state-mismatch", id, || format!("{what} {id} is not what this entry made it"));
        }
        None => {
            wrong.add("state-unknown", id, || format!("a {what} in its table that stands in no entry"));
        }
    }
    Ok(())
}

/// Every column the same?
fn are_equal(row: &impl Feed, seen: &impl Feed) -> bool {
    let (mut one, mut other) = (Vec::with_capacity(ROW_BYTES), Vec::with_capacity(ROW_BYTES));
    row.feed(&mut one);
    seen.feed(&mut other);
    one == other
}

/// Which entry moved each of these last.
pub fn last_moved(
    conn: &mut Conn,
    ids: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, Option<u64>>, StoreError> {
    let mut last: BTreeMap<String, Option<u64>> = ids.map(|id| (id, None)).collect();
    each_page(conn, |_, rows| {
        for row in rows {
            let (Ok(index), Ok(entry)) = (u64::try_from(row.idx), Entry::from_leaf(&row.leaf)) else {
                continue;
            };
            for id in texts(&moves(&entry.event)) {
                last.entry(id).and_modify(|at| *at = Some(index));
            }
        }
        Ok(true)
    })?;
    Ok(last)
}

fn texts(moved: &Touched) -> impl Iterator<Item = String> {
    (moved.cases.iter().map(ToString::to_string))
        .chain(moved.referrals.iter().map(ToString::to_string))
        .chain(moved.deliveries.iter().map(ToString::to_string))
        .chain(moved.checks.iter().map(ToString::to_string))
        .chain(moved.registers.iter().map(ToString::to_string))
}
