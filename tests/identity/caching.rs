//! A verified token is remembered until it ends, and no longer than five minutes.

use identity::TokenDefect;

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
async fn a_remembered_token_costs_neither_fetch_nor_signature() {
    let world = World::start().await;
    let (remembered, new) = (world.token(), world.token());
    let first = world.verifier.verify(&remembered).await.unwrap();
    // The issuer withdraws its key, and the verifier learns of it by asking for another.
    world.publish(&issuer(world.issuer.base_url()).0.jwks());
    world.clock.advance(60);
    let mut header = world.header();
    header["kid"] = "another".into();
    let other = world.sign(&header.to_string(), &world.claims().to_string());
    assert_eq!(world.verifier.verify(&other).await.unwrap_err(), TokenDefect::KidUnknown);
    assert_eq!(world.jwks_fetches(), 2);
    // Without its key no signature could be checked; the remembered token passes all the same.
    assert_eq!(world.verifier.verify(&new).await.unwrap_err(), TokenDefect::KidUnknown);
    for _ in 0..1000 {
        assert!(world.verifier.verify(&remembered).await.unwrap() == first);
    }
    assert_eq!(world.jwks_fetches(), 2);
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
    world.publish(&issuer(world.issuer.base_url()).0.jwks());
    world.clock.advance(60);
    let mut header = world.header();
    header["kid"] = "another".into();
    let other = world.sign(&header.to_string(), &world.claims().to_string());
    assert_eq!(world.verifier.verify(&other).await.unwrap_err(), TokenDefect::KidUnknown);
    assert!(world.verifier.verify(&used).await.is_ok());
    assert_eq!(world.verifier.verify(&unused).await.unwrap_err(), TokenDefect::KidUnknown);
}
