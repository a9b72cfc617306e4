//! The outbox: what is due, what is with the queue, what waits for a retry, what a dead worker left behind.

use std::sync::Arc;

use casework::{Action, DeliveryId, DeliveryStep, MessageKind, Replay, Resolution, Resolve};
use store::{Committed, Lane, Order, Store};

use super::world::{
    House, agency, ask, claim, claim_number, code, command, deliveries, done, outcome, step, together,
};

/// Due for agencies that the hub calls; ictp fetches its own.
async fn due(store: &Store) -> Vec<DeliveryId> {
    let called = ["cpi", "laja"].map(str::to_owned).to_vec();
    store.due(called).await.unwrap().into_iter().map(|due| due.delivery).collect()
}

#[tokio::test]
async fn due_then_relayed_then_done() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    assert_eq!(due(&store).await, [asked.delivery]);
    assert_eq!(store.due(vec!["ictp".into()]).await.unwrap(), [], "another agency's");
    store.mark_relayed(vec![asked.delivery], store.clock().real()).await.unwrap();
    assert_eq!(due(&store).await, [], "the queue has it");
    done(&store, claim(asked.delivery)).await;
    assert_eq!(due(&store).await, [], "an attempt runs");
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Delivered)).await;
    assert_eq!(due(&store).await, []);
    let left = house.sql("SELECT count(*) FROM outbox");
    assert!(left.is_none_or(|left| left.trim() == "[[0]]"), "what rests is not in the outbox");
}

/// The queue may have lost it: after half a minute it is handed over again. So is everything after a start.
#[tokio::test]
async fn handed_over_again() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    store.mark_relayed(vec![asked.delivery], store.clock().real()).await.unwrap();
    let old = "UPDATE outbox SET relayed_at = relayed_at - 31000000";
    if house.sql(old).is_some() {
        assert_eq!(due(&store).await, [asked.delivery], "too long ago to believe in");
        store.mark_relayed(vec![asked.delivery], store.clock().real()).await.unwrap();
        assert_eq!(due(&store).await, []);
    }
    drop(store);
    let store = house.open();
    let again = if super::ENGINE.is_shared() { vec![] } else { vec![asked.delivery] };
    assert_eq!(due(&store).await, again, "no queue of this process has it yet, but another hub's may");
}

#[tokio::test]
async fn a_retry_waits_for_its_time() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    assert_eq!(store.next_due().await.unwrap(), None, "it is due already");
    done(&store, claim(asked.delivery)).await;
    let later = store.clock().real().plus_seconds(3_600);
    let mut retry = outcome(asked.delivery, 1, DeliveryStep::Retry);
    retry.retry_at = Some(later);
    done(&store, retry).await;
    assert_eq!(due(&store).await, []);
    assert_eq!(store.next_due().await.unwrap(), Some(later));
    let now = "UPDATE outbox SET ready_at = 0";
    if house.sql(now).is_none() {
        return;
    }
    assert_eq!(due(&store).await, [asked.delivery]);
    done(&store, claim_number(asked.delivery, 2)).await;
    done(&store, outcome(asked.delivery, 2, DeliveryStep::Delivered)).await;
    let held = store.delivery(asked.delivery).await.unwrap().unwrap();
    assert_eq!((held.attempts, held.status.as_str()), (2, "delivered"));
}

/// A worker may fail, and plan the next attempt, before the relay marks what it handed over.
#[tokio::test]
async fn a_retry_planned_since_the_look_stays_due() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    let looked = store.clock().real();
    done(&store, claim(asked.delivery)).await;
    let mut retry = outcome(asked.delivery, 1, DeliveryStep::Retry);
    retry.retry_at = Some(looked.plus_micros(1));
    done(&store, retry).await;
    store.mark_relayed(vec![asked.delivery], looked).await.unwrap();
    assert_eq!(due(&store).await, [asked.delivery]);
}

fn ids(held: Vec<casework::Delivery>) -> Vec<DeliveryId> {
    held.into_iter().map(|held| held.id).collect()
}

async fn abandoned(store: &Store, except: &[&str]) -> Vec<DeliveryId> {
    let except = except.iter().map(|code| code.parse().unwrap()).collect();
    ids(store.abandoned(&except).await.unwrap())
}

