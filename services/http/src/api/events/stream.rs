//! `GET /v1/events/stream`: the list of events going on, as server-sent events.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::call::Call;
use crate::headers::last_event_id;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::stream;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/events/stream",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Be told what happens to your agency's referrals, as it happens",
    query: &[Parameter {
        name: "after",
        kind: Form::Number,
        required: false,
        about: "a `next_cursor` of `/v1/events`; `Last-Event-ID` counts before it, and without either the \
                stream begins now",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives {
        status: 200,
        media: stream::MEDIA,
        about: "Server-sent events: each `data` is an event of `/v1/events`, its `id` the cursor. The stream \
                ends before the token does; come back with `Last-Event-ID`.",
    },
    handle: |call| Box::pin(open(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    after: Option<u64>,
}

async fn open(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let after = last_event_id(call.request.headers())?.or(asked.after);
    stream::open(&call, after).await
}
