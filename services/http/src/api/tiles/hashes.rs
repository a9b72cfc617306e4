//! `GET /tile/{level}/{place}`: hashes of the ledger's tree (c2sp.org/tlog-tiles, "Merkle Tree"), for any
//! known caller: witnesses and agencies prove with them whatever they like. A tile never changes, so it may
//! be kept, by whoever fetched it: caches between are not asked who may.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, BYTES, Gives, Route, Takes, Verb};

/// A year, as long as caches go.
const KEPT: &str = "private, max-age=31536000, immutable";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/tile/{level}/{place}",
    role: Some(Role::Oversight),
    access: Access::Client,
    summary: "Fetch a tile of the ledger's hashes",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::bytes(
        "Hashes of 32 bytes, 256 or as many as the name says (c2sp.org/tlog-tiles). `place` may be several \
         segments: `067`, `x001/x234/067`, `067.p/112`.",
    ),
    handle: |call| Box::pin(hashes(call)),
};

async fn hashes(call: Call) -> Result<HttpResponse, Problem> {
    let tile = call.hub().show_tile(call.segment("level"), call.segment("place")).await?;
    Ok(answer::header(HttpResponse::Ok().content_type(BYTES).body(tile), CACHE_CONTROL, KEPT))
}
