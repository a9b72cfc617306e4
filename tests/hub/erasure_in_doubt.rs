//! An erasure that another hub was faster with, and one whose rows somebody edited: keys of other cases stay,
//! none of the case's own is left out, and what does not fit closes disclosure. On both engines.

use hub::{Finished, HubError};
use store::StoreError;

use super::erasure::{Told, agree, arrive, ask, closed, code, erased, officers, refer, slug, worlds};
use super::policies::operator;
use super::world::{World, key, system};

/// Two people of the police say so; nothing is destroyed yet.
async fn ordered(world: &World, told: &Told, name: &str) {
    let (officer, second) = officers(world, "ictp").await;
    let asked = ask(world, &officer, told.case, name).await.unwrap();
    agree(world, &second, &asked).await.unwrap();
}

async fn reasons(world: &World) -> Vec<String> {
    let told = world.hub.list_suspicions(&operator()).await.unwrap();
    told.into_iter().map(|held| held.reason.to_string()).collect()
}

/// A list that was read before another hub finished it.
#[tokio::test]
async fn another_hub_was_faster() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        ordered(&world, &told, "one").await;
        let listed = world.hub.store.ordered_erasures().await.unwrap();
        let beside = world.beside(policies::Policies::embedded().unwrap());
        assert_eq!(beside.finish_erasures().await.unwrap(), 1);
        assert_eq!(world.hub.finish_erasure(&listed[0]).await.unwrap(), Finished::Before);

        // Something came in before the order: the other hub called it off.
        let told = closed(&world, "two").await;
        let (officer, second) = officers(&world, "ictp").await;
        let asked = ask(&world, &officer, told.case, "two").await.unwrap();
        let mut further: serde_json::Value = serde_json::from_slice(&super::held::request()).unwrap();
        further["case"] = serde_json::json!(told.case.to_string());
        let further = further.to_string().into_bytes();
        world.hub.submit_referral(&system("ictp"), &further, &key("more")).await.unwrap();
        agree(&world, &second, &asked).await.unwrap();
        let listed = world.hub.store.ordered_erasures().await.unwrap();
        assert_eq!(beside.finish_erasures().await.unwrap(), 1);
        assert_eq!(world.hub.finish_erasure(&listed[0]).await.unwrap(), Finished::Before);

        assert_eq!(reasons(&world).await, [""; 0]);
        world.hub.may_disclose().await.unwrap();
    }
}

/// The key in memory is no way around the order, at the hub that took it least of all.
#[tokio::test]
async fn nobody_reads_it_from_the_order_on() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        world.hub.show_referral(&system("cpi"), told.referral).await.unwrap();
        ordered(&world, &told, "one").await;
        assert!(world.hub.store.keys().held(told.keys[0]).is_some(), "in memory still");
        assert_eq!(slug(world.hub.show_referral(&system("cpi"), told.referral).await), "erased");
        let repeated = world.hub.submit_referral(&system("ictp"), &super::held::request(), &key("one")).await;
        assert_eq!(slug(repeated), "erased");
    }
}

/// Somebody writes another case's key down as this one's.
#[tokio::test]
async fn another_cases_key_is_not_destroyed() {
    for world in worlds() {
        let (told, other) = (closed(&world, "one").await, refer(&world, "two").await);
        arrive(&world, other.referral).await;
        ordered(&world, &told, "one").await;
        let moved =
            format!("UPDATE case_keys SET case_id = '{}' WHERE case_id = '{}'", told.case, other.case);
        if world.sql(&moved).is_none() {
            return;
        }
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
        for keys in [&told.keys, &other.keys] {
            assert_eq!(
                world.hub.store.keys().present(keys.clone()).await.unwrap(),
                *keys,
                "nothing destroyed"
            );
        }
        assert_eq!(reasons(&world).await, ["erasure-keys-in-doubt"]);
        let shown = world.hub.show_referral(&system("cpi"), other.referral).await;
        assert!(matches!(shown, Err(HubError::LedgerSuspect(_))), "{shown:?}");
        // Put right, it goes on.
        let back =
            format!("UPDATE case_keys SET case_id = '{}' WHERE key_id = '{}'", other.case, other.keys[0]);
        world.sql(&back);
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
        assert_eq!(world.hub.store.keys().present(other.keys.clone()).await.unwrap(), other.keys);
    }
}

