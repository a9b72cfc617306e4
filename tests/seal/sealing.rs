//! A sealed body opens with its key, at its place, unchanged; everything else is refused alike.

use casework::KeyId;
use proptest::prelude::*;
use seal::{Place, SealError};

use super::{id, key, place};

const PLAIN: &[u8] = b"{\"child\":{\"name\":\"Test Child 7\"}}";

#[track_caller]
fn check(result: Result<casework::Sensitive<Vec<u8>>, SealError>, expect: Result<&[u8], SealError>) {
    let result = result.map(|plain| plain.expose().clone());
    assert_eq!(result.as_deref(), expect.as_ref().map(|plain| *plain));
}

#[test]
fn a_body_opens_where_it_was_sealed() {
    let key = key(1);
    let sealed = key.seal(&place(2, 3), PLAIN);
    assert_eq!(sealed.len(), 12 + PLAIN.len() + 16);
    assert!(!sealed.windows(10).any(|part| PLAIN.windows(10).any(|plain| plain == part)));
    check(key.open(&place(2, 3), &sealed), Ok(PLAIN));
    check(key.open(&place(2, 3), &key.seal(&place(2, 3), b"")), Ok(b""));
}

#[test]
fn it_opens_nowhere_else() {
    let key = key(1);
    let sealed = key.seal(&place(2, 3), PLAIN);
    let elsewhere = [
        place(9, 3),
        place(2, 9),
        Place { hub: "other.example/ledger", ..place(2, 3) },
        Place { schema: "referral.request/v2", ..place(2, 3) },
    ];
    for place in elsewhere {
        check(key.open(&place, &sealed), Err(SealError::NotOpened));
    }
    // Another key, even if it is known by the same id.
    check(super::key(1).open(&place(2, 3), &sealed), Err(SealError::NotOpened));
}

/// The four parts of a place cannot flow into one another.
#[test]
fn two_places_never_read_alike() {
    let key = key(1);
    let here = Place { hub: "hub", schema: "x/v1", ..place(2, 3) };
    let sealed = key.seal(&here, PLAIN);
    check(key.open(&Place { hub: "hubx", schema: "/v1", ..here }, &sealed), Err(SealError::NotOpened));
    check(key.open(&Place { hub: "", schema: "hubx/v1", ..here }, &sealed), Err(SealError::NotOpened));
}

#[test]
fn the_same_body_never_seals_alike() {
    let key = key(1);
    let sealed = (0..100).map(|_| key.seal(&place(2, 3), PLAIN));
    assert_eq!(sealed.collect::<std::collections::BTreeSet<_>>().len(), 100);
}

#[test]
fn what_is_too_short_was_never_sealed() {
    for length in 0..28 {
        check(key(1).open(&place(2, 3), &vec![0; length]), Err(SealError::TooShort));
    }
    check(key(1).open(&place(2, 3), &[0; 28]), Err(SealError::NotOpened));
}

#[test]
fn nothing_secret_is_printed() {
    let key = key(1);
    assert_eq!(format!("{key:?}"), format!("CaseKey({})", id::<KeyId>("ky", 1)));
    let opened = key.open(&place(2, 3), &key.seal(&place(2, 3), PLAIN)).unwrap();
    assert_eq!(format!("{opened:?}"), "Sensitive(..)");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_comes_back_and_any_change_is_noticed(
        plain in prop::collection::vec(any::<u8>(), 0..2000),
        at: prop::sample::Index,
        bit in 0..8_u8,
        cut in 1..40_usize,
    ) {
        let (key, place) = (key(1), place(2, 3));
        let sealed = key.seal(&place, &plain);
        let opened = key.open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &plain);
        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= 1 << bit;
        prop_assert!(key.open(&place, &changed).is_err());
        prop_assert!(key.open(&place, &sealed[..sealed.len().saturating_sub(cut)]).is_err());
        prop_assert!(key.open(&place, &[sealed.as_slice(), &[0]].concat()).is_err());
    }
}
