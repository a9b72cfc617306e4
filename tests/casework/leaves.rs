//! The bytes of a leaf: never over 1 KiB however long codes and agencies are, read back as written, and
//! refused where they are something else.

use casework::{
    ASKED_ROLES_MAX, Action, AgencyCode, Answer, AskIdentity, Attempt, Category, DeliveryStep, Entry, Intent,
    LEAF_BYTES_MAX, LeafError, MessageKind, Outcome, PolicyAsked, Priority, ReadEntry, Recipient,
    RefusedEntry, Replay, Resolution, Resolve, Revoke, RevokeOne, Submit, Terms, Timestamp, Told,
};

use super::world::{World, agency, code, id};

/// The longest code and agency there can be.
fn long_code() -> casework::Code {
    code(&"c".repeat(40))
}

fn long_agency(letter: &str) -> AgencyCode {
    agency(&letter.repeat(16))
}

/// A time as long as times get.
const UNTIL: i64 = 253_100_000_000_000_000;

/// Everything at its longest, through every command.
fn longest(priority: Priority) -> World {
    let mut world = World::new();
    // The year 9987: times as long as they get.
    world.wait(253_000_000_000_000_000 - world.now.at.micros());
    world.act(Action::Submit(submit(priority, 1, None))).unwrap();
    let long = "r".repeat(40);
    for (step, by, reason) in [
        (MessageKind::Hold, "t", "information-requested"),
        (MessageKind::Information, "f", &long),
        (MessageKind::Accept, "t", &long),
        (MessageKind::Hold, "t", &long),
        (MessageKind::Progress, "t", &long),
        (MessageKind::Outcome, "t", &long),
    ] {
        let next = u128::try_from(world.leaves.len()).unwrap();
        world.act(Action::Answer(answer(step, by, reason, next))).unwrap();
    }
    world.act(Action::Submit(submit(priority, 2, Some(id("rf", 1))))).unwrap();
    for action in others(id("dl", 1 << 64)) {
        world.act(action).unwrap();
    }
    world
}

/// Consent taken back while everything runs that can run at once.
fn revoked(priority: Priority) -> World {
    let mut world = World::new();
    world.wait(253_000_000_000_000_000 - world.now.at.micros());
    world.act(Action::Submit(submit(priority, 1, None))).unwrap();
    let long = "r".repeat(40);
    for (step, by, reason) in [
        (MessageKind::Accept, "t", long.as_str()),
        (MessageKind::Progress, "t", &long),
        (MessageKind::Hold, "t", "information-requested"),
        (MessageKind::CancelRequest, "f", &long),
    ] {
        let next = u128::try_from(world.leaves.len()).unwrap();
        world.act(Action::Answer(answer(step, by, reason, next))).unwrap();
    }
    let one = RevokeOne { referral: id("rf", 1), carried: None, told: id("dl", 77) };
    let (from, referrals) = (long_agency("f"), vec![one]);
    world.act(Action::Revoke(Revoke { case: id("cs", 1), from, object: id("ob", 77), referrals })).unwrap();
    world.act(Action::Answer(answer(MessageKind::Cease, "t", "retained-best-interests", 78))).unwrap();
    world
}

fn submit(priority: Priority, number: u128, replaces: Option<casework::ReferralId>) -> Submit {
    let recipient = Recipient {
        referral: id("rf", number),
        delivery: id("dl", number << 64),
        to: long_agency("t"),
        addressed: Some(long_agency("a")),
        mandate: Some(long_code()),
        service: long_code(),
    };
    Submit {
        request: id("rq", number),
        case: id("cs", 1),
        open_case: number == 1,
        from: long_agency("f"),
        priority,
        purpose: long_code(),
        basis: code("consent"),
        held: true,
        recipients: vec![recipient],
        object: id("ob", number),
        replaces,
        terms: Terms {
            intent: if number == 1 { Intent::Transfer } else { Intent::Refer },
            consent_until: Some(Timestamp::from_micros(UNTIL)),
            ..Terms::default()
        },
    }
}

fn answer(step: MessageKind, by: &str, reason: &str, next: u128) -> Answer {
    Answer {
        referral: id("rf", 1),
        agency: long_agency(by),
        step,
        expected_version: None,
        reason: Some(code(reason)),
        failed: true,
        suggested: Some(long_agency("s")),
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        carried: None,
        more: casework::More { review: Some(Timestamp::from_micros(UNTIL)), case: Some(id("cs", 1)) },
    }
}

fn long_question() -> PolicyAsked {
    PolicyAsked {
        act: code("manage_deliveries"),
        roles: vec![long_code(); ASKED_ROLES_MAX],
        to: Some(long_agency("t")),
        message: Some(MessageKind::CancelRequest),
        service: Some(long_code()),
        purpose: Some(long_code()),
        basis: Some(long_code()),
        urgency: Some(Priority::Emergency),
    }
}

