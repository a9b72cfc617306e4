//! A code that no row maps goes to a person, with the nearest codes and never with the value itself.

use adapters::Exchange;
use serde_json::{Value, json};

use super::{agency, change_body, changed, edit, folders, outgoing};

fn check(example: &str, change: impl FnOnce(&mut Value), expect: &str) {
    let registry = super::embedded();
    let mut out = outgoing(example, 1);
    change_body(&mut out, change);
    let code = example.split('/').next().unwrap();
    let error = agency(registry, code).map_outbound(&out).unwrap_err();
    assert_eq!(error.to_string(), expect);
    let _: casework::Code = error.class();
}

#[test]
fn an_unmapped_code_names_the_nearest() {
    check(
        "nccia/examples/1-outbound.in.json",
        |body| body["reasons"] = json!(["RSN-FOUNDD"]),
        "a code is not mapped: list `ground`, nearest [\"RSN-FOUND\", \"RSN-NOID\", \"RSN-OOSC\"]; \
         add a row to codes.csv",
    );
    check(
        "laja/examples/1-outbound.in.json",
        |body| body["child"]["nationality"]["legal_status"] = json!("pors"),
        "a code is not mapped: list `legal_status`, nearest [\"POR\", \"ACC\", \"ASC\"]; \
         add a row to codes.csv",
    );
}

#[test]
fn a_value_in_a_code_s_place_is_never_repeated() {
    for place in [json!("Test Child 7"), json!(7), json!({"name": "Test Child 7"}), json!(["Test Child 7"])] {
        let registry = super::embedded();
        let mut out = outgoing("nccia/examples/1-outbound.in.json", 1);
        change_body(&mut out, |body| body["child"]["sex"] = place);
        let error = agency(registry, "nccia").map_outbound(&out).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Test Child"), "{error:?}");
        assert_eq!(error.slug(), "unmapped-code");
    }
}

#[test]
fn a_type_the_mapping_is_not_written_for_is_not_repeated_either() {
    check(
        "nccia/examples/1-outbound.in.json",
        |body| body["reasons"] = json!("Test Child 7"),
        "the mapping met a value it is not written for; add the case to its examples and correct it",
    );
    check(
        "nccia/examples/1-outbound.in.json",
        |body| body["incident"] = json!("Test Child 7"),
        "the mapping met a value it is not written for; add the case to its examples and correct it",
    );
}

#[test]
fn a_form_the_target_schema_does_not_allow_is_told_by_place() {
    check(
        "laja/examples/1-outbound.in.json",
        |body| body["child"]["name"]["full"] = json!(["Test Child 7"]),
        "the mapped document does not satisfy the target schema: `/application/applicant/name` type",
    );
}

#[test]
fn too_long_a_list_is_no_loop() {
    check(
        "nccia/examples/1-outbound.in.json",
        |body| body["reasons"] = json!(vec!["RSN-FOUND"; 129]),
        "the document is larger than a mapping may take or give",
    );
}

#[test]
fn a_service_the_agency_has_no_word_for_is_not_guessed() {
    let registry = super::embedded();
    let mut out = outgoing("cpi/examples/1-outbound.in.json", 1);
    out.service = Some("SVC-LEGAL".parse().unwrap());
    let error = agency(registry, "cpi").map_outbound(&out).unwrap_err();
    assert!(error.to_string().contains("list `service`"), "{error}");
}

#[test]
fn a_message_the_agency_does_not_take_is_not_mapped() {
    let registry = super::embedded();
    let mut out = outgoing("nccia/examples/1-outbound.in.json", 1);
    out.version = 2;
    assert_eq!(agency(registry, "nccia").map_outbound(&out).unwrap_err().slug(), "not-accepted");
    let check = outgoing("nadra/examples/1-outbound.in.json", 1);
    assert_eq!(agency(registry, "nccia").map_outbound(&check).unwrap_err().slug(), "not-accepted");
}

#[test]
fn both_directions_of_one_row_hold() {
    let registry = changed("cpi", |folder| {
        edit(
            &folder.join("codes.csv"),
            "outcome,child-safe,child_safe,both,",
            "outcome,child-safe,kid_ok,both,",
        );
        edit(&folder.join("examples/5-inbound.in.json"), "child_safe", "kid_ok");
    });
    let registry = registry.unwrap();
    let mut raw: Value =
        serde_json::from_slice(&std::fs::read(folders().join("cpi/examples/5-inbound.in.json")).unwrap())
            .unwrap();
    raw["case"]["services_section"][1]["amaan_outcome"] = json!("kid_ok");
    let answers = agency(&registry, "cpi").map_inbound(&raw).unwrap();
    assert_eq!(answers.last().unwrap().body.json()["outcome"], "child-safe");
}

#[test]
fn mapping_is_quick() {
    let registry = super::embedded();
    let out = outgoing("cpi/examples/1-outbound.in.json", 1);
    let started = std::time::Instant::now();
    for _ in 0..100 {
        agency(registry, "cpi").map_outbound(&out).unwrap();
    }
    // About 1 ms each unoptimised on a busy machine; the bound only tells a compile per run apart.
    assert!(started.elapsed().as_millis() < 2_000, "{:?}", started.elapsed());
}

#[test]
fn the_error_class_reaches_the_exchange() {
    let error = adapters::MappingError::Unmapped { list: "ground".to_owned(), candidates: Vec::new() };
    assert_eq!(
        Exchange::Broken { class: error.class() },
        Exchange::Broken { class: "unmapped-code".parse().unwrap() }
    );
}
