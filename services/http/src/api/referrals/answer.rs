//! `POST /v1/referrals/{id}/{action}`: a step of a referral, by its receiver or its sender. Which step is
//! whose is `casework`'s; the scopes only say that the client may answer at all.

use actix_web::HttpResponse;
use casework::MessageKind;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, headers, measure};

/// Every message that is a step.
const STEPS: &[MessageKind] = &[
    MessageKind::Received,
    MessageKind::Accept,
    MessageKind::Reject,
    MessageKind::Hold,
    MessageKind::Information,
    MessageKind::Progress,
    MessageKind::Outcome,
    MessageKind::Close,
    MessageKind::Feedback,
    MessageKind::Resume,
    MessageKind::CancelRequest,
    MessageKind::CancelConfirm,
    MessageKind::CancelRefuse,
    MessageKind::Purged,
    MessageKind::Cease,
    MessageKind::Send,
];

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/referrals/{id}/{action}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Take a step of a referral: received, accept, reject, hold, information, progress, \
              outcome, close, feedback, resume, cancel-request, cancel-confirm, cancel-refuse, purged, \
              cease, send",
    query: &[],
    takes: Takes::Message(STEPS),
    writes: true,
    gives: Gives::json(
        "The referral's state, owner and version after the step, and the receipt. `ETag` is the version.",
    ),
    handle: |call| Box::pin(take_step(call)),
};

async fn take_step(call: Call) -> Result<HttpResponse, Problem> {
    let step = MessageKind::from_action(call.segment("action")).map_err(|_| unknown_action())?;
    let expected = headers::if_match(call.request.headers())?;
    let (caller, id) = (call.caller()?, call.id("id")?);
    let sent = call.sent();
    let answered = call.hub().answer_referral(caller, id, step, sent, call.key()?, expected).await?;
    if !answered.replayed {
        measure::step(&caller.agency, answered.action, answered.status);
    }
    let told = answer::versioned(answer::json(&answered)?, answered.version);
    Ok(answer::marked(told, answered.replayed))
}

fn unknown_action() -> Problem {
    let names: Vec<&str> = STEPS.iter().map(|step| step.action()).collect();
    Problem::new("unknown-action").detail(format!("the steps of a referral are {}", names.join(", ")))
}
