//! `POST /v1/referrals/{id}/void`: asks that a referral is entered in error. A second person of the sender
//! decides; nothing happens before.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::MessageKind;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, Route, SEND, Takes, Verb};
use crate::{answer, headers};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/referrals/{id}/void",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Ask that a referral is entered in error",
    query: &[],
    takes: Takes::Message(&[MessageKind::Void]),
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: somebody else of your agency has to agree. Then the referral is entered in \
                error, and a receiver that was shown it has to remove it.",
    },
    handle: |call| Box::pin(void(call)),
};

async fn void(call: Call) -> Result<HttpResponse, Problem> {
    let expected = headers::if_match(call.request.headers())?;
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    let asked = call.hub().ask_void(caller, id, call.sent(), key, expected).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
