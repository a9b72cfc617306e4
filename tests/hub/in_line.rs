//! One agency gets the messages of a referral in order; a sender takes back what nobody can have got; and
//! what an agency does not fetch does not wait for ever. On files, and on a server where there is one.

use casework::{Code, DeliveryId, DeliveryStatus, MessageKind, Resolution, TimeSource};
use hub::{HandedOver, Hub, HubError};
use policies::Policies;
use serde_json::json;

use super::breaker::{ANSWERS, Line, for_nccia};
use super::quarantine;
use super::world::{World, key, system};
use crate::store::server::Fresh;

fn worlds(first_offset_micros: i64) -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), first_offset_micros);
    std::iter::once(None).chain(Fresh::make().map(Some)).map(on).collect()
}

async fn sent(world: &World) -> (casework::ReferralId, DeliveryId) {
    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("one")).await.unwrap();
    let referral = sent.referrals[0].id;
    (referral, world.hub.store.deliveries_of(referral).await.unwrap()[0].id)
}

async fn answer(
    world: &World,
    by: &str,
    referral: casework::ReferralId,
    step: &str,
    body: serde_json::Value,
) {
    let kind: MessageKind = format!("referral.{step}").parse().unwrap();
    let mut body = body;
    body["schema"] = json!(format!("referral.{step}/v1"));
    let bytes = body.to_string().into_bytes();
    world.hub.answer_referral(&system(by), referral, kind, &bytes, &key(step), None).await.unwrap();
}

async fn status(world: &World, id: DeliveryId) -> DeliveryStatus {
    world.hub.store.delivery(id).await.unwrap().unwrap().status
}

fn opened() -> serde_json::Value {
    let officer = json!({ "name": "Test Officer 9", "position": "Duty officer", "phone": "+920000000009" });
    json!({ "officer": officer })
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// NCCIA is not connected, so the request rests with a person; the cancellation waits behind it.
#[tokio::test]
async fn users_ask_29_a_later_message_waits_for_an_earlier_open_one() {
    for world in worlds(0) {
        let (referral, first) = sent(&world).await;
        assert_eq!(world.hub.hand_over(first, None).await.unwrap(), HandedOver::Rested);
        assert_eq!(status(&world, first).await, DeliveryStatus::Undeliverable);
        answer(&world, "ictp", referral, "cancel-request", json!({ "reason": "child-found-safe" })).await;
        let all = world.hub.store.deliveries_of(referral).await.unwrap();
        let later = all.iter().find(|held| held.message == MessageKind::CancelRequest).unwrap().id;
        assert_eq!(world.hub.hand_over(later, None).await.unwrap(), HandedOver::Waits);
        let held = world.hub.store.delivery(later).await.unwrap().unwrap();
        assert_eq!((held.status, held.attempts), (DeliveryStatus::Queued, 0), "no attempt is spent");
        let seen = world.hub.show_referral(&system("ictp"), referral).await.unwrap();
        let seen = seen.deliveries.iter().find(|seen| seen.id == later).unwrap();
        assert!((seen.held_by, seen.next_try.is_some()) == (Some("order"), true), "{seen:?}");

        let (delivered, reason) = (Resolution::Delivered, code("agency-confirmed"));
        let ictp = system("ictp");
        world.hub.resolve_dead_letter(&ictp, first, delivered, reason, &key("settled")).await.unwrap();
        let handing = world.hub.store.handing(later).await.unwrap().unwrap();
        assert!(handing.is_due && handing.waits_for.is_none(), "it goes on at once: {handing:?}");
        assert_eq!(world.hub.hand_over(later, None).await.unwrap(), HandedOver::Rested);
    }
}

/// Two hubs on one store: what waits in one of them for a message that the other brought to rest goes on with
/// the next sweep, and not when its wait is over.
#[tokio::test]
async fn what_another_hub_brought_to_rest_holds_nothing_up() {
    for world in worlds(0) {
        let other = world.beside(Policies::embedded().unwrap());
        let (referral, first) = sent(&world).await;
        assert_eq!(world.hub.hand_over(first, None).await.unwrap(), HandedOver::Rested);
        answer(&world, "ictp", referral, "cancel-request", json!({ "reason": "child-found-safe" })).await;
        let all = world.hub.store.deliveries_of(referral).await.unwrap();
        let later = all.iter().find(|held| held.message == MessageKind::CancelRequest).unwrap().id;
        assert_eq!(world.hub.hand_over(later, None).await.unwrap(), HandedOver::Waits);
        let is_due = async || world.hub.store.handing(later).await.unwrap().unwrap().is_due;
        world.hub.let_waiting_go().await.unwrap();
        assert!(!is_due().await, "the earlier one is open");

        let (delivered, reason) = (Resolution::Delivered, code("agency-confirmed"));
        other.resolve_dead_letter(&system("ictp"), first, delivered, reason, &key("settled")).await.unwrap();
        assert!(!is_due().await, "the other hub does not know what waits here");
        world.hub.let_waiting_go().await.unwrap();
        assert!(is_due().await);
    }
}

#[tokio::test]
async fn an_inbox_gives_the_messages_of_a_referral_in_order() {
    for world in worlds(0) {
        let (referral, _) = sent(&world).await;
        answer(&world, "nccia", referral, "received", opened()).await;
        answer(
            &world,
            "nccia",
            referral,
            "hold",
            json!({ "reason": "awaiting-court", "review_on": "2027-01-15" }),
        )
        .await;
        let mut seen = Vec::new();
        for _ in 0..2 {
            let given = world.hub.list_inbox(&system("ictp"), 50).await.unwrap();
            assert_eq!(given.len(), 1, "the next one waits until this one is acknowledged: {given:?}");
            let id: DeliveryId = given[0].json()["delivery"].as_str().unwrap().parse().unwrap();
            world.hub.acknowledge_delivery(&system("ictp"), id).await.unwrap();
            let held = world.hub.store.delivery(id).await.unwrap().unwrap();
            seen.push(held.message);
        }
        assert_eq!(seen, [MessageKind::Received, MessageKind::Hold]);
    }
}

#[tokio::test]
async fn what_is_waiting_is_taken_back_by_its_sender_only() {
    for world in worlds(0) {
        let (referral, id) = sent(&world).await;
        let take = async |by: &str, reason: &str, repeated: &str| {
            let done = world.hub.withdraw_delivery(&system(by), id, code(reason), &key(repeated)).await;
            done.map(|seen| seen.status).map_err(|error| error.slug())
        };
        assert_eq!(take("cpi", "wrong-recipient", "a").await, Err("not-found"));
        assert_eq!(take("ictp", "because", "b").await, Err("unknown-code"));
        assert_eq!(take("ictp", "wrong-recipient", "c").await, Ok("withdrawn"));
        assert_eq!(take("ictp", "wrong-recipient", "c").await, Ok("withdrawn"), "said again");
        assert_eq!(take("ictp", "wrong-recipient", "d").await, Err("delivery-moved"));
        let seen = world.hub.show_referral(&system("ictp"), referral).await.unwrap();
        assert!(seen.closed && seen.reason == Some(code("wrong-recipient")), "{seen:?}");
        assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::NotOurs, "nothing is sent");
        let found = world.hub.store.recount().await.unwrap();
        assert!(found.holds() && found.total().withdrawn == 1, "{found:?}");
    }
}

