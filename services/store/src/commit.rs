//! One transaction for many commands: head first, decide each over what the earlier ones changed, insert
//! everything in bulk, append one head. The only function that writes facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::{
    Action, CaseReference, DeliveryId, DeliveryStatus, Entry, Event, Now, Priority, Refusal, RegisterKey,
    Rules, State, TimeSource, Timestamp, Touched, apply, decide,
};
use ledger::{Frontier, Growth, Hash};

use crate::engine::{Conn, query, write_tx_from};
use crate::head::Head;
use crate::open::OFFSET_CURSOR;
use crate::ring::{Ring, Standing};
use crate::rows::{
    BodyRow, CaseKeyRow, EntryRow, FactLinkRow, FactStored, HeadRow, IdempotencyRow, NodeRow, OutboxRow,
};
use crate::together::{Asked, Changes, FactStepRow, Found};
use crate::{CaseClock, Order, StoreError, high_water, load};

/// How long a claimed attempt may run before the sweeper calls its outcome unknown: 2 s to wait for its turn,
/// 30 s to call, 10 s to ask, 5.25 s to commit what came of it, and some. Under a minute, in which
/// everything has to move again.
pub const ATTEMPT_LEASE_SECONDS: i64 = 50;

/// What the writer knows besides the orders.
pub struct Context<'a> {
    pub rules: &'a Rules,
    pub clock: &'a CaseClock,
    pub ring: &'a Ring,
}

/// What became of each order, before signing.
pub enum Verdict {
    Done { index: u64, entries: Vec<Entry>, leaf: Vec<u8> },
    Replayed { index: u64, size: u64 },
    KeyReused,
    Refused(Refusal),
}

/// A committed batch, before signing.
pub struct Written {
    pub verdicts: Vec<Verdict>,
    pub growth: Growth,
    pub size: u64,
    pub root: Hash,
    pub at: Timestamp,
    /// What signs it.
    pub standing: Arc<Standing>,
}

/// Commits all orders or, on an error, none.
pub fn commit(conn: &mut Conn, orders: &[Order], context: &Context<'_>) -> Result<Written, StoreError> {
    let begin = |conn: &mut Conn| conn.begin_asking(&Asked::of(orders), OFFSET_CURSOR);
    write_tx_from(conn, begin, |conn, found| {
        if let Some(moment) = &found.moment {
            context.clock.observe(moment)?;
        }
        let head = Head::of(found.head.as_ref())?;
        let standing = context.ring.at_head(conn, found.head.as_ref())?;
        if !orders.iter().all(begins_epoch) {
            high_water::recall(context.ring, &standing, head.frontier.size(), &head.frontier.root())?;
        }
        failpoint::here("S3");
        let unclamped = context.clock.now();
        let now = Now { at: unclamped.max(head.at), unclamped };
        let before = head.frontier.size();
        let mut work = Work::on(&found, now, before)?;
        work.origin = standing.key(now.at).origin().to_owned();
        let verdicts = orders.iter().map(|order| work.take(order, context)).collect::<Result<Vec<_>, _>>()?;
        let standing = work.standing(standing, context)?;
        let growth = Growth::new(head.frontier, std::mem::take(&mut work.hashes));
        let after = growth.after();
        if after.size() > before {
            let mut changes = work.changes(orders, context)?;
            append_head(&mut changes, &growth, &after, now, &standing)?;
            conn.write(&changes)?;
        }
        failpoint::here("S4");
        // With a delay: COMMIT is on its way, and nobody sees its answer.
        failpoint::here("S5");
        if failpoint::planted("answered-without-commit") {
            query!(conn, plainly("ROLLBACK"))?;
            query!(conn, begin_write())?;
        }
        Ok(Written { verdicts, size: after.size(), root: after.root(), at: now.at, growth, standing })
    })
}

/// What is written although something that was signed is missing.
pub const fn begins_epoch(order: &Order) -> bool {
    matches!(order.command.action, Action::BeginEpoch(_))
}

