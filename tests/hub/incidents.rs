//! What is wrong with an agency's line is noted once, and once that it is over, however many messages meet
//! it.

use casework::{Caller, Condition, IncidentStatus};
use hub::{HandedOver, IncidentView};

use super::breaker::{ANSWERS, Line, REFUSES_US};
use super::world::{World, key, system};

fn operator() -> Caller {
    Caller { roles: vec!["operator".into()], ..system("hub") }
}

async fn incidents(world: &World) -> Vec<IncidentView> {
    world.hub.list_incidents(&operator(), None).await.unwrap()
}

fn stands(all: &[IncidentView]) -> Vec<(Condition, &str, IncidentStatus, u32)> {
    all.iter().map(|one| (one.condition, one.agency.as_str(), one.status, one.times)).collect()
}

#[tokio::test]
async fn users_ask_08_one_incident_opened_recovered_or_final() {
    let line = Line::new().await;
    let id = line.message("one").await;
    assert!(incidents(&line.world).await.is_empty());
    line.opened(id).await;
    let all = incidents(&line.world).await;
    assert_eq!(stands(&all), [(Condition::AgencyUnreachable, "nccia", IncidentStatus::Opened, 1)]);
    assert_eq!(all[0].id, "agency-unreachable.nccia");
    line.does(ANSWERS);
    line.wait(31);
    assert_eq!(line.hand_over(id).await, HandedOver::Rested);
    let all = incidents(&line.world).await;
    assert_eq!(stands(&all), [(Condition::AgencyUnreachable, "nccia", IncidentStatus::Recovered, 1)]);
    assert!(all[0].recovered.is_some());
    let own = line.world.hub.list_incidents(&system("nccia"), None).await.unwrap();
    assert_eq!(own.len(), 1, "an agency sees its own");
    assert!(line.world.hub.list_incidents(&system("cpi"), None).await.unwrap().is_empty());
    let id = all[0].id.parse().unwrap();
    let strange = line.world.hub.close_incident(&system("cpi"), &id, &key("c")).await.unwrap_err();
    assert_eq!(strange.slug(), "not-found");
    let closed = line.world.hub.close_incident(&operator(), &id, &key("c")).await.unwrap();
    assert_eq!((closed.status, closed.actions.len()), (IncidentStatus::Closed, 0));
}

#[tokio::test]
async fn users_ask_20_a_hundred_failures_are_one_incident() {
    let line = Line::new().await;
    let id = line.message("one").await;
    line.opened(id).await;
    let before = line.world.hub.store.checkpoint().await.unwrap().unwrap().0;
    for _ in 0..15 {
        line.wait(301);
        assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    }
    let after = line.world.hub.store.checkpoint().await.unwrap().unwrap().0;
    assert_eq!(after - before, 30, "each failed probe is its claim and its outcome, and no word more");
    for number in 0..85 {
        let waiting = line.message(&format!("more-{number}")).await;
        assert_eq!(line.hand_over(waiting).await, HandedOver::Waits);
    }
    let all = incidents(&line.world).await;
    assert_eq!(stands(&all), [(Condition::AgencyUnreachable, "nccia", IncidentStatus::Opened, 1)]);
}

#[tokio::test]
async fn users_ask_28_a_credential_an_agency_refuses_is_an_incident_at_once() {
    let line = Line::new().await;
    let id = line.message("one").await;
    line.does(REFUSES_US);
    assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    let all = incidents(&line.world).await;
    assert_eq!(stands(&all), [(Condition::CredentialRefused, "nccia", IncidentStatus::Opened, 1)]);
    line.does(ANSWERS);
    assert_eq!(line.hand_over(id).await, HandedOver::Rested);
    let all = incidents(&line.world).await;
    assert_eq!(stands(&all), [(Condition::CredentialRefused, "nccia", IncidentStatus::Recovered, 1)]);
}
