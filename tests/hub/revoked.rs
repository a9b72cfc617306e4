//! Consent that ends: taken back, or over on its day. From the receipt on nothing that rested on it is handed
//! over or shown; whoever was shown something is told, and has to say that it has ceased or on what other
//! ground it goes on. On SQLite, and on PostgreSQL where a server is named.

use casework::{
    Action, Attempt, Caller, Category, ClockKind, Command, DeliveryStatus, MessageKind, Permit, ReadEntry,
    Referral, ReferralId, Refusal, Status, TimeSource, Via,
};
use hub::{HandedOver, HubError, RevokedConsent, Submitted};
use policies::Policies;
use serde_json::{Value, json};
use store::{Committed, Lane, Order, ReferralFilter};

use super::world::{World, key, system};
use crate::store::server::Fresh;

const DAY: i64 = 86_400_000_000;

fn worlds() -> Vec<World> {
    let on = |databases| World::on(databases, Policies::embedded().unwrap(), -60 * DAY);
    std::iter::once(on(None)).chain(Fresh::make().map(|fresh| on(Some(fresh)))).collect()
}

pub fn consent() -> Value {
    json!({ "basis": "consent", "given_by": "child", "scope": "this-case" })
}

pub fn request(to: &[(&str, &str)], consent: Value) -> Value {
    let to: Vec<Value> = to.iter().map(|(to, what)| json!({ "agency": to, "service": what })).collect();
    json!({
        "schema": "referral.request/v1",
        "recipients": to,
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-NEGLECT"],
        "child": { "name": { "full": "Test Child 7" }, "age": { "years": 9, "basis": "EST" }, "sex": "F" },
        "consent": consent,
        "referred_by": { "position": "Intake officer" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    })
}

pub const POLICE: &[(&str, &str)] = &[("ictp", "SVC-POLICE")];
const BOTH: &[(&str, &str)] = &[("ictp", "SVC-POLICE"), ("laja", "SVC-LEGAL")];

/// CPI refers a child.
async fn sent(world: &World, to: &[(&str, &str)], consent: Value) -> Submitted {
    try_send(world, &request(to, consent), "sent").await.unwrap()
}

pub async fn try_send(world: &World, message: &Value, name: &str) -> Result<Submitted, HubError> {
    world.hub.submit_referral(&system("cpi"), message.to_string().as_bytes(), &key(name)).await
}

pub async fn revoke(world: &World, sent: &Submitted, name: &str) -> Result<RevokedConsent, HubError> {
    let message = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-11-20" });
    let bytes = message.to_string().into_bytes();
    world.hub.revoke_consent(&system("cpi"), sent.case.id, &bytes, &key(name)).await
}

async fn cease(world: &World, by: &str, id: ReferralId, said: Value) -> Result<Status, HubError> {
    let mut body = said;
    body["schema"] = json!("referral.cease/v1");
    body["officer"] = json!({ "name": "Test Officer 8", "position": "Privacy officer" });
    let bytes = body.to_string().into_bytes();
    let (by, once) = (system(by), key(&format!("cease-{id}")));
    let done = world.hub.answer_referral(&by, id, MessageKind::Cease, &bytes, &once, None).await;
    done.map(|done| done.status)
}

async fn step(world: &World, by: &str, id: ReferralId, step: MessageKind, body: Value) {
    let mut body = body;
    body["schema"] = json!(format!("{step}/v1"));
    let bytes = body.to_string().into_bytes();
    let name = format!("{by}-{id}-{}", step.action());
    world.hub.answer_referral(&system(by), id, step, &bytes, &key(&name), None).await.unwrap();
}

async fn held(world: &World, id: ReferralId) -> Referral {
    world.hub.store.referral(id).await.unwrap().unwrap()
}

/// What an agency that fetches is given, by kind of message.
pub async fn fetched(world: &World, by: &str) -> Vec<String> {
    let given = world.hub.list_inbox(&system(by), 50).await.unwrap();
    let mut kinds = Vec::new();
    for message in given.into_iter().map(casework::Document::into_json) {
        let id = message["delivery"].as_str().unwrap().parse().unwrap();
        world.hub.acknowledge_delivery(&system(by), id).await.unwrap();
        kinds.push(message["message"].as_str().unwrap().to_owned());
    }
    kinds
}

/// Case time passes.
fn wait(world: &World, micros: i64) {
    world.hub.store.raise_clock(world.hub.store.now().plus_micros(micros)).unwrap();
}

async fn ceases(world: &World, of: &str) -> usize {
    let filter = ReferralFilter { awaiting_cease: true, limit: 50, ..ReferralFilter::default() };
    world.hub.list_referrals(&system(of), filter).await.unwrap().0.len()
}

/// No attempt is claimed, and no look entered, under a permit that was given before.
#[tokio::test]
async fn nothing_leaves_after_the_revocation_is_receipted() {
    for world in worlds() {
        let sent = sent(&world, POLICE, consent()).await;
        let id = sent.referrals[0].id;
        let before = world.hub.store.deliveries_of(id).await.unwrap().remove(0);
        let seen = held(&world, id).await.version;
        step(
            &world,
            "ictp",
            id,
            MessageKind::Received,
            json!({ "officer": { "name": "T", "position": "O" } }),
        )
        .await;
        let seen_too = held(&world, id).await.version;
        fetched(&world, "ictp").await;
        assert!(revoke(&world, &sent, "one").await.unwrap().referrals[0].cease_asked);

        let permit = |version| Permit {
            policy_set: "0123456789abcdef".into(),
            policies: Vec::new(),
            read_version: Some(version),
        };
        let command = |action, version| {
            let (actor, via) = (world.hub.itself, Via::Hub);
            Command { actor, via, permit: Some(permit(version)), commitment: None, action }
        };
        let claim = Attempt {
            reduced: [].into(),
            delivery: before.id,
            referral: Some(id),
            attempt: before.attempts + 1,
            shown: [Category::Name].into(),
            withheld: [].into(),
            mapped: None,
        };
        let read = ReadEntry {
            reduced: [].into(),
            what: "referral".parse().unwrap(),
            subject: Some(id.to_string()),
            agency: "ictp".parse().unwrap(),
            categories: [Category::Name].into(),
            glass: None,
        };
        for (action, version) in [(Action::Attempt(claim), seen), (Action::Read(read.clone()), seen_too)] {
            let late = world.hub.store.commit(Order::plain(command(action, version), Lane::Reads)).await;
            assert!(matches!(late, Ok(Committed::Refused(Refusal::StalePermit))), "{late:?}");
        }
        let now = held(&world, id).await.version;
        let late = world.hub.store.commit(Order::plain(command(Action::Read(read), now), Lane::Reads)).await;
        assert!(matches!(late, Ok(Committed::Refused(Refusal::StalePermit))), "nor at the newest version");
        let shown = world.hub.show_referral(&system("ictp"), id).await.unwrap();
        assert_eq!((shown.message.is_none(), shown.status), (true, Status::Cancelled));
        assert!(shown.consent_revoked_at.is_some());
        let own = world.hub.show_referral(&system("cpi"), id).await.unwrap();
        assert!(own.message.is_some(), "its sender reads its own message");
    }
}

/// Both are told and both answer; then their sender closes what came back to it.
#[tokio::test]
async fn users_ask_01_a_revoked_consent_reaches_every_recipient_and_each_acknowledges() {
    for world in worlds() {
        let sent = sent(&world, BOTH, consent()).await;
        let (police, legal) = (sent.referrals[0].id, sent.referrals[1].id);
        assert_eq!(fetched(&world, "ictp").await, ["referral.request"]);
        let request = world.hub.store.deliveries_of(legal).await.unwrap().remove(0);
        world.hub.hand_over(request.id, None).await.unwrap();

        let revoked = revoke(&world, &sent, "one").await.unwrap();
        let told: Vec<bool> = revoked.referrals.iter().map(|one| one.cease_asked).collect();
        assert_eq!(told, [true, true]);
        let again = revoke(&world, &sent, "one").await.unwrap();
        assert!(again.replayed);
        assert_eq!(json!(again), json!(revoked), "a repeat gets the first answer");
        assert_eq!(revoke(&world, &sent, "two").await.unwrap_err().slug(), "nothing-to-revoke");

        assert_eq!(fetched(&world, "ictp").await, ["consent.revoked"]);
        let told = world.hub.store.deliveries_of(legal).await.unwrap();
        assert_eq!(told.last().unwrap().message, MessageKind::ConsentRevoked);
        assert_eq!(ceases(&world, "cpi").await, 2);
        let case = world.hub.show_case(&system("cpi"), sent.case.id).await.unwrap();
        assert_eq!(case.outstanding_ceases, [police, legal]);
        let waiting = world.hub.store.awaiting_cease().await.unwrap();
        assert_eq!(waiting.iter().map(|(_, count)| count).sum::<u64>(), 2);

        cease(&world, "ictp", police, json!({ "decision": "ceased" })).await.unwrap();
        let ground = json!({ "decision": "retained", "basis": "statutory" });
        cease(&world, "laja", legal, ground).await.unwrap();
        assert_eq!(ceases(&world, "cpi").await, 0);
        let said = |held: Referral| held.ceased.unwrap().to_string();
        assert_eq!(said(held(&world, police).await), "ceased");
        assert_eq!(said(held(&world, legal).await), "retained-statutory");
        for id in [police, legal] {
            let open = held(&world, id).await;
            assert_eq!(open.status, Status::Cancelled);
            assert_eq!(open.reason.unwrap().as_str(), "consent-revoked");
            assert_eq!(open.owner.unwrap().as_str(), "cpi", "its sender has the child again");
            step(&world, "cpi", id, MessageKind::Close, json!({ "reason": "no-service-exists" })).await;
            let closed = held(&world, id).await;
            assert!(closed.closed() && closed.owner.is_none() && closed.reason.is_some());
        }
    }
}

#[tokio::test]
async fn a_statutory_referral_stays_open_flagged() {
    for world in worlds() {
        let sent = sent(&world, POLICE, json!({ "basis": "statutory" })).await;
        let id = sent.referrals[0].id;
        fetched(&world, "ictp").await;
        step(&world, "ictp", id, MessageKind::Accept, json!({ "officer": { "name": "T", "position": "O" } }))
            .await;
        revoke(&world, &sent, "one").await.unwrap();
        let open = held(&world, id).await;
        assert_eq!((open.status, open.owner.unwrap().to_string()), (Status::Accepted, "ictp".to_owned()));
        let shown = world.hub.show_referral(&system("ictp"), id).await.unwrap();
        assert!(shown.message.is_some(), "it rests on a ground of its own");
        assert_eq!(shown.business_status.as_deref(), Some("consent-revoked"));
        cease(&world, "ictp", id, json!({ "decision": "retained", "basis": "statutory" })).await.unwrap();
        let outcome = json!({ "result": "completed", "outcome": "case-registered" });
        step(&world, "ictp", id, MessageKind::Outcome, outcome).await;
        assert_eq!(held(&world, id).await.status, Status::Completed);
    }
}

#[tokio::test]
async fn retained_needs_a_basis_that_is_not_consent() {
    let world = World::new(Policies::embedded().unwrap());
    let sent = sent(&world, POLICE, consent()).await;
    let id = sent.referrals[0].id;
    fetched(&world, "ictp").await;
    revoke(&world, &sent, "one").await.unwrap();
    for (said, slug) in [
        (json!({ "decision": "retained", "basis": "consent" }), "unknown-code"),
        (json!({ "decision": "retained" }), "validation-failed"),
        (json!({ "decision": "ceased", "basis": "statutory" }), "validation-failed"),
    ] {
        assert_eq!(cease(&world, "ictp", id, said).await.unwrap_err().slug(), slug);
    }
    assert!(held(&world, id).await.awaits_cease());
}

/// Nobody was shown anything: nobody is told, and there is nothing to cease.
#[tokio::test]
async fn an_unsent_file_is_withdrawn() {
    for world in worlds() {
        let sent = sent(&world, POLICE, consent()).await;
        let id = sent.referrals[0].id;
        let revoked = revoke(&world, &sent, "one").await.unwrap();
        assert_eq!(
            (revoked.referrals[0].status, revoked.referrals[0].cease_asked),
            (Status::Cancelled, false)
        );
        let letters = world.hub.store.deliveries_of(id).await.unwrap();
        assert_eq!(letters.iter().map(|held| held.status).collect::<Vec<_>>(), [DeliveryStatus::Withdrawn]);
        assert_eq!(world.hub.hand_over(letters[0].id, None).await.unwrap(), HandedOver::NotOurs);
        assert_eq!(fetched(&world, "ictp").await, Vec::<String>::new());
        assert_eq!(world.hub.show_referral(&system("ictp"), id).await.unwrap_err().slug(), "not-found");
    }
}

/// An answer to a question was on its way when consent was taken back: it does not arrive.
#[tokio::test]
async fn what_was_on_its_way_is_refused() {
    for world in worlds() {
        let sent = sent(&world, POLICE, consent()).await;
        let id = sent.referrals[0].id;
        fetched(&world, "ictp").await;
        let question =
            json!({ "reason": "information-requested", "question": "Age?", "review_on": "2027-01-01" });
        step(&world, "ictp", id, MessageKind::Hold, question).await;
        step(&world, "cpi", id, MessageKind::Information, json!({ "answer": "Invented." })).await;
        revoke(&world, &sent, "one").await.unwrap();
        // In order: the answer is refused by the first look, and what comes behind it is given by the next.
        let given = [fetched(&world, "ictp").await, fetched(&world, "ictp").await].concat();
        assert_eq!(given, ["consent.revoked"]);
        let letters = world.hub.store.deliveries_of(id).await.unwrap();
        let answer = letters.iter().find(|held| held.message == MessageKind::Information).unwrap();
        let reason = answer.reason.as_ref().unwrap().as_str();
        assert_eq!((answer.status, reason), (DeliveryStatus::Refused, "no-consent"));
    }
}

#[tokio::test]
async fn a_new_referral_of_a_revoked_case_is_refused() {
    for world in worlds() {
        let sent = sent(&world, POLICE, consent()).await;
        fetched(&world, "ictp").await;
        revoke(&world, &sent, "one").await.unwrap();
        let mut message = request(POLICE, consent());
        message["case"] = json!(sent.case.id);
        let refused = try_send(&world, &message, "again").await.unwrap_err();
        assert_eq!(refused.slug(), "consent-not-in-force");
        message["consent"]["given_at"] = json!("2020-01-01T10:00:00+05:00");
        let refused = try_send(&world, &message, "older").await.unwrap_err();
        assert_eq!(refused.slug(), "consent-not-in-force");
        message["consent"]["given_at"] = json!("2099-01-01T10:00:00+05:00");
        try_send(&world, &message, "anew").await.unwrap();
        message["consent"] = json!({ "basis": "statutory" });
        try_send(&world, &message, "another-ground").await.unwrap();
    }
}

/// Reading and handing over stop with the day; what follows climbs its ladder, and the last rung ends it.
#[tokio::test]
async fn consent_ends_on_its_day() {
    for world in worlds() {
        let in_two_days = world.hub.store.now().plus_micros(2 * DAY).to_string();
        let mut until = consent();
        until["expires_on"] = json!(in_two_days[..10]);
        let sent = sent(&world, POLICE, until.clone()).await;
        let id = sent.referrals[0].id;
        assert_eq!(fetched(&world, "ictp").await, ["referral.request"]);
        let shown = world.hub.show_referral(&system("ictp"), id).await.unwrap().message.unwrap().into_json();
        assert_eq!(shown["consent"], until, "giver, scope and end travel with it");

        wait(&world, 2 * DAY);
        assert!(world.hub.show_referral(&system("ictp"), id).await.unwrap().message.is_none());
        assert_eq!(held(&world, id).await.status, Status::Requested, "open: somebody has to see to it");
        let late = try_send(&world, &request(POLICE, until.clone()), "late").await.unwrap_err();
        assert_eq!(late.slug(), "consent-not-in-force");

        for _ in 0..20 {
            world.hub.escalate_overdue().await.unwrap();
            let stands = held(&world, id).await;
            if stands.status.terminal() {
                break;
            }
            let next = world.hub.store.next_overdue().await.unwrap().unwrap().micros();
            wait(&world, (next - world.hub.store.now().micros()).max(0) + 1);
        }
        let stands = held(&world, id).await;
        assert_eq!(stands.status, Status::Cancelled);
        assert!(["consent-expired", "expired"].contains(&stands.reason.as_ref().unwrap().as_str()));
        assert_eq!(stands.owner.unwrap().as_str(), "cpi");
    }
}

#[tokio::test]
async fn an_override_names_reason_and_supervisor() {
    let world = World::new(Policies::embedded().unwrap());
    let whole = json!({
        "basis": "best-interests", "override_reason": "imminent-risk",
        "supervisor": { "name": "Test Officer 9", "position": "Inspector" },
    });
    sent(&world, POLICE, whole.clone()).await;
    for missing in ["override_reason", "supervisor"] {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(missing);
        let refused = try_send(&world, &request(POLICE, less), missing).await.unwrap_err();
        assert_eq!(refused.slug(), "validation-failed", "{missing}");
    }
}

#[tokio::test]
async fn a_cease_that_nobody_gives_climbs_the_ladder() {
    let world = World::on(None, Policies::embedded().unwrap(), -60 * DAY);
    let sent = sent(&world, POLICE, consent()).await;
    let id = sent.referrals[0].id;
    fetched(&world, "ictp").await;
    revoke(&world, &sent, "one").await.unwrap();
    wait(&world, 5 * DAY);
    for _ in 0..8 {
        world.hub.escalate_overdue().await.unwrap();
        wait(&world, 4 * DAY);
    }
    let clock = held(&world, id).await.clocks.into_iter().find(|held| held.kind == ClockKind::ConsentCease);
    assert_eq!(clock.unwrap().rung, 4, "up to the hub's operator, and it still runs");
    assert_eq!(ceases(&world, "ictp").await, 1);
    cease(&world, "ictp", id, json!({ "decision": "ceased" })).await.unwrap();
    assert_eq!(ceases(&world, "ictp").await, 0);
}

/// Another agency of the case took nothing back, and nobody can for it.
#[tokio::test]
async fn a_caller_takes_back_only_what_it_sent() {
    let world = World::new(Policies::embedded().unwrap());
    let sent = sent(&world, POLICE, consent()).await;
    let message = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-11-20" });
    for agency in ["ictp", "laja"] {
        let caller: Caller = system(agency);
        let bytes = message.to_string().into_bytes();
        let refused = world.hub.revoke_consent(&caller, sent.case.id, &bytes, &key("one")).await;
        assert_eq!(refused.unwrap_err().slug(), "not-found");
    }
    assert_eq!(held(&world, sent.referrals[0].id).await.status, Status::Requested);
}
