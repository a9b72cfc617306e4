//! What a broken glass shows, and what it never does: what the receiver itself may not know of, anything
//! after consent was taken back, anything to somebody whose right is suspended; and that no look is missed by
//! those who have to review it. On both engines.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use casework::{Action, Caller, Command, Event, GlassKey, MessageKind, ReadEntry, ReferralId, Refusal, Role};
use policies::Policies;
use serde_json::{Value, json};
use store::{Committed, Lane, Order};

use super::approvals::person;
use super::break_glass::{HOUR, MINUTE, agree, case, forward, id, open, size, slug, worlds};
use super::breaker::for_nccia;
use super::held::request;
use super::revoked::{self, POLICE, consent, fetched, revoke};
use super::world::{World, failing_policies, key, system};

async fn step(world: &World, by: &str, id: ReferralId, step: MessageKind, mut body: Value) {
    body["schema"] = json!(format!("{step}/v1"));
    let (body, once) = (body.to_string(), key(&format!("{id}-{step}")));
    world.hub.answer_referral(&system(by), id, step, body.as_bytes(), &once, None).await.unwrap();
}

/// What is held, and what was called back before anybody saw it, is shown to nobody from outside either.
#[tokio::test]
async fn what_its_receiver_may_not_know_of_shows_through_no_glass() {
    for world in worlds() {
        let world = world.under(failing_policies());
        let (held_case, held) = case(&world).await;
        let world = world.under(Policies::embedded().unwrap());
        let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("back")).await.unwrap();
        let (back_case, back) = (sent.case.id, sent.referrals[0].id);
        step(&world, "ictp", back, MessageKind::CancelRequest, json!({ "reason": "duplicate" })).await;
        let officer = person(&world, "fia-ccw", "officer", Role::Supervisor).await;
        for (case, referral, receiver) in [(held_case, held, "cpi"), (back_case, back, "nccia")] {
            let known = world.hub.show_referral(&system(receiver), referral).await;
            assert_eq!(slug(known), "not-found");
            let glass = id(&open(&world, &officer, case, receiver).await.unwrap());
            assert_eq!(world.hub.case_through(&officer, glass).await.unwrap().referrals.len(), 0);
            let at = size(&world).await;
            assert_eq!(slug(world.hub.referral_through(&officer, glass, referral).await), "not-found");
            assert_eq!(size(&world).await, at + 1, "the look is entered all the same");
        }
        let released = world.hub.store.deliveries_of(held).await.unwrap().remove(0).id;
        world.hub.replay_dead_letter(&system("ictp"), released, &key("go")).await.unwrap();
        let glass = GlassKey { case: held_case, person: officer.actor };
        let seen = world.hub.referral_through(&officer, glass, held).await.unwrap();
        assert!(seen.message.is_some(), "once a person has released it");
    }
}

/// Consent is taken back at each place where a look waits: a look that shows something is entered before.
#[tokio::test]
async fn nothing_is_shown_through_a_glass_after_consent_was_taken_back() {
    for world in worlds() {
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let (mut shown, mut blank) = (0, 0);
        for place in 1.. {
            let name = format!("case-{place}");
            let sent = revoked::try_send(&world, &revoked::request(POLICE, consent()), &name).await.unwrap();
            let (case, referral) = (sent.case.id, sent.referrals[0].id);
            // What its receiver never saw would be called back, and be unknown afterwards.
            assert_eq!(fetched(&world, "ictp").await.len(), 1);
            let glass = id(&open(&world, &officer, case, &name).await.unwrap());
            let mut waits = 0;
            let mut look = pin!(world.hub.referral_through(&officer, glass, referral));
            let early = poll_fn(|context| match look.as_mut().poll(context) {
                Poll::Ready(seen) => Poll::Ready(Some(seen)),
                Poll::Pending => {
                    waits += 1;
                    if waits == place { Poll::Ready(None) } else { Poll::Pending }
                }
            });
            let early = early.await;
            let over = early.is_some();
            if !over {
                revoke(&world, &sent, &format!("revoke-{place}")).await.unwrap();
            }
            let seen = match early {
                Some(seen) => seen.unwrap(),
                None => look.await.unwrap(),
            };
            let history = world.hub.store.case_history(case).await.unwrap();
            let revoked = history.iter().find(|found| match &found.entry.event {
                Event::Moved(step) => step.step == MessageKind::ConsentRevoked,
                _ => false,
            });
            let entries = world.hub.store.entries_before(None, 50).await.unwrap();
            let looked = entries.iter().find(|found| match &found.entry.event {
                Event::Read(read) => read.glass() == Some(glass) && !read.categories.is_empty(),
                _ => false,
            });
            assert_eq!(looked.is_some(), seen.message.is_some(), "taken back at wait {place}");
            if let (Some(looked), Some(revoked)) = (looked, revoked) {
                assert!(looked.index < revoked.index, "shown after it was taken back at wait {place}");
            }
            *(if seen.message.is_some() { &mut shown } else { &mut blank }) += 1;
            if over {
                break;
            }
            assert_eq!(fetched(&world, "ictp").await.len(), 1, "that consent was taken back");
        }
        assert!(shown > 0 && blank > 1, "{shown} {blank}");
    }
}

