//! What counts now of the small books, kept in memory: what is switched off, what is wrong, which policies
//! are in force. Read anew and whole once a second, and at once after a commit of this process; so another
//! hub's word is obeyed a second later. While the database does not answer, what was read last counts. Who
//! an agency's people are is looked up one by one (`who_acts.rs`): there may be any number of them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use casework::{
    AgencyCode, Incident, IncidentKey, MessageKind, PolicySet, Register, SuspectLedger, Suspicion, Switch,
};
use tokio::sync::Mutex;

use crate::who_acts::WhoActs;
use crate::{Hub, HubError};

/// Between two reads.
const READ_EVERY: Duration = Duration::from_secs(1);

/// The registers as this process knows them.
#[derive(Debug, Default)]
pub struct Registers {
    kept: RwLock<Option<(Option<Instant>, Arc<Kept>)>>,
    /// One reads, the others wait for it.
    turn: Mutex<()>,
    /// That the ledger is suspect, where it could not be written down yet.
    pub(crate) doubt: std::sync::Mutex<Option<SuspectLedger>>,
    pub(crate) who_acts: WhoActs,
}

/// What counts now.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub incidents: BTreeMap<IncidentKey, Incident>,
    pub switches: Vec<Switch>,
    /// The set that two people put in force.
    pub policies: Option<PolicySet>,
    /// Why nothing is shown.
    pub suspicions: Vec<Suspicion>,
}

impl Kept {
    fn of(rows: Vec<Register>) -> Self {
        let mut kept = Self::default();
        for row in rows {
            match row {
                Register::Incident(held) => _ = kept.incidents.insert(held.key(), held),
                Register::Switch(held) => kept.switches.push(held),
                Register::PolicySet(held) => kept.policies = Some(held),
                Register::Suspicion(held) => kept.suspicions.push(held),
                Register::Person(_)
                | Register::Approval(_)
                | Register::BreakGlass(_)
                | Register::Suspension(_)
                | Register::Hold(_)
                | Register::Erasure(_)
                | Register::ErasureCopy(_)
                | Register::LedgerEpoch(_)
                | Register::NoteKey(_)
                | Register::RetentionSchedule(_) => {}
            }
        }
        kept
    }

    /// The switch that keeps this kind of message from an agency.
    pub fn switch(&self, to: &AgencyCode, message: MessageKind) -> Option<&Switch> {
        let covers = |held: &&Switch| held.agency == *to && held.message.is_none_or(|kind| kind == message);
        self.switches.iter().find(covers)
    }

    /// Is nothing at all to go there?
    pub fn is_cut_off(&self, agency: &AgencyCode) -> bool {
        self.switches.iter().any(|held| held.agency == *agency && held.message.is_none())
    }
}

impl Registers {
    /// What was read last, however long ago; for who cannot wait for a read.
    pub(crate) fn last(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, kept)| Arc::clone(kept))
    }

    fn fresh(&self) -> Option<Arc<Kept>> {
        let held = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (read, kept) = held.as_ref()?;
        read.is_some_and(|read| read.elapsed() < READ_EVERY).then(|| Arc::clone(kept))
    }

    fn put(&self, kept: &Arc<Kept>) {
        let mut held = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        *held = Some((Some(Instant::now()), Arc::clone(kept)));
    }

    /// Something was written: the next look reads.
    fn forget(&self) {
        if let Some((read, _)) = self.kept.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            *read = None;
        }
    }
}

impl Hub {
    /// What counts now.
    pub(crate) async fn kept(&self) -> Result<Arc<Kept>, HubError> {
        if let Some(kept) = self.registers.fresh() {
            return Ok(kept);
        }
        let _turn = self.registers.turn.lock().await;
        if let Some(kept) = self.registers.fresh() {
            return Ok(kept);
        }
        let kept = match (self.store.open_registers().await, self.registers.last()) {
            (Ok(rows), _) => Arc::new(Kept::of(rows)),
            (Err(error), Some(kept)) => {
                tracing::warn!(%error, "the registers could not be read; what was read last counts");
                kept
            }
            (Err(error), None) => return Err(error.into()),
        };
        self.registers.put(&kept);
        Ok(kept)
    }

    /// After a commit that wrote into a register.
    pub(crate) fn registers_moved(&self) {
        self.registers.forget();
        self.registers.who_acts.forget();
    }
}
