//! The officers' hands: what the people of each agency do in their own systems, by the simulators' control
//! addresses; and an analyst of NCRC, who has a token and the hub's API.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use casework::{CaseId, ReferralId};
use egress::{Client, EgressError, Request, Response, Rules, Url};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::signing::{Pens, sign};
use crate::failure::Failure;

/// An officer's act ends in the hub's answer; it may wait for an agency's time-outs.
const ACT_TIMEOUT: Duration = Duration::from_secs(30);

/// All of them.
pub struct Officers {
    http: Client,
    systems: BTreeMap<String, String>,
    api_url: String,
    tokens: TokenSource,
    pens: Pens,
    /// Where the issuer gives tokens, once it has said so.
    token_url: OnceCell<Url>,
}

/// Where tokens come from, and the secrets of the clients that ask for them.
pub struct TokenSource {
    pub issuer_url: String,
    pub secrets: BTreeMap<String, String>,
    /// Authorities believed when the issuer is reached by https, PEM.
    pub extra_roots_pem: Option<String>,
}

impl TokenSource {
    /// Nothing where the issuer does not know the client.
    pub fn secret_of(&self, client: &str) -> String {
        self.secrets.get(client).cloned().unwrap_or_default()
    }
}

/// The hub's answer to what an agency's system sent.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }
    /// The body of a success, or what the hub said.
    pub fn good(self, what: &str) -> Result<Value, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let slug = self.text("/type").and_then(|kind| kind.rsplit('/').next()).unwrap_or("-").to_owned();
        let detail = self.text("/detail").unwrap_or("-").to_owned();
        Err(Failure::Failed(format!("{what}: the hub said {} {slug}: {detail}", self.status)))
    }
}

impl Officers {
    pub fn new(
        systems: &BTreeMap<String, String>,
        api_url: &str,
        tokens: TokenSource,
        pens: Pens,
    ) -> Result<Self, Failure> {
        let called = systems.values().map(String::as_str).chain([api_url, &tokens.issuer_url]);
        let allow: Result<Vec<_>, Failure> = called.map(entry).collect();
        let rules = Rules {
            allow: allow?,
            loopback_http: true,
            extra_roots_pem: tokens.extra_roots_pem.clone(),
            identity: None,
            connect_timeout: Duration::from_secs(2),
            total_timeout: ACT_TIMEOUT,
            body_bytes_max: 8 * 1024 * 1024,
        };
        Ok(Self {
            http: Client::new(rules).map_err(Failure::at("the officers' client"))?,
            systems: systems.clone(),
            api_url: api_url.to_owned(),
            tokens,
            pens,
            token_url: OnceCell::new(),
        })
    }

    /// A step of a referral, taken in an agency's own system.
    pub async fn act(
        &self,
        agency: &str,
        referral: ReferralId,
        action: &str,
        body: Value,
    ) -> Result<Answer, Failure> {
        let act = json!({ "referral": referral, "action": action, "body": body });
        self.control(agency, "act", &act).await
    }

    /// A referral, sent by an agency's system under a fixed key.
    pub async fn submit(&self, agency: &str, key: &str, body: Value) -> Result<Answer, Failure> {
        self.control(agency, "submit", &json!({ "body": body, "idempotency_key": key })).await
    }

    /// A referral that is written and not sent, by an agency's system under a fixed key.
    pub async fn draft(&self, agency: &str, key: &str, body: Value) -> Result<Answer, Failure> {
        self.control(agency, "draft", &json!({ "body": body, "idempotency_key": key })).await
    }

    /// Consent taken back for an agency's referrals of a case, under a fixed key.
    pub async fn revoke_consent(
        &self,
        agency: &str,
        case: CaseId,
        key: &str,
        body: Value,
    ) -> Result<Answer, Failure> {
        let act = json!({ "case": case, "body": body, "idempotency_key": key });
        self.control(agency, "revoke-consent", &act).await
    }

