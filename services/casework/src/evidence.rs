//! What an entry is evidence of, in the words of ETSI REM (EN 319 522-1): that the hub has a message, that a
//! system has it, that an officer opened it, that an agency decided. Four things that are never taken for one
//! another. Pure: each entry has its words, whatever came before or after it.

use serde::Serialize;

use crate::{ClockChange, ClockKind, DeliveryId, DeliveryStep, Event, MessageKind, Moved};

/// The hub has it, durably, and it passed schema and policy.
pub const SUBMISSION_ACCEPTANCE: &str = "SUBMISSION_ACCEPTANCE";
/// The agency's system has it.
pub const DELIVERY: &str = "DELIVERY";
/// An officer opened it, or did what cannot be done unopened.
pub const RETRIEVAL: &str = "RETRIEVAL";
/// The agency took responsibility, or declined. Ours: ETSI REM has no word for it.
pub const DECISION: &str = "DECISION";

/// What this entry is evidence of.
#[must_use]
pub fn evidence(event: &Event) -> Vec<&'static str> {
    match event {
        Event::Requested(_) | Event::Created(_) => vec![SUBMISSION_ACCEPTANCE],
        Event::Drafted(_) => Vec::new(),
        Event::Moved(step) => of_step(step),
        Event::Overdue(late) if late.clock == ClockKind::Receive => vec!["NON_RETRIEVAL"],
        Event::Delivery(step) => of_delivery(step.step).into_iter().collect(),
        Event::Overdue(_)
        | Event::Identity(_)
        | Event::Register(_)
        | Event::Noticed(_)
        | Event::Read(_)
        | Event::Refused(_)
        | Event::Session(_)
        | Event::Counted(_) => Vec::new(),
    }
}

fn of_step(step: &Moved) -> Vec<&'static str> {
    let opens = step.clocks.contains(&ClockChange::Stop { clock: ClockKind::Receive });
    let receivers = matches!(
        step.step,
        MessageKind::Received
            | MessageKind::Accept
            | MessageKind::Reject
            | MessageKind::Hold
            | MessageKind::CancelConfirm
    );
    let decides = matches!(step.step, MessageKind::Accept | MessageKind::Reject);
    let (retrieval, decision) = ((opens && receivers).then_some(RETRIEVAL), decides.then_some(DECISION));
    retrieval.into_iter().chain(decision).collect()
}

const fn of_delivery(step: DeliveryStep) -> Option<&'static str> {
    match step {
        DeliveryStep::Sent => Some("RELAY_REMMD_ACCEPTANCE"),
        DeliveryStep::Retry => Some("RELAY_REMMD_FAILURE"),
        DeliveryStep::Refused => Some("SUBMISSION_REJECTION"),
        DeliveryStep::Delivered => Some(DELIVERY),
        DeliveryStep::Undeliverable | DeliveryStep::Expired => Some("NON_DELIVERY"),
        DeliveryStep::Replayed
        | DeliveryStep::Resolved
        | DeliveryStep::Withdrawn
        | DeliveryStep::Discarded => None,
    }
}

/// The first entry that shows each of the four, by its index; nothing where it has not happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Acknowledged<T> {
    /// The hub has it.
    pub hub_accepted: Option<T>,
    /// The agency's system has it.
    pub system_delivered: Option<T>,
    /// An officer opened it.
    pub officer_opened: Option<T>,
    /// The agency decided.
    pub agency_decided: Option<T>,
}

/// The four acknowledgements of a referral's request, from its entries in order. `carrier` is the delivery
/// that carries the request: that another message arrived says nothing of it.
pub fn acknowledged<'a, T: Clone>(
    entries: impl IntoIterator<Item = (&'a Event, T)>,
    carrier: DeliveryId,
) -> Acknowledged<T> {
    let mut found = Acknowledged {
        hub_accepted: None,
        system_delivered: None,
        officer_opened: None,
        agency_decided: None,
    };
    for (event, place) in entries {
        if matches!(event, Event::Delivery(step) if step.delivery != carrier) {
            continue;
        }
        for word in evidence(event) {
            let first = match word {
                SUBMISSION_ACCEPTANCE => &mut found.hub_accepted,
                DELIVERY => &mut found.system_delivered,
                RETRIEVAL => &mut found.officer_opened,
                DECISION => &mut found.agency_decided,
                _ => continue,
            };
            first.get_or_insert_with(|| place.clone());
        }
    }
    found
}
