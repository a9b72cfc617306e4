//! `GET /v1/break-glass/{id}/referrals/{referral}`: a referral behind a broken glass.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/break-glass/{id}/referrals/{referral}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read a referral of the case you broke the glass of",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("The referral, its request cut down to what its receiver sees."),
    handle: |call| Box::pin(referral(call)),
};

async fn referral(call: Call) -> Result<HttpResponse, Problem> {
    let (id, referral) = (call.id("id")?, call.id("referral")?);
    answer::json(&call.hub().referral_through(call.caller()?, id, referral).await?)
}
