//! A private key as PEM text (RFC 7468 section 10), for the sandbox issuer's library, which wants it so.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// Characters of Base64 in a line (RFC 7468 section 2).
const LINE_CHARS: usize = 64;

/// A PKCS#8 document as PEM.
#[must_use]
pub fn pkcs8_pem(pkcs8: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(pkcs8));
    let lines = base64.len().div_ceil(LINE_CHARS);
    // Reserved in full: a growing text would leave unwiped copies behind.
    let mut pem = Zeroizing::new(String::with_capacity(64 + base64.len() + lines));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (place, character) in base64.chars().enumerate() {
        if place > 0 && place % LINE_CHARS == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    pem
}
