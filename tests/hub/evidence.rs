//! Evidence of a referral without HTTP: kept examples keep their verdicts; the same again is the same bytes
//! but for its first and last line; witnesses' lines come along; an erased case has none. On SQLite, and on
//! PostgreSQL where a server is named. Also how other tests check what a hub gave out, by the hub's judge and
//! by the scripts for strangers.

use std::process::Command;

use casework::ReferralId;
use hub::Submitted;
use hub::evidence::{GivenKeys, judge};
use ledger::VerifierKey;

use super::approvals::world;
use super::held::request;
use super::world::{World, key, system};
use crate::store::server::Fresh;

fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

/// What both judges say of the evidence of a referral, given these keys of the ledger in lines.
pub async fn verdict(world: &World, id: ReferralId, vkeys: &str) -> String {
    let bundle = world.hub.evidence(&system("ictp"), id).await.unwrap();
    let ledger = vkeys.lines().map(|vkey| VerifierKey::parse(vkey).unwrap()).collect();
    let judged = judge(bundle.expose(), &GivenKeys { ledger, ..GivenKeys::default() });
    let verdict = judged.map_or_else(|no| no.to_string(), |yes| yes.to_string());
    if let Some(said) = by_script("verify_bundle.py", vkeys, bundle.expose()) {
        assert_eq!(said.lines().next(), Some(verdict.as_str()));
    }
    verdict
}

/// What is said to a stranger of a receipt, given these keys of the ledger in lines.
pub fn verified_receipt(sent: &Submitted, vkeys: &str) -> Option<String> {
    by_script("verify_receipt.py", vkeys, serde_json::to_string(&sent.receipt).unwrap().as_bytes())
}

/// `None` where there is no Python with `cryptography` (`ops/test` installs it).
fn by_script(script: &str, vkeys: &str, file: &[u8]) -> Option<String> {
    let known = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !known.is_ok_and(|done| done.status.success()) {
        println!("skipped: no python3 with cryptography");
        return None;
    }
    let kept = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kept.path(), file).unwrap();
    let script = format!("{}/../ops/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command.arg(script).args(["--ledger-key", vkeys]).arg(kept.path());
    Some(String::from_utf8(command.output().unwrap().stdout).unwrap())
}

#[test]
fn kept_bundles_keep_their_verdicts() {
    let folders =
        ["/evidence", "/evidence/refused"].map(|name| format!("{}{name}", env!("CARGO_MANIFEST_DIR")));
    let mut verdicts: Vec<String> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .map(|path| {
            let held = judge(&std::fs::read(&path).unwrap(), &GivenKeys::default());
            format!(
                "{}: {}",
                path.file_stem().unwrap().display(),
                held.map_or_else(|no| no.to_string(), |yes| yes.to_string())
            )
        })
        .collect();
    verdicts.sort();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("kept-bundles", verdicts.join("\n"));
    });
}

#[tokio::test]
async fn the_same_again_is_the_same() {
    for world in worlds() {
        let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
        let id = sent.referrals[0].id;
        let [first, again] = [
            world.hub.evidence(&system("ictp"), id).await.unwrap(),
            world.hub.evidence(&system("ictp"), id).await.unwrap(),
        ]
        .map(|bundle| String::from_utf8(bundle.expose().clone()).unwrap());
        let middle = |text: &str| {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines[1..lines.len() - 1].to_vec()
        };
        assert_eq!(middle(&first), middle(&again));
        let held = judge(first.as_bytes(), &GivenKeys::default()).unwrap();
        assert_eq!((held.entries.len(), held.messages.len(), held.copies.len()), (2, 1, 0));
        assert_eq!(*held.messages[0].body.expose(), request());
        // Nobody has signed it, and that is said.
        assert!(held.proven().iter().any(|fact| fact.contains("has not signed")), "{:?}", held.proven());
    }
}

#[tokio::test]
async fn of_a_case_that_is_erased_there_is_none() {
    for world in worlds() {
        let told = super::erasure::closed(&world, "one").await;
        assert!(world.hub.evidence(&system("ictp"), told.referral).await.is_ok());
        super::erasure::erased(&world, &told).await;
        for agency in ["ictp", "cpi"] {
            let after = world.hub.evidence(&system(agency), told.referral).await;
            assert_eq!(after.err().map(|error| error.slug()), Some("erased"), "{agency}");
        }
    }
}
