//! The hub audits itself: it reads its whole ledger again and again and compares entries with their tree,
//! states with entries, and all of it with what it signed earlier and keeps in memory, where nobody who has
//! the database can change it. What does not hold is told, and nothing about a child is shown any more.
//!
//! It opens no body; that is `audit verify --bodies`, by somebody who brings the root key.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use casework::{Code, EntryRange, TimeSource};
use store::{Finding, VerifyReport};

use crate::{Hub, HubError, measure};

/// Checkpoints of earlier rounds that are kept. The more there are, the narrower is the range in which a
/// history that was recomputed as a whole parts from the true one.
const KEPT_MAX: usize = 32;

/// Findings that say that the tree is not the one that was signed.
const OTHER_HISTORY: [&str; 3] = ["checkpoint-mismatch", "fork", "tail-cut"];

/// What this process signed and found good, oldest first; and what it told that it did not.
#[derive(Debug, Default)]
pub struct Auditor {
    kept: Vec<String>,
    /// The newest round found something. Nothing newer is trusted until one finds nothing.
    broken: bool,
    told: BTreeMap<&'static str, Span>,
}

/// What was found of one kind: from the first to the last entry, none where no entry made it; and which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Span {
    range: Option<EntryRange>,
    rows: BTreeSet<String>,
}

/// What a round came to.
#[derive(Debug, Clone)]
pub struct Audited {
    /// Entries read.
    pub entries: u64,
    /// How long it took.
    pub took: Duration,
    /// What does not hold, in ledger order.
    pub findings: Vec<Finding>,
}

impl Auditor {
    /// Every second one goes where there are too many, and the newest is always there.
    fn keep(&mut self, note: String) {
        if self.kept.last() == Some(&note) {
            return;
        }
        if self.kept.len() >= KEPT_MAX {
            let mut number = 0_usize;
            self.kept.retain(|_| {
                number = number.saturating_add(1);
                number.is_multiple_of(2)
            });
        }
        self.kept.push(note);
    }

    /// What to tell of a kind, and whether it is news. A range that only shrank, because the ledger grew, is
    /// told as it was: else each round would be another suspicion.
    fn said(&mut self, kind: &'static str, span: Span) -> (Span, bool) {
        match self.told.get(kind) {
            Some(told) if told.covers(&span) => (told.clone(), false),
            _ => {
                self.told.insert(kind, span.clone());
                (span, true)
            }
        }
    }
}

impl Hub {
    /// One round over everything there is.
    ///
    /// # Errors
    /// Where the store cannot be read; what does not hold is no error.
    pub async fn audit_itself(&self, auditor: &mut Auditor) -> Result<Audited, HubError> {
        let (since, begun) = (Instant::now(), self.store.clock().now());
        let newest = self.store.checkpoint().await?.filter(|_| !auditor.broken).map(|(_, note)| note);
        let trusted = auditor.kept.iter().cloned().chain(newest.clone()).collect();
        let report = self.store.audit(trusted).await.inspect_err(|_| measure::audit_failed())?;
        let VerifyReport { entries, findings, .. } = report;
        let found = Audited { entries, took: since.elapsed(), findings };
        measure::audited(&found);
        auditor.broken = !found.findings.is_empty();
        if auditor.broken {
            self.recall_own(auditor, &found).await?;
        } else {
            newest.into_iter().for_each(|note| auditor.keep(note));
        }
        self.tell_findings(auditor, &found).await;
        if !auditor.broken {
            // What is found after this is news, whatever was told or lifted before.
            auditor.told.clear();
            self.faults_are_gone(begun).await?;
        }
        Ok(found)
    }

    /// Where the tree is not the one that this process signed, nothing more is signed under its origin.
    async fn recall_own(&self, auditor: &Auditor, found: &Audited) -> Result<(), HubError> {
        let is_other = |finding: &Finding| OTHER_HISTORY.contains(&finding.kind);
        if !found.findings.iter().any(is_other) {
            return Ok(());
        }
        for seen in auditor.kept.iter().rev().filter_map(|note| self.store.verified(note)) {
            self.store.compare_with(seen, "this hub's own memory").await?;
        }
        match self.store.lost() {
            Some(lost) => self.begin_epoch(&lost).await,
            None => Ok(()),
        }
    }

    /// One suspicion for each kind, over all that was found of it.
    async fn tell_findings(&self, auditor: &mut Auditor, found: &Audited) {
        for (kind, span) in spans(found) {
            let (Span { range, rows }, is_news) = auditor.said(kind, span);
            if is_news {
                let (first, last) = (range.map(|range| range.first), range.map(|range| range.last));
                let entries = found.entries;
                tracing::error!(
                    alarm = "ledger-suspect",
                    kind,
                    first,
                    last,
                    entries,
                    "the store is not what was signed: see ops/runbooks/ledger.md"
                );
            }
            if let Ok(reason) = kind.parse::<Code>() {
                self.suspect_rows(reason, range, rows).await;
            }
        }
    }
}

/// All that was found of each kind.
fn spans(found: &Audited) -> BTreeMap<&'static str, Span> {
    let mut spans: BTreeMap<&'static str, Span> = BTreeMap::new();
    for Finding { kind, first, last, row, .. } in &found.findings {
        let span = spans.entry(kind).or_default();
        // Entries do not move: which one it is tells it from others between the first and the last.
        let entry =
            (kind.starts_with("entry-") && first == last).then(|| store::row_digest(&first.to_string()));
        span.rows.extend(row.clone().or(entry));
        // A row that no entry made is told of the end, which moves.
        let is_unmade = *first == found.entries && *kind != "tail-cut";
        if !is_unmade {
            let (first, last) =
                span.range.map_or((*first, *last), |held| (held.first.min(*first), held.last.max(*last)));
            span.range = Some(EntryRange { first, last });
        }
    }
    spans
}

impl Span {
    /// Is all of that in this?
    fn covers(&self, other: &Self) -> bool {
        let range = match (self.range, other.range) {
            (Some(told), Some(range)) => told.first <= range.first && range.last <= told.last,
            (told, range) => told.is_none() && range.is_none(),
        };
        range && other.rows.is_subset(&self.rows)
    }
}
