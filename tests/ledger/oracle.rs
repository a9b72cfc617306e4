//! The same tree in tlog_tiles (a port of Go's sumdb/tlog) and the same note in signed_note: roots and
//! proofs must be equal, hash for hash, and each side must accept what the other made.

use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::{
    Checkpoint, ED25519, Frontier, Growth, Hash, Signature, VerifierKey, consistency_proof, inclusion_proof,
    key_id, note, parse_note,
};
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{
    Error, HashReader, check_record, check_tree, prove_record, prove_tree, stored_hashes, tree_hash,
};

use super::{Claim, Log, check};

/// Uneven batches, 745 leaves in all: within a tile, across tiles, on their borders, and one by one.
const BATCHES: [u64; 14] = [1, 1, 2, 3, 9, 48, 64, 127, 1, 255, 100, 33, 100, 1];

#[derive(Default)]
struct Oracle(Vec<tlog_tiles::Hash>);

impl HashReader for Oracle {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

fn plain(proof: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    proof.into_iter().map(|hash| hash.0).collect()
}

fn theirs(proof: &[Hash]) -> Vec<tlog_tiles::Hash> {
    proof.iter().map(|hash| tlog_tiles::Hash(*hash)).collect()
}

#[test]
fn roots_and_proofs_equal_those_of_tlog_tiles() {
    let (mut log, mut oracle) = (Log::default(), Oracle::default());
    let mut heads = vec![(0, ledger::empty_root())];
    for batch in BATCHES {
        let from = log.leaves.len() as u64;
        let size = from + batch;
        let data: Vec<String> = (from..size).map(|index| format!("leaf {index}")).collect();
        for (index, leaf) in (from..).zip(&data) {
            let hashes = stored_hashes(index, leaf.as_bytes(), &oracle).unwrap();
            oracle.0.extend(hashes);
        }
        let growth = log.grow(data.iter().map(|leaf| ledger::leaf_hash(leaf.as_bytes())).collect());
        let root = tree_hash(size, &oracle).unwrap();
        assert_eq!(growth.after().root(), root.0);

        // Every new leaf, and old ones in uneven steps.
        for index in (0..from).step_by(11).chain(from..size) {
            let ours = inclusion_proof(&log, index, size).unwrap();
            assert_eq!(ours, plain(prove_record(size, index, &oracle).unwrap()));
            if index >= from {
                assert_eq!(growth.inclusion(index), Some(ours.clone()));
            }
            let leaf = tlog_tiles::Hash(log.leaves[usize::try_from(index).unwrap()]);
            check_record(&theirs(&ours), size, root, index, leaf).unwrap();
        }
        for (old, old_root) in heads.iter().copied().filter(|(old, _)| *old > 0) {
            let ours = consistency_proof(&log, old, size).unwrap();
            assert_eq!(ours, plain(prove_tree(size, old, &oracle).unwrap()));
            check_tree(&theirs(&ours), size, root, old, tlog_tiles::Hash(old_root)).unwrap();
            check(&Claim::Consistency { old, old_root, new: size, new_root: root.0 }, &ours, Ok(()));
        }
        heads.push((size, root.0));
    }
    assert_eq!(log.leaves.len(), 745);
}

#[test]
fn a_note_is_verified_by_signed_note_and_back() {
    let growth = Growth::new(Frontier::empty(), (0..9).map(super::numbered).collect());
    let head = Checkpoint { origin: "hub.example/ledger".into(), size: 9, root: growth.after().root() };
    let (signer, key) = signer(&head.origin);
    let signature = Signature {
        name: key.name.clone(),
        key_id: key.id(),
        bytes: signer.sign(head.to_text().as_bytes()).unwrap(),
    };
    let text = note(&head.to_text(), std::slice::from_ref(&signature));

    let read = Note::from_bytes(text.as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&key.to_text()).unwrap())]);
    let (verified, unverified) = read.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));

    let mut theirs = Note::new(head.to_text().as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    assert_eq!(String::from_utf8(theirs.to_bytes()).unwrap(), text);
    assert_eq!(parse_note(&text), Ok((head.to_text(), vec![signature])));

    let checkpoint = tlog_tiles::Checkpoint::from_bytes(head.to_text().as_bytes()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), (head.origin.as_str(), head.size));
    assert_eq!(checkpoint.hash().0, head.root);
}

/// A signing key of signed_note from a fixed seed, and its public half as ours.
fn signer(name: &str) -> (StandardSigner, VerifierKey) {
    // RFC 8032 section 7.1, test 1.
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let [seed, public] = [seed, public].map(|text| hex::decode(text).unwrap());
    let id = u32::from_be_bytes(key_id(name, ED25519, &public));
    let key = STANDARD.encode([vec![ED25519], seed].concat());
    let signer = StandardSigner::new(&format!("PRIVATE+KEY+{name}+{id:08x}+{key}")).unwrap();
    (signer, VerifierKey { name: name.into(), public: public.try_into().unwrap() })
}
