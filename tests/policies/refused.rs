//! Sets that must not be accepted, each with the text an operator reads; and a policy that fails when it is
//! evaluated, which never means yes.

use std::fs;

use casework::MessageKind;
use policies::{Act, Decision, Policies};

use super::{ask, code, today};

pub const HEAD: &str = "// Agreement: Trial\n// Parties: ictp, cpi\n\
                    // Legal basis: assumed, unverified (a test)\n\
                    // Valid: 2026-01-01 to open\n";
pub const GOOD: &str = r#"
@id("trial.ictp-sends")
@title("Police may send to CPI.")
permit (principal == Agency::"ictp", action == Action::"send", resource == Agency::"cpi");
"#;
pub const TABLE: &str = "[[decision]]\nwho = \"ictp\"\nact = \"send\"\nto = \"cpi\"\nexpect = \"permitted\"\n\
                     by = [\"trial.ictp-sends\"]\n";

/// Loads a set of one agreement from a folder.
pub fn load(policies: &str, table: &str) -> Result<Policies, policies::LoadError> {
    let dir = tempfile::tempdir().unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/amaan.cedarschema");
    fs::copy(schema, dir.path().join("amaan.cedarschema")).unwrap();
    fs::write(dir.path().join("trial.cedar"), policies).unwrap();
    fs::create_dir(dir.path().join("tests")).unwrap();
    if !table.is_empty() {
        fs::write(dir.path().join("tests/trial.toml"), table).unwrap();
    }
    Policies::from_dir(dir.path())
}

fn refusal(policies: &str, table: &str) -> String {
    load(policies, table).map(|_| "accepted").unwrap_err().to_string()
}

#[test]
fn refusals_name_file_line_and_reason() {
    let with = |policy: &str| refusal(&format!("{HEAD}{GOOD}{policy}"), TABLE);
    let policy = |id: &str, rest: &str| format!("\n@id(\"{id}\")\n@title(\"A trial.\")\n{rest}\n");
    let send = "permit (principal == Agency::\"ictp\", action == Action::\"send\", resource)";
    let cases = [
        ("not Cedar", with("permit (principal = Agency::\"ictp\", action, resource);")),
        ("cut short", with("permit (principal, action")),
        (
            "misspelt action",
            with(&policy("trial.a", "permit (principal, action == Action::\"sendd\", resource);")),
        ),
        ("misspelt attribute", with(&policy("trial.b", &format!("{send} when {{ context.purpos == 1 }};")))),
        (
            "misspelt purpose",
            with(&policy(
                "trial.c",
                &format!(
                    "{send} when {{ context has purpose && context.purpose == Purpose::\"protecton\" }};"
                ),
            )),
        ),
        (
            "unguarded optional",
            with(&policy("trial.d", &format!("{send} when {{ context.purpose == Purpose::\"justice\" }};"))),
        ),
        ("never applies", with(&policy("trial.e", &format!("{send} when {{ false }};")))),
        ("wrong type", with(&policy("trial.f", &format!("{send} when {{ context.roles < 3 }};")))),
        ("no id", with("permit (principal, action == Action::\"send\", resource);")),
        ("foreign id", with(&policy("other.a", &format!("{send};")))),
        ("same id twice", with(&policy("trial.ictp-sends", &format!("{send};")))),
        ("no title", with(&format!("\n@id(\"trial.g\")\n{send};\n"))),
        (
            "no party",
            with(&policy(
                "trial.h",
                "permit (principal == Agency::\"nccai\", action == Action::\"send\", resource);",
            )),
        ),
        ("template", with(&policy("trial.i", "permit (principal == ?principal, action, resource);"))),
        ("head without parties", refusal(&format!("// Agreement: Trial\n{GOOD}"), TABLE)),
        ("dates that are none", refusal(&format!("{HEAD}{GOOD}").replace("2026-01-01", "January"), TABLE)),
        ("ends before it begins", refusal(&format!("{HEAD}{GOOD}").replace("open", "2025-12-31"), TABLE)),
        (
            "basis of unknown worth",
            refusal(&format!("{HEAD}{GOOD}").replace("assumed, unverified", "agreed"), TABLE),
        ),
        ("no table", refusal(&format!("{HEAD}{GOOD}"), "")),
        ("table breaks", refusal(&format!("{HEAD}{GOOD}"), &TABLE.replace("permitted", "denied"))),
        ("table misspelt", refusal(&format!("{HEAD}{GOOD}"), &TABLE.replace("expect", "expects"))),
        ("empty table", refusal(&format!("{HEAD}{GOOD}"), "# nothing\n")),
        ("empty folder", Policies::from_dir(tempfile::tempdir().unwrap().path()).unwrap_err().to_string()),
    ];
    let text: String = cases.iter().map(|(case, error)| format!("{case}:\n    {error}\n")).collect();
    insta::assert_snapshot!(text);
}

#[test]
fn a_good_trial_set_is_accepted() {
    assert_eq!(load(&format!("{HEAD}{GOOD}"), TABLE).unwrap().agreements().len(), 1);
}

/// An overflow passes validation and fails when evaluated. Cedar would skip the policy; here the answer
/// fails, even though another policy permits, and a mask allows nothing.
#[test]
fn an_error_in_any_policy_is_never_a_yes() {
    let overflow = r#"
@id("trial.overflow")
@title("Fails when evaluated.")
forbid (principal, action == Action::"send", resource) when { 9223372036854775807 + 1 == 3 };
@id("trial.sees")
@title("Everything.")
permit (principal, action == Action::"disclose", resource) when { context.recipient == Agency::"cpi" };
@id("trial.mask-overflow")
@title("Fails when evaluated.")
forbid (principal, action == Action::"disclose", resource == DataCategory::"photo")
when { 9223372036854775807 + 1 == 3 };
"#;
    let table = "[[decision]]\nwho = \"ictp\"\nact = \"send\"\nto = \"cpi\"\nexpect = \"failed\"\n";
    let set = load(&format!("{HEAD}{GOOD}{overflow}"), table).unwrap();
    let decision =
        set.permit(&ask("ictp", &["system"], Act::Send, Some("cpi"), Some(MessageKind::Request)), today());
    let Decision::Failed { error } = decision else { panic!("{decision:?}") };
    assert!(error.contains("trial.overflow"), "{error}");
    let mask = set.mask(
        &policies::Disclosure {
            recipient: "cpi".parse().unwrap(),
            sender: "ictp".parse().unwrap(),
            message: MessageKind::Request,
            version: 1,
            service: None,
            purpose: code("protection"),
            basis: code("consent"),
            urgency: casework::Priority::Normal,
        },
        today(),
    );
    assert!(mask.ways.is_empty() && mask.failed.is_some());
}
