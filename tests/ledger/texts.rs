//! The three texts: what is written can be read back, and what is malformed is refused with the reason.

use ledger::{
    Checkpoint, Frontier, Growth, Signature, TlogProof, VerifierKey, inclusion_proof, is_key_name, note,
    parse_note,
};

use super::Log;

/// Parses one text by format name: the outcome as a line of text.
fn outcome(format: &str, text: &str) -> String {
    fn line<T>(result: Result<T, ledger::TextError>) -> String {
        result.map_or_else(|error| error.to_string(), |_| "ok".into())
    }
    match format {
        "checkpoint" => line(Checkpoint::parse(text)),
        "note" => line(parse_note(text)),
        "key" => line(VerifierKey::parse(text)),
        _ => line(TlogProof::parse(text)),
    }
}

#[track_caller]
fn check(format: &str, text: &str, expect: &str) {
    assert_eq!(outcome(format, text), expect, "{format}: {text:?}");
}

const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

#[test]
fn a_receipt_proves_its_leaf() {
    let leaves = ["first", "second", "third"].map(|leaf| ledger::leaf_hash(leaf.as_bytes()));
    let growth = Growth::new(Frontier::empty(), leaves.to_vec());
    let head = Checkpoint { origin: "hub.example/ledger".into(), size: 3, root: growth.after().root() };
    let signature = Signature { name: head.origin.clone(), key_id: [1, 2, 3, 4], bytes: vec![7; 64] };
    let proof = TlogProof {
        index: 1,
        hashes: growth.inclusion(1).unwrap(),
        checkpoint_note: note(&head.to_text(), &[signature]),
    };
    insta::assert_snapshot!("tlog_proof", proof.to_text());
    let read = TlogProof::parse(&proof.to_text()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.verify(b"second"), Ok(head));
    assert!(read.verify(b"third").is_err());
    assert!(TlogProof { index: 0, ..read }.verify(b"second").is_err());
}

