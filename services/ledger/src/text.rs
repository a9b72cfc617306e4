//! What the three text formats share: their error, strict Base64 (RFC 4648 section 4), decimals without
//! leading zeroes, and lines that end in a newline.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::hash::Hash;

/// A text that is not what it should be. Names the format and the part, never the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {format}: {problem}")]
pub struct TextError {
    pub format: &'static str,
    pub problem: &'static str,
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Padding and trailing bits must be canonical, so that a value has one text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn hash(text: &str) -> Option<Hash> {
    decode(text)?.try_into().ok()
}

/// ASCII digits without sign or leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if plain && digits { text.parse().ok() } else { None }
}

/// The first line without its newline, and what follows it.
pub(crate) fn line(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}
