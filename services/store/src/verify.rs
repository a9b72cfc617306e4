//! `audit verify`: reads the whole store from outside and recomputes tree, states and counts. It opens the
//! database read-only, needs no key, and names the first bad entry, or the range between two checkpoints.
//!
//! What it trusts: a checkpoint kept elsewhere (`checkpoint.latest`, a receipt, a witness). The store's own
//! heads are not signed, so whoever edits an entry can forge them too: without a trusted checkpoint it can
//! only say that the store agrees with itself, and entries added after the newest one prove nothing yet.

mod beside;
mod bodies;
mod held;
mod lines;
mod nodes;
pub mod pages;
mod past;
mod report;
mod sums;
mod tables;
mod trusted;
mod vouched;

use std::collections::BTreeMap;

use casework::{Entry, Event, LedgerEpoch, Register};
use ledger::{Frontier, Growth, Hash, empty_root};

use beside::read_beside;
pub use bodies::{BodiesReport, VerifyBodies, object_of, verify_bodies};
use held::{Held, Keep};
use lines::compare_lines;
use nodes::compare_nodes;
use pages::Page;
pub use report::{Finding, LostRange, VerifyReport, row_digest};
use tables::compare_states;
use trusted::Trusted;
use vouched::Vouched;

use crate::StoreError;
use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, apart, query, read_tx};
use crate::place::Place;
use crate::rows::HeadRow;
use crate::rows::seen::SeenEntry;

/// What to check against.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// Where the store lies.
    pub place: Place,
    /// Signed notes that somebody kept (receipts' checkpoints, witnesses'): the tree must contain each.
    pub trusted: Vec<String>,
    /// Verify note signatures with these keys (`name+hash+base64`, with spaces or lines between them), each
    /// in every epoch of the ledger; unsigned comparison where absent.
    pub vkey: Option<String>,
}

/// Verifies a store.
///
/// # Errors
/// Where the database cannot be opened or read at all; what does not hold is in the report.
pub fn verify(options: &VerifyOptions) -> Result<VerifyReport, StoreError> {
    apart(|| verify_here(options))
}

impl crate::Store {
    /// Verifies this store beside everything else, against checkpoints that the caller kept: on connections
    /// of its own, since it takes as long as the ledger is.
    ///
    /// # Errors
    /// Where the database cannot be read at all; what does not hold is in the report.
    pub async fn audit(&self, trusted: Vec<String>) -> Result<VerifyReport, StoreError> {
        let place = Place::clone(&self.place);
        let vkey = Some(self.ring().vouching_vkeys());
        let options = VerifyOptions { place, trusted, vkey };
        let done = tokio::task::spawn_blocking(move || verify(&options)).await;
        done.map_err(|_| StoreError::Closed)?
    }
}

fn verify_here(options: &VerifyOptions) -> Result<VerifyReport, StoreError> {
    let mut conn = options.place.open_auditor()?;
    let mut report = VerifyReport::default();
    let held = Held::new(&options.place, Keep::Nothing);
    let mut walk = Walk::new(trusted::trusted(options, &mut report)?, held);
    // One transaction: the hub may go on writing meanwhile.
    read_tx(&mut conn, |conn| {
        walk.run(conn, &mut report)?;
        let Walk { held, nodes, gap, vouched, .. } = walk;
        vouched.compare(options.vkey.as_deref(), &mut report);
        compare_states(conn, held, &options.place, &mut report)?;
        compare_lines(conn, &mut report)?;
        // Behind a gap every node is another tree's; the gap is the finding.
        if gap { Ok(()) } else { compare_nodes(conn, nodes, &mut report) }
    })?;
    report.findings.sort_by_key(|finding| finding.first);
    Ok(report)
}

/// One pass over the ledger.
struct Walk {
    trusted: BTreeMap<u64, Vec<Trusted>>,
    /// As far as the walk has come.
    epochs: Vec<LedgerEpoch>,
    vouched: Vouched,
    frontier: Frontier,
    pending: Vec<Hash>,
    held: Held,
    nodes: BTreeMap<(i32, i64), Hash>,
    /// The newest size whose head fits.
    head_good: u64,
    /// The newest size whose trusted checkpoint fits: everything before it is proven.
    trusted_good: u64,
    /// Heads that do not fit, as ranges, until a later root tells whether they or the entries are wrong.
    suspects: Vec<(u64, u64)>,
    /// The index after the last entry.
    next: i64,
    last_at: i64,
    gap: bool,
}

