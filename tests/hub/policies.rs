//! Another set of policies: put before the hub, compared by a replay, proposed, approved by another person,
//! in force on every hub; and sets that cannot be used, which leave the old one in force. On both engines.

use std::path::Path;

use casework::{
    AgencyCode, ApprovalStatus, Caller, Change, Condition, Event, IncidentStatus, Register, RegisterKey,
    Role, Settlement, TimeSource,
};
use hub::{Hub, HubError, OtherSet};
use policies::Policies;

use super::approvals::{person, referral, world};
use super::breaker::for_nccia;
use super::past_decisions::compared;
use super::world::{World, key, system};
use crate::store::server::Fresh;

/// Both engines, where the server is there.
pub fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

pub fn operator() -> Caller {
    Caller { roles: vec!["operator".into()], ..system("hub") }
}

/// The repository's set with another text in the place of one, its tables left out but for a row each.
fn changed(from: &str, to: &str) -> String {
    let set: serde_json::Value = serde_json::from_str(&Policies::embedded().unwrap().bundle()).unwrap();
    let text = set.to_string();
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// Police may not send to the cyber-crime agency any more.
pub fn without_police() -> String {
    let ends = r#"].contains(resource) &&\n  context has message && context.message == "#;
    let from = [r#"[Agency::\"nccia\", Agency::\"fia-ccw\", Agency::\"pta\""#, ends].concat();
    let to = [r#"[Agency::\"fia-ccw\", Agency::\"pta\""#, ends].concat();
    let mut set: serde_json::Value = serde_json::from_str(&changed(&from, &to)).unwrap();
    // Its table promised the contrary.
    let table = "[[decision]]\nwho = \"ictp\"\nact = \"send\"\nto = \"nccia\"\nexpect = \"denied\"\n";
    set["tables"]["tests/online-exploitation.toml"] = table.into();
    set.to_string()
}

fn slug<T: std::fmt::Debug>(outcome: Result<T, HubError>) -> &'static str {
    outcome.unwrap_err().slug()
}

fn in_force(hub: &Hub) -> String {
    hub.policies.current().set_digest().to_owned()
}

pub fn bundle(text: &str) -> OtherSet {
    OtherSet::Bundle(text.to_owned())
}

pub async fn sends(world: &World, name: &str) -> Result<(), HubError> {
    world.hub.submit_referral(&system("ictp"), &for_nccia(), &key(name)).await.map(|_| ())
}

#[tokio::test]
async fn another_set_comes_into_force_by_two_people_on_every_hub() {
    for world in worlds() {
        referral(&world, "before").await;
        let own = in_force(&world.hub);
        let new = Policies::from_bundle(&without_police()).unwrap().set_digest().to_owned();
        let other = world.beside(Policies::embedded().unwrap());

        let replay = world.hub.compare_policies(&operator(), bundle(&without_police()), None).await.unwrap();
        assert_eq!((replay.newly_denied, replay.newly_permitted), (1, 0), "{replay:?}");
        assert!(replay.differences[0].asked.starts_with("ictp [system] send -> nccia"), "{replay:?}");
        assert_eq!(in_force(&world.hub), own, "comparing changes nothing");

        let asked = world.hub.propose_policies(&operator(), bundle(&without_police()), &key("p")).await;
        let asked = asked.unwrap();
        assert_eq!((asked.status, asked.needs), (ApprovalStatus::Open, Role::Operator));
        let Change::PolicyChange { set, before, replay } = &asked.change else { panic!("{asked:?}") };
        assert_eq!((set, before, replay.newly_denied), (&new, &own, 1));
        assert_eq!(in_force(&world.hub), own, "proposing changes nothing");
        sends(&world, "still").await.unwrap();

        let mine = world.hub.settle_approval(&operator(), asked.id, Settlement::Approve, &key("own")).await;
        assert_eq!(slug(mine), "needs-another-person");
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        let yes = world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("yes")).await;
        assert_eq!(yes.unwrap().status, ApprovalStatus::Approved);

        assert_eq!(in_force(&world.hub), new, "at once where it was approved");
        assert_eq!(slug(sends(&world, "after").await), "not-permitted");
        other.follow_policies().await;
        assert_eq!(in_force(&other), new, "and on another hub");
        let anew = world.beside(Policies::embedded().unwrap());
        anew.follow_policies().await;
        assert_eq!(in_force(&anew), new, "and on one that starts");

        let view = anew.show_policies(&operator()).await.unwrap();
        assert_eq!((view.set, view.approved, view.proposed.len()), (new.clone(), true, 0));
        let row = world.hub.store.register(&RegisterKey::PolicySet).await.unwrap();
        let Some(Register::PolicySet(held)) = row else { panic!("{row:?}") };
        assert_eq!((held.set, held.before, held.approval), (new, own, asked.id));
        let entries = world.hub.store.entries_before(None, 200).await.unwrap();
        let entered = |kind: &Event| matches!(kind, Event::Register(Register::PolicySet(_)));
        assert_eq!(entries.iter().filter(|found| entered(&found.entry.event)).count(), 1);
    }
}

#[tokio::test]
async fn only_an_operator_proposes_and_only_a_sound_set() {
    let world = world(None);
    for who in [system("ictp"), system("hub"), Caller { roles: vec!["operator".into()], ..system("ictp") }] {
        assert_eq!(slug(world.hub.propose_policies(&who, bundle("{}"), &key("p")).await), "not-permitted");
        assert_eq!(slug(world.hub.compare_policies(&who, bundle("{}"), None).await), "not-permitted");
        assert_eq!(slug(world.hub.show_policies(&who).await), "not-permitted");
    }
    let analyst = Caller { roles: vec!["analyst".into()], ..system("ncrc") };
    assert!(!world.hub.show_policies(&analyst).await.unwrap().approved, "an auditor may look");
    let broken = changed("Purpose::\\\"protection\\\"", "Purpose::\\\"protecton\\\"");
    for text in ["{}", "nonsense", broken.as_str()] {
        let refused = world.hub.propose_policies(&operator(), bundle(text), &key("p")).await;
        assert_eq!(slug(refused), "policy-set-refused");
    }
    let unknown = OtherSet::Known("0123456789abcdef".to_owned());
    assert_eq!(slug(world.hub.compare_policies(&operator(), unknown, None).await), "policy-set-refused");
    let own = bundle(&Policies::embedded().unwrap().bundle());
    assert_eq!(slug(world.hub.propose_policies(&operator(), own, &key("own")).await), "policies-moved");
}

/// Two proposals against the same set: once one is in force, the other was compared with another set.
#[tokio::test]
async fn a_proposal_that_was_overtaken_cannot_be_approved() {
    let world = world(None);
    let title = |to: &str| changed("Police may report a missing child to ZARRA.", to);
    let first = world.hub.propose_policies(&operator(), bundle(&title("One.")), &key("1")).await.unwrap();
    let late = world.hub.propose_policies(&operator(), bundle(&title("Two.")), &key("2")).await.unwrap();
    let second = person(&world, "hub", "operator-2", Role::Operator).await;
    let approve = async |asked: &hub::ApprovalView, name: &str| {
        world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key(name)).await
    };
    approve(&first, "yes-1").await.unwrap();
    assert_eq!(slug(approve(&late, "yes-2").await), "policies-moved");
    // The set of before is known by its digest: the way back is the same way.
    let own = Policies::embedded().unwrap().set_digest().to_owned();
    world.hub.store.keep_policy_set(own.clone(), Policies::embedded().unwrap().bundle()).await.unwrap();
    let back = world.hub.propose_policies(&operator(), OtherSet::Known(own.clone()), &key("3")).await;
    approve(&back.unwrap(), "yes-3").await.unwrap();
    assert_eq!(in_force(&world.hub), own);
}

