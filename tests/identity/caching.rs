//! A verified token is remembered until it ends, and no longer than five minutes.

use identity::{TokenDefect, issuer::JWKS_PATH};

use super::world::{World, issuer};

#[tokio::test]
async fn a_good_token_says_who_calls() {
    let world = World::start().await;
    let verified = world.verifier.verify(&world.token()).await.unwrap();
    assert_eq!(verified.issuer, world.issuer.base_url());
    assert_eq!((verified.client.as_str(), verified.subject.as_str()), ("laja-system", "laja-system"));
    assert_eq!(verified.scopes, ["referral.send", "referral.receive"]);
    assert_eq!(verified.expires_at, super::world::START + 300);
    assert_eq!(format!("{verified:?}"), "Verified(client laja-system, until 1800000300)");
}

#[tokio::test]
async fn a_remembered_token_costs_no_fetch() {
    let world = World::start().await;
    let remembered = world.token();
    let first = world.verifier.verify(&remembered).await.unwrap();
    world.server.serve(JWKS_PATH, 500, "");
    for _ in 0..1000 {
        assert!(world.verifier.verify(&remembered).await.unwrap() == first);
    }
    assert_eq!(world.jwks_fetches(), 1);
}

/// The issuer withdraws its key, and the verifier learns of it by asking for another.
async fn withdraw(world: &World) {
    world.publish(&issuer(world.issuer.base_url()).0.jwks());
    world.clock.advance(60);
    let other = world.mint().headed("kid", "another".into());
    assert_eq!(world.verifier.verify(&other).await.unwrap_err(), TokenDefect::KidUnknown);
    assert_eq!(world.jwks_fetches(), 2);
}

#[tokio::test]
async fn a_remembered_token_is_forgotten_with_its_key() {
    let world = World::start().await;
    let (remembered, new) = (world.token(), world.token());
    assert!(world.verifier.verify(&remembered).await.is_ok());
    withdraw(&world).await;
    for token in [&remembered, &new] {
        assert_eq!(world.verifier.verify(token).await.unwrap_err(), TokenDefect::KidUnknown);
    }
}

#[tokio::test]
async fn a_remembered_token_outlives_a_fetch_that_brings_its_key_again() {
    let world = World::start().await;
    let remembered = world.token();
    assert!(world.verifier.verify(&remembered).await.is_ok());
    world.clock.advance(290);
    world.verifier.refresh().await;
    assert_eq!(world.jwks_fetches(), 1, "not due yet");
    world.clock.advance(9);
    // Renewed, so that it is remembered past the next refresh.
    let renewed = world.token();
    assert!(world.verifier.verify(&renewed).await.is_ok());
    world.clock.advance(1);
    world.verifier.refresh().await;
    assert_eq!(world.jwks_fetches(), 2);
    assert!(world.verifier.verify(&renewed).await.is_ok());
}

#[tokio::test]
async fn a_remembered_token_ends_when_it_ends() {
    let world = World::start().await;
    let token = world.token();
    world.verifier.verify(&token).await.unwrap();
    world.clock.advance(299);
    assert!(world.verifier.verify(&token).await.is_ok());
    world.clock.advance(10);
    assert!(world.verifier.verify(&token).await.is_ok(), "within the skew");
    world.clock.advance(1);
    assert_eq!(world.verifier.verify(&token).await.unwrap_err(), TokenDefect::Expired);
}

#[tokio::test]
async fn the_memory_is_bounded_and_keeps_what_is_used() {
    let world = World::start().await;
    let header = world.header().to_string();
    let mut claims = world.claims();
    let (used, unused) = (world.token(), world.token());
    world.verifier.verify(&used).await.unwrap();
    world.verifier.verify(&unused).await.unwrap();
    // Two generations of 4096 tokens, and one look at `used` in each.
    for number in 0..2 * 4096 {
        claims["jti"] = number.to_string().into();
        let token = world.sign(&header, &claims.to_string());
        world.verifier.verify(&token).await.unwrap();
        if number % 4000 == 0 {
            world.verifier.verify(&used).await.unwrap();
        }
    }
    // From now on no key is at hand: only what is remembered passes.
    world.server.serve(JWKS_PATH, 500, "");
    world.clock.wait_a_day();
    assert!(world.verifier.verify(&used).await.is_ok());
    assert_eq!(world.verifier.verify(&unused).await.unwrap_err(), TokenDefect::KeysUnavailable);
}
