//! Every leaf of every tree, every pair of sizes, and every way to cut a tree into an old part and a
//! batch: past 64 leaves (cuts: 32), where a level is added, and small enough to try them all.

use ledger::{Frontier, Growth, Hash, ProofError, consistency_proof, inclusion_proof, root_at};

use super::{Claim, Log, check, numbered, verify};

const LEAVES: u64 = 70;

/// Cuts are tried up to here only: there are as many as pairs of sizes, each with all its leaves.
const CUT_LEAVES: u64 = 40;

#[test]
fn every_leaf_of_every_tree_is_proven_and_nothing_else() {
    let log = Log::of(LEAVES);
    for size in 1..=LEAVES {
        let root = log.root_by_definition(size);
        for index in 0..size {
            let leaf = numbered(index);
            let proof = inclusion_proof(&log, index, size).unwrap();
            check(&Claim::Inclusion { leaf, index, size, root }, &proof, Ok(()));
            // The same leaf at any other place must fail.
            for other in (0..size).filter(|other| *other != index) {
                let claim = Claim::Inclusion { leaf, index: other, size, root };
                assert!(verify(&claim, &proof).is_err(), "leaf {index} also at {other} of {size}");
            }
            let [longer, shorter] = [&[proof.as_slice(), &[root]].concat(), &proof[..proof.len().max(1) - 1]];
            let claim = Claim::Inclusion { leaf, index, size, root };
            check(&claim, longer, Err(ProofError::Length { hashes: longer.len() }));
            if size > 1 {
                check(&claim, shorter, Err(ProofError::Length { hashes: shorter.len() }));
            }
        }
    }
}

#[test]
fn every_pair_of_sizes_is_consistent() {
    let log = Log::of(LEAVES);
    let forked = |size| ledger::node_hash(&log.root_by_definition(size), &numbered(0));
    for new in 0..=LEAVES {
        let new_root = log.root_by_definition(new);
        assert_eq!(root_at(&log, new), Ok(new_root));
        for old in 0..=new {
            let old_root = log.root_by_definition(old);
            let proof = consistency_proof(&log, old, new).unwrap();
            check(&Claim::Consistency { old, old_root, new, new_root }, &proof, Ok(()));
            let claim = Claim::Consistency { old, old_root: forked(old), new, new_root };
            assert!(verify(&claim, &proof).is_err(), "a forked {old} passes for the start of {new}");
            if 0 < old && old < new {
                let claim = Claim::Consistency { old, old_root, new, new_root: forked(new) };
                check(&claim, &proof, Err(ProofError::Root));
            }
        }
    }
}

#[test]
fn every_batch_proves_its_own_leaves_without_stored_nodes() {
    let log = Log::of(CUT_LEAVES);
    let proven = |size| (0..size).map(|index| inclusion_proof(&log, index, size).unwrap()).collect();
    let proofs: Vec<Vec<Vec<Hash>>> = (0..=CUT_LEAVES).map(proven).collect();
    let roots: Vec<Hash> = (0..=CUT_LEAVES).map(|size| log.root_by_definition(size)).collect();
    for before in 0..=CUT_LEAVES {
        let old = Growth::new(Frontier::empty(), log.leaves[..before as usize].to_vec()).after();
        assert_eq!(old.root(), roots[before as usize]);
        for after in before..=CUT_LEAVES {
            let batch = log.leaves[before as usize..after as usize].to_vec();
            let growth = Growth::new(old.clone(), batch);
            let frontier = growth.after();
            assert_eq!((frontier.size(), frontier.root()), (after, roots[after as usize]));
            for index in 0..after + 2 {
                let new = (before..after).contains(&index);
                let proof = new.then(|| proofs[after as usize][index as usize].clone());
                assert_eq!(growth.inclusion(index), proof, "leaf {index} of {before}..{after}");
            }
        }
    }
}

#[test]
fn what_lies_outside_is_refused() {
    let log = Log::of(5);
    assert!(inclusion_proof(&log, 5, 5).is_err());
    assert!(inclusion_proof(&log, 0, 0).is_err());
    assert!(consistency_proof(&log, 6, 5).is_err());
    let [leaf, root] = [numbered(0), log.root()];
    let outside = |asked| Err(ProofError::OutOfRange { asked, size: 5 });
    check(&Claim::Inclusion { leaf, index: 5, size: 5, root }, &[], outside(5));
    check(&Claim::Consistency { old: 6, old_root: root, new: 5, new_root: root }, &[], outside(6));
}
