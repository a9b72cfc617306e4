//! An issuer's discovery document (OpenID Connect Discovery section 4): where its keys are, and where tokens
//! are fetched. The document is believed only if it names the issuer that was asked.

use std::time::Duration;

use serde::Deserialize;

/// Longest time for one request to an issuer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The members of a discovery document that matter here.
#[derive(Deserialize)]
pub(crate) struct Discovered {
    issuer: String,
    pub(crate) jwks_uri: egress::Url,
    pub(crate) token_endpoint: Option<egress::Url>,
    pub(crate) authorization_endpoint: Option<egress::Url>,
    pub(crate) end_session_endpoint: Option<egress::Url>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    pub(crate) id_token_signing_alg_values_supported: Vec<String>,
    /// RFC 8414 section 2: `client_secret_basic` where it says nothing.
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub(crate) code_challenge_methods_supported: Option<Vec<String>>,
}

/// No token endpoint was found at an issuer; the word says why, for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's token endpoint was not found: {0}")]
pub struct NoTokenEndpoint(pub &'static str);

/// Where this issuer gives tokens, for the programs that fetch some: the sandbox's, not the hub.
///
/// # Errors
/// [`NoTokenEndpoint`]; asking again may help.
pub async fn token_endpoint(issuer: &str, http: &egress::Client) -> Result<egress::Url, NoTokenEndpoint> {
    let found = discover(issuer, http).await.map_err(NoTokenEndpoint)?;
    found.token_endpoint.ok_or(NoTokenEndpoint("discovery-names-none"))
}

/// The issuer's document.
pub(crate) async fn discover(issuer: &str, http: &egress::Client) -> Result<Discovered, &'static str> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let url = url.parse().map_err(|_| "issuer-is-no-url")?;
    let found: Discovered =
        serde_json::from_slice(&get(url, http).await?).map_err(|_| "discovery-not-understood")?;
    // Another issuer's document here would let it answer for this one (RFC 8414 section 3.3).
    if found.issuer == issuer { Ok(found) } else { Err("discovery-names-another-issuer") }
}

/// The body of a 200.
pub(crate) async fn get(url: egress::Url, http: &egress::Client) -> Result<Vec<u8>, &'static str> {
    let request = egress::Request::get(url).header("accept", "application/json").within(FETCH_TIMEOUT);
    let answer = http.send(request).await.map_err(|error| error.code())?;
    if answer.status == 200 { Ok(answer.body) } else { Err("status-not-200") }
}
