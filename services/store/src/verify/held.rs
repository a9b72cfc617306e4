//! The state along the walk, as little of it as may still move: what came to its end is settled, which leaves
//! nothing of it but a share in a sum. What moves again after its end is read again from its own entries.
//!
//! It never believes itself: an entry that moves something which no earlier entry made leaves it in doubt,
//! and then everything is compared row by row.

use std::collections::{BTreeMap, BTreeSet};

use casework::{
    CaseId, CheckId, CheckStatus, Delivery, DeliveryId, Entry, Event, Referral, ReferralId, State, advance,
};

use super::past::Past;
use super::sums::{Bucket, Sums, bucket};
use super::tables::StateRow;
use crate::StoreError;
use crate::load;
use crate::place::Place;
use crate::rows::seen::SeenEntry;
use crate::rows::{CaseRow, CheckRow, DeliveryRow, ReferralRow};

/// What is held although it came to its end.
pub enum Keep {
    Nothing,
    /// Whatever lies in these buckets.
    Only(BTreeSet<Bucket>),
    Everything,
}

impl Keep {
    pub fn wants<R: StateRow>(&self, id: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Only(buckets) => buckets.contains(&bucket::<R>(id)),
            Self::Everything => true,
        }
    }
}

/// What is open.
pub struct Held {
    pub state: State,
    pub sums: Sums,
    /// Something moved that is not known, so that the sums prove nothing.
    pub in_doubt: bool,
    pub keep: Keep,
    /// Things held at once, at most.
    pub most: usize,
    past: Past,
    /// Referrals of each case that are not closed.
    open: BTreeMap<CaseId, BTreeSet<ReferralId>>,
}

impl Held {
    pub fn new(place: &Place, keep: Keep) -> Self {
        Self {
            state: State::default(),
            sums: Sums::new(),
            in_doubt: false,
            most: 0,
            keep,
            past: Past::new(place),
            open: BTreeMap::new(),
        }
    }

    /// Moves along an entry; whether the columns beside it fit it.
    pub fn follow(&mut self, row: &SeenEntry, entry: &Entry) -> Result<bool, StoreError> {
        if !self.in_doubt && !matches!(self.keep, Keep::Everything) {
            self.recall(row, &entry.event)?;
        }
        advance(&mut self.state, entry);
        self.most = self.most.max(self.count());
        let belongs = load::belongs(&self.state, &entry.event);
        let fits = belongs.is(row.case(), row.referral()) && row.kind.as_str() == load::kind(&entry.event);
        if !matches!(self.keep, Keep::Everything) {
            self.let_go(&entry.event)?;
        }
        Ok(fits)
    }

    fn count(&self) -> usize {
        let State { cases, referrals, deliveries, checks, registers } = &self.state;
        let of_referrals = referrals.len().saturating_add(deliveries.len());
        cases.len().saturating_add(of_referrals).saturating_add(checks.len()).saturating_add(registers.len())
    }

