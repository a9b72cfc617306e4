//! `GET /checkpoint`: the newest signed checkpoint where tools for C2SP's tiled logs look for it
//! (c2sp.org/tlog-tiles, "Checkpoints").

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/checkpoint",
    role: Some(Role::Oversight),
    access: Access::Client,
    summary: "Fetch the ledger's newest checkpoint, as tools for tiled logs do",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text(
        "A signed note (c2sp.org/tlog-checkpoint); `/v1/audit/key` is the key it is signed with.",
    ),
    handle: |call| Box::pin(checkpoint(call)),
};

async fn checkpoint(call: Call) -> Result<HttpResponse, Problem> {
    Ok(answer::text(call.hub().show_checkpoint().await?))
}
