//! Each answer of c2sp.org/tlog-witness, by the witness itself.

use amaan_http::witness::{Witness, WitnessError, evidence, origins};
use ledger::{AddCheckpoint, Checkpoint, Cosignature, CosignerKey, parse_note};

use super::{NAME, NOW, ORIGIN, Watched, check, cosigned, key, own_key, sign, witness};

#[test]
fn what_continues_is_cosigned_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::of(300);
    let witness = witness(folder.path(), &watched);

    let said = check(&witness, &watched.ask(0, 5), 200, "\u{2014} witness.example/w1 ");
    assert_eq!(cosigned(&said.body, &watched.head(5), &own_key()), NOW);
    let said = check(&witness, &watched.ask(5, 260), 200, "\u{2014} ");
    cosigned(&said.body, &watched.head(260), &own_key());
    // The same again is cosigned again.
    check(&witness, &watched.ask(260, 260), 200, "\u{2014} ");

    let said = check(&witness, &watched.ask(5, 270), 409, "260\n");
    assert_eq!((said.media, said.body.as_str()), ("text/x.tlog.size", "260\n"));
    check(&witness, &watched.ask(0, 300), 409, "260\n");
    check(&witness, &watched.ask(5, 5), 409, "260\n");
    check(&witness, &watched.ask(280, 270), 400, "the old size");

    let mut proof = watched.proof(260, 280);
    proof.pop();
    check(&witness, &watched.request(260, proof, &watched.head(280)), 422, "the proof");
    let stuffed = watched.proof(5, 260);
    check(&witness, &watched.request(260, stuffed, &watched.head(260)), 422, "the proof");
    check(&witness, &watched.ask(260, 300), 200, "\u{2014} ");
}

#[test]
fn the_first_one_needs_no_proof_and_takes_none() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::of(9);
    let witness = witness(folder.path(), &watched);
    check(&witness, &watched.request(0, watched.proof(4, 9), &watched.head(9)), 422, "the proof");
    check(&witness, &watched.ask(4, 9), 409, "0\n");
    let empty = Checkpoint { size: 0, ..watched.head(9) };
    check(&witness, &watched.request(0, Vec::new(), &empty), 422, "the proof");
    check(&witness, &watched.ask(0, 0), 200, "\u{2014} ");
    check(&witness, &watched.ask(0, 9), 200, "\u{2014} ");
}

#[test]
fn who_did_not_sign_is_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::of(9);
    let witness = witness(folder.path(), &watched);
    for malformed in ["", "old 0\n", "old 00\n\n", "new 0\n\nx", "old 0\n\nnot a note\n"] {
        check(&witness, malformed, 400, "");
    }
    let elsewhere = Checkpoint { origin: "other.example".into(), ..watched.head(9) };
    check(&witness, &watched.request(0, Vec::new(), &elsewhere), 404, "this witness was told");
    let request = |checkpoint_note| AddCheckpoint { old: 0, proof: Vec::new(), checkpoint_note }.to_text();
    check(&witness, &request(sign(&key(ORIGIN, 9), &watched.head(9))), 403, "the checkpoint is not");

    // A stranger's signature beside a known one is passed over; a known key's that does not hold spoils it.
    let own = sign(&watched.key, &watched.head(9));
    let (_, strangers) = parse_note(&sign(&key("somebody", 9), &watched.head(9))).unwrap();
    let (_, of_another) = parse_note(&sign(&watched.key, &watched.head(8))).unwrap();
    check(&witness, &request(format!("{own}{}", of_another[0].to_line())), 403, "the checkpoint is not");
    check(&witness, &request(format!("{own}{}", strangers[0].to_line())), 200, "\u{2014} ");
    assert!(!origins(folder.path()).unwrap().is_empty());
}

