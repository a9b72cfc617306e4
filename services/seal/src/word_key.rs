//! The key behind the words that stand for a person's number or name towards one agency. The same value has
//! the same word there every time, so that two messages about one person are seen to be one; another
//! agency's words for it are others, and without this key no value can be tried against a word.

use ring::hmac;
use zeroize::Zeroizing;

/// Bytes of a word: two values of one agency do not meet by chance.
const WORD_BYTES: usize = 16;

/// One agency's words; wiped when dropped, never printed.
pub struct WordKey {
    secret: Zeroizing<[u8; 32]>,
}

impl WordKey {
    pub(crate) const fn derived(secret: Zeroizing<[u8; 32]>) -> Self {
        Self { secret }
    }

    /// The word for a value of a kind: `pn_` and 32 hexadecimal digits.
    #[must_use]
    pub fn word(&self, kind: &str, value: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_slice());
        let mut signing = hmac::Context::with_key(&key);
        signing.update(kind.as_bytes());
        // No kind holds a zero byte, so kind and value together are unambiguous.
        signing.update(&[0]);
        signing.update(value.as_bytes());
        let tag = signing.sign();
        let bytes = tag.as_ref().iter().take(WORD_BYTES);
        bytes.fold("pn_".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl std::fmt::Debug for WordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WordKey(..)")
    }
}