fn append_head(
    changes: &mut Changes,
    growth: &Growth,
    after: &Frontier,
    now: Now,
    standing: &Standing,
) -> Result<(), StoreError> {
    let node = |node: ledger::StoredNode| {
        let (level, idx) = (i32::from(node.level), to_i64(node.index)?);
        Ok(NodeRow { level, idx, hash: node.hash.to_vec() })
    };
    changes.nodes = growth.filled_tiles().into_iter().map(node).collect::<Result<_, StoreError>>()?;
    changes.heads.push(HeadRow {
        size: to_i64(after.size())?,
        at: now.at.micros(),
        root: after.root().to_vec(),
        peaks: after.peaks_bytes(),
        key_id: standing.key(now.at).id().to_owned(),
    });
    Ok(())
}

pub fn to_i64(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Unreadable("a number beyond 2^63".to_owned()))
}

pub fn to_u64(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Unreadable("a negative index".to_owned()))
}

/// A batch in the making.
struct Work {
    now: Now,
    next: u64,
    state: State,
    moved: Touched,
    entries: Vec<EntryRow>,
    hashes: Vec<Hash>,
    used: BTreeMap<String, (Vec<u8>, u64, Option<u64>)>,
    taken: BTreeSet<String>,
    keys: Vec<IdempotencyRow>,
    retries: BTreeMap<DeliveryId, Timestamp>,
    traces: BTreeMap<DeliveryId, String>,
    handed: BTreeSet<DeliveryId>,
    done: Vec<bool>,
    /// What the newest head is signed under.
    origin: String,
}

impl Work {
    fn on(found: &Found, now: Now, size: u64) -> Result<Self, StoreError> {
        let mut used = BTreeMap::new();
        for row in &found.keys {
            let seen = (row.request_hash.clone(), to_u64(row.entry_index)?, Some(to_u64(row.tree_size)?));
            used.insert(row.key.clone(), seen);
        }
        Ok(Self {
            now,
            next: size,
            state: found.state()?,
            moved: Touched::default(),
            entries: Vec::new(),
            hashes: Vec::new(),
            used,
            taken: found.references.iter().cloned().collect(),
            keys: Vec::new(),
            retries: BTreeMap::new(),
            traces: BTreeMap::new(),
            handed: BTreeSet::new(),
            done: Vec::new(),
            origin: String::new(),
        })
    }

    fn take(&mut self, order: &Order, context: &Context<'_>) -> Result<Verdict, StoreError> {
        let verdict = match self.seen_before(order) {
            Some(verdict) => verdict,
            None if self.reference_clash(order) => Verdict::Refused(Refusal::IdTaken),
            None if self.is_erased(order) => Verdict::Refused(Refusal::Erased),
            None if self.is_beside(order) => {
                Verdict::Refused(Refusal::VersionConflict { current: self.next })
            }
            None => match decide(&self.state, &order.command, context.rules, self.now) {
                Err(refusal) => Verdict::Refused(refusal),
                Ok(events) => self.enter(order, order.command.entries(events, self.now))?,
            },
        };
        self.done.push(matches!(verdict, Verdict::Done { .. }));
        Ok(verdict)
    }

    fn seen_before(&self, order: &Order) -> Option<Verdict> {
        let asked = order.idempotency.as_ref()?;
        let (hash, index, size) = self.used.get(&asked.key)?;
        if hash.as_slice() != asked.request_hash.as_slice() {
            return Some(Verdict::KeyReused);
        }
        // The same key twice in one batch: its tree size is known only when the batch is whole.
        Some(Verdict::Replayed { index: *index, size: size.unwrap_or(u64::MAX) })
    }

    /// An epoch goes on from the newest entry of the one before it, or it is none.
    fn is_beside(&self, order: &Order) -> bool {
        match &order.command.action {
            Action::BeginEpoch(asked) => asked.kept != self.next || asked.before != self.origin,
            _ => false,
        }
    }

