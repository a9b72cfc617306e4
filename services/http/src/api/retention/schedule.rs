//! `GET /v1/retention/schedule`: how long what is kept, with the source of each figure, and since when the
//! hub goes by it.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/retention/schedule",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "Show the retention schedule",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The digest of the schedule; `entered`: what the ledger says that the hub goes by, since when; and \
         `rows`, each with its source and how sure anybody is of it. All are proposed: none is law. Those \
         without `run_by_hub` are agreed on paper.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_schedule().await?)
}