#[test]
fn a_second_history_is_refused_and_both_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (watched, other) = (Watched::of(20), Watched::forked(30, 12));
    let witness = witness(folder.path(), &watched);
    check(&witness, &watched.ask(0, 20), 200, "\u{2014} ");
    // Whatever size it says it remembers.
    check(&witness, &other.ask(20, 20), 409, "20\n");
    check(&witness, &other.ask(0, 20), 409, "20\n");
    // Longer, and without the proof that there is none of.
    check(&witness, &other.ask(20, 30), 422, "the older root is not contained");
    check(&witness, &watched.ask(20, 20), 200, "\u{2014} ");

    let found = evidence(folder.path()).unwrap();
    assert_eq!(found.iter().map(amaan_http::witness::Evidence::is_fork).collect::<Vec<_>>(), [true, false]);
    let [fork, longer] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(fork.seen.as_deref(), Some(sign(&watched.key, &watched.head(20)).as_str()));
    assert_eq!(fork.refused, sign(&other.key, &other.head(20)));
    assert_eq!((longer.origin.as_str(), longer.seen.is_some()), (ORIGIN, true));
}

/// As after a crash between keeping and cosigning: what was kept counts, though nobody was told.
#[test]
fn what_was_kept_counts_though_nobody_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let (watched, other) = (Watched::of(20), Watched::forked(20, 12));
    _ = witness(folder.path(), &watched).add(watched.ask(0, 15).as_bytes(), NOW);
    let again = witness(folder.path(), &watched);
    check(&again, &other.ask(0, 15), 409, "15\n");
    check(&again, &watched.ask(0, 20), 409, "15\n");
    check(&again, &watched.ask(15, 20), 200, "\u{2014} ");
}

#[test]
fn a_witness_that_forgot_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::of(20);
    let one = witness(folder.path(), &watched);
    check(&one, &watched.ask(0, 20), 200, "\u{2014} ");
    let open = |keys| Witness::open(folder.path(), key(NAME, 2), keys);
    assert!(matches!(open(vec![watched.vkey()]), Err(WitnessError::Taken)));
    drop(one);
    let stranger = ledger::VerifierKey { public: [3; 32], ..watched.vkey() };
    assert!(matches!(open(vec![stranger.clone()]), Err(WitnessError::Forgot(_))));
    // The old key beside a new one of the same log is enough.
    drop(open(vec![stranger, watched.vkey()]).unwrap());
    let kept = walk(folder.path()).into_iter().find(|path| path.ends_with("newest")).unwrap();
    std::fs::write(kept, "torn").unwrap();
    assert!(matches!(open(vec![watched.vkey()]), Err(WitnessError::Forgot(_))));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn what_it_saw_last_can_be_fetched_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Watched::of(20);
    let witness = witness(folder.path(), &watched);
    let log = hex::encode(seal::sha256(ORIGIN.as_bytes()));
    assert_eq!(witness.newest(&log, NOW).status, 404);
    check(&witness, &watched.ask(0, 20), 200, "\u{2014} ");
    let said = witness.newest(&log, NOW + 60);
    let lines = said.body.strip_prefix(&sign(&watched.key, &watched.head(20))).unwrap();
    assert_eq!((said.status, cosigned(lines, &watched.head(20), &own_key())), (200, NOW + 60));
    assert_eq!(witness.newest("0", NOW).status, 404);
}

/// The example of c2sp.org/tlog-cosignature: an id of four bytes, then the time.
#[test]
fn the_example_of_the_specification_is_read() {
    let line = "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dl\
        rDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let (_, signatures) = parse_note(&format!("a\n1\n\n{line}")).unwrap();
    let cosignature = Cosignature::from_bytes(&signatures[0].bytes).unwrap();
    assert_eq!((signatures[0].key_id, cosignature.time), ([0x8d, 0x66, 0xcf, 0x3f], 1_679_315_147));
    assert_eq!(cosignature.to_bytes(), signatures[0].bytes);
    assert_eq!(Cosignature::from_bytes(&signatures[0].bytes[1..]), None);
    assert_eq!(Cosignature::from_bytes(&[0xff; 72]), None);

    let own = own_key();
    assert_eq!(CosignerKey::parse(&own.to_text()), Ok(own.clone()));
    let log = ledger::VerifierKey { name: own.name.clone(), public: own.public };
    assert!(CosignerKey::parse(&log.to_text()).is_err(), "a log's key is no witness's");
    assert_ne!(log.id(), own.id());
}
