//! `POST /v1/referrals`: a referral comes in. The story behind it is `hub::submit_referral`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use casework::MessageKind;
use hub::Submitted;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, Route, SEND, Takes, Verb};
use crate::{answer, measure};

/// The version of every referral just made.
const FIRST_VERSION: u64 = 1;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/referrals",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Refer a child to one or more agencies",
    query: &[],
    takes: Takes::Message(&[MessageKind::Request]),
    writes: true,
    gives: Gives {
        status: 201,
        media: JSON,
        about: "The request, the child's case (minted where none was named), one referral per \
                recipient, and the receipt. `Location` is the referral, or the case where there are \
                several; `ETag` is the version of each new referral.",
    },
    handle: |call| Box::pin(submit(call)),
};

async fn submit(call: Call) -> Result<HttpResponse, Problem> {
    let caller = call.caller()?;
    let submitted = call.hub().submit_referral(caller, call.sent(), call.key()?).await?;
    measure::submitted(&caller.agency, &submitted);
    let made = answer::with_status(StatusCode::CREATED, &submitted)?;
    let made = answer::header(made, LOCATION, &location(&submitted));
    Ok(answer::marked(answer::versioned(made, FIRST_VERSION), submitted.replayed))
}

fn location(submitted: &Submitted) -> String {
    match submitted.referrals.as_slice() {
        [one] => format!("/v1/referrals/{}", one.id),
        _ => format!("/v1/cases/{}", submitted.case.id),
    }
}
