//! What one question to the policies costs: at intake once per recipient, at hand-over once per delivery.

use casework::{MessageKind, Priority};
use divan::{Bencher, black_box};
use policies::{Act, Ask, Decision};

use crate::fixtures::{POLICIES, RECIPIENTS, agency, code, service};

/// ICT Police refers a child to this agency, or this agency is given what ICT Police sent.
fn ask(act: Act, recipient: &str) -> Ask {
    let (who, other) = if act == Act::Send { ("ictp", recipient) } else { (recipient, "ictp") };
    Ask {
        agency: agency(who),
        roles: vec!["system".to_owned()],
        act,
        counterpart: Some(agency(other)),
        message: Some(MessageKind::Request),
        service: Some(service(recipient)),
        purpose: Some(code("protection")),
        basis: Some(code("best-interests")),
        urgency: Some(Priority::Emergency),
        read_version: None,
    }
}

#[divan::bench(args = RECIPIENTS)]
fn intake(bencher: Bencher<'_, '_>, recipient: &str) {
    permitted(bencher, &ask(Act::Send, recipient));
}

#[divan::bench(args = RECIPIENTS)]
fn hand_over(bencher: Bencher<'_, '_>, recipient: &str) {
    permitted(bencher, &ask(Act::Receive, recipient));
}

fn permitted(bencher: Bencher<'_, '_>, ask: &Ask) {
    let set = &*POLICIES;
    assert!(matches!(set.permit(ask), Decision::Permitted(_)), "{ask:?}");
    bencher.bench(|| set.permit(black_box(ask)));
}