    /// How the ledger is signed once this is written.
    fn standing(&self, before: Arc<Standing>, context: &Context<'_>) -> Result<Arc<Standing>, StoreError> {
        let signs = |key: &&RegisterKey| matches!(key, RegisterKey::LedgerEpoch(_) | RegisterKey::NoteKey(_));
        let mut moved = self.moved.registers.iter().filter(signs).peekable();
        if moved.peek().is_none() {
            return Ok(before);
        }
        context.ring.after(&before, moved.filter_map(|key| self.state.registers.get(key)))
    }

    /// INVARIANT: a case that is erased begins to use no key, or something of it would outlive its erasure.
    fn is_erased(&self, order: &Order) -> bool {
        let case = order.case_key.as_ref().and_then(|used| self.state.cases.get(&used.case));
        case.is_some_and(|case| case.erased.is_some())
    }

    /// A new case whose spoken reference another case already has.
    fn reference_clash(&self, order: &Order) -> bool {
        let new = match &order.command.action {
            Action::Submit(asked) if asked.open_case => asked.case,
            Action::AskIdentity(asked) if asked.open_case => asked.case,
            _ => return false,
        };
        !self.state.cases.contains_key(&new) && self.taken.contains(CaseReference::of(new).as_str())
    }

    fn enter(&mut self, order: &Order, mut entries: Vec<Entry>) -> Result<Verdict, StoreError> {
        let (index, first) = (self.next, self.entries.len());
        self.handed.extend(&order.handed);
        if entries.len() > 2 && failpoint::planted("recipient-dropped") {
            entries.pop();
        }
        if matches!(&order.command.action, Action::Outcome(_)) && failpoint::planted("outcome-entered-twice")
        {
            entries.extend_from_within(..);
        }
        for entry in &entries {
            let leaf = entry.to_leaf()?;
            let moved = apply(&mut self.state, entry);
            self.moved.merge(&moved);
            if let Some(trace) = &order.trace {
                self.traces.extend(moved.deliveries.iter().map(|id| (*id, trace.clone())));
            }
            let hash =
                ledger::leaf_hash(if failpoint::planted("leaf-hash-of-another") { &[] } else { &leaf });
            let (case_id, referral_id) = load::belongs(&self.state, &entry.event).columns();
            self.entries.push(EntryRow {
                idx: to_i64(self.next)?,
                leaf,
                hash: hash.to_vec(),
                kind: load::kind(&entry.event).to_owned(),
                case_id,
                referral_id,
            });
            self.hashes.push(hash);
            self.next = self.next.saturating_add(1);
            if let (Event::Delivery(step), Some(at)) = (&entry.event, order.retry_at) {
                self.retries.insert(step.delivery, at);
            }
        }
        if let Some(asked) = &order.idempotency {
            self.used.insert(asked.key.clone(), (asked.request_hash.to_vec(), index, None));
            self.keys.push(IdempotencyRow {
                key: asked.key.clone(),
                request_hash: asked.request_hash.to_vec(),
                entry_index: to_i64(index)?,
                tree_size: 0,
            });
        }
        let leaf = self.entries.get(first).map(|row| row.leaf.clone()).unwrap_or_default();
        Ok(Verdict::Done { index, entries, leaf })
    }

    fn changes(&mut self, orders: &[Order], context: &Context<'_>) -> Result<Changes, StoreError> {
        let size = to_i64(self.next)?;
        if failpoint::planted("tail-leaf-dropped") {
            self.entries.pop();
        }
        if failpoint::planted("idempotency-row-missing") {
            self.keys.clear();
        }
        for key in &mut self.keys {
            key.tree_size = size;
        }
        let done: Vec<&Order> =
            orders.iter().zip(&self.done).filter(|(_, done)| **done).map(|(order, _)| order).collect();
        let mut changes = Changes {
            entries: std::mem::take(&mut self.entries),
            keys: std::mem::take(&mut self.keys),
            bodies: bodies(&done),
            case_keys: case_keys(&done),
            fact_steps: self.fact_steps(&done),
            cases: load::rows(&self.moved.cases, &self.state.cases)?,
            deliveries: load::rows(&self.moved.deliveries, &self.state.deliveries)?,
            checks: load::rows(&self.moved.checks, &self.state.checks)?,
            registers: load::rows(&self.moved.registers, &self.state.registers)?,
            ..Changes::default()
        };
        if !failpoint::planted("state-not-written") {
            changes.referrals = load::rows(&self.moved.referrals, &self.state.referrals)?;
        }
        self.facts(&done, &mut changes)?;
        self.outbox(context.clock.real(), &mut changes);
        Ok(changes)
    }

