//! What signing in leaves behind: an entry for each sign-in, confirmation and sign-out, under the person's
//! stand-in and with no word of theirs; and how often one may try.

use casework::{AgencyCode, Event, SessionTurn, Via};
use hub::LimitSettings;

use super::browser::SESSION;
use super::world::{SUBJECT, World};

const START: &str = "/desk/sign-in/main/ictp?return_to=/desk";
const CONFIRM: &str = "/desk/confirm/go?return_to=/desk";

/// Turns of sessions, oldest first, with whose stand-in acted; and the text of all their entries.
async fn turns(world: &World) -> (Vec<(SessionTurn, String, String)>, String) {
    let entries = world.served.hub.store.entries_before(None, 200).await.unwrap();
    let (mut turns, mut text) = (Vec::new(), String::new());
    for found in entries.iter().rev() {
        let Event::Session(turn) = &found.entry.event else { continue };
        assert_eq!(found.entry.via, Via::Web);
        turns.push((turn.turn, turn.agency.to_string(), found.entry.actor.to_string()));
        text += &String::from_utf8(found.entry.to_leaf().unwrap()).unwrap();
    }
    (turns, text)
}

#[tokio::test]
async fn signing_in_confirming_and_leaving_are_entries_of_the_person() {
    let world = World::start().await;
    let browser = world.signed_in().await;
    let begun = world.sent_by(browser, CONFIRM).await;
    let making = world.making(&begun);
    let mut browser = world.finish(begun, making).await;
    let token = world.form_token(&mut browser).await;
    assert_eq!(browser.post("/desk/sign-out", &format!("csrf={token}")).await.status, 200);

    let (turns, text) = turns(&world).await;
    let kinds: Vec<SessionTurn> = turns.iter().map(|(turn, ..)| *turn).collect();
    assert_eq!(kinds, [SessionTurn::SignedIn, SessionTurn::Confirmed, SessionTurn::SignedOut]);
    assert!(turns.iter().all(|(_, agency, actor)| agency == "ictp" && *actor == turns[0].2), "{turns:?}");
    assert!(!text.contains(SUBJECT) && !text.contains("127.0.0.1"), "{text}");
    // Whoever no agency has named leaves none.
    let begun = world.begin(world.browser()).await;
    let mut making = world.making(&begun);
    making.claims["sub"] = serde_json::json!("nobody-here");
    world.grant(&begun, making, "code-n");
    let (answer, mut browser) = (world.answer(&begun, "code-n"), begun.browser);
    assert_eq!(world.come_back(&mut browser, "main", &answer).await.status, 403);
    assert_eq!(self::turns(&world).await.0.len(), 3);
    let agency: AgencyCode = "ictp".parse().unwrap();
    assert_eq!(turns[0].1, agency.to_string());
}

/// Refusals, oldest first, with whose stand-in was refused.
async fn refusals(world: &World) -> Vec<(String, String)> {
    let entries = world.served.hub.store.entries_before(None, 200).await.unwrap();
    let refused = entries.iter().rev().filter_map(|found| match &found.entry.event {
        Event::Refused(refused) => Some((refused.problem.to_string(), found.entry.actor.to_string())),
        _ => None,
    });
    refused.collect()
}

/// Somebody known is refused: whatever it was, it is an entry under the person.
#[tokio::test]
async fn each_refusal_of_somebody_signed_in_is_an_entry() {
    const OUT: &str = "/desk/sign-out";
    let world = World::start().await;
    let mut browser = world.signed_in().await;
    let (turns, _) = turns(&world).await;
    let token = world.form_token(&mut browser).await;
    let form = format!("csrf={token}");
    browser.post(OUT, "csrf=zqx").await;
    browser.post_from(OUT, &form, &[("Origin", "http://zqx.example")]).await;
    let long = format!("{form}&more={}", "x".repeat(20_000));
    browser.post(OUT, &long).await;
    let longer = format!("{form}&more={}", "x".repeat(2_000_000));
    browser.post(OUT, &longer).await;
    world.clock.advance(hub::FRESH_SECONDS + 1);
    let act = "/desk/approvals/ap_00000000000070008000000000000000/approve";
    browser.post(act, &format!("{form}&return_to=/desk")).await;
    // Sent to confirm that, and somebody else comes back.
    let mut begun = world.sent_by(browser, CONFIRM).await;
    let mut making = world.making(&begun);
    making.claims["sub"] = serde_json::json!("officer-3");
    world.grant(&begun, making, "code-c");
    let answer = world.answer(&begun, "code-c");
    assert_eq!(world.come_back(&mut begun.browser, "main", &answer).await.status, 403);
    let told = refusals(&world).await;
    let words: Vec<&str> = told.iter().map(|(word, _)| word.as_str()).collect();
    let expected = [
        "csrf-wrong",
        "origin-wrong",
        "form-malformed",
        "payload-too-large",
        "auth-time-old",
        "person-unknown",
    ];
    assert_eq!(words, expected);
    assert!(told.iter().all(|(_, actor)| *actor == turns[0].2), "{told:?}");
    // Whoever is nobody here leaves none.
    world.browser().post(OUT, &form).await;
    assert_eq!(refusals(&world).await.len(), expected.len());
}

#[tokio::test]
async fn one_person_and_one_address_may_come_so_often_a_minute() {
    let few = LimitSettings { person_requests_per_minute: 3, ..LimitSettings::without_rates() };
    let world = World::limited(few).await;
    let mut browser = world.signed_in().await;
    let mut seen = Vec::new();
    while seen.len() < 5 && seen.last() != Some(&429) {
        seen.push(browser.get("/desk").await.status);
    }
    assert_eq!(seen.last(), Some(&429), "{seen:?}");
    assert_eq!(refusals(&world).await.last().map(|(word, _)| word.as_str()), Some("limit-reached"));

    let few = LimitSettings { desk_visits_per_minute: 2, ..LimitSettings::without_rates() };
    let world = World::limited(few).await;
    let mut officer = world.signed_in().await;
    assert_eq!(officer.get("/desk").await.status, 200);
    let mut seen = Vec::new();
    while seen.len() < 3 && seen.last() != Some(&429) {
        let mut guesses = world.browser();
        let secret = format!("{}A", &hex::encode(seal::random::<21>()));
        guesses.cookies.insert(SESSION.to_owned(), secret);
        seen.push(guesses.get("/desk").await.status);
    }
    assert_eq!(seen.last(), Some(&429), "{seen:?}");
    assert_eq!(officer.get("/desk").await.status, 200, "strangers at the same address hold up nobody known");
    assert_eq!(world.browser().get("/desk").await.status, 303, "nor who has no session to be looked for");
}

#[tokio::test]
async fn one_address_and_one_session_may_try_so_often_a_minute() {
    let few = LimitSettings {
        sign_ins_per_minute: 3,
        confirmations_per_minute: 2,
        ..LimitSettings::without_rates()
    };
    let world = World::limited(few).await;
    let mut browser = world.signed_in().await;
    for _ in 0..2 {
        assert_eq!(browser.get(CONFIRM).await.status, 303);
    }
    let refused = browser.get(CONFIRM).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert_eq!(browser.get("/desk").await.status, 200, "the session goes on");
    // The first sign-in was one of three.
    for expected in [303, 303, 429, 429] {
        let seen = world.browser().get(START).await;
        assert_eq!(seen.status, expected, "{}", seen.body);
    }
}
