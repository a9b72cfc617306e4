//! A feed that went quiet is noticed by its own measure, the child that waited longest is shown, and an
//! agency whose system is down on purpose is left alone. On files, and on a server where there is one.

use std::sync::Arc;

use casework::TimeSource;
use hub::{HandedOver, Hub};
use policies::Policies;

use super::breaker::for_nccia;
use super::world::{World, key, system};
use crate::agencies::maintenance::with_windows;
use crate::store::server::Fresh;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1_440 * MINUTE;

fn worlds() -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), -90 * DAY);
    std::iter::once(None).chain(Fresh::make().map(Some)).map(on).collect()
}

fn wait(world: &World, minutes: i64) {
    let store = &world.hub.store;
    store.raise_clock(store.now().plus_micros(minutes * MINUTE)).unwrap();
}

async fn sends(world: &World, count: usize, apart_minutes: i64) {
    for number in 0..count {
        wait(world, apart_minutes);
        let name = format!("{apart_minutes}-{number}-{}", world.hub.store.now().micros());
        world.hub.submit_referral(&system("ictp"), &for_nccia(), &key(&name)).await.unwrap();
    }
}

async fn silent(world: &World) -> Vec<String> {
    world.hub.follow_feeds().await.unwrap().into_iter().map(|view| view.agency.to_string()).collect()
}

/// An agency that sends every hour is missed within two; one that sends every day is not.
#[tokio::test]
async fn users_ask_12_a_feed_that_went_quiet_is_noticed_before_its_receiver_does() {
    for world in worlds() {
        assert_eq!(silent(&world).await, [""; 0], "nobody ever sent anything");
        sends(&world, 25, 60).await;
        assert_eq!(silent(&world).await, [""; 0]);
        wait(&world, 60);
        assert_eq!(silent(&world).await, [""; 0], "as long as it often is");
        wait(&world, 30);
        assert_eq!(silent(&world).await, ["ictp"], "longer than 99 of 100 of its own gaps");
        let seen = world.hub.show_feeds().await.unwrap();
        let ictp = seen.iter().find(|view| view.agency.as_str() == "ictp").unwrap();
        assert!(ictp.silent && ictp.bound == "its own gaps" && ictp.silent_minutes == Some(90), "{ictp:?}");
        let probe = store::probe(&world.place(), Vec::new()).unwrap().unwrap();
        assert_eq!(probe.silent.len(), 1, "doctor names it: {:?}", probe.silent);
        assert_eq!(silent(&world).await, ["ictp"], "still, and no second incident");
        sends(&world, 1, 1).await;
        assert_eq!(silent(&world).await, [""; 0], "it sends again");
        let operator = casework::Caller { roles: vec!["operator".into()], ..system("hub") };
        let seen = world.hub.list_incidents(&operator, None).await.unwrap();
        let told: Vec<_> = seen.iter().map(|one| (one.id.as_str(), one.status, one.times)).collect();
        assert_eq!(told, [("feed-silent.ictp", casework::IncidentStatus::Recovered, 1)]);
    }
}

#[tokio::test]
async fn under_twenty_messages_the_configuration_counts() {
    for world in worlds() {
        sends(&world, 5, 10).await;
        wait(&world, 72 * 60);
        assert_eq!(silent(&world).await, [""; 0]);
        wait(&world, 1);
        assert_eq!(silent(&world).await, ["ictp"]);
        // What lies further back than 28 days counts no more.
        sends(&world, 25, 10).await;
        wait(&world, 29 * 24 * 60);
        sends(&world, 1, 1).await;
        wait(&world, 60);
        assert_eq!(silent(&world).await, [""; 0], "by its configuration again");
    }
}

#[tokio::test]
async fn the_gauge_is_the_oldest_unanswered() {
    for world in worlds() {
        sends(&world, 3, 60).await;
        wait(&world, 30);
        let oldest = world.hub.store.oldest_unanswered().await.unwrap();
        let waited = oldest[&"nccia".parse().unwrap()] / MINUTE;
        assert_eq!((oldest.len(), waited), (1, 150), "the first of three, two hours and a half ago");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_system_that_is_down_on_purpose() {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let every_day = format!("[[maintenance]]\ndays = {days:?}\nfrom = \"00:00\"\nto = \"24:00\"\n");
    for world in worlds() {
        let adapters = Arc::new(with_windows(&every_day).unwrap());
        let world = world.with(|hub| Hub { adapters, ..hub });
        let message = crate::journeys::messages::small_child("laja", "SVC-LEGAL").to_string().into_bytes();
        let sent = world.hub.submit_referral(&system("ictp"), &message, &key("one")).await.unwrap();
        let referral = sent.referrals[0].id;
        let id = world.hub.store.deliveries_of(referral).await.unwrap()[0].id;
        assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Waits);
        let held = world.hub.store.delivery(id).await.unwrap().unwrap();
        assert_eq!(held.attempts, 0, "no attempt is spent");
        let seen = world.hub.show_referral(&system("ictp"), referral).await.unwrap().deliveries.remove(0);
        assert!(seen.held_by == Some("window") && seen.next_try.is_some(), "{seen:?}");
    }
}

#[tokio::test]
async fn oversight_sees_how_often_clocks_were_broken_and_where() {
    for world in worlds() {
        sends(&world, 12, 1).await;
        wait(&world, 20 * 24 * 60);
        while world.hub.escalate_overdue().await.unwrap() > 0 {}
        let analyst = casework::Caller { roles: vec!["analyst".into()], ..system("ncrc") };
        let month = world.hub.store.now().in_pakistan().format("%Y-%m").to_string();
        let by = vec!["to".to_owned(), "clock".to_owned()];
        let query = oversight::Query { by, from_month: month.clone(), to_month: month };
        let table = world.hub.ask_indicator(&analyst, "clock-breaches", &query).await.unwrap();
        let row = table.rows.iter().find(|row| row.keys == ["nccia", "receive"]).unwrap();
        assert_eq!(row.cells, [oversight::Cell::Count(12)], "{}", table.as_text());
    }
}

#[tokio::test]
async fn users_ask_34_oversight_shows_how_fresh_each_feed_is() {
    for world in worlds() {
        sends(&world, 2, 30).await;
        wait(&world, 45);
        let analyst = casework::Caller { roles: vec!["analyst".into()], ..system("ncrc") };
        let feeds = world.hub.read_feeds(&analyst).await.unwrap();
        let of = |agency: &str| feeds.iter().find(|view| view.agency.as_str() == agency).unwrap();
        assert_eq!(
            (of("ictp").silent_minutes, of("ictp").bound, of("ictp").silent),
            (Some(45), "configured", false)
        );
        assert_eq!((of("laja").last.as_deref(), of("laja").silent), (None, false), "it never sent anything");
        assert_eq!(world.hub.read_feeds(&system("ictp")).await.unwrap_err().slug(), "not-permitted");
    }
}
