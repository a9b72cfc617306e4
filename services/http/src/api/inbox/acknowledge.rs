//! `POST /v1/inbox/{delivery}/acknowledge`: the agency's system has the message. Twice is as good as once.

use actix_web::HttpResponse;
use casework::DeliveryId;
use serde_json::json;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/inbox/{delivery}/acknowledge",
    role: Some(Role::Api),
    access: Access::Scope(&[RECEIVE]),
    summary: "Say that your system has a message",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The delivery and its state, `delivered`."),
    handle: |call| Box::pin(acknowledge(call)),
};

async fn acknowledge(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let id: DeliveryId = call.id("delivery")?;
    call.hub().acknowledge_delivery(call.caller()?, id).await?;
    answer::json(&json!({ "delivery": id, "status": "delivered" }))
}
