//! How often an issuer is asked for its keys, and what happens when they change, vanish or never come.

use std::sync::Arc;

use identity::{
    TokenDefect, TokenTime, Verifier,
    issuer::{JWKS_PATH, METADATA_PATH},
};
use serde_json::{Value, json};

use super::world::{World, client, issuer, token_of, trust};

/// What a broken issuer serves: its discovery document, and its key set if it serves one.
type Serving = fn(&str) -> (String, Option<String>);

async fn check(world: &World, token: &str, expect: Option<TokenDefect>, fetches: usize) {
    let found = world.verifier.verify(token).await.err();
    assert_eq!(found, expect);
    assert_eq!(world.jwks_fetches(), fetches, "fetches");
}

#[tokio::test]
async fn a_new_key_is_found_within_a_minute() {
    let world = World::start().await;
    let (next, _) = issuer(world.issuer.base_url());
    check(&world, &world.token(), None, 1).await;
    world.publish(&next.jwks());
    let token = token_of(&next, world.clock.unix_seconds());
    check(&world, &token, Some(TokenDefect::KidUnknown), 1).await;
    world.clock.advance(59);
    check(&world, &token, Some(TokenDefect::KidUnknown), 1).await;
    world.clock.advance(1);
    check(&world, &token, None, 2).await;
    // The old key is gone, and so are new tokens by it.
    check(&world, &world.token(), Some(TokenDefect::KidUnknown), 2).await;
}

