//! What a recipient's view of a referral costs: finding its mask, and cutting the body down to it. The hub
//! does the two in one (`cut_down`), with the child's own wishes in between.

use casework::Categories;
use divan::{Bencher, black_box};
use schemas::messages::RequestView;

use crate::fixtures::{AT, POLICIES, RECIPIENTS, SCHEMAS, checked, disclosure};

#[divan::bench(args = RECIPIENTS)]
fn lookup(bencher: Bencher<'_, '_>, recipient: &str) {
    let (set, asked) = (&*POLICIES, disclosure(recipient));
    bencher.bench(|| set.mask(black_box(&asked), *AT));
}

#[divan::bench(args = RECIPIENTS)]
fn minimise(bencher: Bencher<'_, '_>, recipient: &str) {
    let (message, allowed) = (checked(), allowed(recipient));
    let schemas = &*SCHEMAS;
    bencher.bench(|| schemas.minimise(message.kind, message.version, black_box(&message.value), &allowed));
}

/// Both, and what the child asked to withhold.
#[divan::bench(args = RECIPIENTS)]
fn cut_down(bencher: Bencher<'_, '_>, recipient: &str) {
    let (message, asked) = (checked(), disclosure(recipient));
    let schemas = &*SCHEMAS;
    bencher.bench(|| {
        let mut allowed = POLICIES.mask(black_box(&asked), *AT).allowed;
        let withheld = RequestView::read(&message.value).unwrap().withheld;
        allowed.retain(|category| !withheld.contains(category));
        schemas.minimise(message.kind, message.version, &message.value, &allowed)
    });
}

fn allowed(recipient: &str) -> Categories {
    let mask = POLICIES.mask(&disclosure(recipient), *AT);
    assert_eq!(mask.failed, None);
    assert!(!mask.allowed.is_empty());
    mask.allowed
}
