//! Explanations as people read them: which policies decided, what does not count and why, and which change of
//! one fact would turn it round.

use casework::MessageKind;
use policies::{Act, Policies};

use super::refused::{GOOD, HEAD, TABLE, load};
use super::{ask, on, set, today};

#[test]
fn a_permitted_send_and_a_denied_one() {
    let send = |who, roles: &[&str], to| ask(who, roles, Act::Send, Some(to), Some(MessageKind::Request));
    let explained = |question| set().explain(&question, today()).to_string();
    let text = [
        ("ictp -> nccia, a system", explained(send("ictp", &["system"], "nccia"))),
        ("ictp -> nccia, an analyst", explained(send("ictp", &["analyst"], "nccia"))),
        ("cpi -> pta", explained(send("cpi", &["system"], "pta"))),
        ("an analyst's indicators", explained(ask("ncrc", &["analyst"], Act::ReadIndicator, None, None))),
    ];
    insta::assert_snapshot!(text.map(|(case, text)| format!("{case}: {text}")).join("\n"));
}

#[test]
fn an_identity_check_to_another_agency_is_forbidden_by_a_safeguard() {
    let mut question = ask("cpi", &["system"], Act::Receive, Some("ictp"), Some(MessageKind::IdentityCheck));
    question.purpose = Some(super::code("child-identity"));
    insta::assert_snapshot!(set().explain(&question, today()).to_string());
}

/// Over a year after its end, an agreement would still fit; the explanation says why it does not count, and
/// on which days it would.
#[test]
fn an_agreement_that_is_over() {
    let over = format!("{HEAD}{GOOD}").replace("to open", "to 2026-03-31");
    let trial: Policies = load(&over, TABLE).unwrap();
    let question = ask("ictp", &["system"], Act::Send, Some("cpi"), None);
    insta::assert_snapshot!(trial.explain(&question, on("2027-06-01")).to_string());
}
