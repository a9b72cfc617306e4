//! Why something sealed does not open or a key cannot be used. Deliberately coarse: a decryption error
//! tells nobody which part was wrong.

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Shorter than a nonce and a tag.
    #[error("too short to have been sealed: the stored bytes are damaged")]
    TooShort,
    /// The tag does not fit.
    #[error("does not open: changed since it was sealed, or sealed for another place or under another key")]
    NotOpened,
    /// A private key that is not PKCS#8 of Ed25519.
    #[error("the signing key is not an Ed25519 key in PKCS#8: name another key file")]
    BadNoteKey,
    /// A shared secret that is none.
    #[error("not a webhook's secret: expected `whsec_` and base64 of 24 to 64 random bytes")]
    BadWebhookSecret,
    /// Something to be signed for a webhook that is no text.
    #[error("a webhook's payload is not UTF-8")]
    BadWebhookPayload,
}
