//! Logins that go well: what the defects differ from.

use serde_json::json;

use super::browser::{LOGIN, SESSION};
use super::world::World;

#[tokio::test]
async fn a_person_signs_in_sees_who_they_are_and_signs_out() {
    let world = World::start().await;
    let mut browser = world.browser();
    let first = browser.get("/desk").await;
    assert_eq!((first.status, first.location().as_str()), (303, "/desk/sign-in?return_to=/desk"));
    let list = browser.get(&first.location()).await;
    assert!(list.body.contains("/desk/sign-in/main/ictp?return_to=/desk"), "{}", list.body);
    let mut browser = world.signed_in().await;
    assert!(!browser.cookies.contains_key(LOGIN), "the ticket is used up");
    let home = browser.get("/desk").await;
    assert_eq!(home.status, 200);
    for word in ["Islamabad Capital Territory Police", "supervisor", "Sign out"] {
        assert!(home.body.contains(word), "no `{word}` in {}", home.body);
    }
    assert!(!home.body.contains("supervisor-7"), "the page shows the provider's word for the person");
    let urdu = browser.get("/desk?lang=ur").await.body;
    assert!(urdu.contains("dir=\"rtl\"") && urdu.contains("سائن آؤٹ"), "{urdu}");
    let token = world.form_token(&mut browser).await;
    assert_eq!(browser.post("/desk/sign-out", &format!("csrf={token}")).await.status, 200);
    assert!(!browser.cookies.contains_key(SESSION));
}

/// What a provider may do and need not: a list of one audience, `azp`, words of its own in the answer.
#[tokio::test]
async fn what_a_provider_may_add_does_no_harm() {
    let world = World::start().await;
    let mut begun = world.begin(world.browser()).await;
    let mut making = world.making(&begun);
    making.claims["aud"] = json!(["amaan-desk"]);
    making.claims["azp"] = json!("amaan-desk");
    making.claims["name"] = json!("nobody reads it");
    making.header.as_object_mut().unwrap().remove("typ");
    world.grant(&begun, making, "a-code");
    let mut answer = world.answer(&begun, "a-code");
    answer.push(("session_state".into(), "zqx".into()));
    let seen = world.come_back(&mut begun.browser, "main", &answer).await;
    assert_eq!((seen.status, seen.location().as_str()), (303, "/desk"), "{}", seen.body);
}
