//! Proofs that were tampered with never verify: whichever part of a true claim or of its proof is
//! changed, at random, in trees of random shape.

use ledger::{Hash, consistency_proof, inclusion_proof};
use proptest::{prelude::*, sample::Index};

use super::{Claim, Log, numbered, verify};

/// One way to tamper. `at` picks the hash, `bit` the bit.
#[derive(Debug, Clone)]
enum Tamper {
    Flip { at: Index, bit: u8 },
    Drop { at: Index },
    Double { at: Index },
    Insert { at: Index, hash: Hash },
    Swap { at: Index },
    Claim { at: Index, bit: u8 },
}

fn tamper() -> impl Strategy<Value = Tamper> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, bit)| Tamper::Flip { at, bit }),
        at().prop_map(|at| Tamper::Drop { at }),
        at().prop_map(|at| Tamper::Double { at }),
        (at(), any::<Hash>()).prop_map(|(at, hash)| Tamper::Insert { at, hash }),
        at().prop_map(|at| Tamper::Swap { at }),
        (at(), any::<u8>()).prop_map(|(at, bit)| Tamper::Claim { at, bit }),
    ]
}

fn flip(hash: &mut Hash, bit: u8) {
    hash[usize::from(bit / 8)] ^= 1 << (bit % 8);
}

/// Changes the claim or its proof, unless this way of tampering has nothing to work on.
fn apply(tamper: &Tamper, claim: &mut Claim, proof: &mut Vec<Hash>) {
    let some = !proof.is_empty();
    match tamper {
        Tamper::Flip { at, bit } if some => flip(at.get_mut(proof), *bit),
        Tamper::Drop { at } if some => drop(proof.remove(at.index(proof.len()))),
        Tamper::Double { at } if some => proof.push(*at.get(proof)),
        Tamper::Insert { at, hash } => proof.insert(at.index(proof.len() + 1), *hash),
        Tamper::Swap { at } if some => {
            let (one, last) = (at.index(proof.len()), proof.len() - 1);
            proof.swap(one, last);
        }
        Tamper::Claim { at, bit } => match claim {
            Claim::Inclusion { leaf, index, size, root } => match at.index(4) {
                0 => flip(leaf, *bit),
                1 => *index ^= 1 << (bit % 10),
                2 => *size ^= 1 << (bit % 10),
                _ => flip(root, *bit),
            },
            Claim::Consistency { old, old_root, new, new_root } => match at.index(4) {
                0 => *old ^= 1 << (bit % 10),
                1 => flip(old_root, *bit),
                2 => *new ^= 1 << (bit % 10),
                _ => flip(new_root, *bit),
            },
        },
        _ => {}
    }
}

/// Whether only the (newer) size was changed. That alone may verify: leaf 0 of 7 and leaf 0 of 8 leaves
/// climb the same way, so a proof ties leaf, place and root together, and it is the signed checkpoint that
/// ties the root to its size (RFC 6962 section 3.5).
fn only_size_changed(changed: &Claim, claim: &Claim) -> bool {
    let without_size = |claim: &Claim| match claim.clone() {
        Claim::Inclusion { leaf, index, root, .. } => Claim::Inclusion { leaf, index, size: 0, root },
        Claim::Consistency { old, old_root, new_root, .. } => {
            Claim::Consistency { old, old_root, new: 0, new_root }
        }
    };
    changed != claim && without_size(changed) == without_size(claim)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_tampered_inclusion_proof_fails(size in 1..700_u64, index: Index, tamper in tamper()) {
        let log = Log::of(size);
        let index = index.index(size as usize) as u64;
        let proof = inclusion_proof(&log, index, size).unwrap();
        let claim = Claim::Inclusion { leaf: numbered(index), index, size, root: log.root() };
        never_verifies(&tamper, &claim, &proof)?;
    }

    #[test]
    fn a_tampered_consistency_proof_fails(new in 1..700_u64, old: Index, tamper in tamper()) {
        let log = Log::of(new);
        let old = old.index(new as usize) as u64 + 1;
        let proof = consistency_proof(&log, old, new).unwrap();
        let [old_root, new_root] = [old, new].map(|size| log.root_by_definition(size));
        never_verifies(&tamper, &Claim::Consistency { old, old_root, new, new_root }, &proof)?;
    }
}

fn never_verifies(tamper: &Tamper, claim: &Claim, proof: &[Hash]) -> Result<(), TestCaseError> {
    prop_assert_eq!(verify(claim, proof), Ok(()));
    let (mut changed, mut changed_proof) = (claim.clone(), proof.to_vec());
    apply(tamper, &mut changed, &mut changed_proof);
    let untouched = changed == *claim && changed_proof == proof;
    prop_assume!(!untouched && !only_size_changed(&changed, claim));
    prop_assert!(verify(&changed, &changed_proof).is_err(), "{:?} passes", tamper);
    Ok(())
}
