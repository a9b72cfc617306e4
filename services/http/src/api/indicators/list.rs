//! `GET /v1/indicators`: which statistics there are, how each is counted, and what it can be broken down by.

use actix_web::HttpResponse;
use oversight::Indicator;
use serde_json::{Value, json};

use crate::answer;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, INDICATOR, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/indicators",
    role: Some(Role::Oversight),
    access: Access::Scope(&[INDICATOR]),
    summary: "List the indicators",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("Each indicator's id, title and method, and the dimensions; `next_cursor` is null."),
    handle: |_| Box::pin(list()),
};

async fn list() -> Result<HttpResponse, Problem> {
    let one = |indicator: &&dyn Indicator| -> Value {
        let (id, title, method) = (indicator.id(), indicator.title(), indicator.method());
        json!({ "id": id, "title": title, "method": method, "by": indicator.by() })
    };
    let all: Vec<Value> = oversight::indicators().iter().map(one).collect();
    answer::page(json!(all), None)
}
