//! Digests and commitments. A commitment ties a ledger leaf to a message without telling anything about
//! it: with 32 random bytes of opening, guessing the message and trying is hopeless, and once the opening
//! is destroyed nobody can show what was committed to.

use ring::{digest, hmac};

/// SHA-256 of the bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// `HMAC-SHA-256(key = opening, bytes)`: the commitment to exactly these bytes.
#[must_use]
pub fn commitment(opening: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    array(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, opening), bytes).as_ref())
}

/// Whether `expected` is the commitment to these bytes under this opening. Takes the same time either way.
#[must_use]
pub fn verify_commitment(opening: &[u8; 32], bytes: &[u8], expected: &[u8; 32]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, opening), bytes, expected).is_ok()
}

/// A SHA-256 output as an array; ring gives it as a slice of 32 bytes.
fn array(output: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, from) in bytes.iter_mut().zip(output) {
        *byte = *from;
    }
    bytes
}
