//! What each recipient may see, as reviewed text; and limits that hold for every mask there is.

use std::{collections::BTreeMap, fmt::Write as _};

use casework::{Categories, Category, MessageKind, Priority, Way, Ways};
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
        version: 1,
        service,
        purpose: code(purpose),
        basis: code(basis),
        urgency,
    }
}

fn words(mask: &Mask) -> String {
    assert_eq!(mask.failed, None);
    let word = |(category, way): (&Category, &Way)| match way {
        Way::Keep => category.to_string(),
        Way::Generalise => format!("{category}(coarser)"),
        Way::Pseudonymise => format!("{category}(a word)"),
    };
    mask.ways.iter().map(word).collect::<Vec<_>>().join(" ")
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
    if !normal.ways.is_empty() {
        writeln!(text, "  {message} {purpose}: {}", words(&normal)).unwrap();
    }
    if purpose == "protection" && message == MessageKind::Request {
        let more = mask(Priority::Emergency);
        if more.ways != normal.ways {
            let more: Ways = more
                .ways
                .clone()
                .into_iter()
                .filter(|(one, way)| normal.ways.get(one) != Some(way))
                .collect();
            let more = words(&Mask { ways: more, ..Mask::default() });
            writeln!(text, "    and in an emergency: {more}").unwrap();
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
                let sees = |category| mask.ways.get(&category) == Some(&Way::Keep);
                assert!(!mask.ways.contains_key(&Category::Statistics), "in no way at all");
                assert!(!sees(Category::IdNumber) || *to == "nadra");
                assert!(!sees(Category::Photo), "a photograph on mere consent");
                let investigator =
                    ["nccia", "fia-ccw", "pta"].contains(to) && message == MessageKind::Request;
                assert!(!investigator || (!sees(Category::Name) && !sees(Category::Address)));
                assert!(mask.ways.is_empty() || from != to);
                assert!(!investigator || !mask.ways.contains_key(&Category::Address), "not even a district");
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
    assert!(mask.ways.is_empty());
    assert!(!mask.failed.clone().unwrap().contains("curiosity"));
}

/// Free text is off: every policy of every agreement that gives anything lists what, and only those that name
/// free text give it.
#[test]
fn free_text_is_off_unless_an_agreement_names_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let (mut giving, mut looked_at) = (Vec::new(), 0);
    for agreement in set().agreements() {
        let text = std::fs::read_to_string(folder.join(format!("{}.cedar", agreement.name))).unwrap();
        for part in text.split("@id(\"").skip(1).filter(|part| part.contains("Action::\"disclose")) {
            let id = part.split('"').next().unwrap();
            let listed = part.contains("].contains(resource)") || part.contains("resource == DataCategory");
            assert!(listed || part.contains("\nforbid ("), "{id} gives whatever there is");
            looked_at += 1;
            if part.contains("DataCategory::\"narrative\"") {
                giving.push(id.to_owned());
            }
        }
    }
    assert!(looked_at > 20 && giving.len() == 4, "{looked_at} {giving:?}");
    for (from, to) in
        [("ictp", "cpi"), ("cpi", "laja"), ("laja", "nccia"), ("ictp", "zarra"), ("nccia", "ictp")]
    {
        for message in [MessageKind::Request, MessageKind::Hold, MessageKind::Outcome] {
            let mask = set().mask(
                &disclosure(from, to, message, "protection", "statutory", Priority::Emergency),
                today(),
            );
            let Some(way) = mask.ways.get(&Category::Narrative) else { continue };
            assert_eq!(*way, Way::Keep, "free text has no coarser form");
            assert!(mask.by[&Category::Narrative].iter().all(|policy| giving.contains(policy)), "{mask:?}");
        }
    }
}

/// The most open way that is permitted counts, and a prohibition of one leaves the narrower ones alone.
#[test]
fn what_is_seen_coarser_is_not_seen_whole() {
    let of = |to, message| {
        let mask =
            set().mask(&disclosure("ictp", to, message, "protection", "consent", Priority::Urgent), today());
        let seen = |way| mask.seen(way);
        (seen(Way::Generalise), seen(Way::Pseudonymise))
    };
    let one = |category| Categories::from([category]);
    let investigator = (one(Category::AgeSex), one(Category::IdNumber));
    assert_eq!(of("nccia", MessageKind::Request), investigator);
    assert_eq!(of("laja", MessageKind::Request), (one(Category::Address), Categories::new()));
    assert_eq!(of("cpi", MessageKind::Request), (Categories::new(), Categories::new()));
    assert_eq!(of("nccia", MessageKind::Information).1, Categories::new());
}
