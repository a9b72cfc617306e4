//! What each recipient may see, as reviewed text; and limits that hold for every mask there is.

use std::{collections::BTreeMap, fmt::Write as _};

use casework::{Category, MessageKind, Priority};
use policies::{Disclosure, Mask};

use super::{agency, code, set, today};

const AGENCIES: &[&str] = &["ictp", "cpi", "laja", "nccia", "fia-ccw", "nadra", "zarra", "pta", "stranger"];

const SERVICES: &[(&str, &str)] = &[
    ("cpi", "SVC-SHELTER"),
    ("laja", "SVC-LEGAL"),
    ("nccia", "SVC-CYBER"),
    ("fia-ccw", "SVC-CYBER"),
    ("pta", "SVC-CYBER"),
    ("zarra", "SVC-ALERT"),
    ("ictp", "SVC-POLICE"),
];

fn disclosure(
    from: &str,
    to: &str,
    message: MessageKind,
    purpose: &str,
    basis: &str,
    urgency: Priority,
) -> Disclosure {
    let service = SERVICES.iter().find(|(recipient, _)| *recipient == to).map(|(_, service)| code(service));
    Disclosure {
        recipient: agency(to),
        sender: agency(from),
        message,
        service,
        purpose: code(purpose),
        basis: code(basis),
        urgency,
    }
}

fn words(mask: &Mask) -> String {
    assert_eq!(mask.failed, None);
    mask.allowed.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(" ")
}

/// One line per mask that allows anything, an emergency's only where it differs; senders with the same
/// masks share a block.
fn snapshot(messages: &[(MessageKind, &str)]) -> String {
    let mut text = String::new();
    for to in AGENCIES {
        let mut blocks: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for from in AGENCIES {
            let lines: String =
                messages.iter().map(|(message, purpose)| lines(from, to, *message, purpose)).collect();
            if !lines.is_empty() {
                blocks.entry(lines).or_default().push(from);
            }
        }
        for (lines, senders) in blocks {
            write!(text, "{to} of {}\n{lines}", senders.join(", ")).unwrap();
        }
    }
    text
}

fn lines(from: &str, to: &str, message: MessageKind, purpose: &str) -> String {
    let mask = |urgency| set().mask(&disclosure(from, to, message, purpose, "statutory", urgency), today());
    let normal = mask(Priority::Normal);
    let mut text = String::new();
    if !normal.allowed.is_empty() {
        writeln!(text, "  {message} {purpose}: {}", words(&normal)).unwrap();
    }
    if purpose == "protection" && message == MessageKind::Request {
        let more = mask(Priority::Emergency);
        if more.allowed != normal.allowed {
            let more: Vec<&str> = more.allowed.difference(&normal.allowed).map(|one| one.as_str()).collect();
            writeln!(text, "    and in an emergency: {}", more.join(" ")).unwrap();
        }
    }
    text
}

#[test]
fn requests() {
    let purposes = ["protection", "justice", "health", "education", "identity"];
    insta::assert_snapshot!(snapshot(&purposes.map(|purpose| (MessageKind::Request, purpose))));
}

#[test]
fn answers() {
    use MessageKind::{Accept, Hold, IdentityCheck, IdentityResult, Information, Outcome};
    let of_referral = [Accept, Hold, Information, Outcome].map(|message| (message, "protection"));
    let of_check = [IdentityCheck, IdentityResult].map(|message| (message, "guardian-verification"));
    insta::assert_snapshot!(snapshot(&[of_referral.as_slice(), &of_check].concat()));
}

/// Whatever the agreements say: the limits of the data categories hold for every sender, recipient and
/// message.
#[test]
fn limits_no_agreement_lifts() {
    for from in AGENCIES {
        for to in AGENCIES {
            for message in [MessageKind::Request, MessageKind::Accept, MessageKind::IdentityCheck] {
                let purpose =
                    if message == MessageKind::IdentityCheck { "child-identity" } else { "protection" };
                let mask = set()
                    .mask(&disclosure(from, to, message, purpose, "consent", Priority::Emergency), today());
                let sees = |category| mask.allowed.contains(&category);
                assert!(!sees(Category::Statistics));
                assert!(!sees(Category::IdNumber) || *to == "nadra");
                assert!(!sees(Category::Photo), "a photograph on mere consent");
                let investigator =
                    ["nccia", "fia-ccw", "pta"].contains(to) && message == MessageKind::Request;
                assert!(!investigator || (!sees(Category::Name) && !sees(Category::Address)));
                assert!(mask.allowed.is_empty() || from != to);
            }
        }
    }
}

#[test]
fn the_same_question_has_the_same_mask_and_an_unknown_code_none() {
    let mut asked =
        disclosure("ictp", "cpi", MessageKind::Request, "protection", "consent", Priority::Urgent);
    assert_eq!(set().mask(&asked, today()), set().mask(&asked, today()));
    assert!(!set().mask(&asked, today()).policies.is_empty());
    asked.purpose = code("curiosity");
    let mask = set().mask(&asked, today());
    assert!(mask.allowed.is_empty());
    assert!(!mask.failed.unwrap().contains("curiosity"));
}
