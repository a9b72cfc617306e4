//! What ties a login to one browser: 32 random bytes in a cookie. `state`, `nonce` and the PKCE verifier are
//! made from them, each for its own purpose, so that the hub keeps nothing of a login but the hash of its
//! ticket, and whoever reads its tables can finish nobody's login.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The ticket of a login under way. Not printable.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket([u8; 32]);

impl Ticket {
    /// A new one.
    #[must_use]
    pub fn draw() -> Self {
        Self(seal::random())
    }

    /// As a cookie has it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// For the cookie.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// By what it is known: its hash.
    #[must_use]
    pub fn id(&self) -> String {
        seal::sha256(&self.0).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A text made from it for one purpose; 43 characters, of which a PKCE verifier needs no fewer (RFC 7636
    /// section 4.1).
    #[must_use]
    pub fn derived(&self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(seal::commitment(&self.0, purpose.as_bytes()))
    }

    /// Is this the text made for that purpose? Takes as long whatever is sent.
    #[must_use]
    pub fn fits(&self, purpose: &str, text: &str) -> bool {
        let sent: Option<[u8; 32]> =
            URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        sent.is_some_and(|sent| seal::verify_commitment(&self.0, purpose.as_bytes(), &sent))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}
