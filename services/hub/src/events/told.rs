//! How an entry is told as an event: CloudEvents 1.0 in JSON. The one place where entries become events; a
//! new kind of entry is one arm of `data`, and the compiler asks for it.
//!
//! INVARIANT: ids, codes, agencies and numbers only. No case but in a notice of a look into one, no reason
//! or outcome of a step, no service: together with an id they would tell of a child. The reason of a
//! delivery is how its transport failed.

use casework::{
    AgencyCode, Created, Delivery, DeliveryId, DeliveryMoved, DeliveryStatus, DeliveryStep, Event,
    MessageKind, Moved, NewDelivery, Notice, Noticed, Overdue, Referral, RequestId, Role, Status, Timestamp,
};
use serde::Serialize;
use serde_json::value::to_raw_value;
use store::{PartyEntry, StoreError};

use super::Told;
use crate::HubError;

/// A referral came into being.
pub const REQUESTED: &str = "amaan.referral.requested.v1";
/// A referral took a step.
pub const MOVED: &str = "amaan.referral.moved.v1";
/// A message on its way took a step.
pub const DELIVERY: &str = "amaan.delivery.moved.v1";
/// A clock is overdue, and somebody was told.
pub const OVERDUE: &str = "amaan.clock.overdue.v1";
/// Somebody looked into a case, and those who answer for it are told.
pub const NOTICE: &str = "amaan.notice.given.v1";
/// Somebody tries a webhook.
pub const TEST: &str = "amaan.webhook.test.v1";

/// The envelope; its members in the order of the specification's examples.
#[derive(Debug, Serialize)]
struct Envelope<'a, D> {
    specversion: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    source: String,
    subject: String,
    id: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: D,
}

/// What a trial tells.
#[derive(Debug, Serialize)]
struct Tested<'a> {
    webhook: &'a str,
}

/// What is told of a look into a case.
#[derive(Debug, Serialize)]
struct Looked<'a> {
    notice: Notice,
    whom: &'a AgencyCode,
    role: Role,
    by: &'a AgencyCode,
    by_role: &'a str,
    about: &'a str,
}

/// What is told of a step.
#[derive(Debug, Serialize)]
struct Data<'a> {
    request: RequestId,
    from: &'a AgencyCode,
    to: &'a AgencyCode,
    step: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a AgencyCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<Late<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Way<'a>>,
}

/// An overdue clock: how far up its ladder, and who has to see to it.
#[derive(Debug, Serialize)]
struct Late<'a> {
    name: &'static str,
    rung: u8,
    whom: &'a AgencyCode,
    role: &'a str,
    due: String,
}

/// A message's name, or what a delivery did.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Word {
    Message(&'static str),
    Delivery(DeliveryStep),
}

/// A message on its way.
#[derive(Debug, Serialize)]
struct Way<'a> {
    id: DeliveryId,
    message: &'static str,
    to: &'a AgencyCode,
    status: DeliveryStatus,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// What an envelope says besides its data.
struct Head {
    index: u64,
    id: String,
    kind: &'static str,
    subject: String,
    time: Timestamp,
}

/// The event of an entry; none where it is no event for a party.
pub fn told(hub: &str, held: &PartyEntry) -> Result<Option<Told>, HubError> {
    let (index, id, time) = (held.index, format!("{hub}/{}", held.index), held.entry.at);
    if let Event::Noticed(told) = &held.entry.event {
        let head = Head { index, id, kind: NOTICE, subject: told.case.to_string(), time };
        return enveloped(hub, head, looked(told)).map(Some);
    }
    let Some(referral) = &held.referral else { return Ok(None) };
    let Some((kind, data)) = data(held, referral) else { return Ok(None) };
    let subject = referral.id.to_string();
    enveloped(hub, Head { index, id, kind, subject, time }, data).map(Some)
}

/// An event that tells nothing: whoever gets it knows that events arrive. No entry stands behind it.
pub fn test(hub: &str, webhook: &str, random: &str, time: Timestamp) -> Result<Told, HubError> {
    let (id, subject) = (format!("{hub}/test-{random}"), webhook.to_owned());
    enveloped(hub, Head { index: 0, id, kind: TEST, subject, time }, Tested { webhook })
}

