//! What one question to the policies costs: at intake once per recipient, at hand-over once per delivery.

use std::sync::atomic::{AtomicU64, Ordering};

use casework::{MessageKind, Priority};
use divan::{Bencher, black_box};
use policies::{Act, Ask, Decision};

use crate::fixtures::{AT, POLICIES, RECIPIENTS, agency, code, service};

/// ICT Police refers a child to this agency, or this agency is given what ICT Police sent.
fn ask(act: Act, recipient: &str) -> Ask {
    let (who, other) = if act == Act::Send { ("ictp", recipient) } else { (recipient, "ictp") };
    Ask {
        counterpart: Some(agency(other)),
        message: Some(MessageKind::Request),
        service: Some(service(recipient)),
        purpose: Some(code("protection")),
        basis: Some(code("best-interests")),
        urgency: Some(Priority::Emergency),
        ..Ask::of(agency(who), vec!["system".to_owned()], act)
    }
}

#[divan::bench(args = RECIPIENTS)]
fn intake(bencher: Bencher<'_, '_>, recipient: &str) {
    permitted(bencher, &ask(Act::Send, recipient));
}

/// The same, asked for the first time: each question names a service that no policy knows.
#[divan::bench(args = RECIPIENTS)]
fn intake_first(bencher: Bencher<'_, '_>, recipient: &str) {
    let (set, drawn) = (&*POLICIES, AtomicU64::new(0));
    let new = || format!("SVC-{}", drawn.fetch_add(1, Ordering::Relaxed));
    let question = || Ask { service: Some(code(&new())), ..ask(Act::Send, recipient) };
    bencher.with_inputs(question).bench_refs(|ask| set.permit(ask, *AT));
}

#[divan::bench(args = RECIPIENTS)]
fn hand_over(bencher: Bencher<'_, '_>, recipient: &str) {
    permitted(bencher, &ask(Act::Receive, recipient));
}

fn permitted(bencher: Bencher<'_, '_>, ask: &Ask) {
    let set = &*POLICIES;
    assert!(matches!(set.permit(ask, *AT), Decision::Permitted(_)), "{ask:?}");
    bencher.bench(|| set.permit(black_box(ask), *AT));
}
