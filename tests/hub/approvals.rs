//! Acts of two people through the hub: who asks, who may decide, what then happens, once; on both engines.

use casework::{ApprovalStatus, Caller, ReferralId, Role, Settlement, Status, TimeSource};
use hub::{ApprovalView, Client, Clients, Hub, HubError, PersonSaid};
use policies::Policies;
use serde_json::json;

use super::breaker::for_nccia;
use super::world::{World, key, system};
use crate::store::server::Fresh;

pub const ISSUER: &str = "https://issuer.example";

/// A hub with a registry, on this engine.
pub fn world(databases: Option<Fresh>) -> World {
    let client = |agency: &str| Client {
        agency: agency.parse().unwrap(),
        roles: vec!["system".into()],
        scopes: vec!["referral.send".into()],
    };
    let clients = ["ictp", "cpi", "nccia"].map(|id| ((ISSUER.to_owned(), id.to_owned()), client(id)));
    let world = World::on(databases, Policies::embedded().unwrap(), -90 * 86_400_000_000);
    world.with(|hub| Hub { clients: Clients::new(clients), ..hub })
}

/// Both engines, where the server is there.
fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

fn in_role(agency: &str, role: &str) -> Caller {
    Caller { roles: vec![role.into()], ..system(agency) }
}

/// A person that the agency's administrator registers.
pub async fn person(world: &World, agency: &str, subject: &str, role: Role) -> Caller {
    let roles = [role].into();
    let said = PersonSaid { subject: subject.into(), issuer: None, roles, active: true };
    let admin = in_role(agency, "agency-admin");
    let made = world.hub.set_person(&admin, &said, &key(&format!("person-{subject}"))).await.unwrap();
    let client = subject.to_owned();
    Caller { actor: made.id, client, ..in_role(agency, role.as_str()) }
}

pub async fn referral(world: &World, name: &str) -> ReferralId {
    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key(name)).await.unwrap();
    sent.referrals[0].id
}

async fn ask(world: &World, id: ReferralId, name: &str) -> Result<ApprovalView, HubError> {
    let body = json!({ "schema": "referral.void/v1", "reason": "sent-twice" }).to_string();
    world.hub.ask_void(&system("ictp"), id, body.as_bytes(), &key(name), None).await
}

async fn decide(
    world: &World,
    who: &Caller,
    asked: &ApprovalView,
    name: &str,
) -> Result<ApprovalView, HubError> {
    world.hub.settle_approval(who, asked.id, Settlement::Approve, &key(name)).await
}

async fn status(world: &World, id: ReferralId) -> Status {
    world.hub.store.referral(id).await.unwrap().unwrap().status
}

fn slug<T: std::fmt::Debug>(outcome: Result<T, HubError>) -> &'static str {
    outcome.unwrap_err().slug()
}

#[tokio::test]
async fn the_one_who_asks_cannot_approve() {
    for world in worlds() {
        let id = referral(&world, "r").await;
        let asked = ask(&world, id, "ask").await.unwrap();
        assert_eq!((asked.status, asked.needs), (ApprovalStatus::Open, Role::Supervisor));
        let own = Caller { roles: vec!["supervisor".into()], ..system("ictp") };
        assert_eq!(slug(decide(&world, &own, &asked, "own").await), "needs-another-person");
        assert_eq!(status(&world, id).await, Status::Requested);
    }
}

