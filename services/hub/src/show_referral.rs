//! A party looks at a referral: the look is entered first, then the message is shown as far as this party may
//! see it. Also what it may do next, its history, and the list of its referrals (which show no message).

use casework::{
    Acknowledged, AgencyCode, Assurance, Caller, CaseReference, Categories, Clock, ClockKind, Code, Delivery,
    Document, Intent, MessageKind, NextAction, Priority, ReadEntry, Referral, ReferralId, Refusal, RequestId,
    Status, Timestamp, next_actions,
};
use policies::Act;
use serde::Serialize;
use store::{AuditEntry, ReferralFilter};

use crate::cut_down::{Cut, Seen, Sight, shown_if_any};
use crate::error::not_found;
use crate::note_look::look;
use crate::permits::{ask, ask_about};
use crate::{CaseNamed, Hub, HubError};

/// A referral that moves while it is looked at is looked at again, so often.
const LOOKS_MAX: usize = 3;

/// A clock as shown: proposed operating times, not law.
#[derive(Debug, Clone, Serialize)]
pub struct ClockView {
    /// Which.
    pub clock: &'static str,
    /// Started, RFC 3339.
    pub started: String,
    /// Due, RFC 3339.
    pub due: String,
    /// Standing still?
    pub paused: bool,
    /// Past its time?
    pub overdue: bool,
    /// How far up its ladder it has climbed: 1 when somebody was told first, 0 before.
    pub rung: u8,
    /// `form` (an inter-agency form) or `proposed` (the project's): operating times, not law.
    pub basis: &'static str,
}

/// A referral without its message.
#[derive(Debug, Clone, Serialize)]
pub struct ReferralView {
    /// Its id.
    pub id: ReferralId,
    /// Its parent.
    pub request: RequestId,
    /// The child's case.
    pub case: CaseNamed,
    /// The sender.
    pub from: AgencyCode,
    /// The receiver.
    pub to: AgencyCode,
    /// Whom the sender addressed, if another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgencyCode>,
    /// What it is for, unless to serve the child.
    #[serde(skip_serializing_if = "Intent::is_refer")]
    pub intent: Intent,
    /// What is asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub status: Status,
    /// Closed for good?
    pub closed: bool,
    /// Who is responsible.
    pub owner: Option<AgencyCode>,
    /// Did the sender's agency sign it, or is nothing surer than the connection it came over?
    pub assurance: Assurance,
    /// Why, coded.
    pub reason: Option<Code>,
    /// What is happening, coded, where `status` does not say it (FHIR Task `businessStatus`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_status: Option<String>,
    /// Whom the refuser proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_receiver: Option<AgencyCode>,
    /// When consent was taken back, RFC 3339, whatever the referral rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_revoked_at: Option<String>,
    /// What the receiver said to that: `ceased`, or the ground on which it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceased: Option<Code>,
    /// Running and paused clocks.
    pub clocks: Vec<ClockView>,
    /// The ETag.
    pub version: u64,
    /// When it was requested, RFC 3339.
    pub requested_at: String,
    /// When its last step was taken, RFC 3339.
    pub moved_at: String,
    /// The message, as far as the caller may see it; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_if_any")]
    pub message: Option<Document>,
    /// Categories the message has and the caller was not shown.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub withheld: Categories,
    /// Categories that the caller was shown less exactly than they were sent: coarser, or as a word in their
    /// place.
    #[serde(skip_serializing_if = "Categories::is_empty")]
    pub reduced: Categories,
    /// What is proven of the request so far, each by an entry of its own; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgements: Option<Acknowledged<Shown>>,
    /// Its messages on their way; absent in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryView>,
}

/// An entry that shows something.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Shown {
    /// Its index in the ledger.
    pub entry: u64,
    /// When, RFC 3339.
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
}

fn as_text<S: serde::Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(at)
}

/// A message on its way.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryView {
    /// Its id.
    pub id: casework::DeliveryId,
    /// What is carried.
    pub message: &'static str,
    /// To whom.
    pub to: AgencyCode,
    /// Where it stands.
    pub status: &'static str,
    /// Attempts so far.
    pub attempts: u32,
    /// Why, coded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Who has to settle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// When it is tried next at the earliest, RFC 3339, in real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try: Option<String>,
    /// What holds it: `order` (an earlier message of the referral), `switch` (a person turned it off),
    /// `window` (the agency's system is down on purpose), `breaker` (it does not answer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<&'static str>,
}

