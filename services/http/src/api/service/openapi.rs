//! `GET /openapi.json`: the API's description, made from the same table as its routes.

use actix_web::HttpResponse;

use crate::routes::{Access, Gives, JSON, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/openapi.json",
    role: None,
    access: Access::Public,
    summary: "Read this description",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("An OpenAPI 3.1 document with the schema of every message."),
    handle: |call| {
        Box::pin(async move { Ok(HttpResponse::Ok().content_type(JSON).body(call.shared.openapi.clone())) })
    },
};
