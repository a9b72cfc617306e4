//! `GET /v1/conservation`: is nothing accepted lost, and has every child an owner? As last counted from the
//! ledger.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/conservation",
    role: Some(Role::Api),
    access: Access::Scope(&[AUDIT, MANAGE]),
    summary: "Read the newest count of all deliveries and open referrals",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Per agency created = delivered + refused + undeliverable + expired + withdrawn + in flight, \
         counted from the ledger and from the tables, and what does not fit; an agency sees its own \
         line. All null or empty before the first count.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_conservation(call.caller()?).await?)
}
