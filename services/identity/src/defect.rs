//! Why a token is refused: one variant for each rule. The caller only ever learns "invalid token"; the slug
//! goes into logs and counters, so that an integrator can be told what to mend. No variant holds a value.

/// A rule a token breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenDefect {
    /// No token.
    #[error("no token was sent")]
    Missing,
    /// Larger than any honest token.
    #[error("the token is larger than 8 KiB")]
    TooLarge,
    /// Not `header.claims.signature` (RFC 7515 section 7.1); an encrypted token has five parts.
    #[error("the token has not exactly three parts")]
    NotThreeParts,
    /// A part is no unpadded base64url.
    #[error("a part of the token is no unpadded base64url")]
    BadBase64,
    /// The header is no JSON object.
    #[error("the header is no json object")]
    HeaderNotJson,
    /// The header names a member twice (RFC 7515 section 4).
    #[error("the header names a member twice")]
    HeaderDuplicate,
    /// No `alg`.
    #[error("the header has no `alg`")]
    AlgMissing,
    /// `none`: RFC 9068 section 2.1 forbids it.
    #[error("the token is unsigned")]
    AlgNone,
    /// Neither EdDSA, ES256 nor PS256; symmetric algorithms among them, which would make the public key a
    /// secret (RFC 8725 section 2.1).
    #[error("`alg` is not one of EdDSA, ES256, PS256")]
    AlgRefused,
    /// The header demands an extension; this verifier knows none (RFC 7515 section 4.1.11).
    #[error("the header holds `crit`, and no extension is understood")]
    CritPresent,
    /// The header brings or names its own key: keys come from the issuer alone (RFC 8725 section 3.10).
    #[error("the header brings its own key (`jku`, `jwk`, `x5u` or `x5c`)")]
    KeyInHeader,
    /// The content is another token.
    #[error("the token holds another token (`cty`)")]
    Nested,
    /// No `typ`.
    #[error("the header has no `typ`; an access token says `at+jwt`")]
    TypMissing,
    /// Another kind of token, an ID token for example (RFC 9068 section 4).
    #[error("`typ` is not `at+jwt`; send the access token, not the id token")]
    TypWrong,
    /// No `kid`.
    #[error("the header has no `kid`")]
    KidMissing,
    /// No key id an issuer would give.
    #[error("`kid` is malformed")]
    KidMalformed,
    /// The issuer's key set has no such key, as last fetched.
    #[error("the issuer publishes no key of that `kid`")]
    KidUnknown,
    /// The signature is empty.
    #[error("the signature is empty")]
    SignatureMissing,
    /// The key is not one for this algorithm.
    #[error("the key of that `kid` is not one for this `alg`")]
    AlgKeyMismatch,
    /// The signature is not the issuer's.
    #[error("the signature does not fit")]
    SignatureWrong,
    /// The claims are no JSON object.
    #[error("the claims are no json object")]
    ClaimsNotJson,
    /// A claim stands twice (RFC 7519 section 4).
    #[error("a claim stands twice")]
    ClaimsDuplicate,
    /// No `iss`.
    #[error("`iss` is missing")]
    IssMissing,
    /// Not exactly a trusted issuer.
    #[error("`iss` is not exactly a trusted issuer")]
    IssUnknown,
    /// No `aud`.
    #[error("`aud` is missing")]
    AudMissing,
    /// For someone else.
    #[error("`aud` is not this hub")]
    AudWrong,
    /// For this hub and others: a token one of them could replay here.
    #[error("`aud` names others beside this hub")]
    AudMany,
    /// `exp`, `iat` or `nbf` is no whole number of seconds.
    #[error("`exp`, `iat` or `nbf` is no whole number of seconds")]
    TimeMalformed,
    /// No `exp`.
    #[error("`exp` is missing")]
    ExpMissing,
    /// Over.
    #[error("the token has expired")]
    Expired,
    /// Valid for longer than ten minutes.
    #[error("the token lives longer than ten minutes")]
    ExpTooFar,
    /// `nbf` lies ahead.
    #[error("the token is not valid yet (`nbf`)")]
    NotYetValid,
    /// No `iat`.
    #[error("`iat` is missing")]
    IatMissing,
    /// Issued in the future: one of the two clocks is wrong.
    #[error("`iat` lies in the future; compare the clocks")]
    IatFuture,
    /// No `sub`.
    #[error("`sub` is missing or empty")]
    SubMissing,
    /// No `client_id`.
    #[error("`client_id` is missing or empty")]
    ClientIdMissing,
    /// No `jti`.
    #[error("`jti` is missing or empty")]
    JtiMissing,
    /// `scope` is no space-separated text, or too long.
    #[error("`scope` is no space-separated text of at most 64 scopes")]
    ScopeMalformed,
    /// `cnf` is no object, or its thumbprint none of SHA-256 (RFC 8705 section 3.1).
    #[error("`cnf` is no object with the SHA-256 thumbprint of a certificate")]
    CnfMalformed,
    /// Bound another way than to a certificate (`cnf`, RFC 7800): such a token must not pass as a plain one.
    #[error("the token is bound by something else than `x5t#S256` alone, which is not checked here")]
    BoundOtherwise,
    /// Bound to a certificate, and the connection shows none (RFC 8705 section 3).
    #[error("the token is bound to a certificate, and the connection shows none")]
    CertificateMissing,
    /// Bound to another certificate than the connection's (RFC 8705 section 3).
    #[error("the token is bound to another certificate than the connection shows")]
    CertificateOther,
    /// Not bound, where only bound ones are taken: off loopback.
    #[error("the token is not bound to a certificate (`cnf`), and the hub listens off loopback")]
    Unbound,
    /// The issuer's keys could not be fetched: an outage, not the caller's fault.
    #[error("the issuer's keys are not at hand; try again shortly")]
    KeysUnavailable,
    /// This machine's clock cannot be believed, and with it no claim about time: an outage as well.
    #[error("this hub's clock is off by more than thirty seconds; try again shortly")]
    ClockDoubted,
}

