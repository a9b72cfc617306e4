//! Categories and minimisation: every property has one, what is not allowed or not known goes, what was
//! emptied goes with it, and no property of person-level religion or ethnicity exists.

use casework::{Categories, Category, MessageKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SCHEMAS, example, examples};

fn check(body: &Value, allowed: &[Category], expect: &Value) {
    let allowed = allowed.iter().copied().collect();
    let left = SCHEMAS.minimise(MessageKind::Request, 1, body, &allowed);
    assert_eq!(left.value.json(), expect);
}

fn present(kind: MessageKind, body: &Value) -> Categories {
    SCHEMAS.minimise(kind, 1, body, &Categories::new()).withheld
}

/// Every property of a schema node, below conditionals too: pointer and node.
fn properties<'a>(node: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    match node {
        Value::Object(members) => {
            for (name, member) in members {
                let here = format!("{at}/{name}");
                if at.ends_with("/properties") || at == "properties" {
                    found.push((here.clone(), member));
                }
                properties(member, &here, found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| properties(item, &format!("{at}/{i}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_property_has_exactly_one_category() {
    assert_eq!(SCHEMAS.misclassified(), []);
}

#[test]
fn every_property_has_a_title_in_both_languages() {
    for (kind, version) in SCHEMAS.list() {
        let document = SCHEMAS.document(kind, version).unwrap();
        assert!(document["title"].is_string() && document["x-title-ur"].is_string(), "{kind}");
        assert_eq!(document["x-title-ur-reviewed"], false, "{kind}: who reviewed the Urdu?");
        let mut found = Vec::new();
        properties(document, "", &mut found);
        let conditional = |at: &String| ["/if/", "/then/", "/else/"].iter().any(|word| at.contains(word));
        for (at, node) in found.iter().filter(|(at, _)| !conditional(at)) {
            for member in ["title", "x-title-ur", "x-data-category"] {
                assert!(node[member].as_str().is_some_and(|text| !text.is_empty()), "{kind} {at} {member}");
            }
            assert!(
                node["x-title-ur"].as_str().unwrap().chars().any(|c| ('\u{600}'..'\u{700}').contains(&c))
            );
        }
    }
}

#[test]
fn no_schema_knows_religion_or_ethnicity() {
    for (kind, version) in SCHEMAS.list() {
        let mut found = Vec::new();
        properties(SCHEMAS.document(kind, version).unwrap(), "", &mut found);
        for (at, node) in found {
            let name = at.rsplit('/').next().unwrap().to_lowercase();
            for word in ["relig", "faith", "ethnic", "caste", "tribe", "sect"] {
                assert!(!name.contains(word) || name == "sections", "{kind} {at}");
                let title = node["title"].as_str().unwrap_or_default().to_lowercase();
                assert!(!title.contains(word) || name == "sections", "{kind} {at}");
            }
        }
    }
}

#[test]
fn a_recipient_sees_its_categories_only() {
    let body = example("referral.request", "found-girl.json");
    check(&body, &[], &json!({}));
    check(&body, &[Category::Reason], &json!({"reasons": body["reasons"], "incident": {"acts": ["HV-308"]}}));
    let age = json!({"age": {"years": 9, "basis": "EST"}, "sex": "F"});
    check(&body, &[Category::AgeSex], &json!({"child": age}));
    let services = json!([{"service": "SVC-SHELTER"}, {"service": "SVC-LEGAL"}, {"service": "SVC-CYBER"}]);
    check(&body, &[Category::Service], &json!({"recipients": services}));
    check(&body, Category::ALL, &body);
}

#[test]
fn what_was_removed_is_said_by_place_and_category() {
    let body = json!({
        "child": {"name": {"full": "Test Child 7"}, "phone": {"number": "000"}},
        "siblings": [{"years": 6}, {"name": "Test Child 8", "years": 5}],
    });
    let allowed = [Category::AgeSex].into_iter().collect();
    let left = SCHEMAS.minimise(MessageKind::Request, 1, &body, &allowed);
    assert_eq!(*left.value.json(), json!({"siblings": [{"years": 6}, {"years": 5}]}));
    let removed = [
        ("/child/name/full".to_owned(), Category::Name),
        ("/child/phone/number".to_owned(), Category::Contact),
        ("/siblings/1/name".to_owned(), Category::Name),
    ];
    assert_eq!(left.removed, removed);
    assert_eq!(left.withheld, [Category::Name, Category::Contact].into_iter().collect());
}

/// Two walks over the same tree: what stands in a message, and what somebody who may see nothing is not
/// shown.
#[test]
fn what_stands_in_a_message_is_what_may_be_withheld_of_it() {
    for (message, file, body) in examples("valid") {
        let checked = SCHEMAS.check(None, body.to_string().as_bytes()).unwrap();
        assert_eq!(checked.categories, present(checked.kind, &body), "{message} {file}");
    }
}

/// A member is known by its name alone, whatever that name looks like.
#[test]
fn a_name_that_looks_like_a_way_leads_nowhere() {
    let body = json!({"child/sex": "F", "child": {"name/full": "Test Child 7"}, "recipients": {"*": 1}});
    let all: Categories = Category::ALL.iter().copied().collect();
    let left = SCHEMAS.minimise(MessageKind::Request, 1, &body, &all);
    assert_eq!(*left.value.json(), json!({}));
    assert_eq!(left.unclassified, ["/child~1sex", "/child/name~1full", "/recipients/*"]);
}

#[test]
fn what_no_schema_classifies_is_removed() {
    let body = json!({
        "priority": "normal",
        "religion": "anything",
        "child": {"favourite": "anything", "sex": {"M": 1}, "a/b": 1, "languages": [{"code": "urd"}]},
        "recipients": ["cpi", {"agency": "cpi"}],
    });
    let all: Categories = Category::ALL.iter().copied().collect();
    let left = SCHEMAS.minimise(MessageKind::Request, 1, &body, &all);
    assert_eq!(*left.value.json(), json!({"priority": "normal", "recipients": [{"agency": "cpi"}]}));
    assert_eq!(left.unclassified, ["/religion", "/child/favourite", "/child/a~1b", "/recipients/0"]);
    let other_version = SCHEMAS.minimise(MessageKind::Request, 2, &body, &all);
    assert_eq!(*other_version.value.json(), json!({}));
}

#[test]
fn a_check_tells_the_categories_it_found() {
    for (message, _, body) in examples("valid") {
        let checked = SCHEMAS.check(None, body.to_string().as_bytes()).unwrap();
        assert_eq!(checked.categories, present(message.parse().unwrap(), &body));
        assert!(checked.categories.contains(&Category::Routing));
    }
    let everything = example("referral.request", "everything.json");
    let all: Categories = Category::ALL.iter().copied().collect();
    assert_eq!(present(MessageKind::Request, &everything), all, "the example should show every category");
}

#[test]
fn statistics_stay_with_the_hub() {
    let patterns = SCHEMAS.categories(MessageKind::Request, 1);
    let (statistics, others): (Vec<_>, Vec<_>) =
        patterns.partition(|(pattern, _)| pattern.starts_with("/statistics"));
    assert!(
        statistics.len() > 30 && statistics.iter().all(|(_, category)| *category == Category::Statistics)
    );
    assert!(others.iter().all(|(_, category)| *category != Category::Statistics));
}

proptest! {
    #[test]
    fn nothing_left_is_outside_the_mask(bits in 0_u32..(1 << 20)) {
        let allowed: Categories =
            Category::ALL.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0).map(|(_, c)| *c).collect();
        let body = example("referral.request", "everything.json");
        let left = SCHEMAS.minimise(MessageKind::Request, 1, &body, &allowed);
        prop_assert_eq!(present(MessageKind::Request, left.value.json()), allowed.clone());
        prop_assert!(left.withheld.is_disjoint(&allowed) && left.unclassified.is_empty());
        let again = SCHEMAS.minimise(MessageKind::Request, 1, left.value.json(), &allowed);
        prop_assert_eq!(&again.value, &left.value);
        prop_assert!(again.removed.is_empty());
        for (pointer, _) in &left.removed {
            prop_assert!(body.pointer(pointer).is_some());
        }
    }
}
