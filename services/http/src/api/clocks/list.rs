//! `GET /v1/clocks`: every clock with its ladder, its source and how sure anybody is of it. Nobody's clock in
//! particular; what runs for a referral stands in the referral.

use crate::answer;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/clocks",
    role: Some(Role::Api),
    access: Access::Public,
    summary: "List the clocks, their ladders and their sources",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "`operating`: the hub's clocks with their ladders, most of them proposed; `legal`: deadlines that \
         the hub does not run, of which only those with `shown_as_law` may be called law.",
    ),
    handle: |call| Box::pin(async move { answer::json(call.hub().directory.clock_book()) }),
};
