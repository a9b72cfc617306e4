//! The table of problems: every slug that any part of the hub can answer has a row, every row a page, and no
//! row stands without a use.

use std::collections::BTreeSet;
use std::fmt::Write;

use amaan_http::problem::{PROBLEMS, Place, Problem, URDU, kind, type_uri};
use amaan_http::{Language, problem_index, problem_page};
use casework::{ApprovalStatus, MessageKind, Refusal, Role, Status};
use hub::HubError;
use schemas::{FieldError, Invalid};
use serde_json::json;
use store::StoreError;

/// What the edge itself says; each of these stands in its code.
const OF_THE_EDGE: &[&str] = &[
    "unauthorized",
    "missing-scope",
    "unknown-action",
    "method-not-allowed",
    "not-acceptable",
    "body-too-slow",
    "body-incomplete",
    "body-encoding-refused",
    "content-type-refused",
    "unknown-query-parameter",
    "query-malformed",
    "last-event-id-malformed",
    "stream-limit",
    "if-match-malformed",
    "idempotency-key-required",
    "idempotency-key-malformed",
];

/// What the hub's use cases say beyond refusals and failures.
const OF_THE_HUB: &[&str] = &[
    "signature-required",
    "signature-not-valid",
    "policy-set-refused",
    "unknown-agency",
    "unknown-code",
    "recipient-without-mandate",
    "duplicate-recipient",
    "not-permitted",
    "idempotency-key-reused",
    "request-in-progress",
    "unknown-indicator",
    "indicator-query",
    "case-open",
    "retention-not-over",
    "nothing-to-revoke",
    "no-longer-routed",
    "limit-reached",
    "step-up-required",
];

fn refusals() -> Vec<HubError> {
    let (step, status) = (MessageKind::Outcome, Status::Requested);
    let allowed = vec![MessageKind::Received, MessageKind::Accept];
    let refusals = [
        Refusal::NotFound,
        Refusal::InvalidTransition { step, status, allowed },
        Refusal::VersionConflict { current: 4 },
        Refusal::StalePermit,
        Refusal::DeliveryMoved,
        Refusal::OutcomeUnknown,
        Refusal::IdTaken,
        Refusal::NeedsApproval,
        Refusal::OwnAct,
        Refusal::PersonNeeded,
        Refusal::RoleMissing { needs: Role::Supervisor },
        Refusal::ApprovalOver { status: ApprovalStatus::Expired },
        Refusal::PoliciesMoved,
        Refusal::NoConsent,
        Refusal::NotOwner,
        Refusal::CaseHeld,
        Refusal::Erased,
        Refusal::RightSuspended,
        Refusal::ReviewedAlready,
    ];
    let failures = [
        StoreError::Full,
        StoreError::OutcomeUnknown,
        StoreError::NoKey,
        StoreError::Closed,
        StoreError::Unreachable("the test says so".to_owned()),
        StoreError::SecondWriter,
        StoreError::LedgerSuspect("the test says so".to_owned()),
    ];
    let mut all: Vec<HubError> = refusals.into_iter().map(HubError::Refused).collect();
    all.extend(failures.into_iter().map(HubError::Store));
    all.push(HubError::InDoubt("a case key is missing; an operator has been alarmed"));
    all.push(HubError::KeyLoss);
    all.push(HubError::LedgerSuspect("seen-more".parse().unwrap()));
    all
}

#[test]
fn every_slug_has_one_row_and_every_row_is_used() {
    let mut used: BTreeSet<&str> = schemas::problem::ALL.iter().copied().collect();
    used.extend(refusals().iter().map(HubError::slug));
    used.extend(OF_THE_EDGE.iter().chain(OF_THE_HUB));
    let rows: Vec<&str> = PROBLEMS.iter().map(|kind| kind.slug).collect();
    let unique: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(rows.len(), unique.len(), "a slug stands twice");
    assert_eq!(unique, used);
}

#[test]
fn every_row_says_what_it_means_and_what_to_do() {
    for row in PROBLEMS {
        assert!((400..600).contains(&row.status), "{}", row.slug);
        assert!(row.title.starts_with(|c: char| c.is_uppercase() || c == '`'), "{}", row.slug);
        assert!(!row.meaning.ends_with('.') && !row.meaning.starts_with(char::is_uppercase), "{}", row.slug);
        assert!(row.advice.ends_with('.'), "{}", row.slug);
    }
}

