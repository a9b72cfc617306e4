//! The list of rules, and the test that every rule has a defect, every defect a rule, and none is accepted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::browser::SESSION;
use super::defects::{self, Judged};
use super::visits;

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    source: String,
    rule: String,
}

/// How somebody is told that it does not go on; all of one kind have to look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// The page for every login that failed.
    NotSignedIn,
    /// Sent to sign in.
    SignIn,
    /// The page for every form that is not ours.
    NotDone,
    /// Sent to confirm who they are.
    Confirm,
    /// The page that says that nobody can be sent to the provider now.
    Away,
    /// Signed in, and sent to the first page instead of where was asked for.
    Home,
    /// A page with the desk's own address.
    Elsewhere,
    /// The API's own refusal.
    Unauthorized,
}

fn rules() -> Vec<Rule> {
    let rules: Rules = toml::from_str(include_str!("rules.toml")).unwrap();
    rules.rule
}

#[tokio::test]
async fn every_rule_of_the_login_flow_has_its_defects_and_none_is_accepted() {
    let known: BTreeSet<String> = rules().iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(known.len(), rules().len(), "a rule stands twice");
    assert!(known.len() >= 25, "{} rules", known.len());
    for rule in rules() {
        assert!(
            rule.source.len() > 5 && rule.rule.ends_with('.'),
            "{}: say it and where it comes from",
            rule.id
        );
    }
    let mut judged = defects::all().await;
    judged.extend(visits::all().await);
    let broken: BTreeSet<String> = judged.iter().map(|one| one.rule.to_owned()).collect();
    let (without, unlisted): (Vec<_>, Vec<_>) =
        (known.difference(&broken).collect(), broken.difference(&known).collect());
    assert!(without.is_empty(), "rules without a defect: {without:?}");
    assert!(unlisted.is_empty(), "defects of no rule: {unlisted:?}");
    let mut looks: BTreeMap<Told, BTreeSet<String>> = BTreeMap::new();
    for one in &judged {
        check(one);
        looks.entry(one.told).or_default().insert(look(one));
    }
    for (told, looks) in looks {
        assert_eq!(looks.len(), 1, "{told:?} does not look alike: {looks:#?}");
    }
}

/// Everything a browser is told.
fn look(one: &Judged) -> String {
    let seen = &one.seen;
    match one.told {
        // What the API answers is compared in the table of bad tokens.
        Told::Unauthorized => seen.status.to_string(),
        _ => format!("{} {} {}", seen.status, seen.location(), seen.told()),
    }
}

fn check(one: &Judged) {
    let Judged { rule, name, told, seen, counted, .. } = one;
    let name = format!("{rule}: {name}");
    let opened = seen.head.to_lowercase().contains(&format!("set-cookie: {}=", SESSION.to_lowercase()));
    let (status, location): (u16, &str) = match told {
        Told::NotSignedIn | Told::NotDone => (403, ""),
        Told::SignIn => (303, "/desk/sign-in?return_to=/desk"),
        Told::Confirm => (303, "/desk/confirm?return_to=/desk"),
        Told::Away => (503, ""),
        Told::Home => (303, "/desk"),
        Told::Elsewhere => (421, ""),
        Told::Unauthorized => (401, ""),
    };
    assert_eq!(
        (seen.status, seen.location().as_str()),
        (status, location),
        "{name} is accepted: {}",
        seen.body
    );
    assert_eq!(opened, *told == Told::Home, "{name} opens a session");
    assert!(counted.is_none_or(|more| more > 0), "{name} was refused for another reason; see `expect`");
    for word in ["supervisor-7", "zqx", "issuer", "nonce", "signature"] {
        assert!(!seen.body.contains(word), "{name}: the page tells `{word}`");
    }
}
