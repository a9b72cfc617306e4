//! `GET /v1/audit/proof`: that an entry is in the tree.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, Route, Takes, Verb};

/// Larger than any ledger: what both engines can count to.
const ENTRIES_MAX: u64 = i64::MAX.unsigned_abs();

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/audit/proof",
    role: Some(Role::Oversight),
    access: Access::Scope(&[AUDIT]),
    summary: "Fetch the proof that an entry is in the ledger",
    query: &[
        Parameter { name: "index", kind: Form::Number, required: true, about: "the entry's index" },
        Parameter {
            name: "size",
            kind: Form::Number,
            required: false,
            about: "size of the tree; the newest if absent",
        },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("The entry's bytes and a proof (c2sp.org/tlog-proof) with a signed checkpoint."),
    handle: |call| Box::pin(proof(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(range(max = "ENTRIES_MAX", message = "beyond any ledger"))]
    index: u64,
    #[validate(range(max = "ENTRIES_MAX", message = "beyond any ledger"))]
    size: Option<u64>,
}

async fn proof(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    answer::json(&call.hub().prove_entry(call.caller()?, asked.index, asked.size).await?)
}
