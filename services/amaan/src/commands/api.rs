//! One call of the hub's API, for the commands that speak to a hub that runs. A refusal is told in the hub's
//! own words.

use std::time::Duration;

use egress::{Client, Method, Request, Rules, Url};
use serde_json::Value;

use super::client_tls;
use crate::cli::ApiArgs;
use crate::failure::Failure;

/// Longest answer read.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// With what a message is sent.
pub struct Dressed {
    /// The `Idempotency-Key`: a repeat under it gets the first answer again.
    pub key: String,
    /// The agency's signature.
    pub signature: Option<String>,
}

/// One call; what it sends has a key of its own, so a repeat is another call.
pub async fn call(
    api: &ApiArgs,
    method: Method,
    path: &str,
    body: Option<Vec<u8>>,
) -> Result<Value, Failure> {
    let dressed = Dressed { key: hex::encode(seal::random::<16>()), signature: None };
    let answer = answer(api, method, path, body.map(|body| (body, dressed))).await?;
    serde_json::from_slice(&answer).map_err(Failure::at("the hub's answer"))
}

/// The bytes of a success.
pub async fn answer(
    api: &ApiArgs,
    method: Method,
    path: &str,
    body: Option<(Vec<u8>, Dressed)>,
) -> Result<Vec<u8>, Failure> {
    let usage = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("--url: {error}; it is the hub's address, such as http://127.0.0.1:8080"))
    };
    let url: Url =
        format!("{}{path}", api.url.trim_end_matches('/')).parse().map_err(|error| usage(&error))?;
    let entry = egress::entry_for(&url).ok_or_else(|| usage(&"it may not be called"))?;
    let connect_timeout = Duration::from_secs(5);
    let body_bytes_max = ANSWER_BYTES_MAX;
    let rules = Rules { connect_timeout, body_bytes_max, ..client_tls::rules(&api.tls, vec![entry])? };
    let http = Client::new(rules).map_err(|error| Failure::Usage(error.to_string()))?;
    let mut request = Request::new(method, url).header("authorization", &format!("Bearer {}", api.token));
    if let Some((body, Dressed { key, signature })) = body {
        request = request.header("content-type", "application/json").header("idempotency-key", &key);
        if let Some(signature) = &signature {
            request = request.header("amaan-signature", signature);
        }
        request.body = body;
    }
    let answer = http.send(request).await;
    let answer = answer.map_err(|error| {
        Failure::Failed(format!("no answer from {}: {error}; does the hub run there?", api.url))
    })?;
    if answer.is_success() {
        return Ok(answer.body);
    }
    let value: Value = serde_json::from_slice(&answer.body).map_err(Failure::at("the hub's answer"))?;
    Err(problem(answer.status, &value))
}

fn problem(status: u16, value: &Value) -> Failure {
    let text = |member| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    Failure::Failed(format!(
        "the hub said {status}: {}: {} (see {})",
        text("title"),
        text("detail"),
        text("type")
    ))
}
