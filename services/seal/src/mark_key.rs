//! The key under which the hub marks identity numbers: to tell that one was asked for before, or is one that
//! nobody should ask for, without keeping any. Without the key a mark tells nothing, though numbers are few.

use zeroize::Zeroizing;

use crate::digest::commitment;

/// Marks numbers; made from the root key, so that all hubs of a store mark alike.
#[derive(Clone)]
pub struct MarkKey(Zeroizing<[u8; 32]>);

impl MarkKey {
    pub(crate) const fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self(secret)
    }

    /// `HMAC-SHA-256` of an identity number's digits: `00000-0000070-7` and `0000000000707` are one.
    #[must_use]
    pub fn mark(&self, number: &str) -> [u8; 32] {
        let digits = Zeroizing::new(number.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>());
        commitment(&self.0, &digits)
    }
}

impl std::fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MarkKey(..)")
    }
}
