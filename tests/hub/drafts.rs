//! A draft is its writer's alone until it is sent, and sent as if it were written then. On SQLite, and on
//! PostgreSQL where a server is named.

use casework::{DeliveryStatus, MessageKind, ReferralId, Status, TimeSource};
use hub::{Answered, HubError, Submitted};
use policies::Policies;
use serde_json::{Value, json};
use store::ReferralFilter;

use super::world::{World, key, system};
use crate::store::server::Fresh;

const DAY: i64 = 86_400_000_000;

fn worlds() -> Vec<World> {
    let on = |databases| World::on(databases, Policies::embedded().unwrap(), -90 * DAY);
    std::iter::once(on(None)).chain(Fresh::make().map(|fresh| on(Some(fresh)))).collect()
}

fn message() -> Value {
    json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "ictp", "service": "SVC-POLICE" }],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-NEGLECT"],
        "child": { "name": { "full": "Test Child 7" }, "age": { "years": 9, "basis": "EST" }, "sex": "F" },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-case" },
        "referred_by": { "position": "Intake officer" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    })
}

async fn written(world: &World, message: &Value, name: &str) -> Submitted {
    let bytes = message.to_string().into_bytes();
    world.hub.write_draft(&system("cpi"), &bytes, &key(name)).await.unwrap()
}

async fn take(
    world: &World,
    by: &str,
    id: ReferralId,
    step: MessageKind,
    body: Value,
) -> Result<Answered, HubError> {
    let mut body = body;
    body["schema"] = json!(format!("{step}/v1"));
    let (by, bytes) = (system(by), body.to_string().into_bytes());
    world.hub.answer_referral(&by, id, step, &bytes, &key(step.action()), None).await
}

async fn status(world: &World, id: ReferralId) -> Status {
    world.hub.store.referral(id).await.unwrap().unwrap().status
}