/// What a caller may do next.
#[derive(Debug, Clone, Serialize)]
pub struct ActionsView {
    /// Which referral.
    pub referral: ReferralId,
    /// Its state.
    pub status: Status,
    /// Its version.
    pub version: u64,
    /// The steps.
    pub actions: Vec<NextAction>,
}

impl Hub {
    /// One referral with its message.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; the look is entered either way.
    pub async fn show_referral(&self, caller: &Caller, id: ReferralId) -> Result<ReferralView, HubError> {
        for _ in 0..LOOKS_MAX {
            match self.looked_at(caller, id).await {
                // It moved while it was looked at, and what was allowed may be no more.
                Err(HubError::Refused(Refusal::StalePermit)) => {}
                other => return other,
            }
        }
        Err(Refusal::StalePermit.into())
    }

    async fn looked_at(&self, caller: &Caller, id: ReferralId) -> Result<ReferralView, HubError> {
        let referral = match self.of_party(caller, id).await {
            Err(error @ HubError::Refused(Refusal::NotFound)) => {
                self.spend_read(caller, &id.to_string()).await?;
                self.enter_read(caller, None, "referral", Some(id.to_string()), Categories::new()).await?;
                return Err(error);
            }
            other => other?,
        };
        let permit = self.permit(&ask_about(caller, Act::ReadReferral, &referral, MessageKind::Request))?;
        self.spend_read(caller, &referral.case.to_string()).await?;
        let deliveries = self.store.deliveries_of(id).await?;
        let seen = self.message_for(caller, &referral, &deliveries).await?;
        if !self.is_of_set_in_force(&permit) {
            return Err(Refusal::StalePermit.into());
        }
        let look = look(caller, "referral", Some(id.to_string()), seen.shown);
        self.enter_look(caller, Some(permit), ReadEntry { reduced: seen.reduced.clone(), ..look }).await?;
        let mut view = self.view(&referral);
        view.message = seen.message;
        (view.withheld, view.reduced) = (seen.withheld, seen.reduced);
        let tries = self.store.tries_of(id).await?;
        for held in &deliveries {
            let held_by = self.held_by(held, &deliveries).await?;
            view.deliveries.push(self.delivery_view(held, held_by, tries.get(&held.id).copied()));
        }
        view.acknowledgements = self.acknowledgements(id, &deliveries).await?;
        Ok(view)
    }

    /// That the hub has it, that a system has it, that an officer opened it, that an agency decided: each by
    /// the entry that shows it.
    async fn acknowledgements(
        &self,
        id: ReferralId,
        deliveries: &[Delivery],
    ) -> Result<Option<Acknowledged<Shown>>, HubError> {
        let Some(carrier) = deliveries.iter().find(|held| held.message == MessageKind::Request) else {
            return Ok(None);
        };
        let history = self.store.history(id).await?;
        let entries = history.iter().map(|found| {
            let shown = Shown { entry: found.index, at: found.entry.at };
            (&found.entry.event, shown)
        });
        Ok(Some(casework::acknowledged(entries, carrier.id)))
    }

    /// How sure it is who sent a referral of the caller's agency.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party.
    pub async fn assurance_of(&self, caller: &Caller, id: ReferralId) -> Result<Assurance, HubError> {
        Ok(Assurance::of(self.of_party(caller, id).await?.signed))
    }

    /// The message whole for its sender, cut down for its receiver; none for a receiver once the consent has
    /// ended that it rests on, nor while a switch keeps such messages from it.
    async fn message_for(
        &self,
        caller: &Caller,
        referral: &Referral,
        deliveries: &[Delivery],
    ) -> Result<Seen, HubError> {
        let sender = referral.from == caller.agency;
        if !sender && !referral.consent_holds(casework::TimeSource::now(&*self.store)) {
            return Ok(Seen::default());
        }
        if !sender && self.is_kept_from(&caller.agency, MessageKind::Request).await? {
            return Ok(Seen::default());
        }
        let first = deliveries.iter().find(|held| held.message == MessageKind::Request);
        let object = first.map(|held| held.object).or(referral.draft).ok_or_else(not_found)?;
        let opened = self.open_stored(object).await?;
        let message = self.schemas.check(Some(MessageKind::Request), opened.bytes.expose())?;
        if sender {
            return Ok(Seen { message: Some(message.value), shown: message.categories, ..Seen::default() });
        }
        let cut = self.cut_down(&message, &Sight::of(first.ok_or_else(not_found)?, referral))?;
        let Cut { value, shown, reduced, withheld, .. } = cut;
        Ok(Seen { message: Some(value), shown, reduced, withheld })
    }

