//! SHA-256 and HMAC-SHA-256 against published values, and commitments that hold for one message only.

use seal::{commitment, random, sha256, verify_commitment};

#[test]
fn digests_are_the_published_ones() {
    // FIPS 180-2 appendix B.1.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(sha256(b"abc")), abc);
}

/// RFC 4231 test case 1, whose key of 20 bytes equals the same key filled up with zeroes to 32: HMAC
/// itself fills keys up with zeroes.
#[test]
fn a_commitment_is_hmac_sha256() {
    let mut opening = [0; 32];
    opening[..20].fill(0x0b);
    let published = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    assert_eq!(hex::encode(commitment(&opening, b"Hi There")), published);
}

#[track_caller]
fn check(opening: &[u8; 32], message: &[u8], expect: bool) {
    let committed = commitment(&[7; 32], b"{\"child\":\"Test Child 7\"}");
    assert_eq!(verify_commitment(opening, message, &committed), expect);
}

#[test]
fn a_commitment_holds_for_its_opening_and_its_bytes_only() {
    check(&[7; 32], b"{\"child\":\"Test Child 7\"}", true);
    check(&[7; 32], b"{\"child\":\"Test Child 8\"}", false);
    // The exact bytes count: the same JSON with a space is another message.
    check(&[7; 32], b"{\"child\": \"Test Child 7\"}", false);
    check(&[8; 32], b"{\"child\":\"Test Child 7\"}", false);
}

#[test]
fn random_bytes_differ() {
    let drawn: std::collections::BTreeSet<[u8; 16]> = (0..1000).map(|_| random()).collect();
    assert_eq!(drawn.len(), 1000);
    assert_eq!(random::<0>(), [0_u8; 0]);
}
