//! People signing in and signed in: a login is given out once, a session is replaced or closed for
//! everybody, and what is over goes.

use casework::{Pseudonym, Timestamp};
use store::{Session, SignIn};
use uuid::Uuid;

use super::world::House;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn sign_in(id: &str, begun: i64) -> SignIn {
    SignIn {
        id: id.to_owned(),
        provider: "main".to_owned(),
        agency: "ictp".parse().unwrap(),
        place: "/desk".to_owned(),
        session: None,
        begun: at(begun),
        ends: at(begun + 600),
    }
}

fn session(id: &str, seen: i64) -> Session {
    Session {
        id: id.to_owned(),
        person: Pseudonym::new(Uuid::from_u128(7)),
        agency: "ictp".parse().unwrap(),
        provider: "main".to_owned(),
        auth_time: at(seen),
        acr: Some("urn:test".to_owned()),
        created: at(seen),
        seen: at(seen),
        ends: at(seen + 1_000),
    }
}

#[tokio::test]
async fn a_login_is_given_out_once() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    assert!(store.begin_sign_in(sign_in("one", 0)).await.unwrap());
    assert_eq!(store.take_sign_in("one".into()).await.unwrap(), Some(sign_in("one", 0)));
    assert_eq!(store.take_sign_in("one".into()).await.unwrap(), None);
    assert!(store.begin_sign_in(sign_in("old", 0)).await.unwrap());
    assert!(store.begin_sign_in(sign_in("new", 600)).await.unwrap());
    assert_eq!(store.take_sign_in("old".into()).await.unwrap(), None, "what is over goes");
    drop(store);
    let store = house.open();
    assert!(store.take_sign_in("new".into()).await.unwrap().is_some(), "after a restart too");
}

#[tokio::test]
async fn a_session_stands_until_it_is_closed_or_replaced() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    assert!(store.open_session(session("one", 0), None).await.unwrap());
    assert_eq!(store.session("one").await.unwrap(), Some(session("one", 0)));
    store.touch_session("one".into(), at(60)).await.unwrap();
    store.touch_session("one".into(), at(30)).await.unwrap();
    assert_eq!(store.session("one").await.unwrap().unwrap().seen, at(60), "never back");
    assert!(store.open_session(session("two", 70), Some("one".into())).await.unwrap());
    assert_eq!(store.session("one").await.unwrap(), None);
    assert!(!store.open_session(session("three", 80), Some("one".into())).await.unwrap(), "it is gone");
    assert_eq!(store.session("three").await.unwrap(), None);
    assert!(store.close_session("two".into()).await.unwrap());
    assert!(!store.close_session("two".into()).await.unwrap());
    assert!(store.open_session(session("late", 0), None).await.unwrap());
    assert!(store.open_session(session("next", 1_000), None).await.unwrap());
    assert_eq!(store.session("late").await.unwrap(), None, "what is over goes");
}

#[tokio::test]
async fn looking_for_a_stand_in_makes_none() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    assert_eq!(store.known_pseudonym("somebody".into()).await.unwrap(), None);
    let given = store.pseudonym("somebody".into()).await.unwrap();
    assert_eq!(store.known_pseudonym("somebody".into()).await.unwrap(), Some(given));
}