fn write_set(dir: &Path, bundle: &str) {
    let set: serde_json::Value = serde_json::from_str(bundle).unwrap();
    std::fs::create_dir_all(dir.join("tests")).unwrap();
    std::fs::write(dir.join("amaan.cedarschema"), set["schema"].as_str().unwrap()).unwrap();
    for (name, text) in
        set["agreements"].as_object().unwrap().iter().chain(set["tables"].as_object().unwrap())
    {
        std::fs::write(dir.join(name), text.as_str().unwrap()).unwrap();
    }
}

async fn incident(world: &World, condition: Condition) -> Option<IncidentStatus> {
    let rows = world.hub.store.registers("incident", Some(AgencyCode::hub())).await.unwrap();
    rows.into_iter().find_map(|row| match row {
        Register::Incident(held) if held.condition == condition => Some(held.status),
        _ => None,
    })
}

#[tokio::test]
async fn a_folder_offers_and_a_bad_set_in_it_changes_nothing() {
    let world = world(None);
    let (dir, own) = (tempfile::tempdir().unwrap(), in_force(&world.hub));
    write_set(dir.path(), &without_police());
    world.hub.look_at_policies(dir.path()).await;
    let new = Policies::from_bundle(&without_police()).unwrap().set_digest().to_owned();
    let view = world.hub.show_policies(&operator()).await.unwrap();
    assert_eq!((view.set.as_str(), view.offered.as_deref()), (own.as_str(), Some(new.as_str())));

    std::fs::write(dir.path().join("oversight.cedar"), "permit (principal").unwrap();
    world.hub.look_at_policies(dir.path()).await;
    let view = world.hub.show_policies(&operator()).await.unwrap();
    assert_eq!((view.set.as_str(), view.offered, view.refused.len()), (own.as_str(), None, 1));
    assert!(view.refused[0].contains("oversight.cedar"), "{:?}", view.refused);
    assert_eq!(incident(&world, Condition::PolicySetRefused).await, Some(IncidentStatus::Opened));
    sends(&world, "goes-on").await.unwrap();

    write_set(dir.path(), &without_police());
    world.hub.look_at_policies(dir.path()).await;
    assert_eq!(incident(&world, Condition::PolicySetRefused).await, Some(IncidentStatus::Recovered));
    let asked = world.hub.propose_policies(&operator(), OtherSet::Known(new), &key("p")).await;
    assert_eq!(asked.unwrap().status, ApprovalStatus::Open, "what is offered is proposed by its digest");
}