/// A worker that died: its attempt is found when the lease is over, and at once after a start.
#[tokio::test]
async fn an_abandoned_attempt_is_found() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    assert_eq!(ids(store.claimed_before_start().await.unwrap()), []);
    done(&store, claim(asked.delivery)).await;
    assert_eq!(abandoned(&store, &[]).await, [], "its worker may still live");
    let twice = store.commit(claim(asked.delivery)).await.unwrap();
    assert!(matches!(twice, Committed::Refused(casework::Refusal::DeliveryMoved)), "{twice:?}");
    drop(store);
    let store = house.open();
    let claimed = if super::ENGINE.is_shared() { vec![] } else { vec![asked.delivery] };
    assert_eq!(
        ids(store.claimed_before_start().await.unwrap()),
        claimed,
        "its worker may live in another hub"
    );
    assert_eq!(due(&store).await, [], "never a blind second attempt");
    if house.sql("UPDATE outbox SET lease_until = 1").is_some() {
        assert_eq!(abandoned(&store, &[]).await, [asked.delivery]);
        assert_eq!(abandoned(&store, &["nccia"]).await, [asked.delivery]);
        assert_eq!(abandoned(&store, &["cpi"]).await, [], "they are being asked already");
        assert_eq!(ids(store.claimed_before_start().await.unwrap()), [asked.delivery]);
    }
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Retry)).await;
    assert_eq!(abandoned(&store, &[]).await, []);
    assert_eq!(due(&store).await, [asked.delivery]);
}

/// Dead letters rest, are listed, and go again only when somebody says so.
#[tokio::test]
async fn dead_letters() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "laja");
    done(&store, asked.order.clone()).await;
    let dead = |attempt, reason: &'static str| {
        let mut dead = outcome(asked.delivery, attempt, DeliveryStep::Undeliverable);
        if let Action::Outcome(outcome) = &mut dead.command.action {
            outcome.reason = Some(code(reason));
        }
        dead
    };
    done(&store, claim(asked.delivery)).await;
    done(&store, dead(1, "outcome-unknown")).await;
    let listed = store.dead_letters(None, None, 200).await.unwrap();
    assert_eq!((listed.len(), listed[0].id), (1, asked.delivery));
    assert_eq!(listed[0].owner.as_ref().unwrap().as_str(), "ictp");
    assert_eq!(due(&store).await, []);
    let replay =
        || Order::plain(command(Action::Replay(Replay { delivery: asked.delivery })), Lane::Outcomes);
    let blind = store.commit(replay()).await.unwrap();
    assert!(matches!(blind, Committed::Refused(casework::Refusal::OutcomeUnknown)), "{blind:?}");
    let resolve = |resolution| {
        let resolve = Resolve { delivery: asked.delivery, resolution, reason: code("telephoned") };
        Order::plain(command(Action::Resolve(resolve)), Lane::Outcomes)
    };
    done(&store, resolve(Resolution::NotDelivered)).await;
    assert_eq!(
        (due(&store).await, store.dead_letters(None, None, 200).await.unwrap().len()),
        (vec![asked.delivery], 0)
    );
    done(&store, claim_number(asked.delivery, 2)).await;
    done(&store, dead(2, "attempts-spent")).await;
    done(&store, replay()).await;
    assert_eq!(due(&store).await, [asked.delivery]);
    done(&store, claim_number(asked.delivery, 3)).await;
    done(&store, dead(3, "outcome-unknown")).await;
    done(&store, resolve(Resolution::Delivered)).await;
    assert_eq!(due(&store).await, []);
    let counts = store.conservation().await.unwrap();
    assert_eq!((counts[0].1.created, counts[0].1.delivered, counts[0].1.holds()), (1, 1, true));
    super::world::check_sound(house.place(), &store.key().vkey());
}

/// What was held at intake goes to nobody until a person releases it.
#[tokio::test]
async fn held_at_intake() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut asked = ask(&store, "cpi");
    if let Action::Submit(submit) = &mut asked.order.command.action {
        submit.held = true;
    }
    done(&store, asked.order.clone()).await;
    assert_eq!(
        (due(&store).await, store.inbox("cpi".parse().unwrap(), 10).await.unwrap().len()),
        (vec![], 0)
    );
    assert_eq!(store.dead_letters(None, None, 200).await.unwrap()[0].status.as_str(), "held");
    let replay = Order::plain(command(Action::Replay(Replay { delivery: asked.delivery })), Lane::Outcomes);
    done(&store, replay).await;
    assert_eq!(due(&store).await, [asked.delivery]);
}

/// An agency that fetches sees what waits for it, oldest first; steps go to the other side.
#[tokio::test]
async fn the_inbox() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let first = ask(&store, "cpi");
    let second = ask(&store, "cpi");
    done(&store, first.order.clone()).await;
    done(&store, second.order.clone()).await;
    let waiting = |agency: &str| store.inbox(agency.parse().unwrap(), 10);
    let cpi: Vec<DeliveryId> = waiting("cpi").await.unwrap().iter().map(|delivery| delivery.id).collect();
    assert_eq!(cpi, [first.delivery, second.delivery]);
    let accepted = done(&store, step(&first, MessageKind::Accept, None)).await;
    let told = waiting("ictp").await.unwrap();
    assert_eq!(told.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), deliveries(&accepted));
    assert_eq!(waiting("laja").await.unwrap(), []);
}