/// The same once the case is erased: the daily look destroys what is its own, and nothing else.
#[tokio::test]
async fn nor_when_keys_are_destroyed_again() {
    for world in worlds() {
        let (told, other) = (closed(&world, "one").await, refer(&world, "two").await);
        let row = format!("SELECT * FROM slots WHERE key_id = '{}'", told.keys[0]);
        world.keys_sql(&format!("CREATE TABLE copy AS {row}"));
        erased(&world, &told).await;
        world.keys_sql("INSERT INTO slots SELECT * FROM copy");
        let moved =
            format!("UPDATE case_keys SET case_id = '{}' WHERE case_id = '{}'", told.case, other.case);
        // Its own is known by what lies under it.
        let unwritten = format!("DELETE FROM case_keys WHERE key_id = '{}'", told.keys[0]);
        if world.sql(&moved).is_none() || world.sql(&unwritten).is_none() {
            return;
        }
        assert_eq!(world.hub.destroy_again(None).await.unwrap(), (1, None));
        assert_eq!(world.hub.store.keys().present(told.keys.clone()).await.unwrap(), []);
        assert_eq!(world.hub.store.keys().present(other.keys.clone()).await.unwrap(), other.keys);
        assert_eq!(reasons(&world).await, ["erasure-keys-in-doubt"]);
    }
}

/// Somebody takes the rows away before the sweep: an erasure that destroys nothing is none.
#[tokio::test]
async fn a_key_that_is_not_written_down_is_destroyed_too() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        ordered(&world, &told, "one").await;
        if world.sql(&format!("DELETE FROM case_keys WHERE case_id = '{}'", told.case)).is_none() {
            return;
        }
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
        assert!(matches!(world.hub.store.keys().get(told.keys[0]).await, Err(StoreError::KeyLost)));
        let shown = world.hub.show_erasure(&system("ictp"), told.case).await.unwrap().erasure.unwrap();
        assert_eq!(shown.keys_destroyed, Some(1));

        // Nothing at all says which key it was, and entries say that there was one.
        let told = closed(&world, "two").await;
        ordered(&world, &told, "two").await;
        for table in ["case_keys", "bodies", "fact_links"] {
            world.sql(&format!("DELETE FROM {table} WHERE case_id = '{}'", told.case));
        }
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
        assert_eq!(reasons(&world).await, ["erasure-keys-in-doubt"]);
        let shown = world.hub.show_erasure(&system("ictp"), told.case).await.unwrap().erasure.unwrap();
        assert_eq!(shown.status, casework::ErasureStatus::ErasureOrdered, "no certificate");
    }
}

/// Two people lifted one forged erasure; the next one is another.
#[tokio::test]
async fn each_forged_order_is_a_finding_of_its_own() {
    for world in worlds() {
        let model = closed(&world, "model").await;
        erased(&world, &model).await;
        let second = super::approvals::person(&world, "hub", "operator-2", casework::Role::Operator).await;
        let mut forged = Vec::new();
        for name in ["one", "two"] {
            let told = closed(&world, name).await;
            let state = format!(
                "replace(replace(state, '{}', '{}'), '\"status\":\"erased\"', \
                 '\"status\":\"erasure-ordered\"')",
                model.case, told.case
            );
            let insert = format!(
                "INSERT INTO registers (id, book, agency, open, due_at, state) \
                 SELECT 'erasure/{}', book, agency, TRUE, due_at, {state} \
                 FROM registers WHERE id = 'erasure/{}'",
                told.case, model.case
            );
            if world.sql(&insert).is_none() {
                return;
            }
            forged.push(told);
            assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
            assert_eq!(slug(world.hub.may_disclose().await), "ledger-suspect", "{name}");
            let ask = world.hub.ask_reopening(&operator(), code("erasure-not-entered"), &key(name)).await;
            agree(&world, &second, &ask.unwrap()).await.unwrap();
            let before = store::newest_head(&world.place()).unwrap().entries;
            assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
            world.hub.may_disclose().await.unwrap();
            let after = store::newest_head(&world.place()).unwrap().entries;
            assert_eq!(after, before, "what is known is noted no second time");
        }
    }
}