#[tokio::test]
async fn both_keys_work_while_both_are_published() {
    let world = World::start().await;
    let (next, _) = issuer(world.issuer.base_url());
    let parse = |text: String| -> Value { serde_json::from_str(&text).unwrap() };
    let (old, new) = (parse(world.issuer.jwks()), parse(next.jwks()));
    world.publish(&json!({ "keys": [old["keys"][0], new["keys"][0]] }).to_string());
    check(&world, &world.token(), None, 1).await;
    check(&world, &token_of(&next, world.clock.unix_seconds()), None, 1).await;
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_a_minute() {
    let world = World::start().await;
    check(&world, &world.token(), None, 1).await;
    for minute in 1..=3 {
        world.clock.advance(60);
        for number in 0..50 {
            let mut header = world.header();
            header["kid"] = json!(format!("garbage-{minute}-{number}"));
            let token = world.sign(&header.to_string(), &world.claims().to_string());
            check(&world, &token, Some(TokenDefect::KidUnknown), 1 + minute).await;
        }
    }
    assert_eq!(world.server.asked(METADATA_PATH), 4);
}

#[tokio::test]
async fn a_key_id_asked_for_in_vain_causes_no_fetch_for_five_minutes() {
    let world = World::start().await;
    check(&world, &world.token(), None, 1).await;
    let named = |kid: &str| world.mint().headed("kid", json!(kid));
    world.clock.advance(60);
    check(&world, &named("garbage"), Some(TokenDefect::KidUnknown), 2).await;
    for _ in 1..5 {
        world.clock.advance(60);
        check(&world, &named("garbage"), Some(TokenDefect::KidUnknown), 2).await;
    }
    // Another may still have its fetch, and what that brings is known at once under either name.
    let (next, _) = issuer(world.issuer.base_url());
    world.publish(&next.jwks());
    check(&world, &token_of(&next, world.clock.unix_seconds()), None, 3).await;
    world.clock.advance(60);
    check(&world, &named("garbage"), Some(TokenDefect::KidUnknown), 4).await;
}

#[tokio::test]
async fn a_withdrawn_key_is_of_no_use_after_ten_minutes_though_nobody_else_calls() {
    let world = World::start().await;
    check(&world, &world.token(), None, 1).await;
    let (next, _) = issuer(world.issuer.base_url());
    world.publish(&next.jwks());
    world.clock.advance(299);
    let mut claims = world.claims();
    claims["exp"] = json!(world.clock.unix_seconds() + 600);
    let stolen = world.sign(&world.header().to_string(), &claims.to_string());
    check(&world, &stolen, None, 1).await;
    // As the program does: every half minute. The token is remembered, and forgotten with its key.
    world.clock.advance(30);
    world.verifier.refresh().await;
    check(&world, &stolen, Some(TokenDefect::KidUnknown), 2).await;
}

#[tokio::test]
async fn nobody_is_asked_for_keys_that_nobody_needs() {
    let world = World::start().await;
    world.clock.advance(3600);
    world.verifier.refresh().await;
    assert_eq!(world.jwks_fetches(), 0);
}

#[tokio::test]
async fn a_withdrawn_key_is_of_no_use_after_ten_minutes() {
    let world = World::start().await;
    check(&world, &world.token(), None, 1).await;
    let (next, _) = issuer(world.issuer.base_url());
    world.publish(&next.jwks());
    world.clock.advance(299);
    // The worst case: signed with the stolen key just before the refresh, to live as long as allowed.
    let mut claims = world.claims();
    claims["exp"] = json!(world.clock.unix_seconds() + 600);
    let stolen = world.sign(&world.header().to_string(), &claims.to_string());
    check(&world, &stolen, None, 1).await;
    world.clock.advance(299);
    check(&world, &stolen, None, 1).await;
    world.clock.advance(1);
    check(&world, &stolen, Some(TokenDefect::KidUnknown), 2).await;
}

#[tokio::test]
async fn known_keys_outlive_an_outage_of_a_day() {
    let world = World::start().await;
    check(&world, &world.token(), None, 1).await;
    world.server.serve(JWKS_PATH, 500, "");
    world.clock.advance(6 * 60);
    check(&world, &world.token(), None, 2).await;
    world.clock.advance(30);
    check(&world, &world.token(), None, 2).await;
    world.clock.advance(23 * 3600);
    check(&world, &world.token(), None, 3).await;
    world.clock.advance(3600);
    check(&world, &world.token(), Some(TokenDefect::KeysUnavailable), 4).await;
    world.publish(&world.issuer.jwks());
    world.clock.advance(60);
    check(&world, &world.token(), None, 5).await;
}

#[tokio::test]
async fn an_issuer_that_starts_late_is_found_soon() {
    let world = World::start().await;
    world.server.serve(METADATA_PATH, 503, "");
    for _ in 0..5 {
        check(&world, &world.token(), Some(TokenDefect::KeysUnavailable), 0).await;
    }
    assert_eq!(world.server.asked(METADATA_PATH), 1);
    assert!(TokenDefect::KeysUnavailable.is_outage());
    world.publish(&world.issuer.jwks());
    world.clock.advance(2);
    check(&world, &world.token(), None, 1).await;
}

/// Waits until the discovery document was asked for so many times.
async fn asked(world: &World, times: usize) {
    while world.server.asked(METADATA_PATH) < times {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn many_first_callers_share_one_fetch() {
    let world = Arc::new(World::start().await);
    let gate = world.server.hold();
    let token = world.token();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let (world, token) = (Arc::clone(&world), token.clone());
            tokio::spawn(async move { world.verifier.verify(&token).await.is_ok() })
        })
        .collect();
    asked(&world, 1).await;
    gate.add_permits(100);
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!((world.server.asked(METADATA_PATH), world.jwks_fetches()), (1, 1));
}

#[tokio::test]
async fn while_keys_are_refreshed_nobody_waits_who_need_not() {
    let world = Arc::new(World::start().await);
    check(&world, &world.token(), None, 1).await;
    world.clock.advance(301);
    let _gate = world.server.hold();
    let slow = tokio::spawn({
        let world = Arc::clone(&world);
        async move { world.verifier.verify(&world.token()).await.is_ok() }
    });
    asked(&world, 2).await;
    check(&world, &world.token(), None, 1).await;
    assert!(!slow.is_finished());
    slow.abort();
}

#[tokio::test]
async fn documents_that_cannot_be_believed_bring_no_keys() {
    let base = |world: &World| world.issuer.base_url().to_owned();
    let documents: [(&str, Serving); 8] = [
        ("no json", |_| ("<html>".to_owned(), None)),
        ("another issuer", |base| (discovery("https://other.example", &format!("{base}/jwks.json")), None)),
        ("a slash more", |base| (discovery(&format!("{base}/"), &format!("{base}/jwks.json")), None)),
        ("keys elsewhere", |base| (discovery(base, "https://keys.example/jwks.json"), None)),
        ("keys on a file", |base| (discovery(base, "file:///etc/passwd"), None)),
        ("no keys", |base| {
            (discovery(base, &format!("{base}/jwks.json")), Some(r#"{"keys":[]}"#.to_owned()))
        }),
        ("key set no json", |base| (discovery(base, &format!("{base}/jwks.json")), Some("{".to_owned()))),
        ("key set too large", |base| {
            let key = r#"{"kty":"OKP","crv":"Ed25519","kid":"x","x":"AAAA"}"#;
            let keys = vec![key; 65].join(",");
            (discovery(base, &format!("{base}/jwks.json")), Some(format!(r#"{{"keys":[{keys}]}}"#)))
        }),
    ];
    for (name, make) in documents {
        let world = World::start().await;
        let (metadata, jwks) = make(&base(&world));
        world.server.serve(METADATA_PATH, 200, metadata);
        if let Some(jwks) = jwks {
            world.server.serve(JWKS_PATH, 200, jwks);
        }
        let found = world.verifier.verify(&world.token()).await.err();
        assert_eq!(found, Some(TokenDefect::KeysUnavailable), "{name}");
    }
}

fn discovery(issuer: &str, jwks_uri: &str) -> String {
    json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string()
}

#[tokio::test]
async fn an_issuers_key_does_not_speak_for_another() {
    let (first, second) = (World::start().await, World::start().await);
    let time: Arc<dyn TokenTime> = first.clock.clone();
    let issuers = vec![trust(first.issuer.base_url()), trust(second.issuer.base_url())];
    let allow = vec![first.server.address.to_string(), second.server.address.to_string()];
    let http = egress::Client::new(egress::Rules { allow, loopback_http: true, ..egress::Rules::default() });
    let verifier = Verifier::with_time(issuers, http.unwrap(), time);
    assert!(verifier.verify(&first.token()).await.is_ok());
    assert!(verifier.verify(&second.token()).await.is_ok());
    // Signed by the first, in the second's name.
    let forged = first.sign(&first.header().to_string(), &second.claims().to_string());
    assert_eq!(verifier.verify(&forged).await.unwrap_err(), TokenDefect::KidUnknown);
    let forged = first.sign(&second.header().to_string(), &second.claims().to_string());
    assert_eq!(verifier.verify(&forged).await.unwrap_err(), TokenDefect::SignatureWrong);
    let nobody = Verifier::new(Vec::new(), client(&first.server));
    assert_eq!(nobody.verify(&first.token()).await.unwrap_err(), TokenDefect::IssUnknown);
}
