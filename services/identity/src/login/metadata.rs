//! What a provider says of itself, kept for ten minutes: where people are sent, where codes are exchanged,
//! and whether it can do what the flow needs. One fetch at a time, and none for a while after one that
//! failed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::LoginDefect;
use crate::TokenTime;
use crate::discovery::{Discovered, discover};

/// It changes when a provider is rebuilt.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// Least time between two fetches that fail: strangers can press a button as often as they like.
const TRIED_EVERY: Duration = Duration::from_secs(2);

/// A provider's document, as far as logins need it.
pub(crate) struct Metadata {
    pub authorization: egress::Url,
    pub token: egress::Url,
    pub end_session: Option<egress::Url>,
    /// Does it always say who answers (RFC 9207)?
    pub says_iss: bool,
    /// Can it sign ID tokens in no better way than RS256?
    pub only_rs256: bool,
    /// Does it take the client's secret in the form only?
    pub secret_in_form: bool,
}

#[derive(Default)]
pub(crate) struct Kept(Mutex<Held>);

#[derive(Default)]
struct Held {
    found: Option<(Duration, Arc<Metadata>)>,
    failed: Option<Duration>,
}

impl Kept {
    pub(crate) async fn get(
        &self,
        issuer: &str,
        http: &egress::Client,
        time: &dyn TokenTime,
    ) -> Result<Arc<Metadata>, LoginDefect> {
        let mut held = self.0.lock().await;
        let age = |since: &Duration| time.monotonic().saturating_sub(*since);
        if let Some((_, found)) = held.found.as_ref().filter(|(since, _)| age(since) < KEPT_FOR) {
            return Ok(Arc::clone(found));
        }
        if held.failed.as_ref().is_some_and(|since| age(since) < TRIED_EVERY) {
            return Err(LoginDefect::ProviderAway);
        }
        match discover(issuer, http).await {
            Ok(found) => {
                let found = Arc::new(read(found)?);
                *held = Held { found: Some((time.monotonic(), Arc::clone(&found))), failed: None };
                Ok(found)
            }
            Err(reason) => {
                tracing::warn!(issuer, reason, "a login provider's document was not fetched");
                held.failed = Some(time.monotonic());
                Err(LoginDefect::ProviderAway)
            }
        }
    }
}

fn read(found: Discovered) -> Result<Metadata, LoginDefect> {
    let has = |list: &[String], word: &str| list.iter().any(|held| held == word);
    // RFC 7636 knows `plain` too, which protects nobody; a provider that says nothing usually takes S256.
    if found.code_challenge_methods_supported.is_some_and(|methods| !has(&methods, "S256")) {
        return Err(LoginDefect::ProviderUnfit);
    }
    let authorization = found.authorization_endpoint.filter(is_for_browsers);
    let algs = found.id_token_signing_alg_values_supported;
    let methods = found.token_endpoint_auth_methods_supported.unwrap_or_default();
    Ok(Metadata {
        authorization: authorization.ok_or(LoginDefect::ProviderUnfit)?,
        token: found.token_endpoint.ok_or(LoginDefect::ProviderUnfit)?,
        end_session: found.end_session_endpoint.filter(is_for_browsers),
        says_iss: found.authorization_response_iss_parameter_supported,
        only_rs256: !["EdDSA", "ES256", "PS256"].iter().any(|alg| has(&algs, alg)),
        secret_in_form: !methods.is_empty()
            && !has(&methods, "client_secret_basic")
            && has(&methods, "client_secret_post"),
    })
}

/// A browser is sent there: https, or this machine.
fn is_for_browsers(url: &egress::Url) -> bool {
    let loopback = url.host_str().is_some_and(|host| {
        let literal = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        host == "localhost" || literal.is_ok_and(|address| address.is_loopback())
    });
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}
