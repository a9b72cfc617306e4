//! `GET /healthz`: the process answers. Nothing else is asked, so that a slow disk gets nobody restarted.

use crate::answer;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/healthz",
    role: None,
    access: Access::Public,
    summary: "Does the process answer?",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text("`ok`"),
    handle: |_| Box::pin(async { Ok(answer::text("ok\n".to_owned())) }),
};
