//! `GET /asyncapi.json`: the description of events, made from the same table as the events.

use actix_web::HttpResponse;

use crate::routes::{Access, Gives, JSON, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/asyncapi.json",
    role: None,
    access: Access::Public,
    summary: "Read the description of events",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("An AsyncAPI 3.1 document: the stream, webhooks, and the schema of every event."),
    handle: |call| {
        Box::pin(async move { Ok(HttpResponse::Ok().content_type(JSON).body(call.shared.asyncapi.clone())) })
    },
};
