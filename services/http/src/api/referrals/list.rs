//! `GET /v1/referrals`: the referrals the caller's agency sent or received, newest first, without messages.

use actix_web::HttpResponse;
use casework::Status;
use serde::Deserialize;
use serde_json::json;
use store::ReferralFilter;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

/// Referrals of a page unless the caller says otherwise.
const LIMIT: u32 = 50;

const STATUSES: &[Status] = &[
    Status::Requested,
    Status::Received,
    Status::Accepted,
    Status::Rejected,
    Status::InProgress,
    Status::OnHold,
    Status::Completed,
    Status::Failed,
    Status::Cancelled,
];

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/referrals",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "List the referrals your agency sent or received, newest first",
    query: &[
        Parameter {
            name: "status",
            kind: Form::Texts,
            required: false,
            about: "only these states; may be repeated",
        },
        Parameter {
            name: "overdue",
            kind: Form::Text,
            required: false,
            about: "`true`: only those with a clock that is overdue",
        },
        Parameter {
            name: "awaiting",
            kind: Form::Text,
            required: false,
            about: "`cease`: only those whose receiver has to say that it has ceased (no consent any more)",
        },
        Parameter {
            name: "cursor",
            kind: Form::Text,
            required: false,
            about: "`next_cursor` of the page before",
        },
        Parameter { name: "limit", kind: Form::Number, required: false, about: "1 to 200, 50 if absent" },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "A page of referrals without their messages, and the cursor of the next page or null.",
    ),
    handle: |call| Box::pin(list(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    #[validate(length(max = 8, message = "at most eight states"))]
    status: Vec<String>,
    overdue: Option<String>,
    awaiting: Option<String>,
    #[validate(length(min = 1, max = 64, message = "the `next_cursor` of a page"))]
    cursor: Option<String>,
    #[validate(range(min = 1, max = 200, message = "a whole number from 1 to 200"))]
    limit: Option<u32>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let limit = asked.limit.unwrap_or(LIMIT);
    let filter = ReferralFilter {
        statuses: statuses(&asked.status)?,
        overdue: overdue(asked.overdue.as_deref())?,
        awaiting_cease: awaiting(asked.awaiting.as_deref())?,
        before: before(&asked)?,
        limit,
    };
    let (found, next) = call.hub().list_referrals(call.caller()?, filter).await?;
    answer::page(json!(found), next.map(|id| id.to_string()))
}

fn statuses(asked: &[String]) -> Result<Vec<String>, Problem> {
    let known = |text: &String| STATUSES.iter().any(|status| status.as_str() == text);
    if asked.iter().all(known) {
        return Ok(asked.to_vec());
    }
    let words: Vec<&str> = STATUSES.iter().map(|status| status.as_str()).collect();
    Err(Problem::new("query-malformed").detail(format!("`status` is one of {}", words.join(", "))))
}

fn overdue(asked: Option<&str>) -> Result<bool, Problem> {
    match asked {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::new("query-malformed").detail("`overdue` is `true` or `false`")),
    }
}

fn awaiting(asked: Option<&str>) -> Result<bool, Problem> {
    match asked {
        None => Ok(false),
        Some("cease") => Ok(true),
        Some(_) => Err(Problem::new("query-malformed").detail("`awaiting` is `cease`")),
    }
}

fn before(asked: &Asked) -> Result<Option<casework::ReferralId>, Problem> {
    let parsed = asked.cursor.as_deref().map(str::parse).transpose();
    parsed.map_err(|_| Problem::new("query-malformed").detail("`cursor` is the `next_cursor` of a page"))
}
