//! What the hub refuses, as a problem. Its own failures are logged here, where they are handled, and told to
//! the caller without their inner words.

use casework::{MessageKind, Refusal};
use hub::{HubError, Reached};
use schemas::{FieldError, Invalid};
use serde_json::json;
use store::StoreError;

use super::{Place, Problem};

/// People have to look first: minutes, not seconds.
const SUSPECT_SECONDS: &str = "300";

impl From<HubError> for Problem {
    fn from(error: HubError) -> Self {
        let problem = Self::new(error.slug());
        match error {
            HubError::Invalid(invalid) => invalid_message(problem, invalid),
            HubError::Problem(told) => match told.pointer {
                Some(pointer) => {
                    let code = told.slug.to_owned();
                    problem.detail(told.detail.clone()).at(Place { pointer, code, detail: told.detail })
                }
                None => problem.detail(told.detail),
            },
            HubError::Denied(denied) => problem.detail(denied.detail).asking(denied.asked),
            HubError::Refused(refusal) => refused(problem, &refusal),
            HubError::Store(error) => failed(problem, &error),
            HubError::Limited(reached) => limited(problem, reached),
            error @ HubError::LedgerSuspect(_) => {
                problem.detail(error.to_string()).header("Retry-After", SUSPECT_SECONDS.to_owned())
            }
            error @ (HubError::InDoubt(_) | HubError::KeyLoss) => problem.detail(error.to_string()),
        }
    }
}

impl From<Reached> for Problem {
    fn from(reached: Reached) -> Self {
        HubError::from(reached).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        HubError::from(error).into()
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        invalid_message(Self::new(invalid.problem), invalid)
    }
}

fn limited(problem: Problem, reached: Reached) -> Problem {
    let Reached { limit, retry_after } = reached;
    let detail = format!("the limit `{limit}` is used up; there is room again in {retry_after} s");
    let problem = problem.detail(detail).with("limit", json!(limit));
    problem.header("Retry-After", retry_after.to_string())
}

fn invalid_message(problem: Problem, invalid: Invalid) -> Problem {
    let detail = match invalid.errors.as_slice() {
        [one] => one.detail.clone(),
        many => format!("{} places of the message are to be mended: see `errors`", many.len()),
    };
    let place = |error: FieldError| Place { pointer: error.pointer, code: error.code, detail: error.detail };
    invalid.errors.into_iter().map(place).fold(problem.detail(detail), Problem::at)
}

fn refused(problem: Problem, refusal: &Refusal) -> Problem {
    match refusal {
        // The table's own words: absent, foreign and malformed ids get the same bytes.
        // Nor is it the caller's business what was taken or stale inside.
        Refusal::NotFound | Refusal::StalePermit | Refusal::IdTaken => problem,
        Refusal::InvalidTransition { status, allowed, .. } => {
            let actions: Vec<&str> = allowed.iter().copied().map(MessageKind::action).collect();
            let detail = if actions.is_empty() {
                format!("{refusal}; there is nothing you can do here now")
            } else {
                format!("{refusal}; you can do this now: {}", actions.join(", "))
            };
            let problem = problem.detail(detail).with("allowed_actions", json!(actions));
            problem.with("referral_status", json!(status))
        }
        Refusal::VersionConflict { current } => {
            problem.detail(refusal.to_string()).with("current_version", json!(current))
        }
        other => problem.detail(other.to_string()),
    }
}

fn failed(problem: Problem, error: &StoreError) -> Problem {
    match error {
        StoreError::Full | StoreError::OutcomeUnknown | StoreError::NoKey => {
            tracing::warn!(%error, "a request has to be repeated");
            problem.detail(error.to_string())
        }
        StoreError::Unreachable(_) => {
            tracing::warn!(%error, "a request has to be repeated");
            problem
        }
        StoreError::LedgerSuspect(_) => {
            hub::measure::alarm("ledger-suspect");
            tracing::error!(alarm = "ledger-suspect", %error, "intake is closed");
            problem
        }
        _ => {
            tracing::error!(%error, "the store failed a request");
            problem
        }
    }
}