impl Walk {
    fn new(trusted: BTreeMap<u64, Vec<Trusted>>, held: Held) -> Self {
        Self {
            trusted,
            epochs: Vec::new(),
            vouched: Vouched::default(),
            frontier: Frontier::empty(),
            pending: Vec::new(),
            held,
            nodes: BTreeMap::new(),
            head_good: 0,
            trusted_good: 0,
            suspects: Vec::new(),
            next: 0,
            last_at: i64::MIN,
            gap: false,
        }
    }

    fn run(&mut self, conn: &mut Conn, report: &mut VerifyReport) -> Result<(), StoreError> {
        for trusted in self.trusted.remove(&0).unwrap_or_default() {
            self.compare_trusted(&trusted, empty_root(), 0, report);
        }
        let newest = query!(conn, trail::newest_head())?.map_or(0, |head| head.size);
        read_beside(|given| pages::read(conn, given), |page| self.follow_page(page, report))?;
        self.end(newest, report)
    }

    fn follow_page(&mut self, page: &Page, report: &mut VerifyReport) -> Result<(), StoreError> {
        for (row, hash) in &page.entries {
            if row.idx < 0 {
                report.add("entry-unknown", 0, 0, "an entry with an index below zero");
                continue;
            }
            self.entry(row, *hash, report)?;
            self.next = row.idx.saturating_add(1);
            self.mark(page.heads.get(&self.next), report)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        row: &SeenEntry,
        computed: Hash,
        report: &mut VerifyReport,
    ) -> Result<(), StoreError> {
        let index = to_u64(row.idx)?;
        if row.idx != self.next {
            self.gap = true;
            report.add(
                "entry-missing",
                to_u64(self.next)?,
                index.saturating_sub(1),
                "entries are missing here",
            );
        }
        if row.hash.0 != Some(computed) {
            report.add("entry-altered", index, index, "the entry's bytes do not give its stored hash");
        }
        self.pending.push(computed);
        report.entries = report.entries.saturating_add(1);
        match Entry::from_leaf(&row.leaf) {
            Err(_) => {
                report.add("entry-unreadable", index, index, "the entry is not a leaf of a known version")
            }
            Ok(entry) => {
                if entry.at.micros() < self.last_at {
                    report.add("time-reversed", index, index, "the entry is older than the one before it");
                }
                self.last_at = entry.at.micros();
                if let Event::Register(row) = &entry.event {
                    self.vouched.note(row, index);
                    if let Register::LedgerEpoch(epoch) = row {
                        self.begin_epoch(epoch, index, report);
                    }
                }
                self.follow(row, &entry, index, report)?;
            }
        }
        Ok(())
    }

    /// Moves the state along and checks the columns beside the leaf.
    fn follow(
        &mut self,
        row: &SeenEntry,
        entry: &Entry,
        index: u64,
        report: &mut VerifyReport,
    ) -> Result<(), StoreError> {
        if !self.held.follow(row, entry)? {
            report.add("entry-misplaced", index, index, "the columns beside the entry do not fit it");
        }
        Ok(())
    }

    /// At each head, and at each size somebody trusts, the tree is recomputed and compared. Behind a gap
    /// there is nothing to compare with.
    fn mark(&mut self, head: Option<&HeadRow>, report: &mut VerifyReport) -> Result<(), StoreError> {
        let at = to_u64(self.next)?;
        let trusted = self.trusted.remove(&at).unwrap_or_default();
        if self.gap || (head.is_none() && trusted.is_empty()) {
            return Ok(());
        }
        let root = self.grow()?;
        if let Some(head) = head {
            report.heads = report.heads.saturating_add(1);
            self.compare_head(head, root, at, report);
        }
        for trusted in trusted {
            self.compare_trusted(&trusted, root, at, report);
        }
        Ok(())
    }

    /// Takes the pending leaves into the tree.
    fn grow(&mut self) -> Result<Hash, StoreError> {
        let growth = Growth::new(std::mem::take(&mut self.frontier), std::mem::take(&mut self.pending));
        for node in growth.filled_tiles() {
            self.nodes.insert((i32::from(node.level), to_i64(node.index)?), node.hash);
        }
        self.frontier = growth.after();
        Ok(self.frontier.root())
    }

    /// A head that fits also shows that one before it that did not fit was itself altered, not the entries.
    fn compare_head(&mut self, head: &HeadRow, root: Hash, at: u64, report: &mut VerifyReport) {
        let last = at.saturating_sub(1);
        if head.root.as_slice() != root.as_slice() {
            self.suspects.push((self.head_good, last));
            return;
        }
        self.acquit(report);
        self.head_good = at;
        if head.peaks != self.frontier.peaks_bytes() || head.at != self.last_at {
            report.add(
                "head-altered",
                last,
                last,
                "the peaks or the time of the head of this size are wrong",
            );
        }
    }

    fn compare_trusted(&mut self, trusted: &Trusted, root: Hash, at: u64, report: &mut VerifyReport) {
        if self.epochs.iter().any(|epoch| epoch.before == trusted.origin) {
            return self.lost(&trusted.origin, at, report);
        }
        report.compared = report.compared.saturating_add(trusted.notes);
        if trusted.is_fork() {
            return forked(self.trusted_good, at, report);
        }
        if trusted.roots.contains(&root) {
            self.acquit(report);
            self.trusted_good = at;
            return;
        }
        let detail =
            "the tree does not have this signed root; something since the last one that fits was changed";
        report.add("checkpoint-mismatch", self.trusted_good, at.saturating_sub(1), detail);
    }

    /// Another epoch goes on from here.
    fn begin_epoch(&mut self, epoch: &LedgerEpoch, index: u64, report: &mut VerifyReport) {
        if epoch.kept != index {
            let detail = "the first entry of an epoch says that it is another entry";
            report.add("epoch-misplaced", index, index, detail);
        }
        report.epochs = report.epochs.saturating_add(1);
        self.epochs.push(epoch.clone());
    }

    /// A checkpoint of an earlier epoch, of entries that its successor did not find: known where its
    /// successor's first entry says so.
    fn lost(&self, origin: &str, size: u64, report: &mut VerifyReport) {
        let Some(epoch) = self.epochs.iter().find(|epoch| epoch.before == origin) else { return };
        let last = size.saturating_sub(1);
        if size <= epoch.lost.size {
            report.lost.push(LostRange { epoch: epoch.number, first: epoch.kept, last });
        } else {
            let detail =
                "a signed checkpoint of an earlier epoch knows more entries than the next one says are lost";
            report.add("loss-unrecorded", epoch.kept, last, detail);
        }
    }

    fn acquit(&mut self, report: &mut VerifyReport) {
        for (_, last) in self.suspects.drain(..) {
            report.add(
                "head-altered",
                last,
                last,
                "the root of the head of this size is wrong; the entries are not",
            );
        }
    }

    fn end(&mut self, newest: i64, report: &mut VerifyReport) -> Result<(), StoreError> {
        if let Some((first, last)) = self.suspects.first() {
            let detail =
                "the tree does not have this root; something since the last head that fits was changed";
            report.add("head-mismatch", *first, *last, detail);
        }
        let (have, root) = (to_u64(self.next)?, self.grow()?);
        report.root = root.iter().map(|byte| format!("{byte:02x}")).collect();
        if newest > self.next {
            report.add(
                "tail-cut",
                have,
                to_u64(newest)?.saturating_sub(1),
                "the store's own head knows more entries",
            );
        } else if newest < self.next {
            let from = to_u64(newest.max(0))?;
            report.add("head-missing", from, have.saturating_sub(1), "entries that no head covers");
        }
        self.cut(have, report);
        Ok(())
    }

    /// A checkpoint beyond the end. What was cut off is known; what lies before it is only proven as far as
    /// the last checkpoint that fits.
    fn cut(&self, have: u64, report: &mut VerifyReport) {
        for (at, _) in self.trusted.iter().filter(|(_, notes)| notes.iter().any(Trusted::is_fork)) {
            forked(self.trusted_good, *at, report);
        }
        let mut wanted = None;
        for (size, notes) in self.trusted.range(have.saturating_add(1)..) {
            for note in notes {
                if self.epochs.iter().any(|epoch| epoch.before == note.origin) {
                    self.lost(&note.origin, *size, report);
                } else {
                    wanted = Some(size);
                }
            }
        }
        let Some(wanted) = wanted else { return };
        let detail = "a signed checkpoint knows more entries than the store has";
        report.add("tail-cut", have, wanted.saturating_sub(1), detail);
        if self.trusted_good < have {
            let detail = "no signed checkpoint proves these entries, so the loss may have begun among them";
            report.add("unproven", self.trusted_good, have.saturating_sub(1), detail);
        }
    }
}

/// Whatever the store has: both notes are the evidence. Where the two part is behind the last one that fits.
fn forked(good: u64, at: u64, report: &mut VerifyReport) {
    let detail = "two signed checkpoints of this size with different roots: keep both as evidence";
    report.add("fork", good, at.saturating_sub(1), detail);
}