    /// Whatever the entry moves is held when it does.
    fn recall(&mut self, row: &SeenEntry, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::Created(made) | Event::Drafted(made) => self.recall_case(made.case, row.idx),
            Event::Moved(step) => {
                self.recall_referral(step.referral, row.idx)?;
                step.case.map_or(Ok(()), |case| self.recall_case(case, row.idx))
            }
            Event::Overdue(step) => {
                self.recall_referral(step.referral, row.idx)?;
                step.of.map_or(Ok(()), |letter| self.recall_letter(letter, Some(step.referral), row.idx))
            }
            Event::Delivery(step) => {
                let of = row.referral().and_then(|id| id.parse().ok());
                self.recall_letter(step.delivery, of, row.idx)
            }
            Event::Register(moved) => {
                moved.moves_case().map_or(Ok(()), |case| self.recall_case(case, row.idx))
            }
            Event::Identity(step) if step.status != CheckStatus::Asked => {
                self.recall_check(step.check, step.case, row.idx)
            }
            _ => Ok(()),
        }
    }

    fn recall_case(&mut self, id: CaseId, before: i64) -> Result<(), StoreError> {
        if self.state.cases.contains_key(&id) {
            return Ok(());
        }
        let mut past = self.past.of_case(id, before)?.unwrap_or_default();
        self.in_doubt |= !again::<CaseRow>(&mut past.cases, &mut self.state.cases, id, &mut self.sums)?;
        Ok(())
    }

    fn recall_referral(&mut self, id: ReferralId, before: i64) -> Result<(), StoreError> {
        if self.state.referrals.contains_key(&id) {
            return Ok(());
        }
        let mut past = self.past.of_referral(id, before)?.unwrap_or_default();
        let held = &mut self.state.referrals;
        self.in_doubt |= !again::<ReferralRow>(&mut past.referrals, held, id, &mut self.sums)?;
        if let Some(case) = self.state.referrals.get(&id).map(|referral| referral.case) {
            self.open.entry(case).or_default().insert(id);
        }
        Ok(())
    }

    fn recall_letter(
        &mut self,
        id: DeliveryId,
        of: Option<ReferralId>,
        before: i64,
    ) -> Result<(), StoreError> {
        if self.state.deliveries.contains_key(&id) {
            return Ok(());
        }
        let past = of.map(|referral| self.past.of_referral(referral, before)).transpose()?.flatten();
        let (mut past, held) = (past.unwrap_or_default(), &mut self.state.deliveries);
        self.in_doubt |= !again::<DeliveryRow>(&mut past.deliveries, held, id, &mut self.sums)?;
        Ok(())
    }

    fn recall_check(&mut self, id: CheckId, of: CaseId, before: i64) -> Result<(), StoreError> {
        if self.state.checks.contains_key(&id) {
            return Ok(());
        }
        let mut past = self.past.of_case(of, before)?.unwrap_or_default();
        self.in_doubt |= !again::<CheckRow>(&mut past.checks, &mut self.state.checks, id, &mut self.sums)?;
        Ok(())
    }

    /// Whatever the entry brought to its end is settled.
    fn let_go(&mut self, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::Created(made) | Event::Drafted(made) => {
                self.open.entry(made.case).or_default().insert(made.referral);
                Ok(())
            }
            Event::Moved(step) => self.let_referral_go(step.referral),
            Event::Overdue(step) => self.let_referral_go(step.referral),
            Event::Delivery(step) => {
                let over = self.state.deliveries.get(&step.delivery).is_some_and(is_over);
                if over {
                    settle::<DeliveryRow>(self, |state| &mut state.deliveries, step.delivery)
                } else {
                    Ok(())
                }
            }
            Event::Register(row) => {
                let over = row.moves_case().filter(|case| !self.open.contains_key(case));
                over.map_or(Ok(()), |case| settle::<CaseRow>(self, |state| &mut state.cases, case))
            }
            Event::Identity(step) if step.status != CheckStatus::Asked => {
                settle::<CheckRow>(self, |state| &mut state.checks, step.check)
            }
            _ => Ok(()),
        }
    }

    /// And with the last of them its case.
    fn let_referral_go(&mut self, id: ReferralId) -> Result<(), StoreError> {
        let closed = self.state.referrals.get(&id).filter(|held| held.closed());
        let Some(case) = closed.map(|held: &Referral| held.case) else { return Ok(()) };
        settle::<ReferralRow>(self, |state| &mut state.referrals, id)?;
        if let Some(open) = self.open.get_mut(&case) {
            open.remove(&id);
            if open.is_empty() {
                self.open.remove(&case);
                settle::<CaseRow>(self, |state| &mut state.cases, case)?;
            }
        }
        Ok(())
    }
}

/// Nothing follows that end.
fn is_over(held: &Delivery) -> bool {
    !held.status.in_flight() && !held.status.is_dead()
}

fn settle<R: StateRow>(
    held: &mut Held,
    of: impl FnOnce(&mut State) -> &mut BTreeMap<R::Id, R::Thing>,
    id: R::Id,
) -> Result<(), StoreError> {
    let things = of(&mut held.state);
    let Some(row) = things.get(&id).map(R::try_from).transpose()? else { return Ok(()) };
    if !held.keep.wants::<R>(row.id()) {
        held.sums.add(&row);
        things.remove(&id);
    }
    Ok(())
}

/// Held again, and no longer in the sum; whether it was found.
fn again<R: StateRow>(
    past: &mut BTreeMap<R::Id, R::Thing>,
    held: &mut BTreeMap<R::Id, R::Thing>,
    id: R::Id,
    sums: &mut Sums,
) -> Result<bool, StoreError> {
    let Some(thing) = past.remove(&id) else { return Ok(false) };
    let row = R::try_from(&thing)?;
    sums.take::<R>(row.id(), &row);
    held.insert(id, thing);
    Ok(true)
}
