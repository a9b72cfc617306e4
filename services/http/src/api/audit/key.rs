//! `GET /v1/audit/key`: the public key of the ledger, for whoever holds a receipt. Compare it with one you
//! got by another way: a key fetched here proves only that the same hub answers.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/audit/key",
    role: Some(Role::Oversight),
    access: Access::Public,
    summary: "Fetch the key that receipts and checkpoints are verified with",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text(
        "A verifier key (c2sp.org/signed-note). Where the ledger had others, they follow, the newest first.",
    ),
    handle: |call| Box::pin(key(call)),
};

async fn key(call: Call) -> Result<HttpResponse, Problem> {
    let keys = call.hub().store.note_keys();
    Ok(answer::text(keys.iter().map(|told| format!("{}\n", told.vkey)).collect()))
}
