//! `GET /v1/receipts/{id}`: the receipt of an entry that the caller made, again, in the newest tree; with
//! `?witnessed=yes` in the first tree that witnesses cosigned.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/receipts/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Fetch the receipt of an entry you made, cosigned by witnesses if asked for",
    query: &[Parameter {
        name: "witnessed",
        kind: Form::Text,
        required: false,
        about: "`yes`: in the first tree that witnesses cosigned, their cosignatures under its checkpoint",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The entry's index and bytes, a proof (c2sp.org/tlog-proof), and in `witnesses` who cosigned its \
         checkpoint; empty, and `witnessed` false, where nobody has yet. `id` is the `index` of the receipt \
         you were given; the opening stays as it was given then.",
    ),
    handle: |call| Box::pin(show(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(max = 3, message = "`yes`, or left out"))]
    witnessed: Option<String>,
}

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let witnessed = match asked.witnessed.as_deref() {
        None => false,
        Some("" | "yes") => true,
        Some(_) => return Err(Problem::new("query-malformed").detail("`witnessed` is `yes`, or left out")),
    };
    answer::json(&call.hub().show_receipt(call.caller()?, call.id("id")?, witnessed).await?)
}