/// The table is also the pages: this is what a person reads.
#[test]
fn the_pages_read_well() {
    let mut told = String::new();
    let index = problem_index(true, Language::English).into_string();
    for row in PROBLEMS {
        assert!(index.contains(&format!("href=\"/problems/{}?lang=en\"", row.slug)), "{}", row.slug);
        writeln!(told, "--- {} {}", row.status, row.slug).unwrap();
        writeln!(told, "{}\n", words(&problem_page(row, false, Language::English).into_string())).unwrap();
    }
    snapshot("problem-pages", told);
    let page = |language| problem_page(kind("not-found").unwrap(), true, language).into_string();
    snapshot("a-problem-page", page(Language::English));
    snapshot("a-problem-page-in-urdu", page(Language::Urdu));
}

/// An error has an owner: the caller, nobody but time, or the hub's operator; and what rests of a delivery
/// has one of its own, with what to do.
#[test]
fn users_ask_13_every_problem_and_every_dead_letter_says_who_mends_it() {
    for row in PROBLEMS {
        let page = words(&problem_page(row, false, Language::English).into_string());
        let says = ["mend it first", "will succeed later", "until a person has looked"];
        assert_eq!(says.iter().filter(|part| page.contains(**part)).count(), 1, "{}: {page}", row.slug);
    }
    let directory = schemas::Directory::embedded().unwrap();
    for reason in directory.delivery_reasons() {
        let who = ["sender", "receiver", "integrator", "operator"];
        assert!(who.contains(&reason.mends.as_str()) && !reason.runbook.is_empty(), "{reason:?}");
    }
}

/// Each problem in both languages, and no translation of what is gone. Names in backticks are the same ones.
#[test]
fn every_problem_is_told_in_urdu_too() {
    let slugs: BTreeSet<&str> = PROBLEMS.iter().map(|row| row.slug).collect();
    let translated: BTreeSet<&str> = URDU.keys().map(String::as_str).collect();
    assert_eq!(translated, slugs);
    for row in PROBLEMS {
        let words = &URDU[row.slug];
        for (urdu, english) in
            [(&words.title, row.title), (&words.meaning, row.meaning), (&words.advice, row.advice)]
        {
            assert!(urdu.chars().any(|letter| ('\u{600}'..'\u{700}').contains(&letter)), "{}", row.slug);
            let named = |text: &str| -> BTreeSet<String> {
                text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
            };
            let missing: Vec<String> = named(english).difference(&named(urdu)).cloned().collect();
            assert!(missing.is_empty(), "{} in Urdu does not name {missing:?}", row.slug);
        }
    }
}

#[test]
fn a_page_comes_in_the_language_that_is_asked_for() {
    let urdu = problem_page(kind("not-found").unwrap(), true, Language::Urdu).into_string();
    for part in ["lang=\"ur\" dir=\"rtl\"", "?lang=en", "ابھی کسی ماہر نے نہیں جانچا", "not-found"]
    {
        assert!(urdu.contains(part), "{part}");
    }
}

/// The text of the page's main part, a line for each element.
fn words(page: &str) -> String {
    let main = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap();
    let parts = main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
    parts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What the hub refuses, as it goes over the wire.
#[test]
fn the_hubs_refusals_as_answers() {
    let mut told = String::new();
    for error in refusals() {
        told.push_str(&document(&Problem::from(error)));
    }
    let error = |pointer: &str, code: &str| FieldError {
        pointer: pointer.into(),
        code: code.into(),
        detail: "choose from `F`, `M`".into(),
    };
    let errors = vec![error("/child/sex", "unknown-code"), error("/child/age", "missing")];
    told.push_str(&document(&Problem::from(Invalid { problem: "validation-failed", errors })));
    let routed = hub::Problem::at("unknown-agency", "/recipients/0/agency".into(), "no such agency");
    told.push_str(&document(&Problem::from(HubError::Problem(routed))));
    snapshot("refusals", told);
}

#[test]
fn a_slug_without_a_row_is_a_fault_of_ours() {
    assert_eq!(Problem::new("no-such-slug").status(), 500);
}

#[test]
fn a_type_is_the_address_of_its_page() {
    assert_eq!(type_uri("https://hub.example", "not-found"), "https://hub.example/problems/not-found");
    let place = Place { pointer: "/a".into(), code: "missing".into(), detail: "is missing".into() };
    let problem = Problem::new("unknown-field").detail("one").at(place).with("more", json!(1));
    let document = problem.document("https://hub.example", uuid());
    assert_eq!(document["type"], "https://hub.example/problems/unknown-field");
    assert_eq!((&document["status"], &document["more"]), (&json!(422), &json!(1)));
    assert_eq!(document["errors"][0]["pointer"], "/a");
}

fn uuid() -> amaan_http::problem::RequestId {
    amaan_http::problem::RequestId::nil()
}

fn document(problem: &Problem) -> String {
    let document = problem.document("https://hub.example", uuid());
    format!("{}\n", serde_json::to_string_pretty(&document).unwrap())
}

fn snapshot(name: &str, text: String) {
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}
