//! What a replay of the last decisions asks again: what was permitted, identity checks, what policies
//! refused; and what cannot be asked again, by its reason.

use casework::{Caller, Change};
use hub::HubError;
use policies::Policies;

use super::approvals::world;
use super::breaker::for_nccia;
use super::policies::{bundle, operator, sends, without_police, worlds};
use super::world::{World, key, system};

/// Refuses as a door does: the use case says no, and that is written down.
async fn refused<T: std::fmt::Debug>(world: &World, caller: &Caller, outcome: Result<T, HubError>) {
    let error = outcome.unwrap_err();
    let slug = error.slug();
    let asked = match error {
        HubError::Denied(denied) => denied.asked,
        _ => None,
    };
    world.hub.note_refusal(caller, slug, asked).await.unwrap();
}

pub async fn compared(world: &World, text: &str) -> policies::Replay {
    world.hub.compare_policies(&operator(), bundle(text), None).await.unwrap()
}

/// What was refused is asked again from its entry: a set that would permit it shows so, and by which policy.
#[tokio::test]
async fn what_was_refused_and_would_be_permitted_is_a_difference() {
    let police = system("ictp");
    for world in worlds() {
        let world = world.under(Policies::from_bundle(&without_police()).unwrap());
        let own = Policies::embedded().unwrap().bundle();
        refused(&world, &police, sends(&world, "no").await).await;
        refused(&world, &police, sends(&world, "no-again").await).await;
        // No decision of the policies, and one that nobody's set permits.
        refused(&world, &police, world.hub.submit_referral(&police, b"{}".as_slice(), &key("bad")).await)
            .await;
        refused(&world, &police, world.hub.show_policies(&police).await).await;
        let replay = compared(&world, &own).await;
        assert_eq!((replay.decisions, replay.refusals, replay.not_asked.len()), (3, 3, 0), "{replay:?}");
        assert_eq!((replay.newly_permitted, replay.newly_denied, replay.questions), (2, 0, 1), "{replay:?}");
        let [one] = &replay.differences[..] else { panic!("{replay:?}") };
        let question = "ictp [system] send -> nccia referral.request SVC-CYBER protection";
        assert!(one.asked.starts_with(question), "{replay:?}");
        assert_eq!((one.times, one.refused), (2, 2));
        assert_eq!((one.was, one.becomes), (policies::Expect::Denied, policies::Expect::Permitted));
        assert!(one.becomes_by[0].starts_with("online-exploitation."), "{replay:?}");

        let proposed = world.hub.propose_policies(&operator(), bundle(&own), &key("p")).await.unwrap();
        let Change::PolicyChange { replay, .. } = proposed.change else { panic!() };
        assert_eq!((replay.decisions, replay.newly_permitted, replay.not_asked), (3, 2, 0));
    }
}

/// What only was counted, and what older hubs wrote, is no question; it is said how much there was of it.
#[tokio::test]
async fn what_cannot_be_asked_again_is_counted_by_its_reason() {
    let world = world(None);
    let police = system("ictp");
    for _ in 0..14 {
        refused(&world, &police, world.hub.show_policies(&police).await).await;
    }
    world.hub.flush_refusals().await.unwrap();
    let of = |asked| {
        casework::Action::Refused(casework::RefusedEntry {
            problem: "not-permitted".parse().unwrap(),
            agency: police.agency.clone(),
            count: 1,
            asked,
        })
    };
    let unknown = casework::PolicyAsked {
        act: "fly".parse().unwrap(),
        roles: Vec::new(),
        to: None,
        message: None,
        service: None,
        purpose: None,
        basis: None,
        urgency: None,
    };
    for action in [of(None), of(Some(Box::new(unknown)))] {
        let command = casework::Command {
            actor: police.actor,
            via: police.via,
            permit: None,
            commitment: None,
            action,
        };
        world.hub.store.commit(store::Order::plain(command, store::Lane::Reads)).await.unwrap();
    }
    let replay = compared(&world, &without_police()).await;
    assert_eq!((replay.decisions, replay.refusals, replay.questions), (10, 10, 0), "{replay:?}");
    let expected =
        [("refusal-of-an-act-unknown", 1), ("refusal-without-question", 1), ("refusals-only-counted", 4)];
    assert_eq!(replay.not_asked.into_iter().collect::<Vec<_>>(), expected);
}

/// An identity check keeps its purpose and basis, so it is asked again like a referral.
#[tokio::test]
async fn identity_checks_are_among_the_past_decisions() {
    let police = system("ictp");
    for world in worlds() {
        let sent = world.hub.submit_referral(&police, &for_nccia(), &key("case")).await.unwrap();
        let ask = async |purpose: &str, of: &Caller, name: &str| {
            let asked = serde_json::json!({
                "schema": "identity.check/v1", "case": sent.case.id, "purpose": purpose,
                "basis": "best-interests", "subject": { "id_number": "0000000000001" },
            });
            world.hub.check_identity(of, asked.to_string().as_bytes(), &key(name)).await.map(|_| ())
        };
        ask("guardian-verification", &police, "one").await.unwrap();
        ask("missing-child", &police, "two").await.unwrap();
        let shelter = system("laja");
        refused(&world, &shelter, ask("child-identity", &shelter, "three").await).await;
        // Over before: police may ask NADRA nothing.
        let mut set: serde_json::Value =
            serde_json::from_str(&Policies::embedded().unwrap().bundle()).unwrap();
        let file = &mut set["agreements"]["identity-verification.cedar"];
        *file = file.as_str().unwrap().replacen("2025-01-01 to open", "2025-01-01 to 2025-06-30", 1).into();
        let replay = compared(&world, &set.to_string()).await;
        assert_eq!((replay.newly_denied, replay.newly_permitted, replay.refusals), (2, 0, 1), "{replay:?}");
        let asked: Vec<_> = replay.differences.iter().map(|one| one.asked.as_str()).collect();
        let question = "ictp [system] check_identity -> nadra identity.check";
        let expected = ["guardian-verification", "missing-child"];
        assert_eq!(asked, expected.map(|purpose| format!("{question} {purpose} best-interests")));
    }
}
