//! NADRA: four results by the number's twelfth digit, one session per transaction, faults for everything
//! else.

use serde_json::{Value, json};

use super::{check, forms::*, world::World};

fn text(answer: &Value) -> &str {
    answer.as_str().expect("an envelope")
}

fn session(answer: &Value) -> String {
    let rest = text(answer).split("<n:SessionId>").nth(1).expect("a session");
    rest.split('<').next().expect("its end").to_owned()
}

#[tokio::test]
async fn the_twelfth_digit_decides() {
    let world = World::new();
    let results = [('1', "MATCH"), ('7', "NOMATCH"), ('8', "NORECORD"), ('9', "AMBIGUOUS")];
    for (n, (digit, result)) in (1..).zip(results) {
        let answer = check(&world, verify(n, &format!("61101-000000{digit}-2")), 200, json!({})).await;
        assert!(text(&answer).contains(&format!("<n:Result>{result}</n:Result>")), "{answer}");
        assert!(text(&answer).contains("<n:ResponseCode>100</n:ResponseCode>"));
        assert!(
            text(&answer).contains(&format!("<n:TransactionId>{}</n:TransactionId>", super::forms::check(n)))
        );
        assert!(text(&answer).contains('\u{202b}'), "the message carries bidi marks");
    }
}

#[tokio::test]
async fn a_transaction_has_one_session_across_a_restart() {
    let mut world = World::new();
    let first = session(&check(&world, verify(1, "6110100000012"), 200, json!({})).await);
    world.restart().await;
    let again = session(&check(&world, verify(1, "6110100000012"), 200, json!({})).await);
    assert_eq!(first, again);
    assert_eq!(world.effects("nadra", "identity.check").await.len(), 1);
    let path = format!("/_sim/inbox?check={}", super::forms::check(1));
    let (_, inbox) = world.call(super::world::Call::get("nadra", &path)).await.expect("an answer");
    assert_eq!(inbox["messages"][0]["seen"]["name"], "Test & Guardian 1");
}

#[tokio::test]
async fn faults() {
    let world = World::new();
    let entity =
        "<!DOCTYPE a [<!ENTITY b 'c'>]><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"/>";
    let other = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\
                 <s:Body><Pay/></s:Body></s:Envelope>";
    let cases = [
        (verify(1, "12345"), 500, "identity-number-invalid"),
        (verify(1, "6110100000012").header("soapaction", "\"urn:other\""), 500, "soap-action-unknown"),
        (verify(1, "6110100000012").header("authorization", "Bearer x"), 401, "unauthorized"),
        (soap(entity), 500, "doctype-refused"),
        (soap(other), 500, "operation-unknown"),
        (soap("{}"), 500, "operation-unknown"),
        (soap("<a"), 500, "malformed"),
    ];
    for (call, status, code) in cases {
        let answer = check(&world, call, status, json!({})).await;
        assert!(text(&answer).contains(&format!("<faultstring>{code}</faultstring>")), "{code}: {answer}");
    }
    assert!(world.effects("nadra", "identity.check").await.is_empty());
}

#[tokio::test]
async fn a_question_may_be_declined() {
    let world = World::new();
    world.knobs("nadra", json!({ "refuse_next": 1, "retry_after_next": 1 })).await;
    let declined = check(&world, verify(1, "6110100000012"), 200, json!({})).await;
    assert!(text(&declined).contains("<n:ResponseCode>101</n:ResponseCode>"));
    assert!(!text(&declined).contains("<n:Result>"));
    let busy = check(&world, verify(1, "6110100000012"), 429, json!({})).await;
    assert!(text(&busy).contains("<faultstring>busy</faultstring>"));
    assert!(world.effects("nadra", "identity.check").await.is_empty());
}