#[tokio::test]
async fn another_agency_cannot_approve_or_see() {
    let world = world(None);
    let asked = ask(&world, referral(&world, "r").await, "ask").await.unwrap();
    let stranger = person(&world, "cpi", "cpi-supervisor", Role::Supervisor).await;
    assert_eq!(slug(decide(&world, &stranger, &asked, "k").await), "not-found");
    assert_eq!(slug(world.hub.show_approval(&stranger, asked.id).await), "not-found");
    assert!(world.hub.list_approvals(&stranger, None).await.unwrap().is_empty());
    assert_eq!(world.hub.list_approvals(&system("ictp"), None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_without_a_person_cannot_approve() {
    let world = world(None);
    let asked = ask(&world, referral(&world, "r").await, "ask").await.unwrap();
    let nobody = Caller {
        actor: casework::Pseudonym::new(uuid::Uuid::from_u128(77)),
        ..in_role("ictp", "supervisor")
    };
    assert_eq!(slug(decide(&world, &nobody, &asked, "k").await), "needs-another-person");
    let caseworker = person(&world, "ictp", "officer-2", Role::Caseworker).await;
    assert_eq!(slug(decide(&world, &caseworker, &asked, "k2").await), "not-permitted");
}

/// The whole way, on both engines: asked, agreed to by another, done in one commit, and the store is sound.
#[tokio::test]
async fn approving_does_it_at_once_and_once() {
    for world in worlds() {
        let id = referral(&world, "r").await;
        let asked = ask(&world, id, "ask").await.unwrap();
        assert_eq!(ask(&world, id, "ask").await.unwrap().id, asked.id, "the same key, the same answer");
        let supervisor = person(&world, "ictp", "supervisor-1", Role::Supervisor).await;
        let done = decide(&world, &supervisor, &asked, "yes").await.unwrap();
        assert_eq!((done.status, done.decided_by), (ApprovalStatus::Approved, Some(supervisor.actor)));
        assert_eq!(status(&world, id).await, Status::EnteredInError);
        let again = decide(&world, &supervisor, &asked, "yes").await.unwrap();
        assert_eq!(again.status, ApprovalStatus::Approved, "repeated, it is answered again");
        assert_eq!(slug(decide(&world, &supervisor, &asked, "yes-2").await), "approval-over");
        assert_eq!(slug(ask(&world, id, "ask-2").await), "invalid-transition");
        let closed = world.hub.store.referral(id).await.unwrap().unwrap();
        assert!(closed.closed(), "nobody was shown it: {closed:?}");
    }
}

#[tokio::test]
async fn two_approvers_at_once_one_commit() {
    for world in worlds() {
        let id = referral(&world, "r").await;
        let asked = ask(&world, id, "ask").await.unwrap();
        let one = person(&world, "ictp", "supervisor-1", Role::Supervisor).await;
        let other = person(&world, "ictp", "supervisor-2", Role::Supervisor).await;
        let (first, second) =
            tokio::join!(decide(&world, &one, &asked, "a"), decide(&world, &other, &asked, "b"));
        let done = [&first, &second].into_iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "{first:?} {second:?}");
        let refused = if first.is_ok() { second } else { first };
        assert_eq!(slug(refused), "approval-over");
    }
}

#[tokio::test]
async fn an_approval_ends_after_24_hours() {
    for world in worlds() {
        let asked = ask(&world, referral(&world, "r").await, "ask").await.unwrap();
        let supervisor = person(&world, "ictp", "supervisor-1", Role::Supervisor).await;
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 0);
        let later = world.hub.store.clock().now().plus_micros(24 * 3_600_000_000);
        world.hub.store.raise_clock(later).unwrap();
        assert_eq!(slug(decide(&world, &supervisor, &asked, "late").await), "approval-over");
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 1);
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 0, "once");
        let held = world.hub.show_approval(&supervisor, asked.id).await.unwrap();
        assert_eq!((held.status, held.actions.len()), (ApprovalStatus::Expired, 0));
    }
}

#[tokio::test]
async fn a_role_taken_away_meanwhile_counts_at_the_commit() {
    let world = world(None);
    let asked = ask(&world, referral(&world, "r").await, "ask").await.unwrap();
    let supervisor = person(&world, "ictp", "supervisor-1", Role::Supervisor).await;
    let gone = PersonSaid { subject: "supervisor-1".into(), issuer: None, roles: [].into(), active: false };
    world.hub.set_person(&in_role("ictp", "agency-admin"), &gone, &key("gone")).await.unwrap();
    assert_eq!(slug(decide(&world, &supervisor, &asked, "k").await), "needs-another-person");
}
