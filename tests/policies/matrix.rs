//! Who may do what to whom with which message: the whole product of the closed lists, as text that a change
//! of policy shows as a readable difference. And every answer is the same without slicing.

use std::fmt::Write as _;

use casework::MessageKind;
use policies::{Act, Ask, Decision};

use super::{AGENCIES, ask, code, set, today};

const ROLES: &[&str] =
    &["system", "caseworker", "supervisor", "agency-admin", "privacy-officer", "analyst", "operator"];
const PURPOSES: &[&str] = &[
    "protection",
    "justice",
    "identity",
    "health",
    "education",
    "guardian-verification",
    "child-identity",
    "missing-child",
];
const EVERY_ANSWER: &str = "referral.received referral.accept referral.reject \
                            referral.hold referral.information referral.progress \
                            referral.outcome referral.close referral.feedback \
                            referral.resume referral.cancel-request \
                            referral.cancel-confirm referral.cancel-refuse \
                            referral.void referral.purged consent.revoked referral.cease \
                            referral.send referral.overdue";
const SERVICES: &[&str] = &["SVC-SHELTER", "SVC-CYBER", "SVC-ALERT"];

/// Messages that stand for all of their kind where the slow, unsliced set is asked as well.
const COMPARED: &[Option<MessageKind>] =
    &[None, Some(MessageKind::Request), Some(MessageKind::Hold), Some(MessageKind::IdentityCheck)];

fn permitted(question: &Ask) -> bool {
    let sliced = set().permit(question, today());
    if COMPARED.contains(&question.message) {
        assert_eq!(
            sliced,
            set().permit_unsliced(question, today()),
            "slicing changed the answer to {question:?}"
        );
    }
    match sliced {
        Decision::Permitted(_) => true,
        Decision::Denied { .. } => false,
        Decision::Failed { error } => panic!("{error}: {question:?}"),
    }
}

/// With which purposes and services of the probe lists, in short.
fn conditions(question: &Ask) -> Option<String> {
    let of = |list: &[&str], put: &dyn Fn(&mut Ask, &str)| -> Vec<String> {
        let probe = |word: &&&str| {
            let mut probe = question.clone();
            put(&mut probe, word);
            permitted(&probe)
        };
        list.iter().filter(probe).map(ToString::to_string).collect()
    };
    let purposes = of(PURPOSES, &|ask, word| ask.purpose = Some(code(word)));
    let services = of(SERVICES, &|ask, word| ask.service = Some(code(word)));
    let shown = |list: Vec<String>, all: usize| if list.len() == all { "any".into() } else { list.join("|") };
    match purposes.is_empty() {
        true => None,
        false => Some(format!(
            "purpose {}; service {}",
            shown(purposes, PURPOSES.len()),
            shown(services, SERVICES.len())
        )),
    }
}

/// The service that a referral to this agency is about.
fn probe_service(to: &str) -> &'static str {
    match to {
        "zarra" => "SVC-ALERT",
        _ => "SVC-CYBER",
    }
}

