//! The published vectors of RFC 6962's reference implementation (`vectors.json`).

use ledger::{Hash, consistency_proof, inclusion_proof, leaf_hash};
use serde_json::Value;

use super::{Claim, Log, check};

fn hash(value: &Value) -> Hash {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn path(value: &Value) -> Vec<Hash> {
    value["path"].as_array().unwrap().iter().map(hash).collect()
}

fn vectors() -> (Value, Log, Vec<Hash>) {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let leaves = vectors["leaves"].as_array().unwrap().iter();
    let leaves = leaves.map(|leaf| leaf_hash(&hex::decode(leaf.as_str().unwrap()).unwrap()));
    let mut log = Log::default();
    let roots = leaves.map(|leaf| log.grow(vec![leaf]).after().root()).collect();
    (vectors, log, roots)
}

#[test]
fn roots_are_the_published_ones() {
    let (vectors, _, roots) = vectors();
    assert_eq!(ledger::empty_root(), hash(&vectors["empty_root"]));
    let published: Vec<Hash> = vectors["roots"].as_array().unwrap().iter().map(hash).collect();
    assert_eq!(roots, published);
}

#[test]
fn audit_paths_are_the_published_ones() {
    let (vectors, log, roots) = vectors();
    for vector in vectors["inclusion"].as_array().unwrap() {
        let (index, size) = (vector["index"].as_u64().unwrap(), vector["size"].as_u64().unwrap());
        let proof = inclusion_proof(&log, index, size).unwrap();
        assert_eq!(proof, path(vector));
        let [leaf, root] = [log.leaves[index as usize], roots[size as usize - 1]];
        check(&Claim::Inclusion { leaf, index, size, root }, &proof, Ok(()));
    }
}

#[test]
fn consistency_paths_are_the_published_ones() {
    let (vectors, log, roots) = vectors();
    for vector in vectors["consistency"].as_array().unwrap() {
        let (old, new) = (vector["old"].as_u64().unwrap(), vector["new"].as_u64().unwrap());
        let proof = consistency_proof(&log, old, new).unwrap();
        assert_eq!(proof, path(vector));
        let [old_root, new_root] = [roots[old as usize - 1], roots[new as usize - 1]];
        check(&Claim::Consistency { old, old_root, new, new_root }, &proof, Ok(()));
    }
}
