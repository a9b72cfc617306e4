//! Deliveries that wait for a person: dead letters, and messages held at intake because the policies could
//! not be asked. Their owner (or the hub's operator) sees them, sends them again, or settles an unknown
//! outcome.

use casework::{
    Action, AgencyCode, Caller, Code, Command, Delivery, DeliveryId, ReferralId, Replay, Resolution, Resolve,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order};

use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, Problem};

/// How a person may have found out.
const REASONS: &str = "dead_letter_reasons.csv";
/// The role that may see every agency's dead letters.
const OPERATOR: &str = "operator";

/// A delivery that waits for a person. No message is shown.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLetter {
    /// Which delivery.
    pub id: DeliveryId,
    /// Its referral.
    pub referral: ReferralId,
    /// What is carried.
    pub message: &'static str,
    /// Whose message.
    pub from: AgencyCode,
    /// For whom.
    pub to: AgencyCode,
    /// `undeliverable`, `expired`, `held`; after replay or resolve where it went.
    pub status: &'static str,
    /// Why, coded.
    pub reason: Option<Code>,
    /// Who has to settle it.
    pub owner: Option<AgencyCode>,
    /// Attempts so far.
    pub attempts: u32,
    /// By when, RFC 3339; a proposed operating time.
    pub due: Option<String>,
    /// What the owner may do: `replay`, `resolve`, `discard` (by two people).
    pub actions: Vec<&'static str>,
    /// The schema its message follows, `referral.request/v1`; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The agency's mapping as it stands now, by which it is tried next; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
}

impl Hub {
    /// A page of the caller's dead letters, oldest first, and after which delivery the next page goes on; an
    /// operator's list has everybody's. `limit` is 1 to 200.
    ///
    /// # Errors
    /// Where policies are in doubt or the store fails.
    pub async fn list_dead_letters(
        &self,
        caller: &Caller,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<(Vec<DeadLetter>, Option<DeliveryId>), HubError> {
        self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let everybody = caller.has_role(OPERATOR);
        let of = (!everybody).then(|| caller.agency.clone());
        let found = self.store.dead_letters(of, after, limit).await?;
        let full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = found.last().filter(|_| full).map(|last| last.id);
        let hidden = |held: &&Delivery| held.attempts > 0 && failpoint::planted("dead-letter-hidden");
        let found = found.iter().filter(|held| !hidden(held));
        Ok((found.filter(|held| settles(caller, held)).map(|held| dead_letter(caller, held)).collect(), next))
    }

    /// Sends one again: the same delivery id, the next attempt.
    ///
    /// # Errors
    /// `outcome-unknown` where a person has to settle it first; `not-found` where it is not the caller's.
    pub async fn replay_dead_letter(
        &self,
        caller: &Caller,
        id: DeliveryId,
        key: &Key,
    ) -> Result<DeadLetter, HubError> {
        let action = Action::Replay(Replay { delivery: id });
        self.manage(caller, id, action, key, &format!("POST /v1/dead-letters/{id}/replay"), &[]).await
    }

    /// Settles an unknown outcome: delivered ends it, not delivered sends it again.
    ///
    /// # Errors
    /// `delivery-moved` where it waits for nobody; `not-found` where it is not the caller's.
    pub async fn resolve_dead_letter(
        &self,
        caller: &Caller,
        id: DeliveryId,
        resolution: Resolution,
        reason: Code,
        key: &Key,
    ) -> Result<DeadLetter, HubError> {
        self.known_code(REASONS, &reason)?;
        let asked = format!("{resolution:?} {reason}");
        let action = Action::Resolve(Resolve { delivery: id, resolution, reason });
        let route = format!("POST /v1/dead-letters/{id}/resolve");
        self.manage(caller, id, action, key, &route, asked.as_bytes()).await
    }

    /// A reason stands in the ledger for good, so it comes from the closed list.
    pub(crate) fn known_code(&self, list_name: &str, reason: &Code) -> Result<(), HubError> {
        let list = self.directory.codes(list_name).unwrap_or_default();
        if list.iter().any(|row| row.code == reason.as_str()) {
            return Ok(());
        }
        let codes: Vec<&str> = list.iter().map(|row| row.code.as_str()).collect();
        let detail = format!("not a code of codelists/{list_name}; there are {}", codes.join(", "));
        Err(Problem::at("unknown-code", "/reason".to_owned(), detail).into())
    }

    async fn manage(
        &self,
        caller: &Caller,
        id: DeliveryId,
        action: Action,
        key: &Key,
        route: &str,
        asked: &[u8],
    ) -> Result<DeadLetter, HubError> {
        // Whether this caller may at all comes first: it is told the same whatever there is.
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let held =
            self.store.delivery(id).await?.filter(|held| manages(caller, held)).ok_or_else(not_found)?;
        let (actor, via) = (caller.actor, caller.via);
        let command = Command { actor, via, permit: Some(permit), commitment: None, action };
        let mut order = Order::plain(command, Lane::Outcomes);
        order.idempotency = Some(idempotency(caller, key, route, asked));
        order.trace = crate::trace_context::current();
        match self.store.commit(order).await? {
            Committed::Done(_) | Committed::Replayed { .. } => {}
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        }
        self.let_next_go(&held).await;
        self.bell.notify_one();
        self.note_settled(&held).await;
        let now = self.store.delivery(held.id).await?.ok_or_else(not_found)?;
        self.versioned(caller, &now).await
    }

    /// With the schema of its message and the mapping by which it is tried next.
    pub(crate) async fn versioned(&self, caller: &Caller, held: &Delivery) -> Result<DeadLetter, HubError> {
        let schema = self.store.body(held.object).await?.map(|body| body.schema);
        let mapping = self.adapters.agency(&held.to).map(|agency| agency.mapping.clone());
        Ok(DeadLetter { schema, mapping, ..dead_letter(caller, held) })
    }
}

pub(crate) fn settles(caller: &Caller, held: &Delivery) -> bool {
    held.owner.as_ref() == Some(&caller.agency) || caller.has_role(OPERATOR)
}

/// A settled one has no owner any more, but a repeated request of its sender gets the same answer.
fn manages(caller: &Caller, held: &Delivery) -> bool {
    settles(caller, held) || held.from == caller.agency
}

pub(crate) fn dead_letter(caller: &Caller, held: &Delivery) -> DeadLetter {
    let unknown = held.reason.as_ref().is_some_and(|reason| reason.as_str() == "outcome-unknown");
    let actions = match held.status {
        casework::DeliveryStatus::Undeliverable if unknown => vec!["resolve"],
        casework::DeliveryStatus::Undeliverable | casework::DeliveryStatus::Expired => {
            vec!["replay", "resolve"]
        }
        casework::DeliveryStatus::Held => vec!["replay"],
        _ => Vec::new(),
    };
    // Its owner's people alone may give it up.
    let own = held.status.is_dead() && held.owner.as_ref() == Some(&caller.agency);
    let actions = actions.into_iter().chain(own.then_some("discard")).collect();
    DeadLetter {
        id: held.id,
        referral: held.referral,
        message: held.message.schema_name(),
        from: held.from.clone(),
        to: held.to.clone(),
        status: held.status.as_str(),
        reason: held.reason.clone(),
        owner: held.owner.clone(),
        attempts: held.attempts,
        due: held.clocks.first().map(|clock| clock.due.to_string()),
        actions,
        schema: None,
        mapping: None,
    }
}
