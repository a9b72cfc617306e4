//! Why somebody is not signed in: one variant for each rule of the flow. Whoever tried is shown one and the
//! same page for all of them; the slug goes into logs and counters. No variant holds a value.

use crate::TokenDefect;

/// A rule of the login flow that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LoginDefect {
    /// No provider of that name is configured.
    #[error("no provider of that name")]
    ProviderUnknown,
    /// The provider's document or keys could not be fetched, or it does not answer.
    #[error("the provider does not answer")]
    ProviderAway,
    /// Its document lacks what the flow needs: endpoints, or S256.
    #[error("the provider's document names no authorization and token endpoint, or no S256")]
    ProviderUnfit,
    /// A parameter stands twice, or is no text of its kind (RFC 6749 section 3.1).
    #[error("the answer names a parameter twice, or one is malformed")]
    AnswerMalformed,
    /// No cookie of a login under way: another browser's, or none.
    #[error("this browser has no login under way")]
    NoPreSession,
    /// The login of that cookie was used up, has ended, or never was.
    #[error("that login was used before or has ended")]
    PreSessionGone,
    /// It was begun at another provider than the one whose address was called.
    #[error("that login was begun at another provider")]
    PreSessionElsewhere,
    /// No `state`.
    #[error("`state` is missing")]
    StateMissing,
    /// Not this browser's `state`.
    #[error("`state` is not this browser's")]
    StateWrong,
    /// The provider says `iss` and it is missing (RFC 9207).
    #[error("`iss` is missing from the answer")]
    IssMissing,
    /// The answer names another issuer (RFC 9207).
    #[error("`iss` of the answer is not the provider that was asked")]
    IssWrong,
    /// The provider, or the person, said no.
    #[error("the provider answered with an error")]
    ProviderSaidNo,
    /// No code.
    #[error("`code` is missing")]
    CodeMissing,
    /// The token endpoint refused the code: used before, another client's, another verifier's.
    #[error("the provider refused the code")]
    CodeRefused,
    /// Its answer was not understood, or holds no ID token.
    #[error("the provider's answer holds no id token that can be read")]
    NoIdToken,
    /// The ID token is malformed or not signed by the provider.
    #[error("the id token: {0}")]
    Token(TokenDefect),
    /// `azp` names another client.
    #[error("`azp` is another client")]
    AzpWrong,
    /// No `nonce`.
    #[error("`nonce` is missing")]
    NonceMissing,
    /// Not this browser's `nonce`.
    #[error("`nonce` is not this browser's")]
    NonceWrong,
    /// Issued longer ago than a login may take.
    #[error("the id token is older than this login")]
    IatStale,
    /// No `auth_time`, though it was asked for.
    #[error("`auth_time` is missing")]
    AuthTimeMissing,
    /// `auth_time` lies ahead.
    #[error("`auth_time` lies in the future")]
    AuthTimeFuture,
    /// The person was asked longer ago than this login allows.
    #[error("the provider asked the person too long ago")]
    AuthTimeStale,
    /// Not the way of proving oneself that was asked for.
    #[error("`acr` is not the one that is asked for")]
    AcrWrong,
}

impl LoginDefect {
    /// A stable code for logs and counters.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ProviderUnknown => "provider-unknown",
            Self::ProviderAway => "provider-away",
            Self::ProviderUnfit => "provider-unfit",
            Self::AnswerMalformed => "answer-malformed",
            Self::NoPreSession => "pre-session-missing",
            Self::PreSessionGone => "pre-session-gone",
            Self::PreSessionElsewhere => "pre-session-elsewhere",
            Self::StateMissing => "state-missing",
            Self::StateWrong => "state-wrong",
            Self::IssMissing => "answer-iss-missing",
            Self::IssWrong => "answer-iss-wrong",
            Self::ProviderSaidNo => "provider-said-no",
            Self::CodeMissing => "code-missing",
            Self::CodeRefused => "code-refused",
            Self::NoIdToken => "id-token-missing",
            Self::Token(defect) => defect.slug(),
            Self::AzpWrong => "azp-wrong",
            Self::NonceMissing => "nonce-missing",
            Self::NonceWrong => "nonce-wrong",
            Self::IatStale => "iat-stale",
            Self::AuthTimeMissing => "auth-time-missing",
            Self::AuthTimeFuture => "auth-time-future",
            Self::AuthTimeStale => "auth-time-stale",
            Self::AcrWrong => "acr-wrong",
        }
    }
}

impl From<TokenDefect> for LoginDefect {
    fn from(defect: TokenDefect) -> Self {
        match defect {
            TokenDefect::KeysUnavailable => Self::ProviderAway,
            other => Self::Token(other),
        }
    }
}
