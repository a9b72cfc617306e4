//! Breaking the glass: who may, what is seen, who is told, who reviews it, and what happens where nobody
//! does; on both engines.

use std::future::{Future, poll_fn};
use std::pin::pin;

use casework::{Caller, CaseId, Event, GlassKey, Notice, ReferralId, Role, Settlement, TimeSource, Verdict};
use hub::{ApprovalView, GlassAsked, GlassView, HubError};
use policies::Policies;

use super::approvals::{person, world};
use super::held::request;
use super::world::{World, key, system};
use crate::store::server::Fresh;

pub const MINUTE: i64 = 60_000_000;
pub const HOUR: i64 = 60 * MINUTE;

/// Both engines, where the server is there.
pub fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

/// A case of ICT Police and CPI, and its referral.
pub async fn case(world: &World) -> (CaseId, ReferralId) {
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("case")).await.unwrap();
    (sent.case.id, sent.referrals[0].id)
}

fn asked(world: &World, case: CaseId) -> GlassAsked {
    GlassAsked {
        case,
        reason: "danger-to-life".parse().unwrap(),
        why: "Invented for this test, and long enough.".into(),
        signed_in: Some(world.hub.store.clock().real().micros() / 1_000_000 - 60),
    }
}

pub async fn open(world: &World, who: &Caller, case: CaseId, name: &str) -> Result<GlassView, HubError> {
    world.hub.break_glass(who, &asked(world, case), &key(name)).await
}

pub fn slug<T: std::fmt::Debug>(outcome: Result<T, HubError>) -> &'static str {
    outcome.unwrap_err().slug()
}

pub fn id(view: &GlassView) -> GlassKey {
    view.id.parse().unwrap()
}

pub fn forward(world: &World, micros: i64) {
    world.hub.store.raise_clock(world.hub.store.now().plus_micros(micros)).unwrap();
}

pub async fn size(world: &World) -> u64 {
    world.hub.store.checkpoint().await.unwrap().unwrap().0
}

/// Everything that was told, whom, and in what role.
async fn told(world: &World, case: CaseId) -> Vec<(Notice, String, Role)> {
    let entries = world.hub.store.case_history(case).await.unwrap();
    let told = entries.into_iter().filter_map(|found| match found.entry.event {
        Event::Noticed(told) => Some((told.what, told.whom.to_string(), told.role)),
        _ => None,
    });
    told.collect()
}

#[tokio::test]
async fn one_case_for_an_hour_and_everybody_is_told() {
    for world in worlds() {
        let (case, referral) = case(&world).await;
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let before = world.hub.show_referral(&officer, referral).await;
        assert_eq!(slug(before), "not-found");
        let glass = open(&world, &officer, case, "one").await.unwrap();
        let again = open(&world, &officer, case, "one").await.unwrap();
        assert_eq!((again.id.as_str(), again.opened), (glass.id.as_str(), glass.opened.clone()), "repeated");
        let expected = [
            (Notice::BreakGlassOpened, "ictp".to_owned(), Role::Supervisor),
            (Notice::BreakGlassOpened, "ictp".to_owned(), Role::PrivacyOfficer),
            (Notice::BreakGlassOpened, "nccia".to_owned(), Role::PrivacyOfficer),
        ];
        assert_eq!(told(&world, case).await, expected);
        let events = world.hub.list_events(&system("ictp"), None, 200).await.unwrap();
        let of_glass = events.events.iter().filter(|event| event.kind == "amaan.notice.given.v1");
        let texts: String = of_glass.map(|event| event.body.get()).collect();
        assert!(
            texts.contains(&glass.id) && !texts.contains("Invented") && !texts.contains("danger-to-life")
        );

        // Each look is an entry of its own, marked.
        let at = size(&world).await;
        let seen = world.hub.case_through(&officer, id(&glass)).await.unwrap();
        assert_eq!(seen.referrals.iter().map(|one| one.id).collect::<Vec<_>>(), [referral]);
        let seen = world.hub.referral_through(&officer, id(&glass), referral).await.unwrap();
        let message = seen.message.unwrap();
        let shelter = world.hub.show_referral(&system("cpi"), referral).await.unwrap();
        assert_eq!(message.json(), shelter.message.unwrap().json(), "what the receiver sees, no more");
        let looks = world.hub.store.entries_from(at, 2).await.unwrap();
        for look in &looks {
            let Event::Read(read) = &look.entry.event else { panic!("{look:?}") };
            assert_eq!((read.what.as_str(), read.glass()), ("break-glass", Some(id(&glass))));
        }
        // Nothing else opens: no write, no other's glass, and after an hour no look.
        let colleague = person(&world, "nccia", "colleague", Role::Supervisor).await;
        assert_eq!(slug(world.hub.case_through(&colleague, id(&glass)).await), "not-found");
        assert_eq!(slug(world.hub.show_referral(&officer, referral).await), "not-found");
        forward(&world, 61 * MINUTE);
        assert_eq!(slug(world.hub.case_through(&officer, id(&glass)).await), "not-found");
        assert_eq!(
            slug(open(&world, &officer, case, "two").await),
            "needs-another-person",
            "no renewal alone"
        );
    }
}

