//! `GET /v1/referrals/{id}/history`: its ledger entries, oldest first. Coded facts only.

use actix_web::HttpResponse;
use casework::ReferralId;
use hub::AuditLine;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/referrals/{id}/history",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read what happened to a referral, step by step",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("All its ledger entries, oldest first; `next_cursor` is null."),
    handle: |call| Box::pin(history(call)),
};

async fn history(call: Call) -> Result<HttpResponse, Problem> {
    let id: ReferralId = call.id("id")?;
    let entries = call.hub().referral_history(call.caller()?, id).await?;
    let lines: Vec<AuditLine> = entries.into_iter().map(AuditLine::from).collect();
    answer::page(json!(lines), None)
}
