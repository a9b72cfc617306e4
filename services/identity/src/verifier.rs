//! The story of a token: known already, well formed, from a trusted issuer, signed by its key, meant for
//! this hub now. First rule broken, first refused.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    RealTime, TokenDefect, TokenTime,
    cache::VerifiedTokens,
    claims,
    keys::IssuerKeys,
    measure,
    token::{Form, TOKEN_BYTES_MAX, Token},
};

/// How often [`Verifier::refresh`] is due: keys are fetched once they are five minutes old.
pub const REFRESH_EVERY: Duration = Duration::from_secs(30);

/// Three times what an issuer's clock may be off.
const CLOCKS_APART_SECONDS_MAX: u64 = 30;

/// An issuer whose tokens are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its name, exactly as tokens and its discovery document write it; also where discovery starts.
    pub issuer: String,
    /// The audience its tokens for this hub name, alone.
    pub audience: String,
}

/// SHA-256 of a certificate (DER), as `x5t#S256` writes it.
pub type Thumbprint = [u8; 32];

/// What a good token says. Whose client it is only the hub's registry knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// The trusted issuer.
    pub issuer: String,
    /// `client_id`: the system that was given the token.
    pub client: String,
    /// `sub`: the person, or the client again where a system acts for itself.
    pub subject: String,
    /// `scope`, split.
    pub scopes: Vec<String>,
    /// `exp`, in seconds since 1970.
    pub expires_at: i64,
    /// `cnf`: the certificate whose holder alone may use it.
    pub bound_to: Option<Thumbprint>,
    /// `auth_time`, in seconds since 1970: when the person signed in, where the issuer says so.
    pub auth_time: Option<i64>,
}

impl fmt::Debug for Verified {
    /// The subject may be a person's, so it is not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified(client {}, until {})", self.client, self.expires_at)
    }
}

/// Verifies access tokens. Share it: its caches are its worth.
pub struct Verifier {
    trusted: Vec<(IssuerKeys, String)>,
    tokens: VerifiedTokens,
    time: Arc<dyn TokenTime>,
    beside: Option<OtherClock>,
    bound_only: bool,
}

/// By how many seconds another clock of the house is ahead of this machine's.
pub type OtherClock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Verifier {
    /// A verifier for these issuers, in real time. Nothing is fetched before the first token.
    #[must_use]
    pub fn new(issuers: Vec<TrustedIssuer>, http: egress::Client) -> Self {
        Self::with_time(issuers, http, Arc::new(RealTime::default()))
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_time(issuers: Vec<TrustedIssuer>, http: egress::Client, time: Arc<dyn TokenTime>) -> Self {
        let keys = |trust: TrustedIssuer| (IssuerKeys::new(trust.issuer, http.clone()), trust.audience);
        let trusted = issuers.into_iter().map(keys).collect();
        Self { trusted, tokens: VerifiedTokens::default(), time, beside: None, bound_only: false }
    }

    /// From now on only tokens bound to a certificate: for a hub that is reached from other machines.
    #[must_use]
    pub fn bound_only(self) -> Self {
        Self { bound_only: true, ..self }
    }

    /// From now on nothing is believed while this machine's clock and that other one differ by more than
    /// half a minute: one of them is wrong, and every claim about time with it.
    #[must_use]
    pub fn beside(self, other: OtherClock) -> Self {
        Self { beside: Some(other), ..self }
    }

    /// What this token says, if it may be believed on a connection without a certificate.
    ///
    /// # Errors
    /// As [`Verifier::verify_shown`].
    pub async fn verify(&self, bearer: &str) -> Result<Verified, TokenDefect> {
        self.verify_shown(bearer, None).await
    }

    /// What this token says, if it may be believed on a connection that has proved to hold the key of this
    /// certificate. `bearer` is the token alone, without `Bearer`.
    ///
    /// # Errors
    /// The first rule it breaks; [`TokenDefect::is_outage`] tells the hub's fault from the caller's.
    pub async fn verify_shown(
        &self,
        bearer: &str,
        certificate: Option<&Thumbprint>,
    ) -> Result<Verified, TokenDefect> {
        if self.beside.as_ref().is_some_and(|ahead| ahead().unsigned_abs() > CLOCKS_APART_SECONDS_MAX) {
            return Err(TokenDefect::ClockDoubted);
        }
        let verified = self.verify_text(bearer).await?;
        // After the memory of verified tokens, never before: what is kept there says nothing of connections.
        match (&verified.bound_to, certificate) {
            (Some(bound), Some(shown)) if bound == shown => Ok(verified),
            (Some(_), Some(_)) => Err(TokenDefect::CertificateOther),
            (Some(_), None) => Err(TokenDefect::CertificateMissing),
            (None, _) if self.bound_only => Err(TokenDefect::Unbound),
            (None, _) => Ok(verified),
        }
    }

    async fn verify_text(&self, bearer: &str) -> Result<Verified, TokenDefect> {
        if bearer.is_empty() {
            return Err(TokenDefect::Missing);
        }
        if bearer.len() > TOKEN_BYTES_MAX {
            return Err(TokenDefect::TooLarge);
        }
        let digest = seal::sha256(bearer.as_bytes());
        let held = self.tokens.get(&digest, self.time.unix_seconds());
        measure::looked_up(held.is_some());
        if let Some(verified) = held {
            return Ok(verified);
        }
        let token = Token::parse(bearer, Form::Access)?;
        let (keys, audience) = self.trusted(token.issuer()?)?;
        let key = token.check_signature(&keys.find(&token.kid, &*self.time).await?)?;
        let now = self.time.unix_seconds();
        let verified = claims::check(&token.claims, keys.issuer(), audience, now)?;
        self.tokens.put(digest, &verified, key, now);
        Ok(verified)
    }

    /// Fetches the keys of issuers whose keys are due for it, and forgets what their withdrawn ones signed.
    /// To be called every [`REFRESH_EVERY`]: then a withdrawn key is of no use after ten minutes, whatever is
    /// remembered and however seldom anybody calls.
    pub async fn refresh(&self) {
        for (keys, _) in &self.trusted {
            keys.refresh(&*self.time).await;
        }
    }

    /// How long a token that was verified here may still be believed.
    #[must_use]
    pub fn time_left(&self, verified: &Verified) -> Duration {
        let seconds = verified.expires_at.saturating_sub(self.time.unix_seconds());
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    fn trusted(&self, issuer: &str) -> Result<&(IssuerKeys, String), TokenDefect> {
        self.trusted.iter().find(|(keys, _)| keys.issuer() == issuer).ok_or(TokenDefect::IssUnknown)
    }
}
