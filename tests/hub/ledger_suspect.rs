//! While the ledger is suspect nothing about a child is shown, by any process; referrals are taken, states
//! are told, what is on its way waits; and two people of the hub open it again. On both engines.

use casework::{ApprovalStatus, Caller, DeliveryStatus, EntryRange, ReferralId, Role, Settlement};
use hub::{ApprovalView, HandedOver, Hub, Registers};
use policies::Policies;
use store::ReferralFilter;

use super::approvals::{person, referral, world};
use super::breaker::for_nccia;
use super::policies::operator;
use super::world::{World, key, system};
use crate::store::server::Fresh;

const REASON: &str = "entry-edited";

fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

fn range(first: u64, last: u64) -> Option<EntryRange> {
    Some(EntryRange { first, last })
}

async fn suspect(world: &World, range: Option<EntryRange>) {
    world.hub.suspect(REASON.parse().unwrap(), range).await;
}

async fn shown(hub: &Hub, id: ReferralId) -> Result<(), &'static str> {
    hub.show_referral(&system("ictp"), id).await.map(|_| ()).map_err(|error| error.slug())
}

/// A second operator says yes to what the first asks for.
async fn reopen(world: &World, name: &str, second: &Caller) -> ApprovalView {
    let asked = world.hub.ask_reopening(&operator(), REASON.parse().unwrap(), &key(name)).await.unwrap();
    let (own, yes) = (operator(), Settlement::Approve);
    let alone = world.hub.settle_approval(&own, asked.id, yes, &key(&format!("{name}-own"))).await;
    assert_eq!(alone.unwrap_err().slug(), "needs-another-person");
    world.hub.settle_approval(second, asked.id, yes, &key(&format!("{name}-yes"))).await.unwrap()
}

#[tokio::test]
async fn disclosure_is_closed_and_intake_goes_on() {
    for world in worlds() {
        let id = referral(&world, "before").await;
        assert_eq!(shown(&world.hub, id).await, Ok(()));
        suspect(&world, range(1, 1)).await;

        assert_eq!(shown(&world.hub, id).await, Err("ledger-suspect"));
        let inbox = world.hub.list_inbox(&system("nccia"), 10).await;
        assert_eq!(inbox.unwrap_err().slug(), "ledger-suspect");
        let letter = world.hub.store.deliveries_of(id).await.unwrap().remove(0);
        assert_eq!(world.hub.hand_over(letter.id, None).await.unwrap(), HandedOver::Waits);
        let letter = world.hub.store.delivery(letter.id).await.unwrap().unwrap();
        assert_eq!((letter.status, letter.attempts), (DeliveryStatus::Queued, 0), "it waits, unspent");

        let police = system("ictp");
        let sent = world.hub.submit_referral(&police, &for_nccia(), &key("meanwhile")).await.unwrap();
        let again = world.hub.submit_referral(&police, &for_nccia(), &key("meanwhile")).await.unwrap();
        assert_eq!(again.receipt, sent.receipt, "a repeat is given its receipt");
        let all = ReferralFilter { limit: 10, ..ReferralFilter::default() };
        let listed = world.hub.list_referrals(&police, all).await.unwrap();
        assert_eq!(listed.0.len(), 2);
        assert!(!world.hub.referral_history(&police, id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_process_and_every_restart_knows_it() {
    for world in worlds() {
        let id = referral(&world, "before").await;
        let beside = world.beside(Policies::embedded().unwrap());
        suspect(&world, None).await;
        assert_eq!(shown(&beside, id).await, Err("ledger-suspect"));
        let world = world.with(|hub| Hub { registers: Registers::default(), ..hub });
        assert_eq!(shown(&world.hub, id).await, Err("ledger-suspect"));
        let incidents = world.hub.list_incidents(&operator(), None).await.unwrap();
        let ids: Vec<_> = incidents.into_iter().map(|one| one.id).collect();
        assert_eq!(ids, [format!("ledger-suspect.hub.{REASON}")]);
    }
}

#[tokio::test]
async fn two_people_of_the_hub_open_it_again() {
    for world in worlds() {
        let id = referral(&world, "before").await;
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        let nothing = world.hub.ask_reopening(&operator(), REASON.parse().unwrap(), &key("early")).await;
        assert_eq!(nothing.unwrap_err().slug(), "not-found");
        suspect(&world, range(1, 2)).await;
        let stranger = world.hub.ask_reopening(&system("ictp"), REASON.parse().unwrap(), &key("no")).await;
        assert_eq!(stranger.unwrap_err().slug(), "not-permitted");

        assert_eq!(reopen(&world, "lift", &second).await.status, ApprovalStatus::Approved);
        assert_eq!(shown(&world.hub, id).await, Ok(()));
        let listed = world.hub.list_suspicions(&operator()).await.unwrap();
        assert_eq!((listed.len(), listed[0].lifted.is_some()), (1, true));

        suspect(&world, range(1, 2)).await;
        assert_eq!(shown(&world.hub, id).await, Ok(()), "two people know of just this");
        suspect(&world, range(1, 3)).await;
        assert_eq!(shown(&world.hub, id).await, Err("ledger-suspect"), "this is something else");
    }
}

/// What was found after somebody asked is not lifted with it.
#[tokio::test]
async fn an_approval_lifts_what_was_looked_at() {
    let world = world(None);
    let second = person(&world, "hub", "operator-2", Role::Operator).await;
    suspect(&world, range(1, 2)).await;
    let asked = world.hub.ask_reopening(&operator(), REASON.parse().unwrap(), &key("lift")).await.unwrap();
    suspect(&world, range(1, 9)).await;
    let late = world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("yes")).await;
    assert_eq!(late.unwrap_err().slug(), "not-found");
}
