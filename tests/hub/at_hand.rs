//! What was just committed is handed over without a look at the database. Where its row or its referral has
//! moved meanwhile, the claim notices. On files, and on a server where there is one.

use casework::{DeliveryId, DeliveryStatus, DeliveryStep, MessageKind, ReferralId};
use hub::{Carried, Fresh, HandedOver};
use policies::Policies;
use serde_json::json;
use store::SealedBody;

use super::held::request;
use super::quarantine::claimed;
use super::world::{World, key, system};
use crate::store::server::Fresh as Server;
use crate::store::world::outcome;

fn worlds() -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), 0);
    std::iter::once(None).chain(Server::make().map(Some)).map(on).collect()
}

/// A request that this process relays and hands over itself: what its relay gets.
async fn sent(world: &World) -> (ReferralId, Fresh) {
    let cpi: casework::AgencyCode = "cpi".parse().unwrap();
    world.hub.at_hand.wanted();
    let (_, mut line) = world.hub.fresh.open([cpi.clone()], || true).remove(0);
    world.hub.fresh.shut(&cpi, false);
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
    (sent.referrals[0].id, line.recv().await.unwrap())
}

/// How it is handed over, and how its row stands then: state, attempts, reason.
async fn handed(world: &World, fresh: &Fresh) -> (HandedOver, DeliveryStatus, u32, Option<String>) {
    let carried = Carried { body: SealedBody::clone(&fresh.body), attempts: Some(fresh.attempts) };
    let handed = world.hub.hand_over(fresh.delivery, Some(carried)).await.unwrap();
    let row = world.hub.store.delivery(fresh.delivery).await.unwrap().unwrap();
    (handed, row.status, row.attempts, row.reason.map(|code| code.to_string()))
}

/// No agency's system is linked here, so what gets as far as the call rests for that reason.
fn called() -> (HandedOver, DeliveryStatus, u32, Option<String>) {
    (HandedOver::Rested, DeliveryStatus::Undeliverable, 1, Some("no-adapter".to_owned()))
}

/// The receiver says by other means that it has it, which moves the referral.
async fn received(world: &World, referral: ReferralId) {
    let officer = json!({ "name": "Test Officer 9", "position": "Duty officer", "phone": "+920000000009" });
    let body = json!({ "schema": "referral.received/v1", "officer": officer }).to_string().into_bytes();
    let (by, once) = (system("cpi"), key("received"));
    world.hub.answer_referral(&by, referral, MessageKind::Received, &body, &once, None).await.unwrap();
}

#[tokio::test]
async fn what_was_just_committed_is_handed_over_once() {
    for world in worlds() {
        let (_, fresh) = sent(&world).await;
        assert_eq!(handed(&world, &fresh).await, called());
        let again = handed(&world, &fresh).await;
        assert_eq!(again.0, HandedOver::NotOurs, "a second copy finds nothing to do");
    }
}

#[tokio::test]
async fn what_was_taken_back_meanwhile_is_not() {
    for world in worlds() {
        let (_, fresh) = sent(&world).await;
        let (id, reason): (DeliveryId, _) = (fresh.delivery, "duplicate".parse().unwrap());
        world.hub.withdraw_delivery(&system("ictp"), id, reason, &key("back")).await.unwrap();
        let (handed, status, attempts, _) = handed(&world, &fresh).await;
        assert_eq!((handed, status, attempts), (HandedOver::NotOurs, DeliveryStatus::Withdrawn, 0));
    }
}

#[tokio::test]
async fn a_referral_that_moved_meanwhile_is_looked_at() {
    for world in worlds() {
        let (referral, fresh) = sent(&world).await;
        received(&world, referral).await;
        assert_eq!(handed(&world, &fresh).await, called());
    }
}

#[tokio::test]
async fn consent_taken_back_meanwhile_ends_it() {
    for world in worlds() {
        let (referral, fresh) = sent(&world).await;
        let said = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-01-20" });
        let (bytes, case) = (said.to_string().into_bytes(), fresh.body.case);
        world.hub.revoke_consent(&system("ictp"), case, &bytes, &key("revoked")).await.unwrap();
        let (handed, status, ..) = handed(&world, &fresh).await;
        assert!(handed != HandedOver::Waits && status != DeliveryStatus::Undeliverable, "{status:?}");
        let shown = world.hub.store.history(referral).await.unwrap();
        let shown = shown.iter().filter_map(|line| match &line.entry.event {
            casework::Event::Delivery(step) if step.delivery == fresh.delivery => Some(step.shown.clone()),
            _ => None,
        });
        assert!(shown.into_iter().all(|shown| shown.is_empty()), "nothing was shown");
    }
}

/// Another hub made the first attempt of what this one still has at hand.
#[tokio::test]
async fn a_later_attempt_is_looked_up() {
    for world in worlds() {
        let (_, fresh) = sent(&world).await;
        claimed(&world, fresh.delivery, 1).await;
        world.hub.store.commit(outcome(fresh.delivery, 1, DeliveryStep::Retry)).await.unwrap();
        let (handed, status, attempts, reason) = handed(&world, &Fresh { attempts: 1, ..fresh }).await;
        assert_eq!((handed, status, attempts), (HandedOver::Rested, DeliveryStatus::Undeliverable, 2));
        assert_eq!(reason.as_deref(), Some("no-adapter"));
    }
}
