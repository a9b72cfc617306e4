//! `GET /tile/entries/{place}`: the ledger's entries in bundles (c2sp.org/tlog-tiles, "Log entries"), for an
//! overseer. Each look is an entry, so nothing between may answer in our place: it is not to be stored,
//! though it never changes.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{AUDIT, Access, BYTES, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/tile/entries/{place}",
    role: Some(Role::Oversight),
    access: Access::Scope(&[AUDIT]),
    summary: "Fetch a bundle of the ledger's entries",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::bytes(
        "Entries, each behind its length in two bytes (c2sp.org/tlog-tiles), for whoever may read the whole \
         trail. `place` may be several segments, as for a tile.",
    ),
    handle: |call| Box::pin(entries(call)),
};

async fn entries(call: Call) -> Result<HttpResponse, Problem> {
    let bundle = call.hub().show_bundle(call.caller()?, call.segment("place")).await?;
    Ok(HttpResponse::Ok().content_type(BYTES).body(bundle))
}
