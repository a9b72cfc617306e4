//! Sealed bodies against the entries that commit to them, for somebody who has the root key: each is there,
//! in its case, opens under a key of that case, and is what its entry committed to; and of an erased case no
//! key is left. Reads the whole ledger, and all bodies or so many by chance.
//!
//! It tells nothing of what it opens. That entries, heads and states hold is `verify`'s to say.

mod named;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet};

use casework::{Case, Commitment, Entry};
use seal::{Place as SealedPlace, RootKey};
use serde::Serialize;

use super::pages::each_page;
use super::report::{FINDINGS_MAX, Finding};
use crate::engine::{Conn, apart, query, read_tx};
use crate::place::{Database, Place};
use crate::rows::BodyRow;
use crate::rows::seen::SeenEntry;
use crate::{SealedBody, StoreError};
pub use named::object_of;
use named::{Named, Pairing};
use wrapped::{Opened, Wrapped};

/// What to open, and how.
pub struct VerifyBodies {
    /// Where the store lies.
    pub place: Place,
    /// Opens the key database.
    pub root: RootKey,
    /// The hub's name, which is bound to every body.
    pub hub: String,
    /// About so many, drawn by chance; all of them where absent.
    pub sample: Option<u64>,
    /// What the ledger must say of an opened body.
    pub committed: fn(&[u8]) -> Option<Commitment>,
}

/// What was opened and found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BodiesReport {
    /// Entries that commit to a body.
    pub committed: u64,
    /// Bodies opened and compared.
    pub opened: u64,
    /// Bodies of cases whose erasure was ordered: not opened.
    pub erased: u64,
    /// What does not hold, in ledger order.
    pub findings: Vec<Finding>,
}

/// Opens bodies and compares them with their entries.
///
/// # Errors
/// Where a database cannot be read at all; what does not hold is in the report.
pub fn verify_bodies(asked: &VerifyBodies) -> Result<BodiesReport, StoreError> {
    apart(|| verify_here(asked))
}

fn verify_here(asked: &VerifyBodies) -> Result<BodiesReport, StoreError> {
    let mut conn = asked.place.open_auditor()?;
    let keys = Wrapped::new(asked.place.open_inspector(Database::Keys)?, asked.root.clone());
    let mut look = Look { asked, keys, report: BodiesReport::default(), lost: Vec::new(), entries: 0 };
    // One view of the ledger; the hub may go on writing meanwhile.
    read_tx(&mut conn, |conn| {
        look.entries = query!(conn, trail::newest_head())?.map_or(0, |head| head.size.unsigned_abs());
        let mut pairing = Pairing::default();
        each_page(conn, |conn, rows| look.page(conn, &mut pairing, &rows).map(|()| true))?;
        look.undestroyed(conn)
    })?;
    look.really_lost(&mut conn)?;
    look.report.findings.sort_by_key(|finding| finding.first);
    Ok(look.report)
}

struct Look<'a> {
    asked: &'a VerifyBodies,
    keys: Wrapped,
    report: BodiesReport,
    /// Keys that are gone, with their cases: an erasure may have been faster than this look.
    lost: Vec<(Named, String)>,
    entries: u64,
}

