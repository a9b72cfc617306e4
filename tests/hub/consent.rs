//! What a child or its guardian asked to withhold reaches no recipient, whatever the agreement would show it.

use casework::Category;
use policies::Policies;
use serde_json::{Value, json};

use super::world::{World, key, system};

fn request(withheld: Value) -> Vec<u8> {
    let mut message = json!({
        "schema": "referral.request/v1",
        "recipients": [
            { "agency": "cpi", "service": "SVC-SHELTER" },
            { "agency": "laja", "service": "SVC-LEGAL" },
        ],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-NEGLECT"],
        "child": {
            "name": { "full": "Test Child 7" },
            "age": { "years": 9, "basis": "EST" },
            "sex": "F",
            "address": { "district": "PK401", "line": "Invented Street 7" },
        },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "position": "Sub-inspector" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    });
    if !withheld.is_null() {
        message["consent"]["withheld"] = withheld;
    }
    message.to_string().into_bytes()
}

/// What CPI sees of a request in which this was asked to be withheld.
async fn seen(withheld: Value) -> (Value, Vec<Category>) {
    let world = World::new(Policies::embedded().unwrap());
    let sent = world.hub.submit_referral(&system("ictp"), &request(withheld), &key("one")).await.unwrap();
    let shown = world.hub.show_referral(&system("cpi"), sent.referrals[0].id).await.unwrap();
    (shown.message.unwrap().into_json(), shown.withheld.into_iter().collect())
}

#[tokio::test]
async fn consent_narrows_what_an_agreement_shows() {
    let (whole, _) = seen(Value::Null).await;
    assert_eq!(whole["child"]["name"]["full"], "Test Child 7");
    assert_eq!(whole["child"]["address"]["district"], "PK401");

    let (cut, withheld) = seen(json!(["name", "address"])).await;
    assert!(cut["child"].get("name").is_none() && cut["child"].get("address").is_none(), "{cut}");
    assert_eq!(cut["child"]["sex"], "F");
    assert!(withheld.contains(&Category::Name) && withheld.contains(&Category::Address));
    assert!(cut["consent"].get("withheld").is_none(), "not what was asked, only that something is withheld");
}

/// What routes a message cannot be withheld from the one it is for.
#[tokio::test]
async fn routing_stays() {
    let (cut, _) = seen(json!(["routing", "service", "consent", "name"])).await;
    assert_eq!(cut["recipients"], json!([{ "agency": "cpi", "service": "SVC-SHELTER" }]));
    assert_eq!(cut["consent"]["basis"], "consent");
    assert!(cut["child"].get("name").is_none());
}