#[tokio::test]
async fn who_may_not_learns_nothing_of_the_case() {
    let world = world(None);
    let (case, _) = case(&world).await;
    let absent: CaseId = "cs_00000000000070008000000000000000".parse().unwrap();
    let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
    let analyst = person(&world, "nccia", "analyst", Role::Analyst).await;
    let unregistered = Caller { roles: vec!["supervisor".into()], ..system("nccia") };
    for case in [case, absent] {
        let stale = GlassAsked { signed_in: Some(0), ..asked(&world, case) };
        let unsaid = GlassAsked { signed_in: None, ..asked(&world, case) };
        let short = GlassAsked { why: "too short".into(), ..asked(&world, case) };
        let uncoded = GlassAsked { reason: "curious".parse().unwrap(), ..asked(&world, case) };
        for (asked, expect) in [
            (stale, "step-up-required"),
            (unsaid, "step-up-required"),
            (short, "validation-failed"),
            (uncoded, "unknown-code"),
        ] {
            assert_eq!(slug(world.hub.break_glass(&officer, &asked, &key("k")).await), expect);
        }
        assert_eq!(slug(open(&world, &analyst, case, "a").await), "not-permitted");
        assert_eq!(slug(open(&world, &system("nccia"), case, "s").await), "not-permitted");
        assert_eq!(slug(open(&world, &unregistered, case, "u").await), "needs-another-person");
    }
    // Absent, and the agency's own, look alike.
    let party = person(&world, "cpi", "party", Role::Supervisor).await;
    assert_eq!(slug(open(&world, &officer, absent, "x").await), "not-found");
    assert_eq!(slug(open(&world, &party, case, "y").await), "not-found");
}

#[tokio::test]
async fn another_person_reviews_it() {
    for world in worlds() {
        let (case, _) = case(&world).await;
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let glass = open(&world, &officer, case, "one").await.unwrap();
        let review = async |who: &Caller, name: &str| {
            world.hub.review_glass(who, id(&glass), Verdict::Justified, &key(name)).await
        };
        assert_eq!(slug(review(&officer, "own").await), "needs-another-person");
        let stranger = person(&world, "cpi", "stranger", Role::PrivacyOfficer).await;
        assert_eq!(slug(review(&stranger, "s").await), "not-found", "neither its look nor its case");
        let custodian = person(&world, "ictp", "custodian", Role::PrivacyOfficer).await;
        let why = world.hub.show_glass(&custodian, id(&glass)).await.unwrap();
        assert!(why.why.starts_with("Invented"));
        assert_eq!(slug(world.hub.show_glass(&stranger, id(&glass)).await), "not-found");
        let done = review(&custodian, "yes").await.unwrap();
        assert_eq!((done.verdict, done.reviewed_by), (Some(Verdict::Justified), Some(custodian.actor)));
        assert_eq!(review(&custodian, "yes").await.unwrap().id, done.id, "repeated, it is answered again");
        assert_eq!(slug(review(&custodian, "more").await), "already-reviewed");
        assert_eq!(slug(world.hub.case_through(&officer, id(&glass)).await), "not-found", "it is over");
        open(&world, &officer, case, "two").await.unwrap();
    }
}

pub async fn agree(
    world: &World,
    who: &Caller,
    asked: &ApprovalView,
    name: &str,
) -> Result<ApprovalView, HubError> {
    world.hub.settle_approval(who, asked.id, Settlement::Approve, &key(name)).await
}

