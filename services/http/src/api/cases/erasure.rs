//! `GET /v1/cases/{id}/erasure`: who holds a case, and the certificate of its erasure.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/cases/{id}/erasure",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read the certificate of a case's erasure",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Who holds the case; and where it was erased, when: online, and from when on no backup brings it \
         back. `copies` names agencies whose own systems were shown something, and what they still owe.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_erasure(call.caller()?, call.id("id")?).await?)
}
