//! The rows of committed orders, inserted once more into an empty store and nothing else done: what
//! `ops/bench` compares the writer with, like for like, by the same driver and the same statements.
//!
//! No decision, no tree, no signature, no read. What it fills is no ledger that anybody may go on with: it
//! has the rows, but nobody signed for them. Not to be called from inside an asynchronous runtime.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::StoreError;
use crate::commit::to_i64;
use crate::engine::{Conn, query};
use crate::migrate::{To, migrate};
use crate::place::Place;
use crate::rows::{EntryRow, NodeRow};
use crate::together::Changes;

/// Orders that were committed one after another: each a new case with new referrals.
#[derive(Debug, Clone)]
pub struct Span {
    /// Their entries.
    pub entries: Range<u64>,
    /// Their idempotency keys.
    pub keys: Vec<String>,
    /// Their statistics, as nothing in the store leads there.
    pub facts: Vec<String>,
}

/// All rows that some orders made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows(Changes);

impl Rows {
    /// Reads them back from the store that committed them; it may be open.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn read(place: &Place, spans: &[Span]) -> Result<Vec<Self>, StoreError> {
        let mut conn = place.open_reader()?;
        spans.iter().map(|span| Self::of(&mut conn, span)).collect()
    }

    fn of(conn: &mut Conn, span: &Span) -> Result<Self, StoreError> {
        let (from, to) = (to_i64(span.entries.start)?, to_i64(span.entries.end)?);
        let entries = query!(conn, trail::entries_from(from, to.saturating_sub(from)))?;
        let cases = named(&entries, |row| row.case_id.as_ref());
        let referrals = named(&entries, |row| row.referral_id.as_ref());
        let deliveries = query!(conn, bare::deliveries_of(&referrals))?;
        let moved: Vec<String> = deliveries.iter().map(|row| row.id.clone()).collect();
        let mut rows = Self(Changes {
            keys: query!(conn, commit::keys_used(&span.keys))?,
            bodies: query!(conn, bare::bodies_of(&cases))?,
            case_keys: query!(conn, bare::case_keys_of(&cases))?,
            facts: query!(conn, bare::facts_by_id(&span.facts))?,
            fact_links: query!(conn, bare::fact_links_of(&referrals))?,
            cases: query!(conn, commit::cases_by_id(&cases))?,
            referrals: query!(conn, commit::referrals_by_id(&referrals))?,
            deliveries,
            outbox: query!(conn, bare::outbox_of(&moved))?,
            nodes: nodes(conn, &span.entries)?,
            heads: query!(conn, bare::heads_between(from, to))?,
            entries,
            ..Changes::default()
        });
        rows.order_as_written(&span.facts);
        Ok(rows)
    }

    /// State goes in by id, the rest order by order; read back, some come as the server likes.
    fn order_as_written(&mut self, facts: &[String]) {
        let rows = &mut self.0;
        rows.cases.sort_by(|one, other| one.id.cmp(&other.id));
        rows.referrals.sort_by(|one, other| one.id.cmp(&other.id));
        rows.keys.sort_by_key(|row| row.entry_index);
        rows.facts.sort_by_cached_key(|row| facts.iter().position(|id| *id == row.id));
        let entries = &rows.entries;
        let place = |case: &str| entries.iter().position(|row| row.case_id.as_deref() == Some(case));
        rows.bodies.sort_by_cached_key(|row| place(&row.case_id));
        rows.case_keys.sort_by_cached_key(|row| place(&row.case_id));
        rows.fact_links.sort_by_cached_key(|row| place(&row.case_id));
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> usize {
        let rows = &self.0;
        let ledger = rows.entries.len() + rows.nodes.len() + rows.heads.len();
        let state = rows.cases.len() + rows.referrals.len() + rows.deliveries.len() + rows.outbox.len();
        let kept = rows.keys.len() + rows.bodies.len() + rows.case_keys.len();
        ledger + state + kept + rows.facts.len() + rows.fact_links.len()
    }
}

/// Each id once.
fn named(entries: &[EntryRow], id: fn(&EntryRow) -> Option<&String>) -> Vec<String> {
    entries.iter().filter_map(id).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The nodes that became complete within these entries.
fn nodes(conn: &mut Conn, entries: &Range<u64>) -> Result<Vec<NodeRow>, StoreError> {
    let mut found = Vec::new();
    for level in ledger::STORED_LEVELS {
        let (from, to) = (to_i64(entries.start >> level)?, to_i64(entries.end >> level)?);
        found.extend(query!(conn, bare::nodes_between(i32::from(level), from, to))?);
    }
    Ok(found)
}

/// A store that is given rows and nothing else.
pub struct Bare(Conn);

impl Bare {
    /// Opens it for writing as the writer does, and migrates it before.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(place: &Place) -> Result<Self, StoreError> {
        migrate(place, To::Newest)?;
        place.open_writer().map(Self)
    }

    /// One transaction with these rows.
    ///
    /// # Errors
    /// Where a statement fails; the store is of no use then.
    pub fn insert(&mut self, rows: &Rows) -> Result<(), StoreError> {
        let conn = &mut self.0;
        query!(conn, plainly("BEGIN"))?;
        conn.write(&rows.0)?;
        Ok(query!(conn, plainly("COMMIT"))?)
    }
}
