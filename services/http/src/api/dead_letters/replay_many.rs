//! `POST /v1/dead-letters/replay`: sends many again at once, once their common cause is mended.

use actix_web::HttpResponse;
use hub::ReplayAsked;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with any of `reason` (a code such as `unmapped-code`), `to` (an \
                     agency), `message` (such as `referral.request`) and `limit` (1 to 200)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/dead-letters/replay",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Send many dead letters again",
    query: &[],
    takes: Takes::Replays,
    writes: true,
    gives: Gives::json(
        "Which are on their way again, each with its schema and the mapping it is tried by; which are not, \
         and why; and whether there are more. What was poisoned is sent again only where `reason` says so.",
    ),
    handle: |call| Box::pin(replay(call)),
};

async fn replay(call: Call) -> Result<HttpResponse, Problem> {
    let asked: ReplayAsked = body::small(call.body.expose(), SHAPE)?;
    answer::json(&call.hub().replay_many(call.caller()?, &asked, call.key()?).await?)
}
