//! `GET /readyz`: can it serve? Ready while its database answers; what else is missing stands in `degraded`
//! (without a broker, referrals are taken as ever and reach agencies more slowly), and what this process
//! does in
//! `roles`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use hub::HubError;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/readyz",
    role: None,
    access: Access::Public,
    summary: "Can it serve?",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "`ready`; `degraded`: what it does without (`broker`; `disclosure` while the ledger is suspect); \
         `roles`: what this process does. 503 with `ready` false where it cannot serve.",
    ),
    handle: |call| Box::pin(ready(call)),
};

/// What it does without.
async fn without(call: &Call) -> Vec<&'static str> {
    let mut without = (call.shared.api.degraded)();
    if let Err(HubError::LedgerSuspect(_)) = call.hub().may_disclose().await {
        without.push("disclosure");
    }
    without
}

async fn ready(call: Call) -> Result<HttpResponse, Problem> {
    let (status, ready, degraded) = match call.hub().store.checkpoint().await {
        Ok(_) if call.hub().store.is_open() => (StatusCode::OK, true, without(&call).await),
        Ok(_) => {
            tracing::error!("not ready: the store takes no orders");
            (StatusCode::SERVICE_UNAVAILABLE, false, vec!["writer"])
        }
        Err(error) => {
            tracing::error!(%error, "not ready: the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, false, vec!["store"])
        }
    };
    let roles = call.shared.api.roles.words();
    answer::with_status(status, &json!({ "ready": ready, "degraded": degraded, "roles": roles }))
}
