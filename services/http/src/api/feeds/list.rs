//! `GET /v1/feeds`: how fresh what each agency sends is, and which of them went quiet.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, INDICATOR, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/feeds",
    role: Some(Role::Oversight),
    access: Access::Scope(&[INDICATOR]),
    summary: "Read how fresh each agency's feed is",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Of each connected agency when it last sent a message, for how long it has been silent, for how long \
         it may be, and whether it is silent; `next_cursor` is null. The look is entered first.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let feeds = call.hub().read_feeds(call.caller()?).await?;
    answer::page(json!(feeds), None)
}
