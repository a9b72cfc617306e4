//! Tokens bound to a client certificate (RFC 8705 section 3): good beside it, and beside no other.

use identity::{Thumbprint, TokenDefect, Verifier, issuer::TokenRequest};

use super::world::World;

const OWN: Thumbprint = [7; 32];
const SECOND: Thumbprint = [8; 32];

/// Bound to this, over a connection that shows that, at a hub that takes only bound tokens or any.
type Row = (Option<Thumbprint>, Option<Thumbprint>, bool, Option<TokenDefect>);

const ROWS: &[Row] = &[
    (Some(OWN), Some(OWN), true, None),
    (Some(OWN), Some(OWN), false, None),
    (Some(SECOND), Some(SECOND), true, None),
    (Some(OWN), Some(SECOND), true, Some(TokenDefect::CertificateOther)),
    (Some(OWN), Some(SECOND), false, Some(TokenDefect::CertificateOther)),
    (Some(OWN), None, true, Some(TokenDefect::CertificateMissing)),
    (Some(OWN), None, false, Some(TokenDefect::CertificateMissing)),
    (None, Some(OWN), true, Some(TokenDefect::Unbound)),
    (None, None, true, Some(TokenDefect::Unbound)),
    (None, Some(OWN), false, None),
    (None, None, false, None),
];

async fn check(verifier: &Verifier, token: &str, row: &Row) {
    let found = verifier.verify_shown(token, row.1.as_ref()).await;
    assert_eq!(found.as_ref().err(), row.3.as_ref(), "{row:?}");
    assert!(found.is_err() || found.unwrap().bound_to == row.0, "{row:?}");
}

#[tokio::test]
async fn a_bound_token_is_good_beside_its_certificate_alone() {
    let world = World::start().await;
    let only = world.another_verifier().bound_only();
    // One text for each binding, over all connections and twice: what is remembered of it opens no other.
    for _ in 0..2 {
        for row in ROWS {
            let mint = super::mint::Mint { bound_to: row.0, ..world.mint() };
            check(if row.2 { &only } else { &world.verifier }, &mint.token(), row).await;
        }
    }
}

#[tokio::test]
async fn an_issuer_binds_to_the_certificate_it_was_shown() {
    let world = World::start().await;
    let mut form = TokenRequest::client_credentials("laja-system", "wordy secret");
    form.certificate = Some(OWN);
    let token = world.issuer.token_at(&form, super::world::START).unwrap().access_token;
    check(&world.verifier, &token, &(Some(OWN), Some(OWN), false, None)).await;
    let elsewhere = (Some(OWN), None, false, Some(TokenDefect::CertificateMissing));
    check(&world.verifier, &token, &elsewhere).await;
}
