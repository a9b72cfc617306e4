//! An agency is a folder and no Rust: found when it appears, refused whole when anything in it is wrong.

use adapters::{Contract, Protocol, Registry};

use super::{changed, edit, folders};

#[test]
fn the_embedded_agencies_are_the_folders() {
    let embedded = Registry::embedded().unwrap();
    let read = Registry::from_dir(&folders()).unwrap();
    assert_eq!(format!("{embedded:?}"), r#"["cpi", "ictp", "laja", "nadra", "nccia"]"#);
    assert_eq!(format!("{embedded:?}"), format!("{read:?}"));
}

#[test]
fn a_new_folder_is_an_agency_without_touching_code() {
    let copy = tempfile::tempdir().unwrap();
    let new = copy.path().join("testag");
    std::fs::create_dir_all(new.join("examples")).unwrap();
    for file in ["agency.toml", "codes.csv", "outbound.jq", "target.schema.json"] {
        std::fs::copy(folders().join("laja").join(file), new.join(file)).unwrap();
    }
    edit(&new.join("agency.toml"), "code = \"laja\"", "code = \"testag\"");
    let registry = Registry::from_dir(copy.path()).unwrap();
    assert_eq!(format!("{registry:?}"), r#"["testag"]"#);
}

#[test]
fn every_contract_is_assumed_and_every_contact_unverified() {
    let registry = super::embedded();
    for agency in registry.agencies() {
        assert_eq!(agency.contract, Contract::Assumed, "{}", agency.code);
        assert_eq!(agency.contract_line(), "contract assumed: never checked with the agency");
        assert!(agency.describe().contains(agency.contract_line()));
        assert!(agency.contacts.iter().all(|contact| contact.last_verified.is_empty()), "{}", agency.code);
        assert!(agency.dedupes || agency.can_ask || agency.code.as_str() == "laja");
        assert_eq!(agency.is_polled(), agency.protocol == Protocol::Primero);
    }
}

#[test]
fn what_a_page_says_of_an_agency() {
    let registry = super::embedded();
    insta::assert_snapshot!(super::agency(registry, "laja").describe(), @r"
    Legal Aid and Justice Authority (laja)
    jurisdiction: National
    protocol: JSON over HTTP, in its own form
    repeats: can neither dedupe nor be asked: an unknown outcome goes to a person
    accepts:
      referral.request/v1
      referral.received/v1
      referral.accept/v1
      referral.reject/v1
      referral.hold/v1
      referral.information/v1
      referral.progress/v1
      referral.outcome/v1
      referral.close/v1
      referral.feedback/v1
      referral.resume/v1
      referral.overdue/v1
      referral.cancel-request/v1
      referral.cancel-confirm/v1
      referral.cancel-refuse/v1
      referral.void/v1
      referral.purged/v1
      consent.revoked/v1
      referral.cease/v1
    contract assumed: never checked with the agency
    ");
    insta::assert_snapshot!(super::agency(registry, "nadra").describe(), @r"
    National Database and Registration Authority (nadra)
    jurisdiction: National
    protocol: SOAP 1.1, asked and answered at once
    repeats: takes a repeated delivery once
    accepts:
      identity.check/v1
    contract assumed: never checked with the agency
    ");
}

fn check(file: &str, from: &str, to: &str, expect: &str) {
    let error = changed("nccia", |folder| edit(&folder.join(file), from, to)).unwrap_err().to_string();
    assert_eq!(error, format!("adapters/agencies/nccia: {expect}"));
}

#[test]
fn a_folder_with_anything_wrong_is_refused_whole() {
    check(
        "agency.toml",
        "code = \"nccia\"",
        "code = \"laja\"",
        "agency.toml: `code` must be the folder's name",
    );
    check(
        "agency.toml",
        "referral.request/v1",
        "referral.ask/v1",
        "agency.toml: `accepts` holds `referral.ask/v1`; write a message and its version, \
         as `referral.request/v1`",
    );
    check(
        "agency.toml",
        "concurrency = 4",
        "concurrency = 0",
        "agency.toml: `limits` must be 1 to 64 calls at once and 1 to 60000 ms",
    );
    check(
        "agency.toml",
        "409 = ",
        "209 = ",
        "agency.toml: `errors` must be keyed by statuses from 300 to 599",
    );
    check(
        "agency.toml",
        "protocol = \"http-json\"",
        "protocol = \"primero\"",
        "agency.toml: exactly the table of its own protocol must be there",
    );
    check(
        "codes.csv",
        "urgency,urgent,P2,out,",
        "urgency,emergency,P2,out,",
        "codes.csv row 2: list `urgency` maps this code twice in the same direction; keep one row",
    );
    check(
        "codes.csv",
        "urgency,urgent,P2,out,",
        "urgency,urgent,P2,sideways,",
        "codes.csv row 2: expected the columns list,ours,theirs,way,note with way one of both, out, in",
    );
    check(
        "outbound.jq",
        "code(\"urgency\")",
        "code(\"urgencies\")",
        "outbound.jq: codes.csv has no list `urgencies` for this direction",
    );
    check(
        "target.schema.json",
        "^[0-9a-f]{64}$",
        "^(?=[0-9a-f]{64}$)",
        "target.schema.json: cannot compile the target schema at \
         `/properties/complaint/properties/exhibits/items/properties/sha256/pattern`: keyword `format`; \
         correct target.schema.json",
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = changed("nccia", |folder| std::fs::remove_file(folder.join("outbound.jq")).unwrap());
    assert_eq!(error.unwrap_err().to_string(), "adapters/agencies/nccia: `outbound.jq` is missing");
}
