//! Envelopes from outside: what is read, what is refused, and whose answer it is.

use adapters::Exchange;

use super::{
    agency, outgoing,
    responder::{Reply, Responder},
};

/// A right answer to the first example.
pub const MATCH: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope \
    xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><n:VerifyIdentityResponse \
    xmlns:n=\"urn:nadra:assumed\"><n:ResponseCode>100</n:ResponseCode>\
    <n:TransactionId>ic_00000000000000000000000000000009</n:TransactionId><n:SessionId>S-000001</n:SessionId>\
    <n:Result>MATCH</n:Result><n:Message xml:lang=\"ur\">\u{202b}تصدیق ہو گئی\u{202c}</n:Message>\
    </n:VerifyIdentityResponse></soap:Body></soap:Envelope>";

async fn asked(status: u16, body: String) -> Exchange {
    let registry = super::embedded();
    let responder = Responder::start(move |_| Reply::Answer(status, "", body.clone())).await;
    agency(registry, "nadra")
        .exchange(&responder.link(), &outgoing("nadra/examples/1-outbound.in.json", 1))
        .await
}

async fn check(body: String, expect: &str) {
    let told = match asked(200, body).await {
        Exchange::Delivered { answer: Some(answer), .. } => format!("answer {}", answer.json()),
        Exchange::Unknown { class } => format!("unknown {class}"),
        Exchange::Broken { class } => format!("broken {class}"),
        other => format!("{other:?}"),
    };
    assert_eq!(told, expect);
}

const ANSWERED: &str = r#"answer {"schema":"identity.result/v1","status":"answered","result":"match"}"#;
const UNREADABLE: &str = "unknown unreadable-answer";

#[tokio::test]
async fn an_answer_is_status_and_result_only() {
    check(MATCH.to_owned(), ANSWERED).await;
    check(MATCH.replace("MATCH", "<![CDATA[MATCH]]>"), ANSWERED).await;
    check(MATCH.replace("MATCH", "MAT&#67;H"), ANSWERED).await;
    check(MATCH.replace("soap:", "s:").replace(":soap", ":s"), ANSWERED).await;
    let refused = r#"answer {"schema":"identity.result/v1","status":"refused"}"#;
    check(MATCH.replace(">100<", ">101<"), refused).await;
}

#[tokio::test]
async fn the_question_is_what_was_asked_and_no_more() {
    let registry = super::embedded();
    let responder = Responder::start(|_| Reply::Answer(200, "", MATCH.to_owned())).await;
    let mut out = outgoing("nadra/examples/1-outbound.in.json", 1);
    let name = serde_json::json!("Test <Guardian> & \"7\"");
    super::change_body(&mut out, |body| body["subject"]["name"] = name);
    let exchange = agency(registry, "nadra").exchange(&responder.link(), &out).await;
    assert!(matches!(exchange, Exchange::Delivered { .. }));
    let seen = responder.seen().pop().unwrap();
    assert!(seen.headers.contains("soapaction: \"urn:nadra:assumed:verifyidentity\""));
    insta::assert_snapshot!(seen.body.replace("><", ">\n<"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:v="urn:nadra:assumed">
    <s:Body>
    <v:VerifyIdentity>
    <v:TransactionId>ic_00000000000000000000000000000009</v:TransactionId>
    <v:IdentityNumber>00000-0000000-0</v:IdentityNumber>
    <v:Name>Test &lt;Guardian&gt; &amp; &quot;7&quot;</v:Name>
    <v:BirthDate>1980</v:BirthDate>
    <v:Purpose>GUARDIAN</v:Purpose>
    </v:VerifyIdentity>
    </s:Body>
    </s:Envelope>
    "#);
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    check(
        MATCH.replace("ic_00000000000000000000000000000009", "ic_0000000000000000000000000000000a"),
        "unknown another-transaction",
    )
    .await;
    check(
        MATCH.replace("<n:TransactionId>ic_00000000000000000000000000000009</n:TransactionId>", ""),
        "unknown another-transaction",
    )
    .await;
}

#[tokio::test]
async fn a_word_nobody_knows_waits_for_a_person() {
    check(MATCH.replace("MATCH", "PROBABLY"), "broken unmapped-code").await;
    check(MATCH.replace(">100<", ">999<"), "broken unmapped-code").await;
    check(MATCH.replace("<n:Result>MATCH</n:Result>", ""), "broken mapping-triage").await;
}

#[tokio::test]
async fn hostile_envelopes_are_refused() {
    let doctype = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    check(MATCH.replace("?>\n", &format!("?>\n{doctype}")), UNREADABLE).await;
    check(MATCH.replace("MATCH", "&b;"), UNREADABLE).await;
    check(MATCH.replace("?>\n", "?>\n<?php system('x') ?>"), UNREADABLE).await;
    check(MATCH.replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:other"), UNREADABLE).await;
    check(MATCH.replace("urn:nadra:assumed", "urn:other"), UNREADABLE).await;
    check(
        MATCH.replace("<n:Result>MATCH</n:Result>", "<n:Result>NOMATCH</n:Result><n:Result>MATCH</n:Result>"),
        UNREADABLE,
    )
    .await;
    check(
        MATCH
            .replace("</soap:Body>", "<n:VerifyIdentityResponse xmlns:n=\"urn:nadra:assumed\"/></soap:Body>"),
        UNREADABLE,
    )
    .await;
    check(MATCH.replace("</soap:Envelope>", ""), UNREADABLE).await;
    check(format!("{MATCH}{MATCH}"), UNREADABLE).await;
    check(MATCH.replace("MATCH", &"<x>".repeat(10_000)), UNREADABLE).await;
    check(MATCH.replace("MATCH", &"A".repeat(70_000)), UNREADABLE).await;
    check(
        MATCH.replace(
            "<n:Result>",
            &format!("{}<n:Result>", (0..40).map(|n| format!("<n:A{n}/>")).collect::<String>()),
        ),
        UNREADABLE,
    )
    .await;
}

#[tokio::test]
async fn faults_say_whose_fault() {
    let fault = |side: &str| {
        format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>\
            <faultcode>soap:{side}</faultcode><faultstring>x</faultstring><detail><a><b>c</b></a></detail>\
            </soap:Fault></soap:Body></soap:Envelope>"
        )
    };
    let told = async |status, side| format!("{:?}", asked(status, fault(side)).await);
    assert_eq!(
        told(500, "Server").await,
        "Later { class: Code(\"soap-fault-server\"), retry_after_s: None }"
    );
    assert_eq!(
        told(200, "Server").await,
        "Later { class: Code(\"soap-fault-server\"), retry_after_s: None }"
    );
    assert_eq!(told(500, "Client").await, "Broken { class: Code(\"soap-fault-client\") }");
    assert_eq!(told(401, "Client").await, "Later { class: Code(\"credentials\"), retry_after_s: None }");
}