/// Nothing of it is found by its receiver: not the referral, not the case, no event, nothing in a list.
async fn unknown_to_the_receiver(world: &World, draft: &Submitted) {
    let (police, id) = (system("ictp"), draft.referrals[0].id);
    assert_eq!(world.hub.show_referral(&police, id).await.unwrap_err().slug(), "not-found");
    assert_eq!(world.hub.show_case(&police, draft.case.id).await.unwrap_err().slug(), "not-found");
    assert_eq!(world.hub.list_actions(&police, id).await.unwrap_err().slug(), "not-found");
    let filter = ReferralFilter { limit: 50, ..ReferralFilter::default() };
    assert!(world.hub.list_referrals(&police, filter).await.unwrap().0.is_empty());
    assert!(world.hub.list_events(&police, None, 200).await.unwrap().events.is_empty());
    assert!(world.hub.list_inbox(&police, 50).await.unwrap().is_empty());
    assert!(world.hub.store.open_referrals_to("ictp".parse().unwrap(), 50).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_draft_is_seen_by_its_writer_only() {
    for world in worlds() {
        let draft = written(&world, &message(), "one").await;
        let again = written(&world, &message(), "one").await;
        assert_eq!((again.replayed, json!(again)), (true, json!(draft)));
        let id = draft.referrals[0].id;
        assert_eq!(status(&world, id).await, Status::Draft);
        unknown_to_the_receiver(&world, &draft).await;
        assert!(world.hub.store.deliveries_of(id).await.unwrap().is_empty(), "nothing is on its way");
        let own = world.hub.show_referral(&system("cpi"), id).await.unwrap();
        assert_eq!(own.message.unwrap().json()["child"]["name"]["full"], "Test Child 7");
        let offered = world.hub.list_actions(&system("cpi"), id).await.unwrap().actions;
        assert_eq!(offered.iter().map(|one| one.action).collect::<Vec<_>>(), ["close", "send"]);

        let close = json!({ "reason": "family-solved" });
        take(&world, "cpi", id, MessageKind::Close, close).await.unwrap();
        let closed = world.hub.store.referral(id).await.unwrap().unwrap();
        assert!(closed.closed() && closed.status == Status::Cancelled && closed.owner.is_none());
        unknown_to_the_receiver(&world, &draft).await;
    }
}

#[tokio::test]
async fn a_draft_that_is_sent_is_the_message_that_was_written() {
    for world in worlds() {
        let draft = written(&world, &message(), "one").await;
        let id = draft.referrals[0].id;
        let sent = take(&world, "cpi", id, MessageKind::Send, json!({})).await.unwrap();
        assert_eq!((sent.status, sent.version), (Status::Requested, 2));
        assert_eq!(sent.receipt.opening, draft.receipt.opening, "one message, one opening");
        let again = take(&world, "cpi", id, MessageKind::Send, json!({})).await.unwrap();
        assert_eq!((again.replayed, json!(again)), (true, json!(sent)));

        let letters = world.hub.store.deliveries_of(id).await.unwrap();
        let [letter] = letters.as_slice() else { panic!("{letters:?}") };
        assert_eq!((letter.message, letter.status), (MessageKind::Request, DeliveryStatus::Queued));
        let given = world.hub.list_inbox(&system("ictp"), 50).await.unwrap();
        assert_eq!(given[0].json()["body"]["child"]["name"]["full"], "Test Child 7");
        let seen = world.hub.show_referral(&system("ictp"), id).await.unwrap();
        assert_eq!(seen.message.unwrap().json()["child"]["name"]["full"], "Test Child 7");
        let told = world.hub.list_events(&system("ictp"), None, 200).await.unwrap().events;
        assert!(told[0].body.get().contains("referral.send"), "its receiver's events begin there");
        assert!(world.hub.store.fact_link(id).await.unwrap().is_some(), "it counts from now on");
        let officer = json!({ "officer": { "name": "Test Officer 8", "position": "In charge" } });
        take(&world, "ictp", id, MessageKind::Accept, officer).await.unwrap();
        let (by, once) = (system("cpi"), key("other"));
        let bytes = json!({ "schema": "referral.send/v1" }).to_string().into_bytes();
        let twice = world.hub.answer_referral(&by, id, MessageKind::Send, &bytes, &once, None).await;
        assert_eq!(twice.unwrap_err().slug(), "invalid-transition");
    }
}

/// Not once it is over, and not once it was taken back.
#[tokio::test]
async fn a_draft_is_sent_on_a_consent_that_holds() {
    for world in worlds() {
        let mut until = message();
        let tomorrow = world.hub.store.now().plus_micros(DAY).to_string();
        until["consent"]["expires_on"] = json!(tomorrow[..10]);
        let over = written(&world, &until, "over").await.referrals[0].id;
        let kept = written(&world, &message(), "kept").await;
        world.hub.store.raise_clock(world.hub.store.now().plus_micros(DAY)).unwrap();
        let refused = take(&world, "cpi", over, MessageKind::Send, json!({})).await.unwrap_err();
        assert_eq!(refused.slug(), "consent-not-in-force");

        let said = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-11-20" });
        let bytes = said.to_string().into_bytes();
        world.hub.revoke_consent(&system("cpi"), kept.case.id, &bytes, &key("gone")).await.unwrap();
        let gone = world.hub.store.referral(kept.referrals[0].id).await.unwrap().unwrap();
        assert!(gone.closed() && gone.status == Status::Cancelled, "nothing is left to see to: {gone:?}");
        unknown_to_the_receiver(&world, &kept).await;
    }
}

#[tokio::test]
async fn an_old_draft_expires_to_its_writer() {
    for world in worlds() {
        let draft = written(&world, &message(), "one").await;
        let id = draft.referrals[0].id;
        for _ in 0..6 {
            world.hub.store.raise_clock(world.hub.store.now().plus_micros(10 * DAY)).unwrap();
            world.hub.escalate_overdue().await.unwrap();
        }
        let expired = world.hub.store.referral(id).await.unwrap().unwrap();
        assert!(expired.closed() && expired.status == Status::Cancelled, "{expired:?}");
        assert_eq!(expired.reason.unwrap().as_str(), "expired");
        unknown_to_the_receiver(&world, &draft).await;
    }
}
