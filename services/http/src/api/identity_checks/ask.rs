//! `POST /v1/identity-checks`: a question to NADRA, answered while the caller waits.

use actix_web::HttpResponse;
use casework::MessageKind;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, CHECK, Gives, Route, Takes, Verb};
use crate::{answer, measure};

/// Longer than any receipt makes it: whatever the result, all answers have this length.
const ANSWER_BYTES: usize = 8 * 1024;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/identity-checks",
    role: Some(Role::Api),
    access: Access::Scope(&[CHECK]),
    summary: "Ask NADRA whether an identity document fits a person",
    query: &[],
    takes: Takes::Message(&[MessageKind::IdentityCheck]),
    writes: true,
    gives: Gives::json(
        "`status` (answered, refused, timed-out), `result` (match, no-match, no-record, ambiguous, or \
         null), the case, who answered and who did not (`coverage`), and the receipt.",
    ),
    handle: |call| Box::pin(ask(call)),
};

async fn ask(call: Call) -> Result<HttpResponse, Problem> {
    let caller = call.caller()?;
    let checked = call.hub().check_identity(caller, call.sent(), call.key()?).await?;
    if !checked.replayed {
        measure::checked(&caller.agency, checked.status);
    }
    Ok(answer::marked(answer::padded(&checked, ANSWER_BYTES)?, checked.replayed))
}