    /// An identity check, sent by an agency's system under a fixed key.
    pub async fn check_identity(&self, agency: &str, key: &str, body: Value) -> Result<Answer, Failure> {
        self.control(agency, "identity-check", &json!({ "body": body, "idempotency_key": key })).await
    }

    /// Turns a fault knob.
    pub async fn knobs(&self, agency: &str, knobs: &Value) -> Result<(), Failure> {
        self.post(agency, "knobs", knobs).await.map(|_| ())
    }

    async fn control(&self, agency: &str, path: &str, body: &Value) -> Result<Answer, Failure> {
        let answer = self.post(agency, path, body).await?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        // A system that calls the hub relays the hub's status; Primero's is its own.
        let relayed =
            value.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        match relayed {
            Some(status) => Ok(Answer { status, body: value.get("body").cloned().unwrap_or(Value::Null) }),
            None => Ok(Answer { status: answer.status, body: value }),
        }
    }

    async fn post(&self, agency: &str, path: &str, body: &Value) -> Result<Response, Failure> {
        let base = self.systems.get(agency).map(String::as_str).unwrap_or_default();
        let url = parse(&format!("{base}/_sim/{path}"))?;
        let request = Request::post(url, body.to_string().into_bytes());
        let request = request.header("content-type", "application/json").within(ACT_TIMEOUT);
        let sent: Result<Response, EgressError> = self.http.send(request).await;
        sent.map_err(|error| Failure::Failed(format!("the simulated {agency} did not answer: {error}")))
    }

    /// What a client of the sandbox gets from the hub's API.
    pub async fn get(&self, client: &str, path: &str) -> Result<Value, Failure> {
        let token = self.token(client).await?;
        let url = parse(&format!("{}{path}", self.api_url))?;
        let request = Request::get(url).header("authorization", &format!("Bearer {token}"));
        let answer = self.http.send(request).await.map_err(Failure::at("the hub did not answer"))?;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Answer { status: answer.status, body }.good(path)
    }

    /// What a client of the sandbox asks of the hub's API, under a fixed key.
    pub async fn call(&self, client: &str, path: &str, key: &str, body: &Value) -> Result<Answer, Failure> {
        let token = self.token(client).await?;
        let url = parse(&format!("{}{path}", self.api_url))?;
        let bytes = body.to_string().into_bytes();
        let signature = sign(&self.pens, client, path, key, &bytes);
        let mut request = Request::post(url, bytes)
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .header("authorization", &format!("Bearer {token}"));
        if let Some(signature) = &signature {
            request = request.header("amaan-signature", signature);
        }
        let answer = self.http.send(request).await.map_err(Failure::at("the hub did not answer"))?;
        Ok(Answer {
            status: answer.status,
            body: serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        })
    }

    async fn token(&self, client: &str) -> Result<String, Failure> {
        let find = || identity::token_endpoint(&self.tokens.issuer_url, &self.http);
        let url = self.token_url.get_or_try_init(find).await.map_err(Failure::at("finding the issuer"))?;
        let secret = self.tokens.secret_of(client);
        // Ids and secrets here are letters, digits and hyphens: form encoding would leave them as they are.
        let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
        let request = Request::post(url.clone(), b"grant_type=client_credentials".to_vec());
        let request = request.header("authorization", &basic);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.http.send(request).await.map_err(Failure::at("the issuer did not answer"))?;
        let body: Value = serde_json::from_slice(&answer.body).map_err(Failure::at("the issuer's answer"))?;
        let token = body.get("access_token").and_then(Value::as_str);
        token.map(str::to_owned).ok_or_else(|| Failure::Failed("the issuer gave no token".to_owned()))
    }
}

/// The allow-list's entry for an address.
pub fn entry(url: &str) -> Result<String, Failure> {
    let unusable = || Failure::Failed(format!("`{url}` is no address that may be called"));
    egress::entry_for(&parse(url)?).ok_or_else(unusable)
}

fn parse(url: &str) -> Result<Url, Failure> {
    url.parse().map_err(Failure::at("an address"))
}
