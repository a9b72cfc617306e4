//! The embedded set is accepted, which runs every decision table; every policy is decided by some row.

use policies::{Act, Decision, InForce, Policies, Table};

use super::{ask, set, today};

#[test]
fn embedded_set_and_folder_are_the_same_set() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    let from_dir = Policies::from_dir(folder.as_ref()).unwrap();
    assert_eq!(from_dir.set_digest(), set().set_digest());
    assert_eq!(set().set_digest().len(), 16);
}

#[test]
fn every_agreement_says_that_its_basis_is_unverified() {
    for agreement in set().agreements() {
        assert!(agreement.legal_basis.starts_with("assumed, unverified"), "{}", agreement.name);
        assert!(!agreement.is_confirmed() && !agreement.policies.is_empty());
    }
}

/// A permitting policy that no row of its own table shows at work is untested.
#[test]
fn every_policy_about_acts_decides_a_row() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/tests");
    let mut named = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        named.extend(Table::parse("a table", &text).unwrap().decisions.into_iter().flat_map(|row| row.by));
    }
    let acts = ["-sends", "-checks", "-asks-removal", "-indicators", "-audit", ".deliveries"];
    for (policy, _) in set().agreements().iter().flat_map(|agreement| &agreement.policies) {
        let must = acts.iter().any(|act| policy.ends_with(act));
        assert!(!must || named.contains(policy), "`{policy}` decides no row of its agreement's table");
    }
}

#[test]
fn a_permit_names_the_set_and_the_version_looked_at() {
    let mut question =
        ask("ictp", &["system"], Act::Send, Some("nccia"), Some(casework::MessageKind::Request));
    let Decision::Permitted(permit) = set().permit(&question, today()) else { panic!("not permitted") };
    assert_eq!(permit.policy_set, set().set_digest());
    assert_eq!(permit.read_version, Some(7));
    assert_eq!(permit.policies, ["online-exploitation.ictp-sends"]);
    question.roles = vec!["officer".into()];
    let Decision::Failed { error } = set().permit(&question, today()) else {
        panic!("an unknown role was decided")
    };
    assert!(!error.contains("officer"), "the error repeats what was submitted: {error}");
}

#[test]
fn a_refused_set_leaves_the_old_one_in_force() {
    let in_force = InForce::new(Policies::embedded().unwrap());
    let before = in_force.current();
    let empty = tempfile::tempdir().unwrap();
    assert!(in_force.replace_from(empty.path()).is_err());
    assert_eq!(in_force.current().set_digest(), before.set_digest());
}

/// Agencies and services are open types in Cedar's schema; here they are held to the code lists.
#[test]
fn every_agency_and_service_stands_in_the_code_lists() {
    let lists = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/codelists/");
    let codes = |file: &str| std::fs::read_to_string(format!("{lists}{file}")).unwrap().to_lowercase();
    let stands = |list: &str, code: &str| list.lines().any(|line| line.split(',').next() == Some(code));
    let (agencies, services) = (codes("agencies.csv"), codes("services.csv"));
    for party in set().agreements().iter().flat_map(|agreement| &agreement.parties) {
        assert!(party.as_str() == "hub" || stands(&agencies, party.as_str()), "{party}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    for agreement in set().agreements() {
        let text = std::fs::read_to_string(format!("{folder}/{}.cedar", agreement.name)).unwrap();
        for named in text.split("Service::\"").skip(1) {
            let code = named.split('"').next().unwrap().to_lowercase();
            assert!(stands(&services, &code), "{code} in {}", agreement.name);
        }
    }
}
