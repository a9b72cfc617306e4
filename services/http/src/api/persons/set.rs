//! `POST /v1/persons`: says who somebody of the caller's agency is from now on. Saying it again changes it;
//! nobody says who he is himself.

use actix_web::HttpResponse;
use casework::Role as PersonRole;
use hub::PersonSaid;
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, PEOPLE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `subject` (`sub` of the person's tokens, 1 to 200 \
                     characters), `roles` (a list of caseworker, supervisor, agency-admin, \
                     privacy-officer, analyst, operator), and if need be `issuer` and `active` (true or \
                     false)";
const SUBJECT_CHARS_MAX: usize = 200;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/persons",
    role: Some(Role::Api),
    access: Access::Scope(&[PEOPLE]),
    summary: "Say who somebody of your agency is",
    query: &[],
    takes: Takes::Person,
    writes: true,
    gives: Gives::json("The person as it is now: its stand-in, its roles, and whether it may act."),
    handle: |call| Box::pin(set(call)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    subject: String,
    issuer: Option<String>,
    roles: Vec<PersonRole>,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

async fn set(call: Call) -> Result<HttpResponse, Problem> {
    let said: Said = body::small(call.body.expose(), SHAPE)?;
    if said.subject.is_empty() || said.subject.chars().count() > SUBJECT_CHARS_MAX {
        return Err(Problem::new("validation-failed").detail(SHAPE));
    }
    let Said { subject, issuer, roles, active } = said;
    let said = PersonSaid { subject, issuer, roles: roles.into_iter().collect(), active };
    answer::json(&call.hub().set_person(call.caller()?, &said, call.key()?).await?)
}
