//! What two people ordered is done: the case's keys are destroyed, then that is entered. Each step may be
//! repeated, so a hub that starts anew, or another one, goes on wherever somebody stopped.

use std::collections::BTreeSet;

use casework::{
    Action, AgencyCode, CaseId, Erasure, ErasureStatus, ErasureTurn, Event, MoveErasure, Register,
    RegisterKey,
};
use store::{Committed, Erasable, Lane, Order, StoreError};

use crate::{Hub, HubError};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// This hub, now.
    Here,
    /// It was finished or called off before.
    Before,
}

impl Hub {
    /// Finishes every erasure that was ordered; how many. One that fails keeps no other back, and comes
    /// again.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn finish_erasures(&self) -> Result<usize, HubError> {
        let mut done = 0_usize;
        for held in self.store.ordered_erasures().await? {
            let case = held.case;
            match self.finish_erasure(&held).await {
                Ok(Finished::Here) => done = done.saturating_add(1),
                Ok(Finished::Before) => {}
                Err(error) => {
                    tracing::error!(%case, problem = error.slug(), "an erasure is not done; tried again");
                }
            }
        }
        Ok(done)
    }

    /// Goes on with one of a list that may be old: each takes its time, and another hub works on it too.
    ///
    /// # Errors
    /// Where a store fails, and where rows do not fit the entries: then nothing is destroyed.
    pub async fn finish_erasure(&self, held: &Erasure) -> Result<Finished, HubError> {
        // INVARIANT: no key is destroyed because a row says so: the order is an entry of two people's.
        match self.store.erasure_entered(held.case).await? {
            Some(ErasureStatus::ErasureOrdered) => {}
            Some(ErasureStatus::Erased | ErasureStatus::CalledOff) => return Ok(Finished::Before),
            None if !self.is_ordered(held.case).await? => return Ok(Finished::Before),
            None => {
                self.unentered_erasure(held.case).await;
                let why = format!("the erasure of {} is ordered by a row and by no entry", held.case);
                return Err(StoreError::LedgerSuspect(why).into());
            }
        }
        // INVARIANT: looked at after the order, since when nothing can come into the case: a child whose
        // referral came in the moment before is not forgotten.
        if self.is_open(held.case).await? {
            tracing::warn!(case = %held.case, "an erasure is called off: something of the case is open");
            self.erasure_moves(held.case, ErasureTurn::CallOff).await?;
            return Ok(Finished::Here);
        }
        failpoint::here("S14-ordered");
        let keys = match self.store.erasable(held.case).await? {
            Erasable::Keys(keys) => keys,
            Erasable::InDoubt(why) => {
                self.erasure_in_doubt(held.case, why).await;
                return Err(StoreError::LedgerSuspect(format!("{}: {why}", held.case)).into());
            }
        };
        // Behind the look: one that stays in doubt does not rewrite the statistics with each sweep.
        self.store.mix_statistics().await?;
        let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        if !failpoint::planted("erased-without-destroying") {
            self.store.keys().destroy(keys).await?;
        }
        failpoint::here("S14");
        let shown = self.shown_of(held).await?;
        self.erasure_moves(held.case, ErasureTurn::Erased { keys: count, shown }).await?;
        failpoint::here("S14-entered");
        tracing::info!(case = %held.case, keys = count, "a case was erased");
        Ok(Finished::Here)
    }

    /// Does its row still say so?
    async fn is_ordered(&self, case: CaseId) -> Result<bool, HubError> {
        let row = self.store.register(&RegisterKey::Erasure(case)).await?;
        Ok(matches!(row, Some(Register::Erasure(held)) if held.status == ErasureStatus::ErasureOrdered))
    }

    /// Another hub may have been faster.
    async fn erasure_moves(&self, case: CaseId, turn: ErasureTurn) -> Result<(), HubError> {
        let action = Action::MoveErasure(MoveErasure { case, turn });
        match self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await? {
            Committed::Refused(casework::Refusal::NothingToDo) | Committed::Done(_) => Ok(()),
            Committed::Refused(refusal) => Err(refusal.into()),
            Committed::Replayed { .. } | Committed::KeyReused => Ok(()),
        }
    }

    /// Who was shown something of the case: an attempt counts, whatever came of it, and so does a look
    /// through a broken glass or by any other read.
    async fn shown_of(&self, held: &Erasure) -> Result<Vec<AgencyCode>, HubError> {
        let mut shown = BTreeSet::new();
        for referral in self.store.referrals_of_case(held.case).await? {
            let letters = self.store.deliveries_of(referral.id).await?;
            shown.extend(letters.into_iter().filter(|letter| letter.attempts > 0).map(|letter| letter.to));
        }
        shown.extend(self.lookers_at(held.case).await?);
        shown.remove(&held.agency);
        shown.remove(&AgencyCode::hub());
        Ok(shown.into_iter().collect())
    }

    /// Whose people or systems looked, and were shown personal data.
    async fn lookers_at(&self, case: CaseId) -> Result<BTreeSet<AgencyCode>, HubError> {
        let (mut lookers, mut before) = (BTreeSet::new(), None);
        loop {
            let page = self.store.seen_of_case(case, before).await?;
            for found in &page {
                if let Event::Read(look) = &found.found.entry.event
                    && !look.categories.is_empty()
                {
                    lookers.insert(look.agency.clone());
                }
            }
            match page.last().filter(|_| page.len() >= store::SEEN_MAX) {
                Some(oldest) => before = Some(oldest.found.index),
                None => return Ok(lookers),
            }
        }
    }
}