/// What was shown was shown: that a later message was taken back hides nothing.
#[tokio::test]
async fn a_receiver_still_knows_what_it_was_sent_when_a_later_message_is_taken_back() {
    let line = Line::new().await;
    line.does(ANSWERS);
    let first = line.message("one").await;
    assert_eq!(line.hand_over(first).await, HandedOver::Rested);
    let (world, referral) =
        (&line.world, line.world.hub.store.delivery(first).await.unwrap().unwrap().referral);
    answer(world, "ictp", referral, "cancel-request", json!({ "reason": "child-found-safe" })).await;
    let all = world.hub.store.deliveries_of(referral).await.unwrap();
    let later = all.iter().find(|held| held.message == MessageKind::CancelRequest).unwrap().id;
    world.hub.withdraw_delivery(&system("ictp"), later, code("wrong-recipient"), &key("back")).await.unwrap();
    assert!(world.hub.show_referral(&system("nccia"), referral).await.is_ok());
}

#[tokio::test]
async fn after_an_attempt_only_what_cannot_have_arrived_is_taken_back() {
    let nobody = crate::agencies::responder::nobody().await;
    for expected in [Ok("withdrawn"), Err("outcome-unknown")] {
        for world in worlds(0) {
            let safe = expected.is_ok();
            let link = if safe { crate::agencies::responder::link(&nobody) } else { quarantine::link() };
            let links = [("nccia".parse().unwrap(), link)].into();
            let world = world.with(|hub| Hub { links, ..hub });
            let (_, id) = sent(&world).await;
            assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Waits);
            let taken =
                world.hub.withdraw_delivery(&system("ictp"), id, code("duplicate"), &key("back")).await;
            assert_eq!(taken.as_ref().map(|seen| seen.status).map_err(HubError::slug), expected);
        }
    }
}

#[tokio::test]
async fn what_nobody_fetches_expires() {
    const DAY: i64 = 86_400_000_000;
    for world in worlds(-30 * DAY) {
        let (referral, _) = sent(&world).await;
        answer(&world, "nccia", referral, "received", opened()).await;
        let all = world.hub.store.deliveries_of(referral).await.unwrap();
        let told = all.iter().find(|held| held.message == MessageKind::Received).unwrap().id;
        assert_eq!(world.hub.expire_unfetched().await.unwrap(), 0);
        let store = &world.hub.store;
        store.raise_clock(store.now().plus_micros(7 * DAY)).unwrap();
        assert_eq!(world.hub.expire_unfetched().await.unwrap(), 1);
        let held = store.delivery(told).await.unwrap().unwrap();
        assert_eq!((held.status, held.reason), (DeliveryStatus::Expired, Some(code("life-over"))));
        assert_eq!(held.owner.unwrap().as_str(), "nccia", "its sender has to settle it");
        assert_eq!(world.hub.list_inbox(&system("ictp"), 50).await.unwrap().len(), 0);
    }
}