/// The outbox is work, not fact: deleted whole, everything in flight comes back when the store opens again.
#[tokio::test]
async fn a_lost_outbox_is_rebuilt() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let (waits, runs) = (ask(&store, "cpi"), ask(&store, "laja"));
    done(&store, waits.order.clone()).await;
    done(&store, runs.order.clone()).await;
    done(&store, claim(runs.delivery)).await;
    drop(store);
    if house.sql("DELETE FROM outbox").is_none() {
        return;
    }
    let store = house.open();
    assert_eq!(due(&store).await, [waits.delivery]);
    house.sql("UPDATE outbox SET lease_until = lease_until - 61000000");
    assert_eq!(ids(store.claimed_before_start().await.unwrap()), [runs.delivery]);
}

/// The trace of a request goes along with what it moves, and stays where a later order brings none.
#[tokio::test]
async fn the_trace_goes_along() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut asked = ask(&store, "cpi");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    asked.order.trace = Some(trace.to_owned());
    done(&store, asked.order.clone()).await;
    let traced = || store.due(vec!["cpi".to_owned()]);
    assert_eq!(traced().await.unwrap()[0].trace.as_deref(), Some(trace));
    done(&store, claim(asked.delivery)).await;
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Retry)).await;
    assert_eq!(traced().await.unwrap()[0].trace.as_deref(), Some(trace), "kept over the attempt");
    let plain = ask(&store, "cpi");
    done(&store, plain.order.clone()).await;
    let due = traced().await.unwrap();
    assert_eq!(due.iter().find(|due| due.delivery == plain.delivery).unwrap().trace, None);
}

/// All that wait, in pages of this size; `between` runs after the first one.
async fn pages(store: &Store, of: Option<&str>, size: u32, between: impl AsyncFnOnce()) -> Vec<DeliveryId> {
    let (mut all, mut between) = (Vec::<DeliveryId>::new(), Some(between));
    loop {
        let page = store.dead_letters(of.map(agency), all.last().copied(), size).await.unwrap();
        all.extend(page.iter().map(|held| held.id));
        if let Some(between) = between.take() {
            between().await;
        }
        if page.len() < size as usize {
            return all;
        }
    }
}

/// More than a page holds, of two agencies in turns: each sees all of its own and nobody's twice, although
/// some of the first page are gone by the time of the second.
#[tokio::test]
async fn dead_letters_come_in_pages() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let mut orders = Vec::new();
    for number in 0..240 {
        let mut order = ask(&store, "laja").order;
        let Action::Submit(submit) = &mut order.command.action else { panic!("a submit") };
        submit.held = true;
        submit.from = agency(if number % 8 == 0 { "cpi" } else { "ictp" });
        orders.push(order);
    }
    for answer in together(&store, orders).await {
        assert!(matches!(answer, Ok(Committed::Done(_))), "{answer:?}");
    }
    assert_eq!(pages(&store, Some("cpi"), 7, async || ()).await.len(), 30);
    let everybody = pages(&store, None, 200, async || ()).await;
    assert_eq!(everybody.len(), 240);
    let release = async || {
        for id in &everybody[..3] {
            done(&store, Order::plain(command(Action::Replay(Replay { delivery: *id })), Lane::Outcomes))
                .await;
        }
    };
    assert_eq!(pages(&store, None, 100, release).await, everybody, "in order, none missed, none twice");
    assert_eq!(pages(&store, None, 100, async || ()).await, everybody[3..]);
}

/// What is put off comes later, costs no attempt, and is not with the queue; what is claimed stays claimed.
#[tokio::test]
async fn what_is_put_off_comes_later() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    let looked = store.clock().real();
    store.mark_relayed(vec![asked.delivery], looked).await.unwrap();
    let until = looked.plus_seconds(60);
    store.postpone(asked.delivery, until).await.unwrap();
    assert_eq!(due(&store).await, []);
    assert_eq!(store.next_due().await.unwrap(), Some(until), "the relay looks when it is time");
    store.postpone(asked.delivery, looked).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(until), "never earlier");
    assert_eq!(store.delivery(asked.delivery).await.unwrap().unwrap().attempts, 0);
    done(&store, claim(asked.delivery)).await;
    store.postpone(asked.delivery, until.plus_seconds(60)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), None, "its worker has it");
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Retry)).await;
    assert_eq!(due(&store).await, [asked.delivery], "a retry is due when its outcome says");
}
