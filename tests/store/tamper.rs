//! Tampering with a closed store: whatever the forger in `tamper/` edits, `verify` must find, at the right
//! entry or in the right range, where need be against a checkpoint kept elsewhere. Many more trials, on both
//! engines and with sealed bodies: `ops/tamper`.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use store::{Committed, Finding, VerifyOptions, verify};

use super::at;
use super::world::{House, ask, audit, check_sound, done, live, python, together};

/// The package beside this file, as a script.
const SCRIPT: &str = concat!(
    "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, '",
    env!("CARGO_MANIFEST_DIR"),
    "/store'); from tamper.cli import main; sys.exit(main())"
);

/// What the forger says must be found.
#[derive(Debug, Deserialize)]
struct Expected {
    edit: String,
    kinds: Vec<String>,
    first: u64,
    last: u64,
    exact: bool,
}

impl Expected {
    fn is(&self, finding: &Finding) -> bool {
        let exact = (finding.first, finding.last) == (self.first, self.last);
        let around = finding.first <= self.first && finding.last >= self.last;
        self.kinds.contains(&finding.kind.to_owned()) && (exact || (!self.exact && around))
    }
}

/// A closed store of some whole lives and many requests, more than 256 entries, its verifier key and a note
/// from half-way.
async fn lived() -> (House, String, String) {
    let house = House::new().unwrap();
    let store = Arc::new(house.open());
    for _ in 0..8 {
        live(&store, ask(&store, "cpi")).await;
    }
    let of = ask(&store, "cpi");
    done(&store, of.order.clone()).await;
    super::registers::books(&store, &of).await;
    let many = (0..90).map(|_| ask(&store, "cpi").order).collect();
    assert!(together(&store, many).await.iter().all(|answer| matches!(answer, Ok(Committed::Done(_)))));
    let half = store.checkpoint().await.unwrap().unwrap().1;
    for _ in 0..8 {
        live(&store, ask(&store, "cpi")).await;
    }
    let vkey = store.key().vkey();
    drop(store);
    assert!(check_sound(house.place(), &vkey).entries > 256);
    (house, vkey, half)
}

