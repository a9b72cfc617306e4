//! `GET /v1/audit/checkpoint`: the newest signed checkpoint, as a C2SP signed note.

use actix_web::HttpResponse;
use actix_web::http::header::HeaderName;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, Route, Takes, Verb};

const KEY: HeaderName = HeaderName::from_static("amaan-verifier-key");

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/audit/checkpoint",
    role: Some(Role::Oversight),
    access: Access::Scope(&[AUDIT]),
    summary: "Fetch the ledger's newest signed checkpoint",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text(
        "A signed note (c2sp.org/tlog-checkpoint). `Amaan-Verifier-Key` is the key it is signed with.",
    ),
    handle: |call| Box::pin(checkpoint(call)),
};

async fn checkpoint(call: Call) -> Result<HttpResponse, Problem> {
    let store = &call.hub().store;
    let newest = store.checkpoint().await?;
    let (_, note) = newest.ok_or_else(|| Problem::new("not-found").detail("the ledger is still empty"))?;
    Ok(answer::header(answer::text(note), KEY, &store.key().vkey()))
}
