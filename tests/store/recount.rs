//! Both principles, recomputed from the ledger: what holds is said to hold, with little held in memory, and
//! whatever is broken behind the store's back is named.

use casework::{DeliveryStep, MessageKind};
use store::{Principle, Recount, Store};

use super::world::{House, ask, claim, done, live, outcome, step};

/// Six lives that ended, one request on its way, one that was accepted.
async fn lived(house: &House) -> (Store, String, String) {
    let store = house.open();
    let ended = ask(&store, "cpi");
    let first = ended.delivery.to_string();
    live(&store, ended).await;
    for _ in 0..5 {
        live(&store, ask(&store, "cpi")).await;
    }
    done(&store, ask(&store, "cpi").order).await;
    let open = ask(&store, "cpi");
    done(&store, open.order.clone()).await;
    done(&store, claim(open.delivery)).await;
    done(&store, outcome(open.delivery, 1, DeliveryStep::Delivered)).await;
    done(&store, step(&open, MessageKind::Accept, None)).await;
    (store, first, open.referral.to_string())
}

#[tokio::test]
async fn what_holds_holds() {
    let Some(house) = House::new() else { return };
    let (store, ..) = lived(&house).await;
    let found = store.recount().await.unwrap();
    assert_eq!((found.violations.as_slice(), found.holds(), found.open), (&[][..], true, 2));
    let moving = found.open + found.total().in_flight;
    assert!(found.held_max <= moving + 2, "only what is open is held: {} of {moving}", found.held_max);
    assert!(found.agencies.values().all(|both| both.ledger == both.tables && both.ledger.holds()));
    let made: u64 = store.conservation().await.unwrap().iter().map(|(_, counts)| counts.created).sum();
    assert_eq!(found.total().created, made);
    let counted = found.counted().unwrap();
    assert_eq!((counted.size, counted.first.as_deref(), counted.agencies.len()), (found.size, None, 32));
    assert_eq!(found.size, store.checkpoint().await.unwrap().unwrap().0);
}

async fn broken(statement: impl Fn(&str, &str) -> String) -> Option<(Recount, String, String)> {
    let house = House::new()?;
    let (store, delivery, referral) = lived(&house).await;
    house.sql(&statement(&delivery, &referral))?;
    Some((store.recount().await.unwrap(), delivery, referral))
}

#[tokio::test]
async fn a_lost_delivery_is_named() {
    for statement in [
        "DELETE FROM deliveries WHERE id = ",
        "UPDATE deliveries SET status = 'refused' WHERE id = ",
        "UPDATE deliveries SET status = 'queued' WHERE id = ",
    ] {
        let Some((found, delivery, _)) = broken(|id, _| format!("{statement}'{id}'")).await else { return };
        assert_eq!((found.holds(), found.unowned), (false, 0), "{statement}");
        let first = &found.violations[0];
        assert_eq!((first.principle, &first.id), (Principle::NothingLost, &delivery), "{statement}");
    }
}

#[tokio::test]
async fn a_delivery_that_nobody_will_send_is_named() {
    let Some((found, ..)) = broken(|_, _| "DELETE FROM outbox".to_owned()).await else { return };
    assert!(found.lost > 0 && found.violations[0].what.contains("nobody will send it"), "{found:?}");
}

#[tokio::test]
async fn a_delivery_that_nobody_made_is_named() {
    let copy = |id: &str, _: &str| {
        format!(
            "INSERT INTO deliveries (id, referral_id, from_agency, to_agency, status, state, due_at) \
             SELECT 'dl_ffffffffffff7fff8fffffffffffffff', referral_id, from_agency, to_agency, status, \
             state, due_at FROM deliveries WHERE id = '{id}'"
        )
    };
    let Some((found, ..)) = broken(copy).await else { return };
    let first = &found.violations[0];
    assert!(first.id.starts_with("dl_ffff") && first.what.contains("no entry made it"), "{found:?}");
}

#[tokio::test]
async fn a_referral_that_was_promised_and_is_not_there_is_named() {
    let gone = |_: &str, referral: &str| {
        format!("DELETE FROM entries WHERE kind = 'referral.requested' AND referral_id = '{referral}'")
    };
    let Some((found, ..)) = broken(gone).await else { return };
    let first = &found.violations[0];
    assert!(first.id.starts_with("rq_") && first.what.starts_with("1 of its referrals"), "{found:?}");
}

#[tokio::test]
async fn a_child_without_owner_or_clock_is_named() {
    for change in [
        "state = replace(state, '\"owner\":\"cpi\",', '')",
        "due_at = NULL",
        "closed = TRUE",
        "state = replace(state, '\"clocks\":[{', '\"clocks\":[],\"was\":[{')",
    ] {
        let statement = |_: &str, id: &str| format!("UPDATE referrals SET {change} WHERE id = '{id}'");
        let Some((found, _, referral)) = broken(statement).await else { return };
        assert_eq!((found.holds(), found.lost, found.unowned), (false, 0, 1), "{change}: {found:?}");
        let first = &found.violations[0];
        assert_eq!((first.principle, &first.id), (Principle::NobodyUnowned, &referral), "{change}");
    }
}