/// Two people approved a set whose text is gone. Who runs goes on by the old one; who starts decides nothing:
/// intake is held for a person, nothing is shown; with the text again all goes on.
#[tokio::test]
async fn an_approved_set_that_is_missing_closes_disclosure_and_holds_intake() {
    let world = world(None);
    let asked = world.hub.propose_policies(&operator(), bundle(&without_police()), &key("p")).await.unwrap();
    let second = person(&world, "hub", "operator-2", Role::Operator).await;
    let running = world.beside(Policies::embedded().unwrap());
    running.follow_policies().await;
    world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("yes")).await.unwrap();
    let new = in_force(&world.hub);
    world.sql("DELETE FROM policy_sets");
    let before = in_force(&running);
    running.follow_policies().await;
    assert_eq!(in_force(&running), before, "a set that is missing leaves the old one in force");
    let starting = world.beside(Policies::embedded().unwrap());
    starting.follow_policies().await;
    let view = starting.submit_referral(&system("ictp"), &for_nccia(), &key("held")).await.unwrap();
    assert!(view.referrals[0].held);
    assert_eq!(slug(starting.show_policies(&operator()).await), "disclosure-closed");
    // An operator puts the files back into the folder.
    let dir = tempfile::tempdir().unwrap();
    write_set(dir.path(), &without_police());
    starting.look_at_policies(dir.path()).await;
    starting.follow_policies().await;
    assert_eq!(in_force(&starting), new);
    assert!(!starting.show_policies(&operator()).await.unwrap().in_doubt);
}

