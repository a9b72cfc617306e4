//! `POST /v1/switches`: an operator stops what goes to an agency, all of it or one kind of message, and lets
//! it go again. What waits meanwhile is kept, and spends no attempt.

use actix_web::HttpResponse;
use casework::{AgencyCode, Code, MessageKind, SetSwitch};
use serde::Deserialize;
use serde_json::json;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `agency`, `off` (true or false), `reason` (a code of \
                     `switch_reasons.csv`), and if need be `message` (a message's name such as \
                     `referral.request`; every message if absent)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/switches",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Stop what goes to an agency, or let it go again",
    query: &[],
    takes: Takes::Switch,
    writes: true,
    gives: Gives::json("What is switched off now."),
    handle: |call| Box::pin(set(call)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turned {
    agency: AgencyCode,
    message: Option<String>,
    off: bool,
    reason: Code,
}

async fn set(call: Call) -> Result<HttpResponse, Problem> {
    let turned: Turned = body::small(call.body.expose(), SHAPE)?;
    let message = turned.message.as_deref().map(str::parse::<MessageKind>).transpose();
    let message = message.map_err(|_| Problem::new("validation-failed").detail(SHAPE))?;
    let Turned { agency, off, reason, .. } = turned;
    let asked = SetSwitch { agency, message, off, reason };
    answer::page(json!(call.hub().set_switch(call.caller()?, asked, call.key()?).await?), None)
}
