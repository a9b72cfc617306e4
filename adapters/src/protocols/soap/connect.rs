//! The one call of the protocol: an envelope posted to the endpoint itself.

use egress::{EgressError, Method, Response};

use super::config::Config;
use crate::{agency::Agency, exchange::Link, outgoing::Outgoing, protocols::call::Call};

/// Posts an envelope.
pub async fn post(
    agency: &Agency,
    config: &Config,
    link: &Link,
    out: &Outgoing,
    envelope: String,
) -> Result<Response, EgressError> {
    let action = format!("\"{}\"", config.action);
    Call::new(agency, link, Method::Post, [])
        .bearer_secret()
        .delivery(out)
        .header("soapaction", &action)
        .body("text/xml; charset=utf-8", envelope)
        .send()
        .await
}