/// An agreement that ends: it is told of a month before, and from the first day after it nothing is permitted
/// by it; what is on its way to be shown is not shown any more. Time is the case's.
#[tokio::test]
async fn an_agreement_that_ends_permits_nothing_the_day_after() {
    const DAY: i64 = 86_400_000_000;
    // Back in time, so that the case's clock can be moved.
    let world = World::on(None, Policies::embedded().unwrap(), -90 * DAY);
    let today = world.hub.store.now().in_pakistan().date_naive();
    let last = today.succ_opt().unwrap().to_string();
    let mut set: serde_json::Value = serde_json::from_str(&Policies::embedded().unwrap().bundle()).unwrap();
    let file = &mut set["agreements"]["online-exploitation.cedar"];
    *file = file.as_str().unwrap().replacen("to open", &format!("to {last}"), 1).into();
    let ending = Policies::from_bundle(&set.to_string()).unwrap();
    let world = world.under(ending);
    sends(&world, "today").await.unwrap();
    assert_eq!(incident(&world, Condition::AgreementEnding).await, None);
    hub::Gauges::default().refresh(&world.hub).await;
    assert_eq!(incident(&world, Condition::AgreementEnding).await, Some(IncidentStatus::Opened));

    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("under-way")).await.unwrap();
    world.hub.store.advance_clock(2 * DAY).unwrap();
    assert_eq!(slug(sends(&world, "too-late").await), "not-permitted");
    let delivery = world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap().remove(0);
    world.hub.hand_over(delivery.id, None).await.unwrap();
    let delivery = world.hub.store.delivery(delivery.id).await.unwrap().unwrap();
    assert_eq!(delivery.status, casework::DeliveryStatus::Refused, "policy is asked again at hand-over");
    let replay = compared(&world, &Policies::embedded().unwrap().bundle()).await;
    let handed =
        replay.differences.iter().find(|one| one.asked.starts_with("nccia [system] receive -> ictp"));
    assert_eq!(
        handed.map(|one| (one.times, one.refused)),
        Some((1, 1)),
        "and that no is replayed: {replay:?}"
    );

    // The agreement is renewed: another set without the end.
    let world = world.under(Policies::embedded().unwrap());
    hub::Gauges::default().refresh(&world.hub).await;
    assert_eq!(incident(&world, Condition::AgreementEnding).await, Some(IncidentStatus::Recovered));
    sends(&world, "renewed").await.unwrap();
}

/// Jurisdiction: what codes say of the places of agency and case reaches the policies at intake.
#[tokio::test]
async fn a_policy_may_keep_an_agency_to_its_own_province() {
    let mut set: serde_json::Value = serde_json::from_str(&Policies::embedded().unwrap().bundle()).unwrap();
    set["agreements"]["places.cedar"] = "// Agreement: Where agencies work\n// Parties: ictp\n\
        // Legal basis: assumed, unverified (a test)\n// Valid: 2025-01-01 to open\n\n\
        @id(\"places.own\")\n@title(\"Police refer children of their own province.\")\n\
        forbid (principal == Agency::\"ictp\", action == Action::\"send\", resource)\n\
        when { context has case_province && !context.agency_provinces.contains(context.case_province) };\n"
        .into();
    set["tables"]["tests/places.toml"] = "[[decision]]\nwho = \"ictp\"\nact = \"send\"\nto = \"nccia\"\n\
        agency_provinces = [\"PK4\"]\ncase_province = \"PK7\"\nexpect = \"denied\"\nby = [\"places.own\"]\n"
        .into();
    let world = World::new(Policies::from_bundle(&set.to_string()).unwrap());
    let of = |district: Option<&str>| {
        let mut message: serde_json::Value = serde_json::from_slice(&for_nccia()).unwrap();
        let district = district.map(|code| serde_json::json!({ "value": code }));
        district.into_iter().for_each(|district| message["statistics"]["district"] = district);
        message.to_string().into_bytes()
    };
    let send = async |district, name: &str| {
        let sent = world.hub.submit_referral(&system("ictp"), &of(district), &key(name)).await;
        sent.map(|_| ())
    };
    send(Some("PK401"), "islamabad").await.unwrap();
    send(None, "not-said").await.unwrap();
    assert_eq!(slug(send(Some("PK701"), "sindh").await), "not-permitted");
}
