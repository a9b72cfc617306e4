//! Every example pair of every folder maps byte for byte, and what comes back is a valid hub message.

use adapters::{Mismatch, Registry, check_examples};
use schemas::Schemas;

use super::{agency, changed, edit, folders};

#[test]
fn every_example_maps_byte_for_byte() {
    let registry = Registry::from_dir(&folders()).unwrap();
    let mut wrong = String::new();
    for agency in registry.agencies() {
        if let Err(mismatches) = check_examples(agency) {
            if std::env::var("AMAAN_WRITE_EXAMPLES").is_ok_and(|told| !told.is_empty()) {
                write(agency.code.as_str(), &mismatches);
            }
            wrong.push_str(&format!("{}: {}\n", agency.code, shown(&mismatches)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Accepts what the mappings give, for somebody who changed one and has read the difference.
fn write(agency: &str, mismatches: &[Mismatch]) {
    for mismatch in mismatches {
        if let Mismatch::Differs { file, actual } = mismatch {
            std::fs::write(folders().join(agency).join(file), actual).unwrap();
        }
    }
}

fn shown(mismatches: &[Mismatch]) -> String {
    mismatches.iter().map(|mismatch| format!("\n{mismatch}")).collect()
}

#[test]
fn one_changed_byte_is_found() {
    let registry =
        changed("nccia", |folder| edit(&folder.join("examples/1-outbound.out.json"), "\"P1\"", "\"P2\""));
    let registry = registry.unwrap();
    let mismatches = check_examples(agency(&registry, "nccia")).unwrap_err();
    assert!(
        matches!(&mismatches[..], [Mismatch::Differs { file, .. }] if file.ends_with("/1-outbound.out.json"))
    );
}

#[test]
fn an_agency_without_examples_is_found() {
    let registry = changed("laja", |folder| std::fs::remove_dir_all(folder.join("examples")).unwrap());
    let registry = registry.unwrap();
    assert_eq!(check_examples(agency(&registry, "laja")).unwrap_err(), [Mismatch::NoPair]);
}

#[test]
fn what_comes_back_is_a_valid_message() {
    let schemas = Schemas::embedded().unwrap();
    let registry = super::embedded();
    let mut answers = 0;
    for example in std::fs::read_dir(folders().join("cpi/examples")).unwrap().map(Result::unwrap) {
        if !example.file_name().to_string_lossy().ends_with("-inbound.in.json") {
            continue;
        }
        let raw = serde_json::from_slice(&std::fs::read(example.path()).unwrap()).unwrap();
        for answer in agency(registry, "cpi").map_inbound(&raw).unwrap() {
            let bytes = answer.body.to_bytes();
            let checked = schemas.check(Some(answer.action), bytes.expose());
            assert!(
                checked.is_ok(),
                "{}: {:?}",
                example.path().display(),
                checked.err().map(|invalid| invalid.errors)
            );
            answers += 1;
        }
    }
    assert_eq!(answers, 6);
}

/// With something that a sender may send in place of what stands for it.
fn as_sent(body: &mut serde_json::Value) {
    let child = body["child"].as_object_mut().unwrap();
    child.remove("national_id_pseudonym");
    if child["age"].as_object_mut().unwrap().remove("band").is_some() {
        child["age"]["years"] = serde_json::json!(11);
    }
}

#[test]
fn what_goes_in_is_a_valid_message() {
    let schemas = Schemas::embedded().unwrap();
    let registry = super::embedded();
    for agency in registry.agencies() {
        let examples = folders().join(agency.code.as_str()).join("examples");
        for example in std::fs::read_dir(examples).unwrap().map(Result::unwrap) {
            if !example.file_name().to_string_lossy().ends_with("-outbound.in.json") {
                continue;
            }
            let raw: serde_json::Value =
                serde_json::from_slice(&std::fs::read(example.path()).unwrap()).unwrap();
            let mut body = raw["body"].clone();
            if raw["message"] == "referral.request" {
                // The statistics never leave the hub, so an outgoing request is without its required block.
                let missing = serde_json::json!({ "value": null, "reason": "not-asked" });
                let statistics = serde_json::json!({ "sex": missing, "age_band": missing });
                body["statistics"] = statistics;
                as_sent(&mut body);
            }
            let checked = schemas
                .check(Some(raw["message"].as_str().unwrap().parse().unwrap()), body.to_string().as_bytes());
            assert!(
                checked.is_ok(),
                "{}: {:?}",
                example.path().display(),
                checked.err().map(|invalid| invalid.errors)
            );
        }
    }
}
