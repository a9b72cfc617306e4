//! Public keys that others sign tokens with, in the parts that a JSON Web Key gives (RFC 7518 section 6, RFC
//! 8037): Ed25519, P-256 and RSA with PSS. Checks signatures, nothing else; which key a token may be
//! signed with is not decided here.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

/// An uncompressed point begins with it (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;
/// Length of a coordinate of P-256.
const COORDINATE: usize = 32;

/// A public key of somebody who signs tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerKey(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Ed25519(Vec<u8>),
    P256(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl IssuerKey {
    /// An Ed25519 key: `x` as RFC 8032 encodes it. Checks `EdDSA`.
    #[must_use]
    pub const fn ed25519(x: Vec<u8>) -> Self {
        Self(Kind::Ed25519(x))
    }

    /// A point on P-256, coordinates of 32 bytes. Checks `ES256`.
    #[must_use]
    pub fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        let fits = x.len() == COORDINATE && y.len() == COORDINATE;
        fits.then(|| Self(Kind::P256([&[UNCOMPRESSED], x, y].concat())))
    }

    /// Modulus and exponent, big-endian. Checks `PS256` with moduli of 2,048 to 8,192 bits; no signature fits
    /// a smaller or larger one.
    #[must_use]
    pub fn rsa(n: &[u8], e: &[u8]) -> Self {
        // Some issuers write a zero in front of the modulus, as DER does.
        let plain = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect();
        Self(Kind::Rsa { n: plain(n), e: plain(e) })
    }

    /// Is this signature, in the form that JWS gives it (RFC 7518 section 3), the key's own over the message?
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked = match &self.0 {
            Kind::Ed25519(x) => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Kind::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Kind::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
        };
        checked.is_ok()
    }

    /// The same by `RS256`, for ID tokens of a provider that can do no better (OpenID Connect Core section
    /// 15.1 asks for no more). No other kind of key signs so.
    #[must_use]
    pub fn has_signed_by_rs256(&self, message: &[u8], signature: &[u8]) -> bool {
        let Kind::Rsa { n, e } = &self.0 else { return false };
        let key = RsaPublicKeyComponents { n, e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}
