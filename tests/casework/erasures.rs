//! Holds, erasures and copies as entries say them: keys that read back, rows that fit a leaf.

use casework::{
    CaseAgency, Entry, Erasure, ErasureCopy, ErasureStatus, Event, Hold, LEAF_BYTES_MAX, Register,
    RegisterKey, Timestamp, Via,
};

use super::world::{agency, code, id};

#[test]
fn keys_read_back() {
    let key = CaseAgency { case: id("cs", 5), agency: agency("fia-ccw") };
    for key in
        [RegisterKey::Erasure(id("cs", 5)), RegisterKey::Hold(key.clone()), RegisterKey::ErasureCopy(key)]
    {
        assert_eq!(key.to_string().parse(), Ok(key.clone()), "{key}");
    }
}

/// The longest row of each book that can be written.
#[test]
fn rows_fit_a_leaf() {
    let (long, of) = (code(&"c".repeat(40)), agency(&"a".repeat(16)));
    let at = Timestamp::from_micros(253_000_000_000_000_000);
    let (case, approval) = (id("cs", 1), id("ap", 1));
    let hold = Hold { case, agency: of.clone(), reason: long.clone(), since: at, approval, lifted: Some(at) };
    let erasure = Erasure {
        case,
        agency: of.clone(),
        basis: long,
        status: ErasureStatus::ErasureOrdered,
        ordered: at,
        approval,
        erased: Some(at),
        keys: Some(u32::MAX),
    };
    let copy = ErasureCopy {
        case,
        agency: of.clone(),
        ordered_by: of,
        told: at,
        due: Some(at),
        overdue: true,
        acknowledged: Some(at),
    };
    for row in [Register::Hold(hold), Register::Erasure(erasure), Register::ErasureCopy(copy)] {
        let policy = Some("0123456789abcdef".to_owned());
        let hash = || "ab".repeat(32);
        let commitment = Some(casework::Commitment { message: hash(), signature: Some(hash()) });
        let entry = Entry::new(at, id("ps", 1), Via::Adapter, policy, commitment, Event::Register(row));
        let leaf = entry.to_leaf().unwrap();
        assert!(leaf.len() < LEAF_BYTES_MAX, "{}", leaf.len());
        assert_eq!(Entry::from_leaf(&leaf).unwrap(), entry);
    }
}
