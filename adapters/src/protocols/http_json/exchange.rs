//! Hands a message over and reads the agency's number for it. `{"reference": ".."}` with 200, 201 or 202 is
//! the only answer that means delivered.

use casework::DeliveryId;
use serde_json::Value;

use super::{config::Config, connect};
use crate::{
    agency::Agency,
    exchange::{Asked, Exchange, Link},
    outgoing::Outgoing,
    protocols::verdict,
};

/// One attempt.
pub async fn exchange(
    agency: &Agency,
    config: &Config,
    link: &Link,
    out: &Outgoing,
    form: &Value,
) -> Exchange {
    let answer = match connect::post(agency, config, link, out, form).await {
        Ok(answer) => answer,
        Err(error) => return verdict::of_failure(&error),
    };
    if !answer.is_success() {
        return verdict::of_status(agency, &answer);
    }
    match (answer.status, reference(&answer.body)) {
        (200..=202, Some(reference)) => Exchange::Delivered {
            local_reference: Some(reference),
            answer: None,
            evidence: seal::sha256(&answer.body),
        },
        _ if failpoint::planted("garbage-is-delivered") => {
            Exchange::Delivered { local_reference: None, answer: None, evidence: seal::sha256(&answer.body) }
        }
        _ => Exchange::unknown("unreadable-answer"),
    }
}

/// Asks for a delivery. Only a 404 with the agency's own error body means that it is not there: a bare one
/// may come from a proxy that does not know the path.
pub async fn ask(agency: &Agency, config: &Config, link: &Link, delivery: DeliveryId) -> Asked {
    let Ok(answer) = connect::get_delivery(agency, config, link, delivery).await else {
        return Asked::CannotTell;
    };
    match (answer.status, reference(&answer.body)) {
        (200, Some(reference)) => {
            Asked::Delivered { local_reference: Some(reference), evidence: seal::sha256(&answer.body) }
        }
        (404, _) if member(&answer.body, "error").is_some() => Asked::NotThere,
        _ => Asked::CannotTell,
    }
}

fn reference(body: &[u8]) -> Option<String> {
    verdict::reference(member(body, "reference").as_ref())
}

fn member(body: &[u8], name: &str) -> Option<Value> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get(name).cloned()
}