/// What is not a step of a referral.
fn others(delivery: casework::DeliveryId) -> Vec<Action> {
    let all = || Category::ALL.iter().copied();
    let (shown, withheld) = (all().take(10).collect(), all().skip(10).collect());
    let evidence = Some("e".repeat(32));
    let (step, reason) = (DeliveryStep::Undeliverable, Some(long_code()));
    let resolution = Resolution::NotDelivered;
    let ask = AskIdentity {
        check: id("ic", 1),
        case: id("cs", 2),
        open_case: true,
        from: long_agency("f"),
        to: long_agency("t"),
        object: id("ob", 99),
        shown: all().collect(),
        role: long_code(),
        purpose: long_code(),
        basis: long_code(),
    };
    let read = ReadEntry {
        reduced: [].into(),
        what: long_code(),
        subject: Some("s".repeat(40)),
        agency: long_agency("f"),
        categories: all().collect(),
        glass: None,
    };
    let mapped = casework::Mapped { schema: u16::MAX, mapping: "f".repeat(16) };
    let counted = casework::Counted {
        size: u64::MAX,
        created: u64::MAX,
        delivered: u64::MAX,
        refused: u64::MAX,
        undeliverable: u64::MAX,
        expired: u64::MAX,
        withdrawn: u64::MAX,
        in_flight: u64::MAX,
        open: u64::MAX,
        lost: u64::MAX,
        unowned: u64::MAX,
        first: Some(delivery.to_string()),
        agencies: "f".repeat(32),
    };
    vec![
        Action::Counted(counted),
        Action::Session(casework::SessionMoved {
            agency: long_agency("f"),
            turn: casework::SessionTurn::Confirmed,
        }),
        Action::Replay(Replay { delivery }),
        Action::Attempt(Attempt {
            reduced: [].into(),
            delivery,
            referral: None,
            attempt: 1,
            shown,
            withheld,
            mapped: Some(mapped),
        }),
        Action::Outcome(Outcome { delivery, attempt: 1, step, reason, evidence }),
        Action::Resolve(Resolve { delivery, resolution, reason: long_code() }),
        Action::AskIdentity(ask),
        Action::Read(read),
        Action::Refused(RefusedEntry {
            problem: long_code(),
            agency: long_agency("f"),
            count: u32::MAX,
            asked: Some(Box::new(long_question())),
        }),
    ]
}

#[test]
fn the_longest_leaves_fit() {
    for (priority, world) in [Priority::Emergency, Priority::Normal]
        .into_iter()
        .flat_map(|priority| [(priority, longest(priority)), (priority, revoked(priority))])
    {
        let longest = world.leaves.iter().map(Vec::len).max().unwrap();
        println!("{}: the longest leaf has {longest} of {LEAF_BYTES_MAX} bytes", priority.as_str());
        assert!(longest <= LEAF_BYTES_MAX);
        for (leaf, entry) in world.leaves.iter().zip(&world.entries) {
            assert_eq!(&Entry::from_leaf(leaf).unwrap(), entry);
        }
    }
}

/// A look through a broken glass, and a notice of one: with everything in them they still fit.
#[test]
fn looks_and_notices_fit() {
    let glass = casework::GlassKey { case: id("cs", 1), person: id("ps", 1) };
    let read = ReadEntry {
        what: code("break-glass"),
        subject: Some(id::<casework::ReferralId>("rf", 1).to_string()),
        agency: long_agency("f"),
        categories: Category::ALL.iter().copied().collect(),
        reduced: Category::ALL.iter().copied().collect(),
        glass: Some(glass.to_string()),
    };
    let told = casework::Noticed {
        what: casework::Notice::BreakGlassUnreviewed,
        case: id("cs", 1),
        whom: long_agency("w"),
        role: casework::Role::PrivacyOfficer,
        by: long_agency("b"),
        by_role: long_code(),
        about: glass.to_string(),
    };
    for event in [casework::Event::Read(read), casework::Event::Noticed(told)] {
        let policy = Some("f".repeat(16));
        let entry = Entry::new(
            Timestamp::from_micros(UNTIL),
            id("ps", 1),
            casework::Via::Adapter,
            policy,
            None,
            event,
        );
        assert_eq!(Entry::from_leaf(&entry.to_leaf().unwrap()).unwrap(), entry);
    }
}

/// A subject without a bound is the one member that could burst a leaf; it is refused, not cut.
#[test]
fn a_leaf_that_does_not_fit_is_refused() {
    let read = |length: usize| ReadEntry {
        reduced: [].into(),
        what: code("audit"),
        subject: Some("s".repeat(length)),
        agency: agency("ncrc"),
        categories: [].into(),
        glass: None,
    };
    let entry = |length| {
        let event = casework::Event::Read(read(length));
        Entry::new(Timestamp::default(), id("ps", 1), casework::Via::Api, None, None, event)
    };
    let fits = LEAF_BYTES_MAX - entry(0).to_leaf().unwrap().len();
    assert_eq!(entry(fits).to_leaf().unwrap().len(), LEAF_BYTES_MAX);
    assert!(matches!(entry(fits + 1).to_leaf(), Err(LeafError::Size(size)) if size == LEAF_BYTES_MAX + 1));
}

#[test]
fn other_bytes_are_no_leaf() {
    let leaf = longest(Priority::Normal).leaves.remove(0);
    let text = String::from_utf8(leaf).unwrap();
    assert!(Entry::from_leaf(text.as_bytes()).is_ok());
    for (what, changed) in [
        ("another version", text.replacen("\"v\":1", "\"v\":2", 1)),
        ("another kind", text.replacen("request.submitted", "request.forgotten", 1)),
        ("a name for a code", text.replacen("ffffffffffffffff", "Test Child 7", 1)),
        ("half of it", text[..text.len() / 2].to_owned()),
        ("nothing", String::new()),
    ] {
        assert_ne!(changed, text, "{what}");
        assert!(matches!(Entry::from_leaf(changed.as_bytes()), Err(LeafError::Shape(_))), "{what}");
    }
}
