//! Incidents: what is wrong with an agency's line is noted once, when it begins, and once, when it is over,
//! however many messages meet it. Noting one never fails what was being done.

use adapters::Exchange;
use casework::{
    Action, AgencyCode, Caller, Code, Condition, Delivery, DeliveryStatus, Incident, IncidentKey,
    IncidentStatus, IncidentTurn, NoteIncident, Refusal, Register,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order};

use crate::approvals::by;
use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key};

/// The role that sees every agency's.
const OPERATOR: &str = "operator";
/// The class of an answer that refuses our credential (`adapters/src/protocols/verdict.rs`).
const CREDENTIALS: &str = "credentials";
/// Why a message is in quarantine (`casework/src/last_try.rs`).
const POISONED: &str = "poisoned";

/// An incident.
#[derive(Debug, Clone, Serialize)]
pub struct IncidentView {
    /// Its id: the condition, the agency, and the part of it.
    pub id: String,
    /// What is wrong.
    pub condition: Condition,
    /// With whom.
    pub agency: AgencyCode,
    /// With which part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Code>,
    /// `opened`, `recovered`, `closed`.
    pub status: IncidentStatus,
    /// Since when, RFC 3339.
    pub opened: String,
    /// Since when no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered: Option<String>,
    /// How often it was so.
    pub times: u32,
    /// What the caller may do: `close`.
    pub actions: Vec<&'static str>,
}

impl Hub {
    /// The incidents of the caller's agency; an operator sees all. 500 at most.
    ///
    /// # Errors
    /// Where policies are in doubt or the store fails.
    pub async fn list_incidents(
        &self,
        caller: &Caller,
        status: Option<IncidentStatus>,
    ) -> Result<Vec<IncidentView>, HubError> {
        self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let of = (!caller.has_role(OPERATOR)).then(|| caller.agency.clone());
        let rows = self.store.registers("incident", of).await?;
        let wanted = |held: &Incident| status.is_none_or(|status| held.status == status);
        Ok(rows.into_iter().filter_map(incident).filter(wanted).map(view).collect())
    }

    /// A person has seen to it. If the condition shows again, it opens again.
    ///
    /// # Errors
    /// `not-found` where it is not the caller's agency's.
    pub async fn close_incident(
        &self,
        caller: &Caller,
        id: &IncidentKey,
        key: &Key,
    ) -> Result<IncidentView, HubError> {
        let row = casework::RegisterKey::Incident(id.clone());
        let own = |held: &Incident| held.agency == caller.agency || caller.has_role(OPERATOR);
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let held = self.store.register(&row).await?.and_then(incident).filter(own).ok_or_else(not_found)?;
        let action = Action::NoteIncident(NoteIncident { key: id.clone(), turn: IncidentTurn::Close });
        let mut order = Order::plain(by(caller, Some(permit), action), Lane::Outcomes);
        let route = format!("POST /v1/incidents/{id}/close");
        order.idempotency = Some(idempotency(caller, key, &route, &[]));
        match self.store.commit(order).await? {
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) if refusal != Refusal::NothingToDo => return Err(refusal.into()),
            Committed::Done(_) | Committed::Replayed { .. } | Committed::Refused(_) => {}
        }
        self.registers_moved();
        Ok(view(Incident { status: IncidentStatus::Closed, ..held }))
    }

    /// What a call says of the agency's line.
    pub(crate) async fn note_line(&self, to: &AgencyCode, exchange: &Exchange) {
        let answers = matches!(exchange, Exchange::Delivered { .. } | Exchange::Refused { .. });
        if self.breakers.is_open(to) {
            self.incident(Condition::AgencyUnreachable, to, None, IncidentTurn::Open).await;
        } else if answers {
            self.incident(Condition::AgencyUnreachable, to, None, IncidentTurn::Recover).await;
        }
        let refused = matches!(exchange, Exchange::Later { class, .. } if class.as_str() == CREDENTIALS);
        if refused {
            self.incident(Condition::CredentialRefused, to, None, IncidentTurn::Open).await;
        } else if answers {
            self.incident(Condition::CredentialRefused, to, None, IncidentTurn::Recover).await;
        }
    }

    /// A message came to rest with a person.
    pub(crate) async fn note_rest(&self, to: &AgencyCode, status: DeliveryStatus, reason: Option<&Code>) {
        if let Some(condition) = resting(status, reason) {
            self.incident(condition, to, None, IncidentTurn::Open).await;
        }
    }

    /// A person settled a message: where it was the last of its kind, its incident is over.
    pub(crate) async fn note_settled(&self, was: &Delivery) {
        let Some(condition) = resting(was.status, was.reason.as_ref()) else { return };
        let left = match self.store.resting_to(was.to.clone()).await {
            Ok(left) => left,
            Err(error) => return tracing::warn!(%error, "an incident could not be looked at"),
        };
        let same = |held: &Delivery| resting(held.status, held.reason.as_ref()) == Some(condition);
        if !left.iter().any(same) {
            self.incident(condition, &was.to, None, IncidentTurn::Recover).await;
        }
    }

    /// Notes the beginning or the end of a condition, unless it is known.
    pub(crate) async fn incident(
        &self,
        condition: Condition,
        agency: &AgencyCode,
        part: Option<Code>,
        turn: IncidentTurn,
    ) {
        let key = IncidentKey { condition, agency: agency.clone(), part };
        if let Err(error) = self.note_incident(key, turn).await {
            let problem = error.slug();
            tracing::warn!(condition = condition.as_str(), %agency, problem, "an incident was not noted");
        }
    }

    async fn note_incident(&self, key: IncidentKey, turn: IncidentTurn) -> Result<(), HubError> {
        let kept = self.kept().await?;
        let is_open = kept.incidents.get(&key).is_some_and(|held| held.status == IncidentStatus::Opened);
        if is_open == (turn == IncidentTurn::Open) {
            return Ok(());
        }
        let (condition, agency) = (key.condition.as_str(), key.agency.clone());
        let note = Action::NoteIncident(NoteIncident { key, turn });
        if let Committed::Done(_) = self.store.commit(Order::plain(self.own(note), Lane::Outcomes)).await? {
            tracing::warn!(condition, %agency, ?turn, "an incident");
        }
        self.registers_moved();
        Ok(())
    }
}

/// Of which incident a message that rests is part.
fn resting(status: DeliveryStatus, reason: Option<&Code>) -> Option<Condition> {
    match status {
        DeliveryStatus::Expired => Some(Condition::DeliveryExpired),
        DeliveryStatus::Undeliverable if reason.is_some_and(|reason| reason.as_str() == POISONED) => {
            Some(Condition::Quarantine)
        }
        _ => None,
    }
}

fn incident(row: Register) -> Option<Incident> {
    match row {
        Register::Incident(held) => Some(held),
        _ => None,
    }
}

fn view(held: Incident) -> IncidentView {
    let open = held.status != IncidentStatus::Closed;
    IncidentView {
        id: held.key().to_string(),
        condition: held.condition,
        agency: held.agency,
        part: held.part,
        status: held.status,
        opened: held.opened.to_string(),
        recovered: held.recovered.map(|at| at.to_string()),
        times: held.times,
        actions: if open { vec!["close"] } else { Vec::new() },
    }
}
