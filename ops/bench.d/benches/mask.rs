//! What a recipient's view of a referral costs: finding its mask, and cutting the body down to it. The hub
//! does the two in one (`cut_down`), with the child's own wishes in between.

use casework::Ways;
use divan::{Bencher, black_box};
use schemas::messages::RequestView;

use crate::fixtures::{AT, POLICIES, RECIPIENTS, SCHEMAS, checked, disclosure, reading};

#[divan::bench(args = RECIPIENTS)]
fn lookup(bencher: Bencher<'_, '_>, recipient: &str) {
    let (set, asked) = (&*POLICIES, disclosure(recipient));
    bencher.bench(|| set.mask(black_box(&asked), *AT));
}

#[divan::bench(args = RECIPIENTS)]
fn minimise(bencher: Bencher<'_, '_>, recipient: &str) {
    let (message, ways, schemas) = (checked(), ways(recipient), &*SCHEMAS);
    bencher.bench(|| {
        schemas.cut(message.kind, message.version, black_box(message.value.json()), &ways, &reading())
    });
}

/// Both, and what the child asked to withhold.
#[divan::bench(args = RECIPIENTS)]
fn cut_down(bencher: Bencher<'_, '_>, recipient: &str) {
    let (message, asked) = (checked(), disclosure(recipient));
    let schemas = &*SCHEMAS;
    bencher.bench(|| {
        let mut ways = POLICIES.mask(black_box(&asked), *AT).ways.clone();
        let withheld = RequestView::read(message.value.json()).unwrap().withheld;
        ways.retain(|category, _| !withheld.contains(category));
        schemas.cut(message.kind, message.version, message.value.json(), &ways, &reading())
    });
}

fn ways(recipient: &str) -> Ways {
    let mask = POLICIES.mask(&disclosure(recipient), *AT);
    assert_eq!(mask.failed, None);
    assert!(!mask.ways.is_empty());
    mask.ways.clone()
}
