//! `POST /v1/referrals/preview`: what would each recipient get, and why? Nothing is stored and nothing is
//! sent.

use actix_web::HttpResponse;
use casework::MessageKind;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/referrals/preview",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Show what each recipient would get of a referral, without sending it",
    query: &[],
    takes: Takes::Message(&[MessageKind::Request]),
    writes: false,
    gives: Gives::json(
        "Per recipient the message as it would arrive, what the hub says beside it, and every field that was \
         sent: `becomes` (`kept`, `generalised`, `pseudonymised`, `removed`), `because`, and the policies \
         behind it. Words that would stand for a value are zeros here. Refused as a submission would be.",
    ),
    handle: |call| Box::pin(preview(call)),
};

async fn preview(call: Call) -> Result<HttpResponse, Problem> {
    let shown = call.hub().preview_referral(call.caller()?, call.body.expose())?;
    answer::json(&shown)
}