#[tokio::test]
async fn unreviewed_the_right_is_suspended_until_two_people_lift_it() {
    for world in worlds() {
        let (case, _) = case(&world).await;
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let second = person(&world, "nccia", "second", Role::Supervisor).await;
        let glass = open(&world, &officer, case, "one").await.unwrap();
        forward(&world, 71 * HOUR);
        world.hub.lapse_registers().await.unwrap();
        let list = world.hub.list_glass(&second).await.unwrap();
        assert!(list.suspended.is_empty());
        forward(&world, 2 * HOUR);
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 1);
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 0, "once");
        let list = world.hub.list_glass(&second).await.unwrap();
        assert_eq!(list.suspended.iter().map(|one| one.person).collect::<Vec<_>>(), [officer.actor]);
        let unreviewed = told(&world, case).await;
        assert_eq!(unreviewed.iter().filter(|(what, ..)| *what == Notice::BreakGlassUnreviewed).count(), 3);
        assert_eq!(slug(open(&world, &officer, case, "two").await), "right-suspended");
        // A late review gives no right back; two other people do.
        world.hub.review_glass(&second, id(&glass), Verdict::NotJustified, &key("late")).await.unwrap();
        assert_eq!(slug(open(&world, &officer, case, "three").await), "right-suspended");
        let own = world.hub.ask_lifting(&officer, officer.actor, &key("own")).await.unwrap();
        assert_eq!(slug(agree(&world, &officer, &own, "alone").await), "needs-another-person");
        let third = person(&world, "nccia", "third", Role::Supervisor).await;
        let asked = world.hub.ask_lifting(&second, officer.actor, &key("lift")).await.unwrap();
        assert_eq!(slug(agree(&world, &officer, &asked, "himself").await), "needs-another-person");
        agree(&world, &third, &asked, "yes").await.unwrap();
        assert!(world.hub.list_glass(&second).await.unwrap().suspended.is_empty());
        open(&world, &officer, case, "four").await.unwrap();
    }
}

#[tokio::test]
async fn another_hour_takes_a_second_person() {
    let world = world(None);
    let (case, _) = case(&world).await;
    let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
    let second = person(&world, "nccia", "second", Role::Supervisor).await;
    let glass = open(&world, &officer, case, "one").await.unwrap();
    forward(&world, 90 * MINUTE);
    let asked = world.hub.ask_renewal(&officer, id(&glass), &key("more")).await.unwrap();
    assert_eq!(slug(world.hub.case_through(&officer, id(&glass)).await), "not-found");
    agree(&world, &second, &asked, "yes").await.unwrap();
    let seen = world.hub.case_through(&officer, id(&glass)).await.unwrap().glass;
    assert_eq!((seen.renewed, &seen.review_by), (1, &glass.review_by), "the review is due when it was");
}

/// The set by which CPI is shown nothing any more: the agreement was over before.
fn narrower() -> Policies {
    let mut set: serde_json::Value = serde_json::from_str(&Policies::embedded().unwrap().bundle()).unwrap();
    let file = &mut set["agreements"]["ict-child-protection.cedar"];
    *file = file.as_str().unwrap().replacen("2025-01-01 to open", "2025-01-01 to 2025-06-30", 1).into();
    Policies::from_bundle(&set.to_string()).unwrap()
}

/// Another set comes into force at each place where a look waits: what is shown is always cut by the set that
/// the look's entry names.
#[tokio::test]
async fn a_look_is_cut_by_the_set_that_permitted_it() {
    let world = world(None);
    let (case, referral) = case(&world).await;
    let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
    let glass = id(&open(&world, &officer, case, "one").await.unwrap());
    let wide = Policies::embedded().unwrap().set_digest().to_owned();
    let mut changed = 0;
    for place in 1.. {
        world.hub.policies.replace(Policies::embedded().unwrap());
        let (mut waits, mut other) = (0, Some(narrower()));
        let mut look = pin!(world.hub.referral_through(&officer, glass, referral));
        let seen = poll_fn(|context| {
            let polled = look.as_mut().poll(context);
            waits += u32::from(polled.is_pending());
            if waits == place {
                other.take().into_iter().for_each(|set| world.hub.policies.replace(set));
            }
            polled
        });
        let seen = seen.await.unwrap();
        let name = seen.message.and_then(|shown| shown.json().pointer("/child/name").cloned());
        let entry = world.hub.store.entries_before(None, 1).await.unwrap().remove(0).entry;
        assert!(matches!(&entry.event, Event::Read(read) if read.glass() == Some(glass)), "{entry:?}");
        assert_eq!(entry.policy == Some(wide.clone()), name.is_some(), "changed at wait {place}: {entry:?}");
        changed += u32::from(name.is_none());
        if other.is_some() {
            break;
        }
    }
    assert!(changed > 0, "the other set came into force before a cut");
}
