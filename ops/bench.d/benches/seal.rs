//! What keeping a body secret costs: sealing and opening it under its case's key, and the commitment that
//! stands in the ledger.

use ::seal::{CaseKey, Place, commitment};
use divan::{Bencher, black_box};

use crate::fixtures::{BODY, HUB, id};

/// A case's key, and a body with its opening before it.
struct World {
    key: CaseKey,
    place: Place<'static>,
    plain: Vec<u8>,
}

fn world() -> World {
    let place = Place { hub: HUB, case: id("cs"), object: id("ob"), schema: "referral.request/v1" };
    World { key: CaseKey::generate(id("ky")), place, plain: [&[7; 32], BODY.as_slice()].concat() }
}

#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    let World { key, place, plain } = world();
    bencher.bench(|| key.seal(&place, black_box(&plain)));
}

#[divan::bench]
fn open(bencher: Bencher<'_, '_>) {
    let World { key, place, plain } = world();
    let sealed = key.seal(&place, &plain);
    bencher.bench(|| key.open(&place, black_box(&sealed)).unwrap());
}

#[divan::bench]
fn commit_to(bencher: Bencher<'_, '_>) {
    let body = &*BODY;
    bencher.bench(|| commitment(&[7; 32], black_box(body)));
}