impl Look<'_> {
    fn page(&mut self, conn: &mut Conn, pairing: &mut Pairing, rows: &[SeenEntry]) -> Result<(), StoreError> {
        let mut wanted = Vec::new();
        for row in rows {
            let Ok(entry) = Entry::from_leaf(&row.leaf) else { continue };
            let Some(named) = pairing.next(row, &entry) else { continue };
            self.report.committed = self.report.committed.saturating_add(1);
            if self.drawn() {
                wanted.push(named);
            }
        }
        if wanted.is_empty() { Ok(()) } else { self.compare(conn, wanted) }
    }

    /// By chance, so that nobody can know which ones are left out.
    fn drawn(&self) -> bool {
        let Some(sample) = self.asked.sample else { return true };
        let chance = u128::from(u64::from_le_bytes(seal::random()));
        (chance.saturating_mul(u128::from(self.entries)) >> 64) < u128::from(sample)
    }

    fn compare(&mut self, conn: &mut Conn, wanted: Vec<Named>) -> Result<(), StoreError> {
        let objects: Vec<String> = wanted.iter().map(|named| named.object.clone()).collect();
        let found = query!(conn, read::bodies_by_id(&objects))?;
        let bodies: BTreeMap<String, BodyRow> =
            found.into_iter().map(|row| (row.object_id.clone(), row)).collect();
        let cases: BTreeSet<String> = bodies.values().map(|row| row.case_id.clone()).collect();
        let cases: Vec<String> = cases.into_iter().collect();
        let erased = erased_of(conn, &cases)?;
        let known = query!(conn, bare::case_keys_of(&cases))?;
        let known: BTreeSet<(String, String)> =
            known.into_iter().map(|row| (row.case_id, row.key_id)).collect();
        for named in wanted {
            let Some(row) = bodies.get(&named.object) else {
                self.add("body-missing", &named, "the sealed body that this entry commits to is missing");
                continue;
            };
            if named.case.as_ref().is_some_and(|case| *case != row.case_id) {
                self.add("body-misplaced", &named, "the sealed body lies with another case");
            } else if erased.contains(&row.case_id) {
                self.report.erased = self.report.erased.saturating_add(1);
            } else if known.contains(&(row.case_id.clone(), row.key_id.clone())) {
                self.open(named, row)?;
            } else {
                self.add("key-misplaced", &named, "the body's key is not written down as its case's");
            }
        }
        Ok(())
    }

    fn open(&mut self, named: Named, row: &BodyRow) -> Result<(), StoreError> {
        let Ok(body) = SealedBody::read(row.clone()) else {
            self.add("body-misplaced", &named, "the sealed body lies under ids that cannot be read");
            return Ok(());
        };
        let key = match self.keys.open(body.key)? {
            Opened::Key(key) => key,
            Opened::Gone => {
                self.lost.push((named, row.case_id.clone()));
                return Ok(());
            }
            Opened::Refused => {
                self.add("key-altered", &named, "the body's key does not open under its epoch's");
                return Ok(());
            }
        };
        let place =
            SealedPlace { hub: &self.asked.hub, case: body.case, object: body.object, schema: &body.schema };
        let plain = key.open(&place, &body.sealed);
        let said = plain.ok().and_then(|plain| (self.asked.committed)(plain.expose()));
        if said.as_ref() == Some(&named.said) {
            self.report.opened = self.report.opened.saturating_add(1);
        } else {
            self.add("body-altered", &named, "the sealed body is not what this entry commits to");
        }
        Ok(())
    }

    /// Whoever puts back a key that was destroyed brings back what was erased.
    fn undestroyed(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        for (case, index) in named::erased(conn)? {
            let mut keys: BTreeSet<String> = query!(conn, read::keys_of_case(&case))?.into_iter().collect();
            let of_bodies = query!(conn, sealed::keys_of_bodies(&[case]))?;
            keys.extend(of_bodies.into_iter().map(|(_, key)| key));
            let keys: Vec<String> = keys.into_iter().collect();
            if self.keys.any(&keys)? {
                let detail = "a key of the case is there, which this entry says was destroyed";
                self.find("key-undestroyed", index, detail);
            }
        }
        Ok(())
    }

    /// What was erased while this was looking is not lost.
    fn really_lost(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        for (named, case) in std::mem::take(&mut self.lost) {
            if !erased_of(conn, &[case])?.is_empty() {
                self.report.erased = self.report.erased.saturating_add(1);
                continue;
            }
            self.add("key-lost", &named, "the body's key is gone, and nobody ordered that");
        }
        Ok(())
    }

    fn add(&mut self, kind: &'static str, named: &Named, detail: &str) {
        self.find(kind, named.index, detail);
    }

    fn find(&mut self, kind: &'static str, index: u64, detail: &str) {
        if self.report.findings.len() < FINDINGS_MAX {
            let detail = detail.to_owned();
            self.report.findings.push(Finding { kind, first: index, last: index, detail, row: None });
        }
    }
}

/// Of these cases, those whose erasure was ordered.
fn erased_of(conn: &mut Conn, cases: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let rows = query!(conn, commit::cases_by_id(cases))?;
    let is_erased = |state: &str| {
        // A state that cannot be read is `verify`'s finding.
        serde_json::from_str::<Case>(state).is_ok_and(|case| case.erased.is_some())
    };
    Ok(rows.into_iter().filter(|row| is_erased(&row.state)).map(|row| row.id).collect())
}
