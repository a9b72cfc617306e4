//! Every endpoint of `/openapi.json`: without a token it is refused unless it is in the list of public
//! ones, and with a token that lacks its scopes it is refused too. The list is a snapshot: it may only
//! shrink.

use std::collections::BTreeSet;
use std::fmt::Write;

use egress::Method;
use serde_json::{Value, json};

use super::refused::check_problem;
use super::token_rules::OfSandbox;
use crate::journeys::sandbox::sandbox;

/// An endpoint of the document.
struct Endpoint {
    method: String,
    path: String,
    /// The scopes of which one is needed; none for a public one.
    needs: Option<BTreeSet<String>>,
}

fn endpoints() -> Vec<Endpoint> {
    let document = sandbox().get("", "/openapi.json").ok().json();
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let needs = operation["security"].as_array().map(|any| any.iter().flat_map(scopes).collect());
            found.push(Endpoint { method: method.to_uppercase(), path: path.clone(), needs });
        }
    }
    found
}

fn scopes(alternative: &Value) -> Vec<String> {
    alternative["token"].as_array().unwrap().iter().map(|scope| scope.as_str().unwrap().to_owned()).collect()
}

impl Endpoint {
    /// Called with this token, its variable segments filled with something that looks right.
    fn call(&self, token: Option<&str>) -> crate::journeys::answer::Answer {
        let mut path = self.path.replace("{action}", "accept").replace("{version}", "v1");
        path = path.replace("/v1/schemas/{name}", "/v1/schemas/referral.accept");
        path = path.replace("/v1/webhooks/{name}", "/v1/webhooks/nobody-here");
        path = path.replace("/v1/indicators/{id}", "/v1/indicators/referrals");
        path = path.replace("{level}/{place}", "0/000").replace("{place}", "000.p/1");
        path = path.replace("{incident}", "agency-unreachable.nobody");
        path = path.replace("{reason}", "seen-more");
        path = path.replace("{delivery}", "dl_00000000000070008000000000000000");
        path = path.replace("{referral}", "rf_00000000000070008000000000000000");
        path = path.replace("{person}", "ps_00000000000070008000000000000000");
        let kind = if path.contains("cases") {
            "cs"
        } else if path.contains("approvals") {
            "ap"
        } else if path.contains("letters") {
            "dl"
        } else {
            "rf"
        };
        path = path.replace("{id}", &format!("{kind}_00000000000070008000000000000000"));
        assert!(!path.contains('{'), "a variable segment this test cannot fill: {path}");
        let method = if self.method == "GET" { Method::Get } else { Method::Post };
        let call = sandbox().call_with(token, method, &path);
        if method == Method::Post {
            call.key("endpoint-coverage").json(&json!({})).send()
        } else {
            call.send()
        }
    }
}

#[test]
fn nothing_but_the_public_endpoints_answers_a_stranger() {
    let _turn = sandbox().alone();
    let size = sandbox().ledger_size();
    let mut list = String::new();
    for endpoint in endpoints() {
        let name = format!("{:4} {}", endpoint.method, endpoint.path);
        let answer = endpoint.call(None);
        match &endpoint.needs {
            Some(needs) => {
                assert_eq!(answer.status, 401, "{name} answers a stranger: {}", answer.text());
                check_problem(&name, &answer);
                let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
                let any =
                    if needs.is_empty() { "any registered client".to_owned() } else { needs.join(" or ") };
                writeln!(list, "{name:42} {any}").unwrap();
            }
            None => {
                assert_eq!(answer.status, 200, "{name}: {}", answer.text());
                writeln!(list, "{name:42} PUBLIC").unwrap();
            }
        }
    }
    assert_eq!(sandbox().ledger_size(), size, "a stranger wrote into the ledger");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("endpoints", list);
    });
}

#[test]
fn a_token_without_the_scope_is_refused_everywhere() {
    let _turn = sandbox().beside();
    let scoped: Vec<Endpoint> = endpoints()
        .into_iter()
        .filter(|one| one.needs.as_ref().is_some_and(|needs| !needs.is_empty()))
        .collect();
    let without_scopes = OfSandbox::key().mint().claiming("scope", json!(""));
    assert!(scoped.len() >= 15, "{} endpoints need a scope", scoped.len());
    for endpoint in scoped {
        let answer = endpoint.call(Some(&without_scopes));
        let found = (answer.status, answer.slug());
        let name = format!("{} {}", endpoint.method, endpoint.path);
        assert_eq!(found, (403, "missing-scope".to_owned()), "{name}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("insufficient_scope"), "{name}: {challenge}");
    }
}
