//! Calls to Primero with its login: user and password for a token of 60 minutes, held in memory, used for
//! half of that, and asked for once more when it is refused.

use std::time::{Duration, Instant};

use casework::Sensitive;
use egress::{Method, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::config::Config;
use crate::{
    agency::Agency,
    exchange::{Exchange, Link},
    outgoing::Outgoing,
    protocols::{call::Call, verdict},
};

/// How long a token is used: half of Primero's 60 minutes.
const TOKEN_USED_FOR: Duration = Duration::from_secs(30 * 60);
/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 4_096;

/// The token in use. Behind one lock, so that many deliveries at once log in once.
#[derive(Default)]
pub struct Sessions(Mutex<Option<Session>>);

struct Session {
    endpoint: Url,
    token: Sensitive<String>,
    until: Instant,
}

/// One call below `/api/v2`.
pub struct Step<'a> {
    pub method: Method,
    pub path: Vec<&'a str>,
    pub query: Vec<(&'static str, String)>,
    pub body: Option<&'a Value>,
    pub out: Option<&'a Outgoing>,
}

impl<'a> Step<'a> {
    /// A call that reads.
    pub const fn get(path: Vec<&'a str>) -> Self {
        Self { method: Method::Get, path, query: Vec::new(), body: None, out: None }
    }
}

/// Makes the call with a valid token. The error is what the missing answer means for this call alone.
pub async fn send(
    agency: &Agency,
    config: &Config,
    link: &Link,
    step: &Step<'_>,
) -> Result<Response, Exchange> {
    let token = token(agency, config, link, None).await?;
    let answer = call(agency, link, step, &token).await?;
    if answer.status != 401 {
        return Ok(answer);
    }
    let renewed = self::token(agency, config, link, Some(&token)).await?;
    call(agency, link, step, &renewed).await
}

async fn call(
    agency: &Agency,
    link: &Link,
    step: &Step<'_>,
    token: &Sensitive<String>,
) -> Result<Response, Exchange> {
    let path = ["api", "v2"].into_iter().chain(step.path.iter().copied());
    let bearer = format!("Bearer {}", token.expose());
    let mut call = Call::new(agency, link, step.method, path).header("authorization", &bearer);
    for (name, value) in &step.query {
        call = call.query(name, value);
    }
    if let Some(body) = step.body {
        call = call.json(body);
    }
    if let Some(out) = step.out {
        call = call.delivery(out);
    }
    call.send().await.map_err(|error| verdict::of_failure(&error))
}

/// The token in use, or a new one where there is none, it is old, or it is the refused one.
async fn token(
    agency: &Agency,
    config: &Config,
    link: &Link,
    refused: Option<&Sensitive<String>>,
) -> Result<Sensitive<String>, Exchange> {
    let mut session = agency.sessions.0.lock().await;
    if let Some(held) = session.as_ref() {
        let refused = refused.is_some_and(|refused| refused.expose() == held.token.expose());
        if !refused && held.endpoint == link.endpoint && held.until > Instant::now() {
            return Ok(held.token.clone());
        }
    }
    let token = log_in(agency, config, link).await.map_err(Exchange::repeatable)?;
    let until = Instant::now().checked_add(TOKEN_USED_FOR).unwrap_or_else(Instant::now);
    *session = Some(Session { endpoint: link.endpoint.clone(), token: token.clone(), until });
    Ok(token)
}

async fn log_in(agency: &Agency, config: &Config, link: &Link) -> Result<Sensitive<String>, Exchange> {
    let user = json!({ "user_name": config.user_name, "password": link.secret.expose() });
    let body = json!({ "user": user });
    let call = Call::new(agency, link, Method::Post, ["api", "v2", "tokens"]).json(&body);
    let answer = call.send().await.map_err(|error| verdict::of_failure(&error))?;
    if !answer.is_success() {
        return Err(verdict::of_status(agency, &answer));
    }
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let token = body.as_ref().and_then(|body| body.get("token")).and_then(Value::as_str);
    let token = token.filter(|token| {
        matches!(token.len(), 1..=TOKEN_BYTES_MAX) && token.bytes().all(|byte| byte.is_ascii_graphic())
    });
    token.map(|token| Sensitive::new(token.to_owned())).ok_or_else(|| Exchange::unknown("unreadable-answer"))
}
