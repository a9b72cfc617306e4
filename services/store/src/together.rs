//! What a commit asks the database first, all at once with its beginning, and what it writes at its end, all
//! at once. So a commit is three trips to a server, however much it does; each engine runs both in its own
//! `together`.

use casework::{CaseReference, State, Touched};

use crate::clock::Moment;
use crate::engine::{Conn, Engine};
use crate::load::parse;
use crate::rows::{
    BodyRow, CaseKeyRow, CaseRow, CheckRow, DeliveryRow, EntryRow, FactLinkRow, FactStored, HeadRow,
    IdempotencyRow, NodeRow, OutboxRow, ReferralRow, RegisterRow,
};
use crate::{Order, Step, StoreError, postgres, sqlite};

/// What some orders touch, by id; nothing is asked for where a list is empty.
#[derive(Default)]
pub struct Asked {
    pub cases: Vec<String>,
    pub referrals: Vec<String>,
    pub deliveries: Vec<String>,
    pub checks: Vec<String>,
    pub registers: Vec<String>,
    /// Idempotency keys.
    pub keys: Vec<String>,
    /// Spoken references that new cases would get.
    pub references: Vec<String>,
}

impl Asked {
    pub fn of(orders: &[Order]) -> Self {
        let mut touched = Touched::default();
        for order in orders {
            touched.merge(&casework::touches(&order.command));
            touched.referrals.extend(order.fact_step.as_ref().map(|step| step.referral));
            touched.cases.extend(order.case_key.as_ref().map(|used| used.case));
        }
        let keys = orders.iter().filter_map(|order| order.idempotency.as_ref());
        Self {
            references: touched.cases.iter().map(|id| CaseReference::of(*id).to_string()).collect(),
            cases: touched.cases.iter().map(ToString::to_string).collect(),
            referrals: touched.referrals.iter().map(ToString::to_string).collect(),
            deliveries: touched.deliveries.iter().map(ToString::to_string).collect(),
            checks: touched.checks.iter().map(ToString::to_string).collect(),
            registers: touched.registers.iter().map(ToString::to_string).collect(),
            keys: keys.map(|held| held.key.clone()).collect(),
        }
    }
}

/// What the database has of it.
#[derive(Default)]
pub struct Found {
    /// `None` where the engine has no clock of its own.
    pub moment: Option<Moment>,
    pub head: Option<HeadRow>,
    pub cases: Vec<CaseRow>,
    pub referrals: Vec<ReferralRow>,
    pub deliveries: Vec<DeliveryRow>,
    pub checks: Vec<CheckRow>,
    pub registers: Vec<RegisterRow>,
    pub keys: Vec<IdempotencyRow>,
    pub references: Vec<String>,
}

impl Found {
    /// The touched part of the state; a new thing is simply not in it.
    pub fn state(&self) -> Result<State, StoreError> {
        let mut state = State::default();
        for row in &self.referrals {
            let referral: casework::Referral = parse(&row.state)?;
            state.referrals.insert(referral.id, referral);
        }
        for row in &self.deliveries {
            let delivery: casework::Delivery = parse(&row.state)?;
            state.deliveries.insert(delivery.id, delivery);
        }
        for row in &self.cases {
            let case: casework::Case = parse(&row.state)?;
            state.cases.insert(case.id, case);
        }
        for row in &self.checks {
            let check: casework::IdentityCheck = parse(&row.state)?;
            state.checks.insert(check.id, check);
        }
        for row in &self.registers {
            let held: casework::Register = parse(&row.state)?;
            state.registers.insert(held.key(), held);
        }
        Ok(state)
    }
}

/// A point of time in a referral's statistics, and after how many minutes it came; set once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactStepRow {
    pub fact: String,
    pub minutes: i64,
    pub step: Step,
}

/// Everything a commit changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub entries: Vec<EntryRow>,
    pub keys: Vec<IdempotencyRow>,
    pub bodies: Vec<BodyRow>,
    pub case_keys: Vec<CaseKeyRow>,
    pub facts: Vec<FactStored>,
    pub fact_links: Vec<FactLinkRow>,
    pub cases: Vec<CaseRow>,
    pub referrals: Vec<ReferralRow>,
    pub deliveries: Vec<DeliveryRow>,
    pub checks: Vec<CheckRow>,
    pub registers: Vec<RegisterRow>,
    pub outbox: Vec<OutboxRow>,
    pub nodes: Vec<NodeRow>,
    pub heads: Vec<HeadRow>,
    pub fact_steps: Vec<FactStepRow>,
    /// Deliveries that leave the outbox.
    pub resting: Vec<String>,
}

impl Conn {
    /// Begins a write transaction and asks, behind its lock.
    pub(crate) fn begin_asking(&mut self, asked: &Asked, offset_cursor: &str) -> Result<Found, StoreError> {
        Ok(match &mut self.engine {
            Engine::Sqlite(conn) => {
                sqlite::begin_write(conn)?;
                sqlite::together::ask(conn, asked)?
            }
            Engine::Postgres(link) => postgres::together::begin_asking(link, asked, offset_cursor)?,
        })
    }

    /// Writes; the first statement that fails is the error.
    pub(crate) fn write(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let written = match &mut self.engine {
            Engine::Sqlite(conn) => sqlite::together::write(conn, changes),
            Engine::Postgres(link) => postgres::together::write(link, changes),
        };
        Ok(written?)
    }
}
