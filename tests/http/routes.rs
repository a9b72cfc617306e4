//! The table of endpoints holds what the API promises, and every line is complete.

use std::collections::BTreeSet;

use amaan_http::{Access, DESK, Needs, PAGES, ROUTES, Takes, Verb};

/// Every address of the first slice, with who may call it; a new endpoint adds its line here.
const PROMISED: &[&str] = &[
    "POST /v1/referrals: referral.send",
    "POST /v1/referrals/preview: referral.send",
    "POST /v1/drafts: referral.send",
    "GET /v1/referrals: referral.send|referral.receive",
    "GET /v1/referrals/{id}: referral.send|referral.receive",
    "GET /v1/referrals/{id}/history: referral.send|referral.receive",
    "GET /v1/referrals/{id}/evidence: referral.send|referral.receive",
    "GET /v1/requests/{id}: referral.send",
    "GET /v1/receipts/{id}: referral.send|referral.receive",
    "GET /v1/referrals/{id}/actions: referral.send|referral.receive",
    "POST /v1/referrals/{id}/void: referral.send",
    "POST /v1/referrals/{id}/{action}: referral.send|referral.receive",
    "GET /v1/events: referral.send|referral.receive",
    "GET /v1/events/stream: referral.send|referral.receive",
    "GET /v1/inbox: referral.receive",
    "POST /v1/inbox/{delivery}/acknowledge: referral.receive",
    "GET /v1/keys: open",
    "POST /v1/identity-checks: identity.check",
    "GET /v1/cases/{id}: referral.send|referral.receive",
    "GET /v1/cases/{id}/looks: referral.send|referral.receive",
    "GET /v1/cases/{id}/disclosures: referral.send|referral.receive",
    "POST /v1/cases/{id}/consent/revoke: referral.send",
    "POST /v1/cases/{id}/erase: referral.send|referral.receive",
    "POST /v1/cases/{id}/hold: referral.send|referral.receive",
    "POST /v1/cases/{id}/hold/lift: referral.send|referral.receive",
    "GET /v1/cases/{id}/erasure: referral.send|referral.receive",
    "POST /v1/cases/{id}/erasure/acknowledge: referral.send|referral.receive",
    "GET /v1/retention/due: referral.send|referral.receive",
    "GET /v1/retention/schedule: any client",
    "GET /v1/indicators: indicator.read",
    "GET /v1/indicators/{id}: indicator.read",
    "GET /v1/feeds: indicator.read",
    "GET /v1/audit/entries: audit.read",
    "GET /v1/audit/checkpoint: audit.read",
    "GET /v1/audit/key: open",
    "POST /v1/audit/key/turn: delivery.manage",
    "GET /v1/audit/proof: audit.read",
    "GET /v1/audit/suspicions: audit.read|delivery.manage",
    "POST /v1/audit/suspicions/{reason}/lift: delivery.manage",
    "GET /checkpoint: any client",
    "GET /tile/entries/{place}: audit.read",
    "GET /tile/{level}/{place}: any client",
    "GET /v1/conservation: audit.read|delivery.manage",
    "GET /v1/dead-letters: delivery.manage",
    "POST /v1/dead-letters/replay: delivery.manage",
    "GET /v1/dead-letters/{id}: delivery.manage",
    "POST /v1/dead-letters/{id}/replay: delivery.manage",
    "POST /v1/dead-letters/{id}/resolve: delivery.manage",
    "POST /v1/dead-letters/{id}/discard: delivery.manage",
    "GET /v1/approvals: any client",
    "GET /v1/approvals/{id}: any client",
    "POST /v1/approvals/{id}/approve: referral.send|delivery.manage",
    "POST /v1/approvals/{id}/refuse: referral.send|delivery.manage",
    "POST /v1/approvals/{id}/withdraw: referral.send|delivery.manage",
    "POST /v1/break-glass: referral.send|referral.receive",
    "GET /v1/break-glass: referral.send|referral.receive",
    "POST /v1/break-glass/suspensions/{person}/lift: referral.send|referral.receive",
    "GET /v1/break-glass/{id}/case: referral.send|referral.receive",
    "GET /v1/break-glass/{id}/referrals/{referral}: referral.send|referral.receive",
    "POST /v1/break-glass/{id}/review: referral.send|referral.receive",
    "POST /v1/break-glass/{id}/renew: referral.send|referral.receive",
    "GET /v1/break-glass/{id}: referral.send|referral.receive",
    "GET /v1/persons: people.manage",
    "POST /v1/persons: people.manage",
    "GET /v1/incidents: delivery.manage",
    "POST /v1/incidents/{incident}/close: delivery.manage",
    "GET /v1/switches: any client",
    "POST /v1/switches: delivery.manage",
    "GET /v1/policies: audit.read|delivery.manage",
    "POST /v1/policies/compare: delivery.manage",
    "POST /v1/policies: delivery.manage",
    "POST /v1/deliveries/{id}/withdraw: referral.send",
    "GET /v1/webhooks: delivery.manage",
    "POST /v1/webhooks/{name}/replay: delivery.manage",
    "POST /v1/webhooks/{name}/test: delivery.manage",
    "GET /v1/directory: any client",
    "GET /v1/clocks: open",
    "POST /v1/validate: any client",
    "GET /v1/schemas/{name}/{version}: open",
    "GET /healthz: open",
    "GET /readyz: open",
    "GET /metrics: open",
    "GET /openapi.json: open",
    "GET /asyncapi.json: open",
];

