//! `POST /v1/policies/compare`: another set is put beside the one in force, by a replay of past decisions.

use actix_web::HttpResponse;

use super::other_set;
use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/policies/compare",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "See what another set would have made of the last decisions",
    query: &[],
    takes: Takes::PolicySet,
    writes: false,
    gives: Gives::json("How many would be decided otherwise, and which; nothing changes."),
    handle: |call| Box::pin(compare(call)),
};

async fn compare(call: Call) -> Result<HttpResponse, Problem> {
    let (other, last) = other_set(call.body.expose())?;
    answer::json(&call.hub().compare_policies(call.caller()?, other, last).await?)
}
