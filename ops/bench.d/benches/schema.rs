//! What checking a referral costs, from its bytes to a checked message: strict parse, media, schema and
//! categories.

use casework::MessageKind;
use divan::{Bencher, black_box};
use schemas::messages::RequestView;

use crate::fixtures::{BODY, INVALID, SCHEMAS, checked};

#[divan::bench]
fn valid(bencher: Bencher<'_, '_>) {
    let (schemas, body) = (&*SCHEMAS, &*BODY);
    bencher.bench(|| schemas.check(Some(MessageKind::Request), black_box(body)).unwrap());
}

#[divan::bench]
fn invalid(bencher: Bencher<'_, '_>) {
    let (schemas, body) = (&*SCHEMAS, &*INVALID);
    bencher.bench(|| schemas.check(Some(MessageKind::Request), black_box(body)).err().unwrap());
}

/// The codes that deciding needs, read from a checked message.
#[divan::bench]
fn view(bencher: Bencher<'_, '_>) {
    let message = checked();
    bencher.bench(|| RequestView::read(black_box(message.value.json())).unwrap());
}

/// The yardstick: the bytes as any JSON.
#[divan::bench]
fn plain_parse(bencher: Bencher<'_, '_>) {
    let body = &*BODY;
    bencher.bench(|| serde_json::from_slice::<serde_json::Value>(black_box(body)).unwrap());
}