    /// The caller's referrals, newest first, without messages, and where the next page begins.
    ///
    /// # Errors
    /// Where policies are in doubt or the store fails.
    pub async fn list_referrals(
        &self,
        caller: &Caller,
        filter: ReferralFilter,
    ) -> Result<(Vec<ReferralView>, Option<ReferralId>), HubError> {
        self.permit(&ask(caller, Act::ReadReferral, None))?;
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let found = self.store.referrals_of_party(caller.agency.clone(), filter).await?;
        // From the page as stored, so that a held referral on it neither ends the list nor shows.
        let next = found.last().filter(|_| found.len() >= limit).map(|last| last.id);
        let known = self.known_of(caller, found).await?;
        Ok((known.iter().map(|referral| self.view(referral)).collect(), next))
    }

    /// Those that the caller may know of.
    pub(crate) async fn known_of(
        &self,
        caller: &Caller,
        referrals: Vec<Referral>,
    ) -> Result<Vec<Referral>, HubError> {
        let mut known = Vec::new();
        for referral in referrals {
            if referral.has_party(&caller.agency) && !self.hidden(caller, &referral).await? {
                known.push(referral);
            }
        }
        Ok(known)
    }

    /// What the caller may do next.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; `not-permitted` for a role that may not read it.
    pub async fn list_actions(&self, caller: &Caller, id: ReferralId) -> Result<ActionsView, HubError> {
        let referral = self.of_party(caller, id).await?;
        self.permit(&ask_about(caller, Act::ReadReferral, &referral, MessageKind::Request))?;
        let actions = next_actions(&referral, &caller.agency);
        Ok(ActionsView { referral: id, status: referral.status, version: referral.version, actions })
    }

    /// The referral's entries, oldest first: coded facts, no message.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; `not-permitted` for a role that may not read it.
    pub async fn referral_history(
        &self,
        caller: &Caller,
        id: ReferralId,
    ) -> Result<Vec<AuditEntry>, HubError> {
        let referral = self.of_party(caller, id).await?;
        self.permit(&ask_about(caller, Act::ReadReferral, &referral, MessageKind::Request))?;
        Ok(self.store.history(id).await?)
    }

    /// A message on its way.
    pub(crate) fn delivery_view(
        &self,
        delivery: &Delivery,
        held_by: Option<&'static str>,
        next_try: Option<Timestamp>,
    ) -> DeliveryView {
        let later = next_try.filter(|at| *at > self.store.clock().real());
        DeliveryView {
            id: delivery.id,
            message: delivery.message.schema_name(),
            to: delivery.to.clone(),
            status: delivery.status.as_str(),
            attempts: delivery.attempts,
            reason: delivery.reason.clone(),
            owner: delivery.owner.clone(),
            next_try: later.map(|at| at.to_string()),
            held_by,
        }
    }

    pub(crate) fn view(&self, referral: &Referral) -> ReferralView {
        let now = casework::TimeSource::now(&*self.store);
        let clock = |clock: &Clock| ClockView {
            clock: clock.kind.as_str(),
            started: clock.started.to_string(),
            due: clock.due.to_string(),
            paused: clock.paused.is_some(),
            overdue: clock.paused.is_none() && clock.due < now,
            rung: clock.rung,
            basis: if clock.kind == ClockKind::FirstAction { "form" } else { "proposed" },
        };
        ReferralView {
            id: referral.id,
            request: referral.request,
            case: CaseNamed { id: referral.case, reference: CaseReference::of(referral.case).to_string() },
            from: referral.from.clone(),
            to: referral.to.clone(),
            addressed: referral.addressed.clone(),
            intent: referral.intent,
            service: referral.service.clone(),
            priority: referral.priority,
            status: referral.status,
            closed: referral.closed(),
            owner: referral.owner.clone(),
            assurance: Assurance::of(referral.signed),
            reason: referral.reason.clone(),
            business_status: casework::business_status(referral).map(ToOwned::to_owned),
            suggested_receiver: referral.suggested.clone(),
            consent_revoked_at: referral.revoked.map(|at| at.to_string()),
            ceased: referral.ceased.clone(),
            clocks: referral.clocks.iter().map(clock).collect(),
            version: referral.version,
            requested_at: referral.requested.to_string(),
            moved_at: referral.moved.to_string(),
            message: None,
            withheld: Categories::new(),
            reduced: Categories::new(),
            acknowledgements: None,
            deliveries: Vec::new(),
        }
    }
}
