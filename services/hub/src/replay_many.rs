//! Many dead letters sent again at once, once their common cause is mended: each by a command of its own,
//! under its own delivery id, with the next attempt. One that cannot be sent again is named and hinders no
//! other.

use casework::{
    Action, AgencyCode, Caller, Code, Command, Delivery, DeliveryId, MessageKind, Permit, Replay,
};
use policies::Act;
use serde::{Deserialize, Serialize};
use store::{Committed, Idempotency, Lane, Order};

use crate::manage_dead_letters::{DeadLetter, settles};
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, Problem};

/// Letters of one answer at most, and unless the caller says otherwise.
const LETTERS_MAX: u32 = 200;
/// Letters looked at for one answer.
const LOOKED_AT_MAX: usize = 5_000;
/// What took three workers with it is sent again only where it is asked for by this reason.
const POISONED: &str = "poisoned";

/// Which of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayAsked {
    /// Only those that rest for this reason.
    #[serde(default)]
    pub reason: Option<Code>,
    /// Only those for this agency.
    #[serde(default)]
    pub to: Option<AgencyCode>,
    /// Only those that carry this, `referral.request`.
    #[serde(default)]
    pub message: Option<String>,
    /// At most so many, 1 to 200.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// What became of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Replayed {
    /// On their way again.
    pub replayed: Vec<DeadLetter>,
    /// Not, and why.
    pub refused: Vec<NotReplayed>,
    /// Are there more? Then ask again, with another key.
    pub more: bool,
}

/// One that stays where it is.
#[derive(Debug, Clone, Serialize)]
pub struct NotReplayed {
    /// Which.
    pub id: DeliveryId,
    /// The problem, as `POST /v1/dead-letters/{id}/replay` would name it.
    pub problem: &'static str,
}

impl Hub {
    /// Sends the caller's dead letters again that fit; an operator's are everybody's.
    ///
    /// # Errors
    /// Where policies are in doubt or the store fails; what was replayed until then is on its way.
    pub async fn replay_many(
        &self,
        caller: &Caller,
        asked: &ReplayAsked,
        key: &Key,
    ) -> Result<Replayed, HubError> {
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let known = |message: &String| MessageKind::ALL.iter().any(|kind| kind.schema_name() == *message);
        if !asked.message.as_ref().is_none_or(known) {
            let detail = "no message of this hub; they are named like `referral.request`";
            return Err(Problem::at("unknown-code", "/message".to_owned(), detail).into());
        }
        let bytes = serde_json::to_vec(asked).map_err(store::StoreError::from)?;
        let once = idempotency(caller, key, "POST /v1/dead-letters/replay", &bytes);
        let limit = asked.limit.unwrap_or(LETTERS_MAX).clamp(1, LETTERS_MAX);
        let (fitting, more) = self.fitting(caller, asked, limit).await?;
        let mut done = Replayed { more, ..Replayed::default() };
        for held in fitting {
            match self.replay_one(caller, &permit, &once, held.id).await {
                Ok(()) => {
                    self.note_settled(&held).await;
                    let now = self.store.delivery(held.id).await?.unwrap_or(held);
                    done.replayed.push(self.versioned(caller, &now).await?);
                }
                Err(HubError::Refused(refusal)) => {
                    let problem = HubError::Refused(refusal).slug();
                    done.refused.push(NotReplayed { id: held.id, problem });
                }
                Err(error) => return Err(error),
            }
        }
        self.bell.notify_one();
        Ok(done)
    }

    /// Those that fit, and whether there are more.
    async fn fitting(
        &self,
        caller: &Caller,
        asked: &ReplayAsked,
        limit: u32,
    ) -> Result<(Vec<Delivery>, bool), HubError> {
        let of = (!caller.has_role("operator")).then(|| caller.agency.clone());
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut after, mut looked) = (Vec::new(), None, 0_usize);
        loop {
            let page = self.store.dead_letters(of.clone(), after, LETTERS_MAX).await?;
            let Some(last) = page.last() else { return Ok((found, false)) };
            (after, looked) = (Some(last.id), looked.saturating_add(page.len()));
            for held in page.into_iter().filter(|held| settles(caller, held) && fits(asked, held)) {
                if found.len() >= wanted {
                    return Ok((found, true));
                }
                found.push(held);
            }
            if looked >= LOOKED_AT_MAX {
                return Ok((found, true));
            }
        }
    }

    async fn replay_one(
        &self,
        caller: &Caller,
        permit: &Permit,
        once: &Idempotency,
        id: DeliveryId,
    ) -> Result<(), HubError> {
        let (actor, via, action) = (caller.actor, caller.via, Action::Replay(Replay { delivery: id }));
        let command = Command { actor, via, permit: Some(permit.clone()), commitment: None, action };
        let mut order = Order::plain(command, Lane::Outcomes);
        // One key for the whole request: each letter has its own under it, so that none is sent twice.
        order.idempotency =
            Some(Idempotency { key: format!("{}/{id}", once.key), request_hash: once.request_hash });
        order.trace = crate::trace_context::current();
        match self.store.commit(order).await? {
            Committed::Done(_) | Committed::Replayed { .. } => Ok(()),
            Committed::KeyReused => Err(key_reused()),
            Committed::Refused(refusal) => Err(refusal.into()),
        }
    }
}

fn fits(asked: &ReplayAsked, held: &Delivery) -> bool {
    let poisoned = held.reason.as_ref().is_some_and(|reason| reason.as_str() == POISONED);
    asked.to.as_ref().is_none_or(|to| *to == held.to)
        && asked.message.as_ref().is_none_or(|message| *message == held.message.schema_name())
        && match &asked.reason {
            Some(reason) => held.reason.as_ref() == Some(reason),
            None => !poisoned,
        }
}