#[test]
fn the_examples_of_the_specifications_are_read() {
    let note = format!(
        "example.com/behind-the-sofa\n20852163\n{ROOT}\n\n\u{2014} example.com/behind-the-sofa \
        Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    );
    let (body, signatures) = parse_note(&note).unwrap();
    let head = Checkpoint::parse(&body).unwrap();
    assert_eq!((head.origin.as_str(), head.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!((signatures.len(), signatures[0].bytes.len()), (1, 64));
    assert_eq!(ledger::note(&body, &signatures), note);

    // The note's text may itself have empty lines: the last one divides.
    let note = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
        ed \u{e8} subito sera.\n\n\u{2014} quasimodo.example/salvatore \
        NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let (body, signatures) = parse_note(note).unwrap();
    assert!(body.ends_with("subito sera.\n"));
    assert_eq!(signatures[0].key_id, [0x36, 0x7b, 0xa0, 0x4b]);

    // `extra` is optional and not authenticated; it is read over.
    let with_extra = format!("c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n{ROOT}\n\ncheckpoint\n");
    let proof = TlogProof::parse(&with_extra).unwrap();
    assert_eq!((proof.index, proof.hashes.len()), (73_894, 1));
    assert_eq!(proof.checkpoint_note, "checkpoint\n");
}

#[test]
fn malformed_checkpoints_are_refused() {
    check("checkpoint", &format!("hub\n5\n{ROOT}\n"), "ok");
    check("checkpoint", "", "not a checkpoint: the origin line is missing");
    check("checkpoint", &format!("\n5\n{ROOT}\n"), "not a checkpoint: the origin is empty");
    check("checkpoint", "hub\n5\n", "not a checkpoint: the root line is missing or has no newline");
    check(
        "checkpoint",
        &format!("hub\n5\n{ROOT}"),
        "not a checkpoint: the root line is missing or has no newline",
    );
    for size in ["", "05", "+5", "-5", "5 ", "0x5", "18446744073709551616"] {
        check(
            "checkpoint",
            &format!("hub\n{size}\n{ROOT}\n"),
            "not a checkpoint: the size is not a plain decimal",
        );
    }
    // One value, one text: unpadded base64 and stray trailing bits are not the root.
    for root in [&ROOT[..43], "CsUY", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J="] {
        check(
            "checkpoint",
            &format!("hub\n5\n{root}\n"),
            "not a checkpoint: the root is not 32 bytes in base64",
        );
    }
    check(
        "checkpoint",
        &format!("hub\n5\n{ROOT}\nmore\n"),
        "not a checkpoint: extension lines are not accepted",
    );
}

#[test]
fn malformed_notes_are_refused() {
    let malformed = "not a signed note: a signature line is malformed";
    check("note", "body\n\n\u{2014} hub AAAAAAA=\n", "ok");
    check("note", "body\n\u{2014} hub AAAAAAA=\n", "not a signed note: no empty line before the signatures");
    check("note", "body\n\n\u{2014} hub AAAAAAA=", "not a signed note: no newline at its end");
    check("note", "bo\tdy\n\n\u{2014} hub AAAAAAA=\n", "not a signed note: it has control characters");
    check(
        "note",
        "body\n\n",
        malformed.replace("a signature line is malformed", "no newline at its end").as_str(),
    );
    for line in
        ["- hub AAAAAAA=", "\u{2014} hub", "\u{2014} hub AAAA", "\u{2014} h+b AAAAAAA=", "\u{2014}  AAAAAAA="]
    {
        check("note", &format!("body\n\n{line}\n"), malformed);
    }
    let many = "\u{2014} hub AAAAAAA=\n".repeat(33);
    check("note", &format!("body\n\n{many}"), "not a signed note: it has too many signatures");
    check("note", &"x".repeat(300_000), "not a signed note: it is too long");
}

#[test]
fn malformed_proofs_are_refused() {
    let cut = "not a transparency log proof: it ends before the checkpoint";
    let head = "c2sp.org/tlog-proof@v1\n";
    check("proof", &format!("{head}index 0\n\ncheckpoint\n"), "ok");
    check("proof", "", cut);
    check("proof", head, cut);
    check("proof", &format!("{head}index 0\n{ROOT}\n"), cut);
    check(
        "proof",
        "wrong\nindex 0\n\n",
        "not a transparency log proof: the first line is not c2sp.org/tlog-proof@v1",
    );
    check(
        "proof",
        &format!("{head}extra !\nindex 0\n\n"),
        "not a transparency log proof: the extra line is not base64",
    );
    for index in ["index 01", "index -1", "idx 0", "index"] {
        let problem = "not a transparency log proof: the index line is missing or not a plain decimal";
        check("proof", &format!("{head}{index}\n\ncheckpoint\n"), problem);
    }
    let problem = "not a transparency log proof: a hash is not 32 bytes in base64";
    check("proof", &format!("{head}index 0\nAAAA\n\ncheckpoint\n"), problem);
    let long = format!("{head}index 0\n{}\ncheckpoint\n", format!("{ROOT}\n").repeat(66));
    check("proof", &long, "not a transparency log proof: it has more hashes than any tree needs");
}

#[test]
fn keys_are_read_back_and_others_refused() {
    let key = VerifierKey { name: "hub.example/ledger".into(), public: [9; 32] };
    let text = key.to_text();
    insta::assert_snapshot!("verifier_key", text);
    assert_eq!(VerifierKey::parse(&text), Ok(key));
    let [name, id, body] = text.splitn(3, '+').collect::<Vec<_>>().try_into().unwrap();
    let foreign = "not a verifier key: the id does not belong to this name and key";
    check("key", &format!("other.example+{id}+{body}"), foreign);
    check("key", &format!("{name}+{}+{body}", id.to_uppercase()), foreign);
    check(
        "key",
        &format!("{name}+{id}"),
        "not a verifier key: expected name, id and key with a plus between them",
    );
    check("key", &format!("+{id}+{body}"), "not a verifier key: the name is empty or has spaces");
    check("key", &format!("{name}+{id}+AgkJ"), "not a verifier key: the key is not an Ed25519 key");
    check("key", &format!("{name}+{id}+AQkJ"), "not a verifier key: the key is not 32 bytes long");
    check("key", &format!("{name}+{id}+?"), "not a verifier key: the key is not base64");
    assert!(is_key_name("hub.example/ledger"));
    assert!(["", "a b", "a+b", "a\u{a0}b", "a\nb"].iter().all(|name| !is_key_name(name)));
}

#[test]
fn a_proof_of_a_single_leaf_has_no_hashes() {
    let log = Log::of(1);
    assert_eq!(inclusion_proof(&log, 0, 1), Ok(Vec::new()));
    let proof = TlogProof { index: 0, hashes: Vec::new(), checkpoint_note: "checkpoint\n".into() };
    assert_eq!(proof.to_text(), "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n");
}