fn copied(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(from, folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in ["amaan.db", "checkpoint.latest"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

#[tokio::test]
async fn every_kind_of_edit_is_found() {
    let (house, vkey, _) = lived().await;
    let Some(edits) = python(SCRIPT, &["--list"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    for edit in edits.lines() {
        copy(house.dir(), &folder.path().join(edit));
    }
    let said = python(SCRIPT, &[folder.path().to_str().unwrap(), "each", "--seed", "7"]).unwrap();
    for said in said.lines() {
        let expected: Expected = serde_json::from_str(said).unwrap();
        let report = audit(&at(&folder.path().join(&expected.edit)), &vkey, Vec::new());
        assert!(report.findings.iter().any(|finding| expected.is(finding)), "{said}{:#?}", report.findings);
    }
    assert_eq!(said.lines().count(), edits.lines().count());
}

/// The forger of these tests is a good one: what it rebuilds without a change verifies, checkpoint and all.
#[tokio::test]
async fn a_faithful_rebuild_is_believed() {
    let (house, vkey, half) = lived().await;
    let folder = copied(house.dir());
    if python(SCRIPT, &[folder.path().to_str().unwrap(), "rebuilt"]).is_none() {
        return;
    }
    let report = audit(&at(folder.path()), &vkey, vec![half]);
    assert_eq!((report.findings, report.compared), (Vec::new(), 2));
}

/// With `checkpoint.latest` gone too, a note kept by somebody else still tells, and narrows the range.
#[tokio::test]
async fn a_note_kept_elsewhere_tells() {
    let (house, vkey, half) = lived().await;
    let newest = std::fs::read_to_string(house.dir().join("checkpoint.latest")).unwrap();
    let size = |note: &str| note.lines().nth(1).unwrap().parse::<u64>().unwrap();
    let (half_size, newest_size) = (size(&half), size(&newest));
    for seed in 0..4 {
        let folder = copied(house.dir());
        std::fs::remove_file(folder.path().join("checkpoint.latest")).unwrap();
        let path = folder.path().to_str().unwrap();
        let seed = seed.to_string();
        let Some(said) = python(SCRIPT, &[path, "entry-and-all-heads", "--seed", &seed]) else { return };
        let alone = audit(&at(folder.path()), &vkey, Vec::new());
        assert_eq!((alone.findings, alone.compared), (Vec::new(), 0), "{said}: it agrees with itself");
        let both = audit(&at(folder.path()), &vkey, vec![half.clone(), newest.clone()]);
        let ranges: Vec<_> =
            both.findings.iter().map(|found| (found.kind, found.first, found.last)).collect();
        let early =
            vec![("checkpoint-mismatch", 0, half_size - 1), ("checkpoint-mismatch", 0, newest_size - 1)];
        let late = vec![("checkpoint-mismatch", half_size, newest_size - 1)];
        assert!(ranges == early || ranges == late, "{ranges:?}");
    }
    let folder = copied(house.dir());
    std::fs::remove_file(folder.path().join("checkpoint.latest")).unwrap();
    python(SCRIPT, &[folder.path().to_str().unwrap(), "tail-cut", "--seed", "3"]).unwrap();
    let report = audit(&at(folder.path()), &vkey, vec![newest]);
    assert!(report.findings.iter().any(|found| found.kind == "tail-cut" && found.last == newest_size - 1));
}

/// Notes that prove nothing are findings too: forged, broken, of another ledger, or two of one size.
#[tokio::test]
async fn bad_notes() {
    let (house, vkey, half) = lived().await;
    let kinds = |trusted: Vec<String>, vkey: Option<&str>| {
        let options = VerifyOptions { place: house.place().clone(), trusted, vkey: vkey.map(str::to_owned) };
        verify(&options).unwrap().findings.into_iter().map(|finding| finding.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(vec![half.clone()], Some(&vkey)), [""; 0]);
    let root = half.lines().nth(2).unwrap();
    let other_letter = if root.starts_with('A') { "B" } else { "A" };
    let forged = half.replacen(root, &format!("{other_letter}{}", &root[1..]), 1);
    assert_eq!(kinds(vec![forged.clone()], Some(&vkey)), ["bad-checkpoint"], "its signature does not hold");
    assert_eq!(kinds(vec![forged.clone()], None), ["checkpoint-mismatch"], "unsigned, it is only compared");
    assert!(kinds(vec![half.clone(), forged], None).contains(&"fork"));
    assert_eq!(kinds(vec!["nonsense".into()], None), ["bad-checkpoint"]);
    let Some(stranger) = House::new() else { return };
    let other = stranger.open().key().vkey();
    assert_eq!(
        kinds(vec![half], Some(&other)),
        ["bad-checkpoint", "bad-checkpoint"],
        "and checkpoint.latest"
    );
}

/// An entry far beyond the end, one before the beginning, a file that is no text: found, not stumbled over.
#[tokio::test]
async fn absurd_rows() {
    let (house, vkey, _) = lived().await;
    let database = |folder: &tempfile::TempDir| folder.path().join("amaan.db");
    for (place, kind) in [(i64::MAX, "entry-missing"), (-1, "entry-unknown")] {
        let folder = copied(house.dir());
        let copy = format!(
            "INSERT INTO entries \
             SELECT {place}, leaf, hash, kind, case_id, referral_id FROM entries WHERE idx = 0"
        );
        if super::world::sql(&database(&folder), &copy).is_none() {
            return;
        }
        let found = audit(&at(folder.path()), &vkey, Vec::new()).findings;
        assert!(found.iter().any(|finding| finding.kind == kind), "{found:?}");
    }
    let folder = copied(house.dir());
    std::fs::write(folder.path().join("checkpoint.latest"), [0xff, 0xfe, 0x00]).unwrap();
    let found = audit(&at(folder.path()), &vkey, Vec::new()).findings;
    assert_eq!((found.len(), found[0].kind), (1, "bad-checkpoint"));
    let folder = copied(house.dir());
    super::world::sql(&database(&folder), "UPDATE heads SET root = x'00' WHERE size = 2").unwrap();
    let found = audit(&at(folder.path()), &vkey, Vec::new()).findings;
    assert_eq!((found.len(), found[0].kind, found[0].last), (1, "head-altered", 1));
}

/// A writer does not build on a head that was tampered with.
#[tokio::test]
async fn nothing_is_signed_on_a_forged_head() {
    let (house, _, _) = lived().await;
    let folder = copied(house.dir());
    let path = folder.path().to_str().unwrap();
    if python(SCRIPT, &[path, "head-peaks"]).is_none() {
        return;
    }
    // Its keys are those of the house; the key database is made anew, which does not matter here.
    let store = house.try_open(&at(folder.path())).unwrap();
    let refused = store.commit(ask(&store, "cpi").order).await;
    assert!(matches!(refused, Err(store::StoreError::Unreadable(_))), "{refused:?}");
}

/// A ledger whose first order was refused has signed nothing; it verifies, empty.
#[tokio::test]
async fn an_empty_ledger_verifies() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let wrong = super::world::step(&ask(&store, "cpi"), casework::MessageKind::Accept, None);
    let refused = store.commit(wrong).await.unwrap();
    assert!(matches!(refused, store::Committed::Refused(_)), "{refused:?}");
    let vkey = store.key().vkey();
    drop(store);
    assert_eq!(check_sound(house.place(), &vkey).entries, 0);
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    check_sound(house.place(), &vkey);
}
