//! One evaluation by Cedar. An error in any policy makes the whole answer a failure: Cedar itself would
//! skip the policy, and a skipped prohibition would be a leak.

use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request};

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
