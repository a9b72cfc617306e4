//! Asks and reads the answer at once. The transaction id must come back as it was sent, or the answer may be
//! another child's. A fault is read whatever status carries it: `Server` may be tried again, `Client` not.

use serde_json::Value;

use super::{
    config::Config,
    connect,
    envelope::{self, Content},
};
use crate::{
    agency::Agency,
    exchange::{Exchange, Link},
    outgoing::Outgoing,
    protocols::verdict,
};

/// One attempt. A question changes nothing at the agency, so that an unknown outcome may be asked again; but
/// delivery decides that by `dedupes`, and this says only what is known.
pub async fn exchange(
    agency: &Agency,
    config: &Config,
    link: &Link,
    out: &Outgoing,
    form: &Value,
) -> Exchange {
    let Ok(envelope) = envelope::write(&config.namespace, &config.operation, form) else {
        return Exchange::broken("envelope-not-writable");
    };
    let answer = match connect::post(agency, config, link, out, envelope).await {
        Ok(answer) => answer,
        Err(error) => return verdict::of_failure(&error),
    };
    // Every fault comes with 500 (SOAP 1.1 section 6.2); other statuses are HTTP's own.
    if !matches!(answer.status, 200 | 500) {
        return match answer.is_success() {
            true => Exchange::unknown("unreadable-answer"),
            false => verdict::of_status(agency, &answer),
        };
    }
    match envelope::read(&answer.body, &config.namespace, &config.operation) {
        Ok(Content::Fault(code)) if code == "Server" => Exchange::later("soap-fault-server"),
        Ok(Content::Fault(_)) => Exchange::broken("soap-fault-client"),
        Ok(Content::Response(members)) if answer.status == 200 => {
            let members = members.json();
            let transaction = |document: &Value| document.get(&config.transaction_field).cloned();
            if transaction(form).is_none() || transaction(members) != transaction(form) {
                return Exchange::unknown("another-transaction");
            }
            match agency.map_answer(members) {
                Ok(mapped) => Exchange::Delivered {
                    local_reference: verdict::reference(members.get("SessionId")),
                    answer: Some(mapped),
                    evidence: seal::sha256(&answer.body),
                },
                Err(error) => Exchange::Broken { class: error.class() },
            }
        }
        _ if answer.is_success() => Exchange::unknown("unreadable-answer"),
        _ => verdict::of_status(agency, &answer),
    }
}