impl TokenDefect {
    /// All of them, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::Missing,
        Self::TooLarge,
        Self::NotThreeParts,
        Self::BadBase64,
        Self::HeaderNotJson,
        Self::HeaderDuplicate,
        Self::AlgMissing,
        Self::AlgNone,
        Self::AlgRefused,
        Self::CritPresent,
        Self::KeyInHeader,
        Self::Nested,
        Self::TypMissing,
        Self::TypWrong,
        Self::KidMissing,
        Self::KidMalformed,
        Self::KidUnknown,
        Self::SignatureMissing,
        Self::AlgKeyMismatch,
        Self::SignatureWrong,
        Self::ClaimsNotJson,
        Self::ClaimsDuplicate,
        Self::IssMissing,
        Self::IssUnknown,
        Self::AudMissing,
        Self::AudWrong,
        Self::AudMany,
        Self::TimeMalformed,
        Self::ExpMissing,
        Self::Expired,
        Self::ExpTooFar,
        Self::NotYetValid,
        Self::IatMissing,
        Self::IatFuture,
        Self::SubMissing,
        Self::ClientIdMissing,
        Self::JtiMissing,
        Self::ScopeMalformed,
        Self::CnfMalformed,
        Self::BoundOtherwise,
        Self::CertificateMissing,
        Self::CertificateOther,
        Self::Unbound,
        Self::KeysUnavailable,
        Self::ClockDoubted,
    ];

    /// A stable code for logs and counters.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Missing => "token-missing",
            Self::TooLarge => "token-too-large",
            Self::NotThreeParts => "token-not-three-parts",
            Self::BadBase64 => "token-bad-base64",
            Self::HeaderNotJson => "header-not-json",
            Self::HeaderDuplicate => "header-duplicate-member",
            Self::AlgMissing => "alg-missing",
            Self::AlgNone => "alg-none",
            Self::AlgRefused => "alg-not-allowed",
            Self::CritPresent => "crit-present",
            Self::KeyInHeader => "key-in-header",
            Self::Nested => "token-nested",
            Self::TypMissing => "typ-missing",
            Self::TypWrong => "typ-wrong",
            Self::KidMissing => "kid-missing",
            Self::KidMalformed => "kid-malformed",
            Self::KidUnknown => "kid-unknown",
            Self::SignatureMissing => "signature-missing",
            Self::AlgKeyMismatch => "alg-key-mismatch",
            Self::SignatureWrong => "signature-wrong",
            Self::ClaimsNotJson => "claims-not-json",
            Self::ClaimsDuplicate => "claims-duplicate-member",
            Self::IssMissing => "iss-missing",
            Self::IssUnknown => "iss-unknown",
            Self::AudMissing => "aud-missing",
            Self::AudWrong => "aud-wrong",
            Self::AudMany => "aud-many",
            Self::TimeMalformed => "time-malformed",
            Self::ExpMissing => "exp-missing",
            Self::Expired => "token-expired",
            Self::ExpTooFar => "exp-too-far",
            Self::NotYetValid => "nbf-future",
            Self::IatMissing => "iat-missing",
            Self::IatFuture => "iat-future",
            Self::SubMissing => "sub-missing",
            Self::ClientIdMissing => "client-id-missing",
            Self::JtiMissing => "jti-missing",
            Self::ScopeMalformed => "scope-malformed",
            Self::CnfMalformed => "cnf-malformed",
            Self::BoundOtherwise => "bound-otherwise",
            Self::CertificateMissing => "certificate-missing",
            Self::CertificateOther => "certificate-other",
            Self::Unbound => "token-unbound",
            Self::KeysUnavailable => "keys-unavailable",
            Self::ClockDoubted => "clock-doubted",
        }
    }

    /// True where the hub, not the token, is at fault: the answer is 503, not 401.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        matches!(self, Self::KeysUnavailable | Self::ClockDoubted)
    }
}