fn enveloped(hub: &str, head: Head, data: impl Serialize) -> Result<Told, HubError> {
    let Head { index, id, kind, subject, time } = head;
    let envelope = Envelope {
        specversion: "1.0",
        kind,
        source: format!("urn:amaan:{hub}"),
        subject,
        id: &id,
        time: time.to_string(),
        datacontenttype: "application/json",
        data,
    };
    let body = to_raw_value(&envelope).map_err(StoreError::from)?;
    Ok(Told { index, id, kind, body })
}

/// Type and data of an entry's event. Exhaustive on purpose.
fn data<'a>(held: &'a PartyEntry, of: &'a Referral) -> Option<(&'static str, Data<'a>)> {
    match &held.entry.event {
        Event::Created(created) => Some((REQUESTED, requested(of, created))),
        Event::Moved(step) => Some((MOVED, moved(of, step))),
        Event::Overdue(step) => Some((OVERDUE, overdue(of, step))),
        Event::Delivery(step) => Some((DELIVERY, delivery(held, of, step))),
        // A request's referrals tell of it; looks, refusals and counts are for auditors; checks have an
        // answer of their own; what an agency's people ask one another is theirs.
        Event::Requested(_)
        | Event::Drafted(_)
        | Event::Identity(_)
        | Event::Register(_)
        | Event::Noticed(_)
        | Event::Read(_)
        | Event::Refused(_)
        | Event::Session(_)
        | Event::Counted(_) => None,
    }
}

fn plain(referral: &Referral, step: Word) -> Data<'_> {
    Data {
        request: referral.request,
        from: &referral.from,
        to: &referral.to,
        step,
        status: None,
        owner: None,
        version: None,
        clock: None,
        delivery: None,
    }
}

fn requested<'a>(of: &'a Referral, created: &'a Created) -> Data<'a> {
    let status = if created.held { DeliveryStatus::Held } else { DeliveryStatus::Queued };
    let message = MessageKind::Request.schema_name();
    let way = Way { id: created.delivery, message, to: &created.to, status, attempt: 0, reason: None };
    Data {
        status: Some(Status::Requested),
        owner: Some(&created.from),
        version: Some(1),
        delivery: Some(way),
        ..plain(of, Word::Message(message))
    }
}

fn moved<'a>(of: &'a Referral, step: &'a Moved) -> Data<'a> {
    let message = step.step.schema_name();
    let way = |made| begun(made, message);
    Data {
        status: Some(step.status),
        owner: step.owner.as_ref(),
        version: Some(step.version),
        delivery: step.delivery.as_ref().map(way),
        ..plain(of, Word::Message(message))
    }
}

fn looked(told: &Noticed) -> Looked<'_> {
    Looked {
        notice: told.what,
        whom: &told.whom,
        role: told.role,
        by: &told.by,
        by_role: told.by_role.as_str(),
        about: &told.about,
    }
}

/// The message that an entry makes for one side.
const fn begun<'a>(made: &'a NewDelivery, message: &'static str) -> Way<'a> {
    let status = DeliveryStatus::Queued;
    Way { id: made.delivery, message, to: &made.to, status, attempt: 0, reason: None }
}

fn overdue<'a>(of: &'a Referral, step: &'a Overdue) -> Data<'a> {
    let message = MessageKind::Overdue.schema_name();
    let way = |made| begun(made, message);
    let late = Late {
        name: step.clock.as_str(),
        rung: step.rung,
        whom: &step.whom,
        role: step.role.as_str(),
        due: step.due.to_string(),
    };
    Data { clock: Some(late), delivery: step.delivery.as_ref().map(way), ..plain(of, Word::Message(message)) }
}

fn delivery<'a>(held: &'a PartyEntry, of: &'a Referral, step: &'a DeliveryMoved) -> Data<'a> {
    let way = |row: &'a Delivery| Way {
        id: step.delivery,
        message: row.message.schema_name(),
        to: &row.to,
        status: step.status,
        attempt: step.attempt,
        reason: step.reason.as_ref().map(casework::Code::as_str),
    };
    Data { delivery: held.delivery.as_ref().map(way), ..plain(of, Word::Delivery(step.step)) }
}
