//! Hands a message over in at most three calls: create the case under our id (repeatable: a second time is
//! 409), then refer it, or put the message into the case's notes under the delivery's id (repeatable: the
//! same item again). Only the referral can double, so it is looked for before it is made a second time.

use casework::{CaseId, DeliveryId};
use egress::{Method, Response};
use serde_json::Value;

use super::{
    config::Config,
    connect::{self, Step},
    records,
};
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
    let case = out.case.uuid().hyphenated().to_string();
    let hand = Hand { agency, config, link, out, case: &case };
    let (created, referral, note) = (form.get("case"), form.get("referral"), form.get("note"));
    let Some(created) = created else { return Exchange::broken("form-without-case") };
    if let Err(stopped) = hand.create_case(created).await {
        return stopped.repeatable();
    }
    match (referral, note) {
        (Some(referral), None) => hand.refer(referral).await,
        (None, Some(note)) => hand.add_note(note).await.repeatable(),
        _ => Exchange::broken("form-without-referral"),
    }
}

/// Looks for the referral a delivery made.
pub async fn ask(agency: &Agency, config: &Config, link: &Link, delivery: DeliveryId, case: CaseId) -> Asked {
    let case = case.uuid().hyphenated().to_string();
    let step = Step::get(vec!["cases", &case, "referrals"]);
    let Ok(answer) = connect::send(agency, config, link, &step).await else { return Asked::CannotTell };
    if answer.status == 404 && is_primero_error(&answer.body) {
        return Asked::NotThere;
    }
    match records::list(&answer.body) {
        Some(referrals) if answer.status == 200 => match records::made_by(&referrals, delivery) {
            Some(made) => {
                Asked::Delivered { local_reference: Some(made), evidence: seal::sha256(&answer.body) }
            }
            None => Asked::NotThere,
        },
        _ => Asked::CannotTell,
    }
}

/// A bare 404 may come from a proxy; Primero's own names its errors.
fn is_primero_error(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|body: Value| body.get("errors").is_some_and(Value::is_array))
}

struct Hand<'a> {
    agency: &'a Agency,
    config: &'a Config,
    link: &'a Link,
    out: &'a Outgoing,
    case: &'a str,
}

impl Hand<'_> {
    async fn send(&self, method: Method, path: Vec<&str>, body: &Value) -> Result<Response, Exchange> {
        let step = Step { method, path, query: Vec::new(), body: Some(body), out: Some(self.out) };
        connect::send(self.agency, self.config, self.link, &step).await
    }

    async fn create_case(&self, case: &Value) -> Result<(), Exchange> {
        let answer = self.send(Method::Post, vec!["cases"], case).await?;
        match answer.status {
            204 | 409 => Ok(()),
            200 | 201 if records::data(&answer.body).is_some() => Ok(()),
            200..=299 => Err(Exchange::unknown("unreadable-answer")),
            _ => Err(verdict::of_status(self.agency, &answer)),
        }
    }

    async fn refer(&self, referral: &Value) -> Exchange {
        if self.out.attempt > 1 {
            match ask(self.agency, self.config, self.link, self.out.delivery, self.out.case).await {
                Asked::Delivered { local_reference, evidence } => {
                    return Exchange::Delivered { local_reference, answer: None, evidence };
                }
                Asked::NotThere => {}
                // Nothing was sent in this attempt; what an earlier one did is still to be found out.
                Asked::CannotTell => return Exchange::later("cannot-ask"),
            }
        }
        match self.send(Method::Post, vec!["cases", self.case, "referrals"], referral).await {
            Err(stopped) => stopped,
            Ok(answer) => self.delivered(&answer),
        }
    }

    async fn add_note(&self, note: &Value) -> Exchange {
        match self.send(Method::Patch, vec!["cases", self.case], note).await {
            Err(stopped) => stopped,
            Ok(answer) => self.delivered(&answer),
        }
    }

    fn delivered(&self, answer: &Response) -> Exchange {
        match (answer.status, records::data(&answer.body)) {
            (200 | 201, Some(data)) if data.is_object() => Exchange::Delivered {
                local_reference: verdict::reference(data.get("id")),
                answer: None,
                evidence: seal::sha256(&answer.body),
            },
            _ if answer.is_success() => Exchange::unknown("unreadable-answer"),
            _ => verdict::of_status(self.agency, answer),
        }
    }
}
