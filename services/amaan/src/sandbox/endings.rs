//! `amaan sandbox --play every-ending`: one referral to each ending, played by officers in their own systems,
//! and one left alone at each of its stations while two weeks of case time pass, so that every ladder is
//! climbed to its end. All invented, all to LAJA, all emergencies, whose clocks run in hours.

use std::time::Duration;

use casework::{Approval, DeliveryId, Event, MessageKind, ReferralId, Register, TimeSource};
use serde::Serialize;
use serde_json::{Value, json};

use super::house::House;
use super::story::{act, all_arrived, arrived, parse, text};
use super::{agreed, children, time, wait};
use crate::failure::Failure;

/// Longer than the longest ladder of an emergency, its clock and the clock that follows it together.
const LEFT_ALONE_DAYS: i64 = 14;
const PATIENCE: Duration = Duration::from_secs(60);

/// What officers do, in order; `ictp` is the sender, `laja` the receiver.
type Acts = &'static [(&'static str, &'static str, &'static str)];

const ACCEPT: (&str, &str, &str) = ("laja", "accept", "{}");
const SEND: (&str, &str, &str) = ("ictp", "send", "{}");
const CANCEL: (&str, &str, &str) = ("ictp", "cancel-request", r#"{"reason":"child-found-safe"}"#);
const CLOSE: (&str, &str, &str) = ("ictp", "close", r#"{"reason":"family-solved"}"#);
const SERVED: (&str, &str, &str) = ("laja", "outcome", r#"{"result":"completed","outcome":"represented"}"#);
/// `TODAY` is the day of the case clock.
const COURT: (&str, &str, &str) = ("laja", "hold", r#"{"reason":"awaiting-court","review_on":"TODAY"}"#);
/// Not a step of one referral but of its case: see `take`.
const REVOKED: &str = "consent.revoked";
const REVOKE: (&str, &str, &str) = ("ictp", REVOKED, r#"{"said_by":"child","said_on":"2026-11-20"}"#);
const FEEDBACK: (&str, &str, &str) = ("ictp", "feedback", r#"{"satisfied":true}"#);
const QUESTION: (&str, &str, &str) = (
    "laja",
    "hold",
    r#"{"reason":"information-requested","question":"Invented for the sandbox?","review_on":"2027-01-15"}"#,
);

/// Played to its end.
const ENDED: &[(&str, Acts)] = &[
    ("rejected-and-closed", &[("laja", "reject", r#"{"reason":"no-capacity"}"#), CLOSE]),
    ("completed-and-acknowledged", &[ACCEPT, SERVED, FEEDBACK]),
    (
        "failed-and-closed",
        &[ACCEPT, ("laja", "outcome", r#"{"result":"failed","outcome":"child-lost"}"#), CLOSE],
    ),
    ("cancelled", &[ACCEPT, CANCEL, ("laja", "cancel-confirm", r#"{"services_given":[]}"#)]),
    (
        "cancellation-refused-and-served",
        &[ACCEPT, CANCEL, ("laja", "cancel-refuse", r#"{"reason":"fir-registered"}"#), SERVED, FEEDBACK],
    ),
    (PUT_AWAY, &[CLOSE]),
    (DRAFTED, &[SEND, ACCEPT, SERVED, FEEDBACK]),
    (NOTICE, &[("laja", "received", "{}")]),
    (TRANSFER, &[ACCEPT, SERVED, FEEDBACK]),
    ("consent-revoked-and-ceased", &[ACCEPT, REVOKE, ("laja", "cease", r#"{"decision":"ceased"}"#), CLOSE]),
    (
        "consent-revoked-and-retained",
        &[ACCEPT, REVOKE, CLOSE, ("laja", "cease", r#"{"decision":"retained","basis":"statutory"}"#)],
    ),
];

/// Written and not sent at once.
const PUT_AWAY: &str = "draft-put-away";
const DRAFTED: &str = "drafted-sent-and-served";
const UNSENT: &str = "nobody-sends-the-draft";
const DRAFTS: &[&str] = &[PUT_AWAY, DRAFTED, UNSENT];
/// Told because a statute says so; and a case handed over.
const NOTICE: &str = "notified-and-acknowledged";
const NOTICE_UNREAD: &str = "nobody-opens-the-notice";
const TRANSFER: &str = "transferred-and-served";
const TAKEN: &str = "transferred-and-asked-for";
/// Whose consent ends two days later.
const ENDS_SOON: &str = "nobody-asks-for-consent-anew";

/// Left alone from there on.
const LEFT: &[(&str, Acts)] = &[
    ("nobody-opens-it", &[]),
    ("nobody-decides", &[("laja", "received", "{}")]),
    ("nobody-acts", &[ACCEPT]),
    ("nobody-goes-on", &[ACCEPT, ("laja", "progress", r#"{"step":"first-contact"}"#)]),
    ("nobody-answers-the-question", &[ACCEPT, QUESTION]),
    ("nobody-refers-elsewhere", &[("laja", "reject", r#"{"reason":"no-capacity"}"#)]),
    ("nobody-acknowledges", &[ACCEPT, SERVED]),
    ("nobody-answers-the-cancellation", &[ACCEPT, CANCEL]),
    ("nobody-says-that-it-has-ceased", &[ACCEPT, REVOKE]),
    (UNSENT, &[]),
    (NOTICE_UNREAD, &[]),
    ("nobody-looks-again", &[ACCEPT, COURT]),
    (ENDS_SOON, &[ACCEPT, ("laja", "progress", r#"{"step":"first-contact"}"#)]),
];

/// Where one referral came to.
#[derive(Serialize)]
pub struct Ending {
    name: &'static str,
    /// `ended` or `left-alone`.
    kind: &'static str,
    referral: String,
    status: String,
    closed: bool,
    owner: Option<String>,
    reason: Option<String>,
    /// How the act stands that took two people, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<&'static str>,
    /// Rungs that its clocks climbed, and those of its dead letters.
    rungs: Vec<Rung>,
}

#[derive(Serialize)]
struct Rung {
    clock: &'static str,
    rung: u8,
    whom: String,
    role: String,
    at: String,
}

impl Ending {
    /// In words.
    pub fn line(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let owner = self.owner.as_deref().unwrap_or("nobody: closed");
        let rungs = self.rungs.len();
        format!("{}: {}{reason}, responsible: {owner}, {rungs} rungs climbed", self.name, self.status)
    }
}

/// Plays them all.
pub async fn play(house: &House) -> Result<Vec<Ending>, Failure> {
    let mut played = Vec::new();
    for (kind, list) in [("ended", ENDED), ("left-alone", LEFT)] {
        for (name, acts) in list {
            played.push((*name, kind, one(house, name, acts).await?));
        }
    }
    played.push(("asked-for-and-offered", "ended", transfer_request(house).await?));
    // The fault is for the dead letter's message, so nothing else may be on its way to LAJA.
    for (.., referral) in &played {
        all_arrived(house, *referral).await?;
    }
    played.extend(agreed::play(house).await?);
    played.push(("nobody-settles-the-dead-letter", "left-alone", dead_letter(house).await?));
    let left = LEFT_ALONE_DAYS.saturating_mul(86_400);
    let passed = time::advance(house.hub.clone(), left).await;
    passed.map_err(|why| Failure::Failed(format!("moving the case clock: {why}")))?;
    let mut endings = Vec::new();
    for (name, kind, referral) in played {
        endings.push(ending(house, name, kind, referral).await?);
    }
    Ok(endings)
}

pub async fn referred(house: &House, name: &str) -> Result<ReferralId, Failure> {
    let mut child = children::second_child();
    if let Some(members) = child.as_object_mut() {
        members.insert("priority".to_owned(), json!("emergency"));
        members.insert("recipients".to_owned(), json!([{ "agency": "laja", "service": "SVC-LEGAL" }]));
    }
    if let (Some(members), Some(intent)) = (child.as_object_mut(), intent(name)) {
        members.insert("intent".to_owned(), json!(intent));
        if intent == "notify" {
            members.insert("consent".to_owned(), json!({ "basis": "statutory" }));
        }
    }
    let until = TimeSource::now(&*house.hub.store).plus_seconds(2 * 86_400).to_string();
    if let (ENDS_SOON, Some(consent)) = (name, child.pointer_mut("/consent").and_then(Value::as_object_mut)) {
        consent.insert("expires_on".to_owned(), json!(until.get(..10)));
    }
    let key = format!("ending-{name}");
    let officers = &house.officers;
    let answer = match DRAFTS.contains(&name) {
        true => officers.draft("ictp", &key, child).await?,
        false => officers.submit("ictp", &key, child).await?,
    };
    parse(&text(&answer.good(name)?, "/referrals/0/id")?)
}

fn intent(name: &str) -> Option<&'static str> {
    match name {
        NOTICE | NOTICE_UNREAD => Some("notify"),
        TRANSFER | TAKEN => Some("transfer"),
        _ => None,
    }
}

async fn one(house: &House, name: &str, acts: Acts) -> Result<ReferralId, Failure> {
    let referral = referred(house, name).await?;
    if !DRAFTS.contains(&name) {
        arrived(house, referral, MessageKind::Request).await?;
    }
    for (who, action, body) in acts {
        let today = TimeSource::now(&*house.hub.store).to_string();
        let body = body.replace("TODAY", today.get(..10).unwrap_or_default());
        let body: Value = serde_json::from_str(&body).map_err(Failure::at("an act of the endings"))?;
        match *action {
            REVOKED => revoke(house, who, referral, body).await?,
            step => act(house, who, referral, step, body).await?,
        }
        if *action == "send" {
            arrived(house, referral, MessageKind::Request).await?;
        }
    }
    Ok(referral)
}

/// The sender takes consent back for its referrals of the case.
async fn revoke(house: &House, who: &str, referral: ReferralId, body: Value) -> Result<(), Failure> {
    let case = case_of(house, referral).await?;
    let answer = house.officers.revoke_consent(who, case, &format!("revoke-{case}"), body).await?;
    answer.good("taking consent back").map(|_| ())
}

/// LAJA's system breaks off: it can neither be asked nor sent the same twice, so a person has to settle it.
async fn dead_letter(house: &House) -> Result<ReferralId, Failure> {
    house.officers.knobs("laja", &json!({ "time_out_next": 1 })).await?;
    let referral = referred(house, "dead-letter").await?;
    resting(house, referral).await?;
    Ok(referral)
}

/// The message of a referral that rests with a person.
pub async fn resting(house: &House, referral: ReferralId) -> Result<DeliveryId, Failure> {
    wait::until("the request to rest with a person", PATIENCE, || async move {
        let all = house.hub.store.deliveries_of(referral).await.map_err(Failure::at("reading"))?;
        Ok(all.iter().find(|held| held.owner.is_some()).map(|held| held.id))
    })
    .await
}

/// ICTP hands a case over to LAJA, asks for it back, and is offered it: so the asking ends.
async fn transfer_request(house: &House) -> Result<ReferralId, Failure> {
    let given = one(house, TAKEN, &[ACCEPT, SERVED, FEEDBACK]).await?;
    let case = case_of(house, given).await?;
    let asked = between(house, "ictp", "laja", json!({ "case": case, "intent": "transfer-request" })).await?;
    arrived(house, asked, MessageKind::Request).await?;
    let offer = json!({ "case": case, "intent": "transfer", "answers": asked });
    between(house, "laja", "ictp", offer).await?;
    Ok(asked)
}

/// A request about the second child, with these members of its own.
async fn between(house: &House, from: &str, to: &str, own: Value) -> Result<ReferralId, Failure> {
    let mut child = children::second_child();
    let service = if to == "laja" { "SVC-LEGAL" } else { "SVC-POLICE" };
    if let (Some(members), Some(own)) = (child.as_object_mut(), own.as_object()) {
        members.insert("priority".to_owned(), json!("emergency"));
        members.insert("recipients".to_owned(), json!([{ "agency": to, "service": service }]));
        members.extend(own.clone());
    }
    let answer = house.officers.submit(from, &format!("ending-{from}-{to}"), child).await?;
    parse(&text(&answer.good(from)?, "/referrals/0/id")?)
}

async fn case_of(house: &House, referral: ReferralId) -> Result<casework::CaseId, Failure> {
    let held = house.hub.store.referral(referral).await.map_err(Failure::at("reading"))?;
    Ok(held.ok_or_else(|| Failure::Failed("a referral that is gone".to_owned()))?.case)
}

async fn ending(
    house: &House,
    name: &'static str,
    kind: &'static str,
    id: ReferralId,
) -> Result<Ending, Failure> {
    let missing = || Failure::Failed(format!("the referral of {name} is gone"));
    let store = &house.hub.store;
    let held = store.referral(id).await.map_err(Failure::at("reading"))?.ok_or_else(missing)?;
    let history = store.history(id).await.map_err(Failure::at("reading"))?;
    let rung = |found: &store::AuditEntry| match &found.entry.event {
        Event::Overdue(step) => Some(Rung {
            clock: step.clock.as_str(),
            rung: step.rung,
            whom: step.whom.to_string(),
            role: step.role.to_string(),
            at: found.entry.at.to_string(),
        }),
        _ => None,
    };
    Ok(Ending {
        name,
        kind,
        referral: id.to_string(),
        status: held.status.to_string(),
        closed: held.closed(),
        owner: held.owner.as_ref().map(ToString::to_string),
        reason: held.reason.as_ref().map(ToString::to_string),
        approval: approval(house, id).await?.map(|held| held.status.as_str()),
        rungs: history.iter().filter_map(rung).collect(),
    })
}

/// What two people of the police were asked about a referral.
async fn approval(house: &House, referral: ReferralId) -> Result<Option<Approval>, Failure> {
    let police = super::house::code("ictp")?;
    let rows = house.hub.store.registers("approval", Some(police)).await.map_err(Failure::at("reading"))?;
    let of = |row: Register| match row {
        Register::Approval(held) => Some(held).filter(|held| held.change.referral() == Some(referral)),
        _ => None,
    };
    Ok(rows.into_iter().find_map(of))
}