#[test]
fn acts_with_a_message() {
    let mut text = String::new();
    for act in [Act::Send, Act::Answer, Act::Receive] {
        for who in AGENCIES {
            for to in AGENCIES {
                let mut line: Vec<&str> = Vec::new();
                let mut with = String::new();
                for message in MessageKind::ALL {
                    let mut question = ask(who, ROLES, act, Some(to), Some(*message));
                    question.service = Some(code(probe_service(to)));
                    if permitted(&question) {
                        line.push(message.schema_name());
                    }
                    if act == Act::Send && *message == MessageKind::Request {
                        with = conditions(&question).map(|with| format!(" [{with}]")).unwrap_or_default();
                    }
                }
                if !line.is_empty() {
                    let line = line.join(" ").replace(EVERY_ANSWER, "(every answer)");
                    writeln!(text, "{} {who} -> {to}: {line}{with}", act.as_str()).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn acts_by_role() {
    let mut text = String::new();
    let acts = [
        Act::Receive,
        Act::CheckIdentity,
        Act::ReadReferral,
        Act::ReadCase,
        Act::ReadIndicator,
        Act::ReadAudit,
        Act::ManageDelivery,
        Act::ManagePeople,
        Act::DecideApproval,
        Act::ManageSwitches,
        Act::BreakGlass,
        Act::ReviewGlass,
        Act::ManagePolicies,
    ];
    for act in acts {
        for who in AGENCIES {
            let to = (act == Act::CheckIdentity).then_some("nadra");
            let may = |role: &&&str| {
                let mut question = ask(who, &[role], act, to, None);
                if act == Act::CheckIdentity {
                    question.purpose = Some(code("child-identity"));
                }
                permitted(&question)
            };
            let roles: Vec<&str> = ROLES.iter().filter(may).copied().collect();
            if !roles.is_empty() {
                let own = if act == Act::Receive { " (own inbox)" } else { "" };
                writeln!(text, "{}{own} {who}: {}", act.as_str(), roles.join(" ")).unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

/// What somebody may say and for what, so that a pair that may do an act at all is found.
fn probes(act: Act) -> &'static [(Option<MessageKind>, &'static str)] {
    const REQUEST: (Option<MessageKind>, &str) = (Some(MessageKind::Request), "protection");
    const ACCEPT: (Option<MessageKind>, &str) = (Some(MessageKind::Accept), "protection");
    const CHECK: (Option<MessageKind>, &str) = (Some(MessageKind::IdentityCheck), "child-identity");
    const RESULT: (Option<MessageKind>, &str) = (Some(MessageKind::IdentityResult), "child-identity");
    match act {
        Act::Send => &[REQUEST],
        Act::Answer => &[ACCEPT, RESULT],
        Act::Receive => &[(None, "protection"), REQUEST, CHECK, RESULT],
        Act::CheckIdentity => &[(None, "child-identity")],
        _ => &[(None, "protection")],
    }
}

/// May somebody in this role do this to that agency, with whatever message, purpose or service?
fn may_at_all(role: &str, act: Act, who: &str, to: &str) -> bool {
    let services = if act == Act::Send { SERVICES } else { &SERVICES[..1] };
    probes(act).iter().any(|(message, purpose)| {
        services.iter().any(|service| {
            let mut question = ask(who, &[role], act, Some(to), *message);
            (question.purpose, question.service) = (Some(code(purpose)), Some(code(service)));
            matches!(set().permit_afresh(&question, today()), Decision::Permitted(_))
        })
    })
}

/// Every role, act, acting agency and other agency there is, a stranger among them: 7 x 13 x 11 x 11
/// answers. What is not listed is denied.
#[test]
fn every_role_act_and_pair_of_agencies() {
    let (mut text, mut asked) = (String::new(), 0);
    for act in Act::ALL {
        for who in AGENCIES {
            // Others by the roles that may, in the order of the first.
            let mut lines: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
            for to in AGENCIES {
                asked += ROLES.len();
                let may = |role: &&&str| may_at_all(role, *act, who, to);
                let roles: Vec<&str> = ROLES.iter().filter(may).copied().collect();
                match lines.iter_mut().find(|(same, _)| *same == roles) {
                    Some((_, others)) => others.push(to),
                    None => lines.push((roles, vec![to])),
                }
            }
            for (roles, others) in lines.into_iter().filter(|(roles, _)| !roles.is_empty()) {
                let others =
                    if others.len() == AGENCIES.len() { "anyone".to_owned() } else { others.join(" ") };
                writeln!(text, "{} {who} [{}] -> {others}", act.as_str(), roles.join(" ")).unwrap();
            }
        }
    }
    assert_eq!(asked, ROLES.len() * Act::ALL.len() * AGENCIES.len() * AGENCIES.len());
    assert_eq!(ROLES.len(), 1 + casework::Role::ALL.len(), "a role is missing from the matrix");
    insta::assert_snapshot!(text);
}

/// Nobody does anything without a role, save that the hub hands messages over.
#[test]
fn without_a_role_only_receive() {
    for act in Act::ALL {
        for who in AGENCIES {
            for to in AGENCIES {
                let question = ask(who, &[], *act, Some(to), Some(MessageKind::Request));
                assert!(*act == Act::Receive || !permitted(&question), "{question:?}");
            }
        }
    }
}