    /// What is in flight stands in the outbox; what rests does not.
    fn outbox(&self, real: Timestamp, changes: &mut Changes) {
        for id in &self.moved.deliveries {
            let Some(delivery) = self.state.deliveries.get(id) else { continue };
            if !delivery.status.in_flight() || delivery.status == DeliveryStatus::Held {
                changes.resting.push(id.to_string());
                continue;
            }
            if delivery.attempts == 0 && failpoint::planted("outbox-row-dropped") {
                continue;
            }
            let claimed = delivery.status == DeliveryStatus::Sent;
            let ready = self.retries.get(id).copied().unwrap_or(real);
            changes.outbox.push(OutboxRow {
                delivery_id: id.to_string(),
                to_agency: delivery.to.to_string(),
                emergency: delivery.priority == Priority::Emergency,
                ready_at: ready.micros(),
                relayed_at: (!claimed && self.handed.contains(id)).then(|| real.micros()),
                lease_until: claimed.then(|| real.plus_seconds(ATTEMPT_LEASE_SECONDS).micros()),
                trace: self.traces.get(id).cloned(),
                confirmed: false,
            });
        }
    }

    fn facts(&self, done: &[&Order], changes: &mut Changes) -> Result<(), StoreError> {
        for fact in done.iter().flat_map(|order| &order.facts) {
            changes.facts.push(FactStored {
                id: fact.fact.to_string(),
                month: fact.fact.month(),
                service: fact.service.to_string(),
                priority: fact.priority.as_str().to_owned(),
                to_agency: fact.to.to_string(),
                dimensions: serde_json::to_string(&fact.dimensions)?,
                accepted_minutes: None,
                first_action_minutes: None,
                closed_minutes: None,
                outcome: None,
            });
            changes.fact_links.push(FactLinkRow {
                referral_id: fact.referral.to_string(),
                case_id: fact.link.case.to_string(),
                key_id: fact.link.key.to_string(),
                object_id: fact.link.object.to_string(),
                sealed: fact.link.sealed.clone(),
            });
        }
        Ok(())
    }

    fn fact_steps(&self, done: &[&Order]) -> Vec<FactStepRow> {
        let row = |step: &crate::FactStep| {
            let referral = self.state.referrals.get(&step.referral)?;
            let minutes = self.now.at.minutes_since(referral.requested);
            Some(FactStepRow { fact: step.fact.to_string(), minutes, step: step.step.clone() })
        };
        done.iter().filter_map(|order| order.fact_step.as_ref()).filter_map(row).collect()
    }
}

fn bodies(done: &[&Order]) -> Vec<BodyRow> {
    let row = |body: &crate::SealedBody| BodyRow {
        object_id: body.object.to_string(),
        case_id: body.case.to_string(),
        key_id: body.key.to_string(),
        schema: body.schema.clone(),
        sealed: body.sealed.clone(),
    };
    done.iter().filter_map(|order| order.body.as_ref()).map(row).collect()
}

fn case_keys(done: &[&Order]) -> Vec<CaseKeyRow> {
    let row = |used: &crate::CaseKeyUse| CaseKeyRow {
        case_id: used.case.to_string(),
        key_id: used.key.to_string(),
    };
    done.iter().filter_map(|order| order.case_key.as_ref()).map(row).collect()
}
