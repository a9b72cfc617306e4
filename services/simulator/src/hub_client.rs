//! An agency's own client of the hub's public API: a token by client credentials (RFC 6749 section 4.4)
//! from its issuer, kept until shortly before it expires, and JSON calls with an idempotency key.
//! It knows the hub only from outside, as any integrator would.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use casework::Sensitive;
use egress::{EgressError, Method, Request, Response, Rules, Url};
use identity::NoTokenEndpoint;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};

use crate::{config::AgenciesConfig, error::SimError, signing::Signer};

/// A token is fetched anew this long before it expires, so that none expires on its way.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(25);
/// An inbox page is the largest answer: at most 100 messages of usually a few kilobytes.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// One agency's client of the hub.
pub(crate) struct HubClient {
    http: egress::Client,
    hub: String,
    issuer: String,
    /// Where tokens are fetched, once the issuer has said so.
    token_url: OnceCell<Url>,
    authorization: Sensitive<String>,
    token: Mutex<Option<Token>>,
    signer: Option<Signer>,
}

/// The hub's answer, as it came.
pub(crate) struct HubAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; null where there is none.
    pub body: Value,
}

/// Why no answer of the hub was seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    /// The hub or the issuer did not answer.
    #[error("no answer: {0}")]
    Network(#[from] EgressError),
    /// The issuer did not say where it gives tokens.
    #[error("no answer: {0}")]
    NoTokenEndpoint(#[from] NoTokenEndpoint),
    /// The issuer gave no token.
    #[error("the issuer gave no token: status {0}")]
    NoToken(u16),
    /// The path does not make an address with the configured hub.
    #[error("not an address of the hub")]
    Address,
}

struct Token {
    text: Sensitive<String>,
    good_until: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

impl HubClient {
    /// A client of the configured hub as the client `id` of the configured issuer; both on loopback.
    ///
    /// # Errors
    /// [`SimError::Outbound`] if either is no address that may be called.
    pub(crate) fn new(
        config: &AgenciesConfig,
        id: &str,
        secret: &str,
        signer: Option<Signer>,
    ) -> Result<Self, SimError> {
        let rules = Rules {
            allow: vec![origin(&config.hub)?, origin(&config.issuer_url)?],
            loopback_http: true,
            extra_roots_pem: config.extra_roots_pem.clone(),
            identity: None,
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            body_bytes_max: ANSWER_BYTES_MAX,
        };
        let http = egress::Client::new(rules).map_err(|error| SimError::Outbound(error.to_string()))?;
        let credentials = STANDARD.encode(format!("{}:{}", form(id), form(secret)));
        Ok(Self {
            http,
            hub: config.hub.trim_end_matches('/').to_owned(),
            issuer: config.issuer_url.clone(),
            token_url: OnceCell::new(),
            authorization: Sensitive::new(format!("Basic {credentials}")),
            token: Mutex::new(None),
            signer,
        })
    }

    /// `GET` of a path of the hub.
    ///
    /// # Errors
    /// [`Unreached`].
    pub(crate) async fn get(&self, path: &str) -> Result<HubAnswer, Unreached> {
        self.call(Method::Get, path, &[], None).await
    }

    /// `POST` of a JSON body to a path of the hub, with an idempotency key and further headers.
    ///
    /// # Errors
    /// [`Unreached`].
    pub(crate) async fn post(
        &self,
        path: &str,
        key: &str,
        body: &Value,
        if_match: Option<&str>,
    ) -> Result<HubAnswer, Unreached> {
        let mut headers = vec![("idempotency-key", key)];
        headers.extend(if_match.map(|tag| ("if-match", tag)));
        // The bytes are those that `call` sends: one value is written in one way.
        let sign = |signer: &Signer| signer.sign(path, key, body.to_string().as_bytes());
        let signature = self.signer.as_ref().map(sign);
        headers.extend(signature.as_deref().map(|text| ("amaan-signature", text)));
        self.call(Method::Post, path, &headers, Some(body)).await
    }

    /// One call; a refused token is forgotten and the call made once more, because the issuer's key may have
    /// changed since it was minted.
    async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<HubAnswer, Unreached> {
        let url = Url::parse(&format!("{}{path}", self.hub)).map_err(|_| Unreached::Address)?;
        let bytes = body.map(ToString::to_string).unwrap_or_default().into_bytes();
        for last in [false, true] {
            let bearer = format!("Bearer {}", self.bearer().await?.expose());
            let mut request = Request::new(method, url.clone())
                .header("authorization", &bearer)
                .header("accept", "application/json, application/problem+json");
            if body.is_some() {
                request = request.header("content-type", "application/json");
                request.body.clone_from(&bytes);
            }
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let answer = self.http.send(request).await?;
            if answer.status != 401 || last {
                return Ok(read(&answer));
            }
            *self.token.lock().await = None;
        }
        Err(Unreached::NoToken(401))
    }

    /// The token held, or a new one. The lock is held while fetching, so that there is one fetch at a time.
    async fn bearer(&self) -> Result<Sensitive<String>, Unreached> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.good_until > Instant::now()) {
            return Ok(token.text.clone());
        }
        let token = self.fetch_token().await?;
        let text = token.text.clone();
        *held = Some(token);
        Ok(text)
    }

    async fn fetch_token(&self) -> Result<Token, Unreached> {
        let token_url =
            self.token_url.get_or_try_init(|| identity::token_endpoint(&self.issuer, &self.http)).await?;
        let request = Request::post(token_url.clone(), b"grant_type=client_credentials".to_vec())
            .header("authorization", self.authorization.expose())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        let answer = self.http.send(request).await?;
        let granted: Option<TokenAnswer> = serde_json::from_slice(&answer.body).ok();
        let granted = granted.filter(|_| answer.status == 200).ok_or(Unreached::NoToken(answer.status))?;
        let lifetime = Duration::from_secs(granted.expires_in).saturating_sub(TOKEN_MARGIN);
        Ok(Token { text: Sensitive::new(granted.access_token), good_until: Instant::now() + lifetime })
    }
}

fn read(answer: &Response) -> HubAnswer {
    let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    HubAnswer { status: answer.status, body }
}

/// The allow-list's entry for an address.
fn origin(address: &str) -> Result<String, SimError> {
    let url = Url::parse(address).map_err(|_| SimError::Outbound(format!("`{address}` is no address")))?;
    egress::entry_for(&url).ok_or_else(|| SimError::Outbound(format!("`{address}` may not be called")))
}

/// A client id or secret in the form encoding RFC 6749 section 2.3.1 asks for inside `Basic`.
fn form(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
