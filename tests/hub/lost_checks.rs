//! An identity check whose hub died while it waited for the answer: the sweeper of whichever hub lives ends
//! it, on both engines; a check that somebody may still wait for is left alone.

use casework::{Action, AskIdentity, CheckId, CheckStatus, Command, Pseudonym, TimeSource, Via};
use policies::Policies;
use store::{Committed, Lane, Order};

use super::world::World;
use crate::store::server::Fresh;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    format!("{prefix}_{}", hex::encode(seal::random::<16>())).parse().unwrap()
}

/// A check asked so many seconds ago, as its id tells; its asker was never heard of again.
async fn asked(world: &World, seconds_ago: i64) -> CheckId {
    let millis = world.hub.store.clock().real().micros() / 1_000 - seconds_ago * 1_000;
    let random = hex::encode(seal::random::<8>());
    let check: CheckId = format!("ic_{millis:012x}70008{}", &random[..15]).parse().unwrap();
    let ask = AskIdentity {
        check,
        case: id("cs"),
        open_case: true,
        from: "ictp".parse().unwrap(),
        to: "nadra".parse().unwrap(),
        object: id("ob"),
        shown: [].into(),
        role: "system".parse().unwrap(),
        purpose: "guardian-verification".parse().unwrap(),
        basis: "consent".parse().unwrap(),
    };
    let actor: Pseudonym = id("ps");
    let action = Action::AskIdentity(ask);
    let command = Command { actor, via: Via::Api, permit: None, commitment: None, action };
    let done = world.hub.store.commit(Order::plain(command, Lane::Intake)).await.unwrap();
    assert!(matches!(done, Committed::Done(_)), "{done:?}");
    check
}

async fn check(databases: Option<Fresh>) {
    // The ledger's clock runs behind at first, so that the entries are old when it has been set right.
    let world = World::on(databases, Policies::embedded().unwrap(), -400_000_000);
    let (lost, young) = (asked(&world, 400).await, asked(&world, 0).await);
    let store = &world.hub.store;
    store.raise_clock(store.clock().real()).unwrap();
    assert!(store.clock().now() <= store.clock().real());
    world.hub.end_lost_checks().await.unwrap();
    let status = async |id| store.check(id).await.unwrap().unwrap().status;
    assert_eq!((status(lost).await, status(young).await), (CheckStatus::TimedOut, CheckStatus::Asked));
    // Ending it twice is no second entry.
    let size = store.checkpoint().await.unwrap().unwrap().0;
    world.hub.end_lost_checks().await.unwrap();
    assert_eq!(store.checkpoint().await.unwrap().unwrap().0, size);
}

#[tokio::test]
async fn on_files() {
    check(None).await;
}

#[tokio::test]
async fn on_a_server() {
    if let Some(databases) = Fresh::make() {
        check(Some(databases)).await;
    }
}
