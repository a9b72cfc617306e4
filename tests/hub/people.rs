//! Who a token speaks for: a person where its agency said so, in the person's roles, and nobody once the
//! agency said that the person may not act any more.

use casework::{Caller, Role, SetSwitch};
use hub::{Hub, PersonSaid};
use identity::Verified;

use super::approvals::{ISSUER, person, world};
use super::world::{World, key, system};
use crate::store::server::Fresh;

fn token(client: &str, subject: &str) -> Verified {
    Verified {
        issuer: ISSUER.into(),
        client: client.into(),
        subject: subject.into(),
        scopes: vec!["referral.send".into(), "people.manage".into()],
        auth_time: None,
        expires_at: i64::MAX,
        bound_to: None,
    }
}

async fn caller(world: &World, client: &str, subject: &str) -> Option<Caller> {
    world.hub.caller(&token(client, subject)).await.unwrap()
}

#[tokio::test]
async fn a_person_acts_in_its_own_roles() {
    let world = world(None);
    let before = caller(&world, "ictp", "officer").await.unwrap();
    assert_eq!(before.roles, ["system"], "nobody has said who that is");
    let officer = person(&world, "ictp", "officer", Role::Caseworker).await;
    let now = caller(&world, "ictp", "officer").await.unwrap();
    assert_eq!((now.actor, now.roles), (officer.actor, vec!["caseworker".to_owned()]));
    assert_eq!(now.scopes, ["referral.send"], "the client's scopes stay the bound");
    let system = caller(&world, "ictp", "ictp").await.unwrap();
    assert_eq!(
        (system.roles, system.actor),
        (vec!["system".to_owned()], before.actor),
        "all others as before"
    );
}

#[tokio::test]
async fn a_person_that_may_not_act_is_a_stranger() {
    let world = world(None);
    person(&world, "ictp", "officer", Role::Caseworker).await;
    let said = PersonSaid { subject: "officer".into(), issuer: None, roles: [].into(), active: false };
    let admin = Caller { roles: vec!["agency-admin".into()], ..system("ictp") };
    world.hub.set_person(&admin, &said, &key("gone")).await.unwrap();
    assert_eq!(caller(&world, "ictp", "officer").await, None);
    assert!(caller(&world, "ictp", "ictp").await.is_some());
}

#[tokio::test]
async fn what_another_agency_says_of_a_subject_counts_nothing() {
    let world = world(None);
    person(&world, "cpi", "ictp", Role::Supervisor).await;
    person(&world, "cpi", "officer", Role::Supervisor).await;
    person(&world, "ictp", "somebody", Role::Caseworker).await;
    for subject in ["ictp", "officer"] {
        let held = caller(&world, "ictp", subject).await.unwrap();
        assert_eq!((held.agency.as_str(), held.roles), ("ictp", vec!["system".to_owned()]), "{subject}");
    }
}

#[tokio::test]
async fn only_an_administrator_says_who_people_are() {
    let world = world(None);
    let said = PersonSaid {
        subject: "officer".into(),
        issuer: None,
        roles: [Role::Supervisor].into(),
        active: true,
    };
    let refused = world.hub.set_person(&system("ictp"), &said, &key("k")).await.unwrap_err();
    assert_eq!(refused.slug(), "not-permitted");
    let of = |issuer: &str| PersonSaid { issuer: Some(issuer.into()), ..said.clone() };
    let admin = Caller { roles: vec!["agency-admin".into()], ..system("ictp") };
    let strange = world.hub.set_person(&admin, &of("https://other.example"), &key("k2")).await.unwrap_err();
    assert_eq!(strange.slug(), "unknown-code");
    let made = world.hub.set_person(&admin, &of(ISSUER), &key("k3")).await.unwrap();
    let own = Caller { actor: made.id, ..admin.clone() };
    let raised = world.hub.set_person(&own, &of(ISSUER), &key("k4")).await.unwrap_err();
    assert_eq!(raised.slug(), "needs-another-person", "nobody says who he is himself");
    let listed = world.hub.list_people(&admin).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
}

/// However many people there are, nobody's word is lost: neither an agency's of a person, nor an operator's.
#[tokio::test]
async fn any_number_of_people_hides_nobody_and_no_switch() {
    for world in [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten() {
        let gone = person(&world, "ictp", "officer", Role::Caseworker).await;
        let said = PersonSaid { subject: "officer".into(), issuer: None, roles: [].into(), active: false };
        let admin = Caller { roles: vec!["agency-admin".into()], ..system("ictp") };
        world.hub.set_person(&admin, &said, &key("gone")).await.unwrap();
        let operator = Caller { roles: vec!["operator".into()], ..system("hub") };
        let off = SetSwitch {
            agency: "nccia".parse().unwrap(),
            message: None,
            off: true,
            reason: "agency-asked".parse().unwrap(),
        };
        world.hub.set_switch(&operator, off, &key("off")).await.unwrap();
        // Each of them stands before the one that is not to act.
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001) \
                    INSERT INTO registers (id, book, agency, open, state) \
                    SELECT 'person/a' || i, book, agency, open, state FROM registers, n WHERE id = ";
        if world.sql(&format!("{many}'person/{}'", gone.actor)).is_none() {
            return;
        }
        let world = world.with(|hub| Hub { registers: Default::default(), ..hub });
        assert_eq!(caller(&world, "ictp", "officer").await, None);
        assert_eq!(world.hub.list_switches().await.unwrap().len(), 1);
    }
}
