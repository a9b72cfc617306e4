//! One evaluation by Cedar, and what counts of it. An error in any policy makes the whole answer a failure:
//! Cedar itself would skip the policy, and a skipped prohibition would be a leak. A permission counts only
//! where its agreement's head says so; a prohibition always does.

use casework::AgencyCode;
use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request};
use serde::Serialize;

use crate::{Agreement, Moment, Standing};

/// What Cedar said, policies by name and in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow(Vec<String>),
    Deny(Vec<String>),
    Error(String),
}

/// Evaluates `request`. No entities are needed: policies name agencies and codes, and none has attributes.
pub(crate) fn evaluate(
    authorizer: &Authorizer,
    none: &Entities,
    set: &PolicySet,
    request: &Request,
) -> Verdict {
    let response = authorizer.is_authorized(request, set, none);
    let errors: Vec<String> = response.diagnostics().errors().map(|error| chain(error)).collect();
    if !errors.is_empty() {
        return Verdict::Error(errors.join("; "));
    }
    let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
    policies.sort();
    match response.decision() {
        Decision::Allow => Verdict::Allow(policies),
        Decision::Deny => Verdict::Deny(policies),
    }
}

/// A permission that fits and does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The policy.
    pub policy: String,
    /// Why: its agreement has not begun, is over, or does not bind one of the two.
    pub why: String,
}

/// What Cedar allowed, less what the agreements' heads do not bear.
pub(crate) fn counted(
    agreements: &[Agreement],
    verdict: Verdict,
    concerned: &[&AgencyCode],
    at: Moment,
) -> (Verdict, Vec<LeftOut>) {
    let Verdict::Allow(policies) = verdict else { return (verdict, Vec::new()) };
    let (mut counts, mut left_out) = (Vec::new(), Vec::new());
    for policy in policies {
        match objection(agreements, &policy, concerned, at) {
            Some(why) => left_out.push(LeftOut { policy, why }),
            None => counts.push(policy),
        }
    }
    let verdict = if counts.is_empty() { Verdict::Deny(counts) } else { Verdict::Allow(counts) };
    (verdict, left_out)
}

/// Why a permission does not count now, between these agencies.
fn objection(
    agreements: &[Agreement],
    policy: &str,
    concerned: &[&AgencyCode],
    at: Moment,
) -> Option<String> {
    let name = policy.split_once('.').map_or(policy, |(agreement, _)| agreement);
    // INVARIANT: the loader gave every policy a name that begins with its agreement's.
    let Some(agreement) = agreements.iter().find(|agreement| agreement.name == name) else {
        return Some("it belongs to no agreement".to_owned());
    };
    match agreement.valid.on(at.day) {
        Standing::NotYet => return Some(format!("its agreement begins on {}", agreement.valid.from)),
        Standing::Ended => return Some(format!("its agreement is over: {}", agreement.valid)),
        Standing::InForce => {}
    }
    let stranger = concerned.iter().find(|agency| !agreement.binds(agency))?;
    Some(format!("`{stranger}` is no party to its agreement"))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
