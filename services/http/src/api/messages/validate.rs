//! `POST /v1/validate`: would this message be taken? Nothing is stored, nothing is sent, nobody is asked
//! whether the caller may send it.

use actix_web::HttpResponse;
use casework::MessageKind;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};
use crate::serve::render;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/validate",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "Check a message without sending it",
    query: &[],
    takes: Takes::Message(MessageKind::ALL),
    writes: false,
    gives: Gives::json(
        "`valid` is true; which message it is, the data categories in it, and its statistics.",
    ),
    handle: |call| Box::pin(validate(call)),
};

async fn validate(call: Call) -> Result<HttpResponse, Problem> {
    let checked = match call.hub().schemas.check(None, call.body.expose()) {
        Ok(checked) => checked,
        // The verdict that was asked for, not a refusal: it is told and not entered.
        Err(invalid) => return Ok(render(&Problem::from(invalid), &call.request, &call.shared)),
    };
    answer::json(&json!({
        "valid": true,
        "schema": format!("{}/v{}", checked.kind, checked.version),
        "categories": checked.categories,
        "statistics": checked.facts,
    }))
}
