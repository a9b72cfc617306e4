//! The two calls of the protocol: posting a message, asking for a delivery.

use casework::{DeliveryId, MessageKind};
use egress::{EgressError, Method, Response};
use serde_json::Value;

use super::config::Config;
use crate::{agency::Agency, exchange::Link, outgoing::Outgoing, protocols::call::Call};

/// Posts the mapped message.
pub async fn post(
    agency: &Agency,
    config: &Config,
    link: &Link,
    out: &Outgoing,
    form: &Value,
) -> Result<Response, EgressError> {
    let path = if out.message == MessageKind::Request { &config.referrals } else { &config.messages };
    let path = path.iter().map(String::as_str);
    Call::new(agency, link, Method::Post, path)
        .bearer_secret()
        .delivery(out)
        .json(form)
        .signed(out)
        .send()
        .await
}

/// Asks whether a delivery has arrived.
pub async fn get_delivery(
    agency: &Agency,
    config: &Config,
    link: &Link,
    delivery: DeliveryId,
) -> Result<Response, EgressError> {
    let id = delivery.to_string();
    let path = config.by_delivery.iter().map(String::as_str).chain([id.as_str()]);
    Call::new(agency, link, Method::Get, path).bearer_secret().send().await
}
