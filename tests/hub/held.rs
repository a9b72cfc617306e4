//! Principle 6, open on intake, closed on disclosure: a policy that fails (not one that denies) takes a
//! referral into `held`. It is sealed, hidden from its receiver, counted as in flight, and goes on when a
//! person has released it under policies that work.

use casework::{Caller, DeliveryStatus, Status};
use hub::{HandedOver, HubError, Reader};
use policies::Policies;
use serde_json::json;
use store::ReferralFilter;

use super::world::{World, failing_policies, key, system};

pub fn request() -> Vec<u8> {
    let message = json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "cpi", "service": "SVC-SHELTER" }],
        "priority": "urgent",
        "purpose": "education",
        "reasons": ["RSN-OOSC"],
        "child": { "name": { "full": "Test Child 7" }, "age": { "years": 9, "basis": "EST" }, "sex": "F" },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "position": "Sub-inspector" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    });
    message.to_string().into_bytes()
}

fn is_absent<T>(answer: Result<T, HubError>) -> bool {
    matches!(answer, Err(error) if error.slug() == "not-found")
}

#[tokio::test]
async fn a_failing_policy_holds_a_referral_until_a_person_releases_it() {
    let world = World::new(failing_policies());
    let (police, shelter) = (system("ictp"), system("cpi"));
    let sent = world.hub.submit_referral(&police, &request(), &key("one")).await.unwrap();
    let referral = sent.referrals[0].id;
    assert!(sent.referrals[0].held, "the sender is told");

    let delivery = world.hub.store.deliveries_of(referral).await.unwrap().remove(0);
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Held, 0));
    assert_eq!(delivery.owner.as_ref(), Some(&police.agency));
    assert_eq!(world.hub.store.due(vec!["cpi".into()]).await.unwrap(), [], "the relay does not see it");
    let handed = world.hub.hand_over(delivery.id, None).await.unwrap();
    assert_eq!(handed, HandedOver::NotOurs);

    assert!(is_absent(world.hub.show_referral(&shelter, referral).await), "shown to nobody");
    assert!(is_absent(world.hub.list_actions(&shelter, referral).await));
    assert!(is_absent(world.hub.referral_history(&shelter, referral).await));
    let (hub, case) = (&world.hub, sent.case.id);
    assert!(is_absent(hub.show_case(&shelter, case).await));
    assert!(is_absent(hub.looks_at_case(&shelter, case, None).await));
    assert!(is_absent(hub.disclosures_of_case(&shelter, case, Reader::Owner, None).await));
    let officer = Caller { roles: vec!["privacy-officer".into()], ..shelter.clone() };
    let code = |text: &str| text.parse().unwrap();
    assert!(is_absent(hub.show_erasure(&officer, case).await));
    assert!(is_absent(hub.ask_erasure(&officer, case, code("court-order"), &key("erase")).await));
    assert!(is_absent(hub.ask_hold(&officer, case, code("court-order"), &key("hold")).await));
    assert!(is_absent(hub.ask_lift_hold(&officer, case, &key("lift")).await));
    assert!(is_absent(hub.acknowledge_erasure(&officer, case, &key("gone")).await));
    assert_eq!(world.hub.list_referrals(&shelter, ReferralFilter::default()).await.unwrap().0.len(), 0);
    let waiting = world.hub.list_dead_letters(&police, None, 200).await.unwrap().0;
    assert_eq!(waiting.iter().map(|held| held.status).collect::<Vec<_>>(), ["held"]);
    let (page, next) = world.hub.list_dead_letters(&police, None, 1).await.unwrap();
    assert_eq!((page.len(), next), (1, Some(delivery.id)), "a full page may not be the last");
    let (page, next) = world.hub.list_dead_letters(&police, next, 1).await.unwrap();
    assert_eq!((page.len(), next), (0, None));

    let world = world.under(Policies::embedded().unwrap());
    let released = world.hub.replay_dead_letter(&police, delivery.id, &key("two")).await.unwrap();
    assert_eq!(released.status, "queued");
    assert_eq!(world.hub.store.due(vec!["cpi".into()]).await.unwrap().len(), 1);
    let seen = world.hub.show_referral(&shelter, referral).await.unwrap();
    assert_eq!((seen.status, seen.message.is_some()), (Status::Requested, true));
    assert!(world.dir().join("amaan.db").is_file());
}

/// A policy that denies is no failure: nothing is taken.
#[tokio::test]
async fn a_denial_takes_nothing() {
    let world = World::new(failing_policies());
    let denied = world.hub.submit_referral(&system("zarra"), &request(), &key("one")).await;
    assert_eq!(denied.unwrap_err().slug(), "not-permitted");
    assert_eq!(world.hub.store.checkpoint().await.unwrap(), None, "the ledger is empty");
}

/// A repeat gets its first answer, whatever the agreements say by now: otherwise a sender whose answer was
/// lost on the wire would be told no, and refer the child elsewhere.
#[tokio::test]
async fn a_repeat_is_not_decided_anew() {
    let world = World::new(Policies::embedded().unwrap());
    let police = system("ictp");
    let first = world.hub.submit_referral(&police, &request(), &key("one")).await.unwrap();
    let size = world.hub.store.checkpoint().await.unwrap().unwrap().0;
    let world = world.under(failing_policies());
    let again = world.hub.submit_referral(&police, &request(), &key("one")).await.unwrap();
    assert!(again.replayed && !first.replayed);
    let bytes = |answer| serde_json::to_string(&answer).unwrap();
    assert_eq!(bytes(first), bytes(again));
    assert_eq!(world.hub.store.checkpoint().await.unwrap().unwrap().0, size, "nothing new was written");
}
