//! `GET /v1/schemas/{name}/{version}`: a message's JSON Schema as it stands in its file.

use actix_web::HttpResponse;
use casework::MessageKind;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

const SCHEMA_JSON: &str = "application/schema+json";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/schemas/{name}/{version}",
    role: Some(Role::Api),
    access: Access::Public,
    summary: "Fetch the schema of a message, `referral.accept` and `v1` for example",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives { status: 200, media: SCHEMA_JSON, about: "A JSON Schema (2020-12)." },
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let kind: MessageKind = call.id("name")?;
    let number = call.segment("version").strip_prefix('v').and_then(|digits| digits.parse().ok());
    let document = number.and_then(|version| call.hub().schemas.document(kind, version));
    let document = document.ok_or_else(|| Problem::new("not-found"))?;
    Ok(HttpResponse::Ok().content_type(SCHEMA_JSON).body(document.to_string()))
}