/// Whose right is suspended sees nothing more through a glass that was opened before.
#[tokio::test]
async fn a_suspended_right_shows_nothing_through_any_glass() {
    for world in worlds() {
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let second = person(&world, "nccia", "second", Role::Supervisor).await;
        let third = person(&world, "nccia", "third", Role::Supervisor).await;
        let (first_case, _) = case(&world).await;
        open(&world, &officer, first_case, "first").await.unwrap();
        forward(&world, 71 * HOUR + 30 * MINUTE);
        let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("later")).await.unwrap();
        let later = id(&open(&world, &officer, sent.case.id, "later").await.unwrap());
        let look = ReadEntry {
            what: "break-glass".parse().unwrap(),
            subject: Some(sent.case.id.to_string()),
            agency: officer.agency.clone(),
            categories: Default::default(),
            reduced: Default::default(),
            glass: Some(later.to_string()),
        };
        let command = Command {
            actor: officer.actor,
            via: officer.via,
            permit: None,
            commitment: None,
            action: Action::Read(look),
        };
        let commits =
            async || world.hub.store.commit(Order::plain(command.clone(), Lane::Reads)).await.unwrap();
        assert!(matches!(commits().await, Committed::Done(_)));
        world.hub.case_through(&officer, later).await.unwrap();
        forward(&world, 40 * MINUTE);
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 1);
        assert_eq!(slug(world.hub.case_through(&officer, later).await), "not-found");
        let shown = world.hub.referral_through(&officer, later, sent.referrals[0].id).await;
        assert_eq!(slug(shown), "not-found");
        assert!(matches!(commits().await, Committed::Refused(Refusal::NotFound)), "nor is it entered");
        let asked = world.hub.ask_lifting(&second, officer.actor, &key("lift")).await.unwrap();
        agree(&world, &third, &asked, "yes").await.unwrap();
        world.hub.case_through(&officer, later).await.unwrap();
    }
}

/// However many others looked into newer cases, whoever has to review a look finds it.
#[tokio::test]
async fn a_reviewer_misses_no_look() {
    for world in worlds() {
        let (case, _) = case(&world).await;
        let officer = person(&world, "nccia", "officer", Role::Supervisor).await;
        let glass = open(&world, &officer, case, "one").await.unwrap();
        let others = |owner: &str| {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 699) \
                 INSERT INTO registers (id, book, agency, open, state) \
                 SELECT 'break-glass/zz' || i || '{owner}', book, 'fia-ccw', open, \
                 replace(replace(state, '\"owner\":\"ictp\"', '\"owner\":\"{owner}\"'), \
                 '\"agency\":\"nccia\"', '\"agency\":\"fia-ccw\"') \
                 FROM registers, n WHERE book = 'break-glass' AND agency = 'nccia'"
            )
        };
        if world.sql(&others("cpi")).is_none() {
            return;
        }
        for who in ["ictp", "nccia"] {
            let reviewer = Caller { roles: vec!["privacy-officer".into()], ..system(who) };
            let list = world.hub.list_glass(&reviewer).await.unwrap();
            let ids: Vec<_> = list.data.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(ids, [glass.id.as_str()], "{who}");
        }
        assert_eq!(slug(world.hub.list_glass(&system("ictp")).await), "not-permitted");
    }
}
