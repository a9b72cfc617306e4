//! How a request becomes referrals: one per recipient, each with its delivery and its first clock.

use std::collections::BTreeMap;

use crate::{
    Case, ClockChange, ClockKind, Created, Delivery, DeliveryId, DeliveryStatus, Event, MessageKind, Moved,
    ObjectId, Recipient, Referral, Refusal, Requested, Rerouted, Rules, State, Status, Submit, Timestamp,
    consent, intent,
};

/// Why a replaced referral is closed.
const REFERRED_ELSEWHERE: &str = "referred-elsewhere";

pub(crate) fn submit(
    state: &State,
    asked: &Submit,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    super::check_case(state, asked.case, asked.open_case, &asked.from)?;
    consent::check(state, asked, now)?;
    intent::check(state, asked)?;
    if asked.recipients.iter().any(|recipient| state.referrals.contains_key(&recipient.referral)) {
        return Err(Refusal::IdTaken);
    }
    let mut events = vec![Event::Requested(Requested {
        request: asked.request,
        case: asked.case,
        from: asked.from.clone(),
        opened: asked.open_case,
        recipients: u64::try_from(asked.recipients.len()).unwrap_or(u64::MAX),
        rerouted: asked.recipients.iter().filter_map(rerouted).collect(),
    })];
    let created = asked.recipients.iter().map(|recipient| created(asked, recipient, rules, now));
    if asked.terms.draft {
        // What it answers or takes the place of stays as it is: a draft does nothing.
        events.extend(created.map(Event::Drafted));
        return Ok(events);
    }
    events.extend(created.map(Event::Created));
    events.extend(replaced(state, asked)?.map(Event::Moved));
    events.extend(intent::answered(state, asked)?.map(Event::Moved));
    Ok(events)
}

fn rerouted(recipient: &Recipient) -> Option<Rerouted> {
    let (addressed, mandate) = (recipient.addressed.clone()?, recipient.mandate.clone()?);
    Some(Rerouted { addressed, to: recipient.to.clone(), mandate })
}

fn created(asked: &Submit, recipient: &Recipient, rules: &Rules, now: Timestamp) -> Created {
    let clock = if asked.terms.draft { ClockKind::Draft } else { ClockKind::Receive };
    let due = rules.due(clock, asked.priority, now);
    let first = due.map(|due| ClockChange::Start { clock, due });
    Created {
        referral: recipient.referral,
        request: asked.request,
        case: asked.case,
        from: asked.from.clone(),
        to: recipient.to.clone(),
        addressed: recipient.addressed.clone(),
        mandate: recipient.mandate.clone(),
        service: recipient.service.clone(),
        priority: asked.priority,
        purpose: asked.purpose.clone(),
        basis: asked.basis.clone(),
        held: asked.held,
        signed: asked.terms.signed,
        intent: asked.terms.intent,
        consent_until: asked.terms.consent_until,
        delivery: recipient.delivery,
        object: asked.object,
        clocks: first.into_iter().chain(consent::clock(asked)).collect(),
    }
}

/// The close of the referral that this request replaces.
fn replaced(state: &State, asked: &Submit) -> Result<Option<Moved>, Refusal> {
    let Some(id) = asked.replaces else { return Ok(None) };
    let old = state.referrals.get(&id).filter(|old| old.has_party(&asked.from)).ok_or(Refusal::NotFound)?;
    if old.case != asked.case {
        return Err(Refusal::NotFound);
    }
    if !super::may_close(old, &asked.from) {
        let allowed = super::allowed_steps(old, &asked.from);
        return Err(Refusal::InvalidTransition { step: MessageKind::Close, status: old.status, allowed });
    }
    Ok(Some(Moved {
        referral: id,
        step: MessageKind::Close,
        version: old.version.saturating_add(1),
        status: old.status,
        // Whoever was asked to cease still has to answer, and somebody has to see to it.
        owner: old.awaits_cease().then(|| old.from.clone()),
        reason: REFERRED_ELSEWHERE.parse().ok(),
        previous: None,
        suggested: None,
        clocks: vec![ClockChange::Stop { clock: ClockKind::Reroute }],
        object: None,
        delivery: None,
        replaced_by: Some(asked.request),
        case: None,
    }))
}

pub(crate) fn apply_requested(state: &mut State, event: &Requested, at: Timestamp) {
    if event.opened {
        state.cases.insert(event.case, Case::opened(event.case, event.from.clone(), at));
    }
}

pub(crate) fn apply_created(state: &mut State, event: &Created, at: Timestamp) {
    if let Some(case) = state.cases.get_mut(&event.case) {
        case.parties.insert(event.from.clone());
        case.parties.insert(event.to.clone());
    }
    let referral = fresh(event, Status::Requested, at);
    let carried = crate::NewDelivery { delivery: event.delivery, to: event.to.clone() };
    apply_delivery(&mut state.deliveries, &referral, MessageKind::Request, &carried, event.object, at);
    if event.held {
        crate::delivery::hold(state, event.delivery);
    }
    state.referrals.insert(event.referral, referral);
}

/// Nobody but its writer knows of it, so its receiver is no party of the case yet, and nothing is on its way.
pub(crate) fn apply_drafted(state: &mut State, event: &Created, at: Timestamp) {
    if let Some(case) = state.cases.get_mut(&event.case) {
        case.parties.insert(event.from.clone());
    }
    let draft = Some(event.object);
    let referral = Referral { draft, ..fresh(event, Status::Draft, at) };
    state.referrals.insert(event.referral, referral);
}

fn fresh(event: &Created, status: Status, at: Timestamp) -> Referral {
    let mut referral = Referral {
        id: event.referral,
        request: event.request,
        case: event.case,
        from: event.from.clone(),
        to: event.to.clone(),
        addressed: event.addressed.clone(),
        service: event.service.clone(),
        priority: event.priority,
        purpose: event.purpose.clone(),
        basis: event.basis.clone(),
        status,
        previous: None,
        owner: Some(event.from.clone()),
        reason: None,
        suggested: None,
        clocks: Vec::new(),
        version: 1,
        requested: at,
        moved: at,
        replaced_by: None,
        cancel: None,
        draft: None,
        signed: event.signed,
        intent: event.intent,
        consent_until: event.consent_until,
        revoked: None,
        ceased: None,
    };
    for change in &event.clocks {
        crate::clock::change(&mut referral.clocks, *change, at);
    }
    referral
}

/// Queues the message that an entry made for the other side of a referral.
pub(crate) fn apply_delivery(
    deliveries: &mut BTreeMap<DeliveryId, Delivery>,
    referral: &Referral,
    message: MessageKind,
    made: &crate::NewDelivery,
    object: ObjectId,
    at: Timestamp,
) {
    let from = if made.to == referral.to { &referral.from } else { &referral.to };
    let delivery = Delivery {
        id: made.delivery,
        referral: referral.id,
        case: referral.case,
        message,
        from: from.clone(),
        to: made.to.clone(),
        object,
        priority: referral.priority,
        status: DeliveryStatus::Queued,
        attempts: 0,
        reason: None,
        owner: None,
        clocks: Vec::new(),
        created: at,
        renewed: None,
        lost: 0,
    };
    deliveries.insert(made.delivery, delivery);
}