#[test]
fn the_table_is_what_is_promised() {
    let access = |access: Access| match access {
        Access::Public => "open".to_owned(),
        Access::Client => "any client".to_owned(),
        Access::Scope(scopes) => scopes.join("|"),
    };
    let lines: Vec<String> = ROUTES
        .iter()
        .map(|route| format!("{} {}: {}", route.method.as_str(), route.path, access(route.access)))
        .collect();
    assert_eq!(lines, PROMISED);
}

#[test]
fn what_writes_is_a_post_with_a_key_and_never_open() {
    for route in ROUTES {
        if route.writes {
            assert_eq!(route.method, Verb::Post, "{}", route.path);
            assert!(matches!(route.access, Access::Scope(_)), "{}", route.path);
        } else if route.method == Verb::Post {
            let only_ask = ["/v1/validate", "/v1/policies/compare", "/v1/referrals/preview"];
            assert!(only_ask.contains(&route.path), "{}", route.path);
        }
        if route.method == Verb::Get {
            assert_eq!(route.takes, Takes::Nothing, "{}", route.path);
        }
    }
}

/// The desk's pages, with what a visitor has to have; a new page adds its line here.
const PAGES_OF_THE_DESK: &[&str] = &[
    "GET /desk: Session",
    "GET /desk/sign-in: Nothing",
    "GET /desk/sign-in/{provider}/{agency}: Nothing",
    "GET /desk/callback/{provider}: Nothing",
    "GET /desk/confirm: Session",
    "GET /desk/confirm/go: Session",
    "POST /desk/sign-out: Session",
    "GET /desk/approvals: Session",
    "GET /desk/approvals/{id}: Session",
    "POST /desk/approvals/{id}/approve: Fresh",
    "POST /desk/approvals/{id}/refuse: Fresh",
    "POST /desk/approvals/{id}/withdraw: Fresh",
    "GET /desk/retention: Session",
    "POST /desk/retention/ask: Fresh",
];

#[test]
fn the_desk_is_what_is_promised() {
    let line = |route: &amaan_http::DeskRoute| {
        format!("{} {}: {:?}", route.method.as_str(), route.path, route.needs)
    };
    assert_eq!(DESK.iter().map(line).collect::<Vec<_>>(), PAGES_OF_THE_DESK);
    for route in DESK.iter().filter(|route| route.method == Verb::Post) {
        assert!(route.needs > Needs::Nothing, "{} would take anybody's form", route.path);
    }
}

/// The first that fits is taken, so a fixed segment stands before a variable one.
#[test]
fn no_address_hides_another() {
    let paths: Vec<&str> =
        ROUTES.iter().map(|route| route.path).chain(PAGES.iter().map(|page| page.path)).collect();
    let paths: Vec<&str> = paths.into_iter().chain(DESK.iter().map(|route| route.path)).collect();
    for (at, early) in paths.iter().enumerate() {
        for late in &paths[at..] {
            assert!(early == late || !hides(early, late), "{early} hides {late}");
        }
    }
    let unique: BTreeSet<(&str, &str)> =
        ROUTES.iter().map(|route| (route.method.as_str(), route.path)).collect();
    assert_eq!(unique.len(), ROUTES.len());
}

fn hides(early: &str, late: &str) -> bool {
    let (early, late): (Vec<&str>, Vec<&str>) = (early.split('/').collect(), late.split('/').collect());
    early.len() == late.len()
        && early.iter().zip(&late).all(|(one, other)| one.starts_with('{') || one == other)
}
