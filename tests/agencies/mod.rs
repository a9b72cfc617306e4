//! The agencies' adapters: folders, mappings, admission of programs, and every protocol against a loopback
//! responder of this test's own. The simulator has no part in it; `journeys` bring the two together.

mod admission;
mod codes;
mod examples;
mod exchange;
mod folders;
pub mod maintenance;
mod poll;
mod primero;
pub mod responder;
mod rewriting;
mod soap;

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use adapters::{Agency, Outgoing, Registry};
use casework::{MessageKind, Priority, Timestamp};
use serde_json::{Value, json};

/// Where the agencies' folders are.
fn folders() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/agencies")
}

/// The embedded agencies, compiled once for all tests.
fn embedded() -> &'static Registry {
    static EMBEDDED: OnceLock<Registry> = OnceLock::new();
    EMBEDDED.get_or_init(|| Registry::embedded().unwrap())
}

/// A copy of one agency's folder, changed by `change` before it is loaded.
fn changed(agency: &str, change: impl FnOnce(&Path)) -> Result<Registry, adapters::AdapterErrors> {
    let copy = tempfile::tempdir().unwrap();
    let (from, to) = (folders().join(agency), copy.path().join(agency));
    std::fs::create_dir_all(to.join("examples")).unwrap();
    for part in ["", "examples"] {
        for entry in std::fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                std::fs::copy(entry.path(), to.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    change(&to);
    Registry::from_dir(copy.path())
}

/// Replaces a text that must be there.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

fn agency<'r>(registry: &'r Registry, code: &str) -> &'r Agency {
    registry.agency(&code.parse().unwrap()).unwrap()
}

/// An id of 32 digits ending in `n`.
fn id<T: std::str::FromStr>(prefix: &str, n: u8) -> T {
    format!("{prefix}_{n:032x}").parse().ok().unwrap()
}

/// Another message in its place.
fn change_body(out: &mut Outgoing, change: impl FnOnce(&mut Value)) {
    let mut body = out.body.json().clone();
    change(&mut body);
    out.body = casework::Document::of(body);
}

/// The message that an example's input holds.
fn outgoing(example: &str, attempt: u32) -> Outgoing {
    let input: Value = serde_json::from_slice(&std::fs::read(folders().join(example)).unwrap()).unwrap();
    let text = |name: &str| input[name].as_str().unwrap();
    let optional = |name: &str| input[name].as_str();
    Outgoing {
        reduced: input
            .get("reduced")
            .map(|told| serde_json::from_value(told.clone()).unwrap())
            .unwrap_or_default(),
        delivery: text("delivery").parse().unwrap(),
        attempt,
        copy: None,
        message: text("message").parse::<MessageKind>().unwrap(),
        version: 1,
        referral: optional("referral").map(|text| text.parse().unwrap()),
        check: optional("check").map(|text| text.parse().unwrap()),
        case: text("case").parse().unwrap(),
        reference: text("reference").to_owned(),
        from: text("from").parse().unwrap(),
        to: text("to").parse().unwrap(),
        service: optional("service").map(|text| text.parse().unwrap()),
        priority: match text("priority") {
            "emergency" => Priority::Emergency,
            "urgent" => Priority::Urgent,
            _ => Priority::Normal,
        },
        sent_at: Timestamp::from_micros(1_795_235_400_000_000),
        withheld: serde_json::from_value(input["withheld"].clone()).unwrap(),
        body: casework::Document::of(input["body"].clone()),
    }
}

#[test]
fn what_an_outbound_mapping_gets_is_the_same_on_every_attempt() {
    let (first, third) =
        (outgoing("nccia/examples/1-outbound.in.json", 1), outgoing("nccia/examples/1-outbound.in.json", 3));
    assert_eq!(first.document(), third.document());
    assert_eq!(first.document().json()["message"], json!("referral.request"));
    let input = std::fs::read(folders().join("nccia/examples/1-outbound.in.json")).unwrap();
    let input: Value = serde_json::from_slice(&input).unwrap();
    assert_eq!(first.document().json(), &input);
}
