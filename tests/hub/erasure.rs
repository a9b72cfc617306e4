//! Erasing a case: who may have it erased, what keeps it from that, what nobody can read afterwards and what
//! stands all the same; on SQLite, and on PostgreSQL where a server is named.

use casework::{
    Action, Attempt, Caller, CaseId, Code, Command, DeliveryStep, Event, KeyId, MessageKind, Notice, Outcome,
    ReferralId, Role, Settlement, Status, TimeSource, Via,
};
use hub::{ApprovalView, ErasureView, HubError};
use serde_json::json;
use store::{Lane, Order, StoreError};

use super::approvals::{person, world};
use super::held::request;
use super::world::{World, key, system};
use crate::store::server::Fresh;

const DAY: i64 = 86_400_000_000;

/// Both engines, where the server is there.
pub fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

/// A case of ICT Police, known to CPI.
pub struct Told {
    pub case: CaseId,
    pub referral: ReferralId,
    pub keys: Vec<KeyId>,
}

pub async fn refer(world: &World, name: &str) -> Told {
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key(name)).await.unwrap();
    let (case, referral) = (sent.case.id, sent.referrals[0].id);
    Told { case, referral, keys: world.hub.store.keys_of(case).await.unwrap() }
}

/// Whatever is on its way arrives.
pub async fn arrive(world: &World, referral: ReferralId) {
    for letter in world.hub.store.deliveries_of(referral).await.unwrap() {
        if !letter.status.in_flight() {
            continue;
        }
        let attempt = letter.attempts + 1;
        let (delivery, none) = (letter.id, Default::default);
        let (shown, reduced, withheld) = (none(), none(), none());
        let claim = Attempt { delivery, referral: None, attempt, shown, reduced, withheld, mapped: None };
        let step = DeliveryStep::Delivered;
        let outcome = Outcome { delivery, attempt, step, reason: None, evidence: None };
        for action in [Action::Attempt(claim), Action::Outcome(outcome)] {
            let actor = system("hub").actor;
            let command = Command { actor, via: Via::Hub, permit: None, commitment: None, action };
            world.hub.store.commit(Order::plain(command, Lane::Outcomes)).await.unwrap();
        }
    }
}

async fn step(world: &World, by: &str, id: ReferralId, step: MessageKind, mut body: serde_json::Value) {
    body["schema"] = json!(format!("{step}/v1"));
    let (bytes, once) = (body.to_string().into_bytes(), key(&format!("{by}-{id}-{}", step.action())));
    world.hub.answer_referral(&system(by), id, step, &bytes, &once, None).await.unwrap();
    arrive(world, id).await;
}

/// A case all of whose referrals are closed, and of which CPI was shown something.
pub async fn closed(world: &World, name: &str) -> Told {
    let told = refer(world, name).await;
    arrive(world, told.referral).await;
    step(world, "cpi", told.referral, MessageKind::Reject, json!({ "reason": "no-capacity" })).await;
    step(world, "ictp", told.referral, MessageKind::Close, json!({ "reason": "referred-elsewhere" })).await;
    assert!(world.hub.store.referral(told.referral).await.unwrap().unwrap().closed());
    told
}

pub fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub fn slug<T: std::fmt::Debug>(outcome: Result<T, HubError>) -> &'static str {
    outcome.unwrap_err().slug()
}

/// Two officers of an agency: one asks, the other decides.
pub async fn officers(world: &World, agency: &str) -> (Caller, Caller) {
    let one = person(world, agency, &format!("{agency}-privacy"), Role::PrivacyOfficer).await;
    (one, person(world, agency, &format!("{agency}-supervisor"), Role::Supervisor).await)
}

pub async fn ask(world: &World, who: &Caller, case: CaseId, name: &str) -> Result<ApprovalView, HubError> {
    world.hub.ask_erasure(who, case, code("child-asked"), &key(name)).await
}

pub async fn agree(world: &World, who: &Caller, asked: &ApprovalView) -> Result<ApprovalView, HubError> {
    let name = key(&format!("yes-{}", asked.id));
    world.hub.settle_approval(who, asked.id, Settlement::Approve, &name).await
}

pub async fn certificate(world: &World, who: &Caller, case: CaseId) -> ErasureView {
    world.hub.show_erasure(who, case).await.unwrap()
}

/// Ordered by two people of the police, and done.
pub async fn erased(world: &World, told: &Told) -> (Caller, Caller) {
    let (officer, second) = officers(world, "ictp").await;
    let asked = ask(world, &officer, told.case, "erase").await.unwrap();
    agree(world, &second, &asked).await.unwrap();
    assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
    (officer, second)
}

#[tokio::test]
async fn two_people_erase_a_case_and_nobody_reads_it_any_more() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        let other = closed(&world, "two").await;
        let before = world.hub.store.facts("2000-01".into(), "2999-12".into()).await.unwrap().len();
        let (officer, second) = officers(&world, "ictp").await;
        let asked = ask(&world, &officer, told.case, "erase").await.unwrap();
        assert_eq!(slug(agree(&world, &officer, &asked).await), "not-permitted");
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 0, "nothing happens by asking");
        agree(&world, &second, &asked).await.unwrap();
        assert_eq!(slug(ask(&world, &officer, told.case, "again").await), "erased");
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 0, "once");

        // Bodies, openings, links.
        for key in &told.keys {
            assert!(matches!(world.hub.store.keys().get(*key).await, Err(StoreError::KeyLost)));
        }
        for who in [&system("ictp"), &system("cpi")] {
            assert_eq!(slug(world.hub.show_referral(who, told.referral).await), "erased");
        }
        let repeated = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await;
        assert_eq!(slug(repeated), "erased", "nor is its receipt's opening told again");
        let mut further: serde_json::Value = serde_json::from_slice(&request()).unwrap();
        further["case"] = json!(told.case.to_string());
        let further = further.to_string().into_bytes();
        let more = world.hub.submit_referral(&system("ictp"), &further, &key("more")).await;
        assert_eq!(slug(more), "erased", "nothing comes into it");
        // The state, the history, the counts and every proof stand; so does the other case.
        assert_eq!(world.hub.store.referral(told.referral).await.unwrap().unwrap().status, Status::Rejected);
        assert!(!world.hub.referral_history(&system("ictp"), told.referral).await.unwrap().is_empty());
        assert_eq!(world.hub.store.facts("2000-01".into(), "2999-12".into()).await.unwrap().len(), before);
        world.hub.show_referral(&system("cpi"), other.referral).await.unwrap();
        let vkey = world.hub.store.key().vkey();
        crate::store::world::check_sound(&world.place(), &vkey);
        let incidents = world.hub.store.registers("incident", None).await.unwrap();
        assert!(incidents.is_empty(), "an erasure is no loss: {incidents:?}");
    }
}

#[tokio::test]
async fn whoever_was_shown_something_has_to_say_that_it_is_gone() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        let (officer, _) = erased(&world, &told).await;
        let shown = certificate(&world, &officer, told.case).await.erasure.unwrap();
        assert_eq!((shown.keys_destroyed, shown.backup_days, shown.outstanding), (Some(1), 35, 1));
        assert_eq!(shown.copies.iter().map(|copy| copy.agency.as_str()).collect::<Vec<_>>(), ["cpi"]);
        let online: casework::Timestamp = at(shown.erased_online.as_deref().unwrap());
        let gone = at(shown.unrecoverable_from_backups.as_deref().unwrap());
        assert_eq!(gone.micros() - online.micros(), 35 * DAY);
        assert!(shown.ordered_entry < shown.erased_entry.unwrap());
        assert_eq!(notices(&world, told.case).await, [(Notice::CaseErased, "cpi".to_owned())]);

        // Late, both sides are told; it stays to be said.
        world.hub.store.raise_clock(world.hub.store.now().plus_micros(120 * DAY)).unwrap();
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 1);
        assert_eq!(world.hub.lapse_registers().await.unwrap(), 0, "once");
        let late = ["cpi", "ictp"].map(|whom| (Notice::ErasureUnacknowledged, whom.to_owned()));
        assert_eq!(notices(&world, told.case).await[1..], late);
        let stranger = system("nccia");
        assert_eq!(slug(world.hub.show_erasure(&stranger, told.case).await), "not-found");
        assert_eq!(slug(world.hub.acknowledge_erasure(&stranger, told.case, &key("s")).await), "not-found");
        let own = world.hub.acknowledge_erasure(&system("ictp"), told.case, &key("i")).await;
        assert_eq!(slug(own), "not-found", "the police were not asked");
        let done = world.hub.acknowledge_erasure(&system("cpi"), told.case, &key("c")).await.unwrap();
        let done = done.erasure.unwrap();
        assert!(done.outstanding == 0 && done.copies[0].overdue && done.copies[0].acknowledged_at.is_some());
        world.hub.acknowledge_erasure(&system("cpi"), told.case, &key("c2")).await.unwrap();
    }
}

fn at(text: &str) -> casework::Timestamp {
    let read = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    casework::Timestamp::from_micros(read.timestamp_micros())
}

pub async fn notices(world: &World, case: CaseId) -> Vec<(Notice, String)> {
    let told = world.hub.store.case_history(case).await.unwrap().into_iter();
    let notice = |found: store::AuditEntry| match found.entry.event {
        Event::Noticed(told) => Some((told.what, told.whom.to_string())),
        _ => None,
    };
    told.filter_map(notice).collect()
}

#[tokio::test]
async fn a_held_case_is_not_erased() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        let (officer, second) = officers(&world, "ictp").await;
        let (keeper, keeps) = officers(&world, "cpi").await;
        let before = ask(&world, &officer, told.case, "before").await.unwrap();
        let hold = world.hub.ask_hold(&keeper, told.case, code("court-order"), &key("h")).await.unwrap();
        assert_eq!(slug(agree(&world, &keeper, &hold).await), "not-permitted");
        agree(&world, &keeps, &hold).await.unwrap();
        assert_eq!(slug(agree(&world, &second, &before).await), "case-held", "asked before the hold");
        assert_eq!(slug(ask(&world, &officer, told.case, "after").await), "case-held");
        let holds = certificate(&world, &officer, told.case).await.holds;
        assert_eq!(holds.iter().map(ToString::to_string).collect::<Vec<_>>(), ["cpi"]);
        // Nobody else's to lift.
        assert_eq!(slug(world.hub.ask_lift_hold(&officer, told.case, &key("o")).await), "not-found");
        let lift = world.hub.ask_lift_hold(&keeper, told.case, &key("l")).await.unwrap();
        agree(&world, &keeps, &lift).await.unwrap();
        agree(&world, &second, &before).await.unwrap();
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
        let late = world.hub.ask_hold(&keeper, told.case, code("court-order"), &key("late")).await;
        assert_eq!(slug(late), "erased");
        let vkey = world.hub.store.key().vkey();
        crate::store::world::check_sound(&world.place(), &vkey);
    }
}

#[tokio::test]
async fn only_whoever_has_the_case_has_it_erased_and_only_when_all_is_closed() {
    for world in worlds() {
        let told = refer(&world, "one").await;
        let (officer, second) = officers(&world, "ictp").await;
        assert_eq!(slug(ask(&world, &officer, told.case, "open").await), "case-open");
        let done = closed(&world, "two").await;
        let (other, _) = officers(&world, "cpi").await;
        assert_eq!(slug(ask(&world, &other, done.case, "other").await), "not-case-owner");
        let (stranger, _) = officers(&world, "nccia").await;
        assert_eq!(slug(ask(&world, &stranger, done.case, "stranger").await), "not-found");
        assert_eq!(slug(ask(&world, &system("ictp"), done.case, "system").await), "not-permitted");
        let odd = world.hub.ask_erasure(&officer, done.case, code("bored"), &key("odd")).await;
        assert_eq!(slug(odd), "unknown-code");
        // What came in between the asking and the order is not forgotten.
        let asked = ask(&world, &officer, done.case, "asked").await.unwrap();
        let mut further: serde_json::Value = serde_json::from_slice(&request()).unwrap();
        further["case"] = json!(done.case.to_string());
        let further = further.to_string().into_bytes();
        let sent = world.hub.submit_referral(&system("ictp"), &further, &key("more")).await.unwrap();
        agree(&world, &second, &asked).await.unwrap();
        world.hub.finish_erasures().await.unwrap();
        let shown = certificate(&world, &officer, done.case).await.erasure.unwrap();
        assert_eq!(shown.status, casework::ErasureStatus::CalledOff);
        world.hub.show_referral(&system("ictp"), sent.referrals[0].id).await.unwrap();
        let vkey = world.hub.store.key().vkey();
        crate::store::world::check_sound(&world.place(), &vkey);
    }
}

/// The two are never taken for one another.
#[tokio::test]
async fn a_key_that_is_gone_without_an_order_is_an_alarm() {
    for world in worlds() {
        let told = refer(&world, "one").await;
        world.hub.store.keys().destroy(told.keys.clone()).await.unwrap();
        assert_eq!(slug(world.hub.show_referral(&system("ictp"), told.referral).await), "key-loss");
        let incidents = world.hub.store.registers("incident", None).await.unwrap();
        let texts: Vec<String> = incidents.iter().map(|row| row.key().to_string()).collect();
        assert_eq!(texts, ["incident/key-loss.hub"]);
        let view = world.hub.show_erasure(&system("ictp"), told.case).await.unwrap();
        assert!(view.erasure.is_none(), "nobody erased it");
        // Intake goes on under another key.
        let body = json!({ "schema": "referral.reject/v1", "reason": "no-capacity" }).to_string();
        arrive(&world, told.referral).await;
        let (by, once) = (system("cpi"), key("reject"));
        let said =
            world.hub.answer_referral(&by, told.referral, MessageKind::Reject, body.as_bytes(), &once, None);
        said.await.unwrap();
        assert_eq!(world.hub.store.keys_of(told.case).await.unwrap().len(), 2);
    }
}

/// Wherever a hub dies, another one finishes it: each step may be repeated.
#[tokio::test]
async fn another_hub_finishes_what_one_began() {
    for world in worlds() {
        for keys_are_gone in [false, true] {
            let told = closed(&world, &format!("case-{keys_are_gone}")).await;
            let (officer, second) = officers(&world, "ictp").await;
            let asked = ask(&world, &officer, told.case, &format!("e-{keys_are_gone}")).await.unwrap();
            agree(&world, &second, &asked).await.unwrap();
            if keys_are_gone {
                world.hub.store.keys().destroy(told.keys.clone()).await.unwrap();
                let ordered = world.hub.show_referral(&system("ictp"), told.referral).await;
                assert_eq!(slug(ordered), "erased", "ordered and destroyed: no alarm");
            }
            let beside = world.beside(policies::Policies::embedded().unwrap());
            assert_eq!(beside.finish_erasures().await.unwrap(), 1);
            assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
            let shown = certificate(&world, &officer, told.case).await.erasure.unwrap();
            assert_eq!(
                (shown.status, shown.keys_destroyed),
                (casework::ErasureStatus::Erased, Some(1)),
                "counted alike however often it was tried"
            );
        }
    }
}

/// Looks are disclosures too: who looked through a broken glass has a copy like any other.
#[tokio::test]
async fn whoever_looked_is_told_too() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        let looker = person(&world, "nccia", "looker", Role::Supervisor).await;
        let real = world.hub.store.clock().real().micros() / 1_000_000;
        let asked = hub::GlassAsked {
            case: told.case,
            reason: code("danger-to-life"),
            why: "Invented for this test, and long enough.".into(),
            signed_in: Some(real - 60),
        };
        let glass = world.hub.break_glass(&looker, &asked, &key("glass")).await.unwrap();
        let id = glass.id.parse().unwrap();
        world.hub.case_through(&looker, id).await.unwrap();
        world.hub.referral_through(&looker, id, told.referral).await.unwrap();
        let (officer, _) = erased(&world, &told).await;
        let shown = certificate(&world, &officer, told.case).await.erasure.unwrap();
        let copies: Vec<&str> = shown.copies.iter().map(|copy| copy.agency.as_str()).collect();
        assert_eq!((copies, shown.outstanding), (vec!["cpi", "nccia"], 2));
        let erasures = |told: Vec<(Notice, String)>| {
            told.into_iter().filter(|(what, _)| *what == Notice::CaseErased).collect::<Vec<_>>()
        };
        let expected = ["cpi", "nccia"].map(|whom| (Notice::CaseErased, whom.to_owned()));
        assert_eq!(erasures(notices(&world, told.case).await), expected);

        // No party, it is asked all the same, and sees what it was asked for.
        let own = certificate(&world, &system("nccia"), told.case).await.erasure.unwrap();
        assert_eq!(own.copies.iter().map(|copy| copy.agency.as_str()).collect::<Vec<_>>(), ["nccia"]);
        let done = world.hub.acknowledge_erasure(&system("nccia"), told.case, &key("n")).await.unwrap();
        assert_eq!(done.erasure.unwrap().outstanding, 0);
        let left = certificate(&world, &officer, told.case).await.erasure.unwrap();
        assert_eq!(left.outstanding, 1, "CPI's");
        assert_eq!(slug(world.hub.show_erasure(&system("pbm"), told.case).await), "not-found");
    }
}

/// An old copy of the key database has the keys again; the ledger says that they are erased.
#[tokio::test]
async fn keys_that_come_back_are_destroyed_again() {
    for world in worlds() {
        let (told, other) = (closed(&world, "one").await, closed(&world, "two").await);
        let row = format!("SELECT * FROM slots WHERE key_id = '{}'", told.keys[0]);
        world.keys_sql(&format!("CREATE TABLE copy AS {row}"));
        erased(&world, &told).await;
        assert_eq!(world.hub.destroy_again(None).await.unwrap(), (0, None));
        world.keys_sql("INSERT INTO slots SELECT * FROM copy");
        assert_eq!(world.hub.store.keys().present(told.keys.clone()).await.unwrap(), told.keys);
        assert_eq!(slug(world.hub.show_referral(&system("ictp"), told.referral).await), "erased");
        assert_eq!(world.hub.destroy_again(None).await.unwrap(), (1, None));
        assert_eq!(world.hub.store.keys().present(told.keys.clone()).await.unwrap(), []);
        world.hub.show_referral(&system("ictp"), other.referral).await.unwrap();
        let incidents = async || {
            let rows = world.hub.store.registers("incident", None).await.unwrap();
            let status = |row: &casework::Register| match row {
                casework::Register::Incident(held) => (held.key().to_string(), held.status),
                other => panic!("{other:?}"),
            };
            rows.iter().map(status).collect::<Vec<_>>()
        };
        let name = "erased-keys-back.hub".to_owned();
        assert_eq!(incidents().await, [(name.clone(), casework::IncidentStatus::Opened)]);
        assert_eq!(world.hub.destroy_again(None).await.unwrap(), (0, None), "once");
        world.hub.no_erased_key_is_back().await;
        assert_eq!(incidents().await, [(name, casework::IncidentStatus::Recovered)]);
    }
}

/// A row is easily written by whoever has the database. Keys go only where an entry says so.
#[tokio::test]
async fn a_row_without_an_entry_destroys_nothing() {
    for world in worlds() {
        let (told, other) = (closed(&world, "one").await, closed(&world, "two").await);
        erased(&world, &told).await;
        for (status, open) in [("erasure-ordered", "TRUE"), ("erased", "FALSE")] {
            world.sql(&format!("DELETE FROM registers WHERE id = 'erasure/{}'", other.case));
            let state = format!(
                "replace(replace(state, '{}', '{}'), '\"status\":\"erased\"', '\"status\":\"{status}\"')",
                told.case, other.case
            );
            let forged = format!(
                "INSERT INTO registers (id, book, agency, open, due_at, state) \
                 SELECT 'erasure/{}', book, agency, {open}, due_at, {state} \
                 FROM registers WHERE id = 'erasure/{}'",
                other.case, told.case
            );
            world.sql(&forged);
            assert_eq!(world.hub.finish_erasures().await.unwrap(), 0, "{status}");
            assert_eq!(world.hub.destroy_again(None).await.unwrap(), (0, None), "{status}");
            assert_eq!(world.hub.store.keys().present(other.keys.clone()).await.unwrap(), other.keys);
            let shown = world.hub.show_referral(&system("ictp"), other.referral).await;
            assert!(matches!(shown, Err(HubError::LedgerSuspect(_))), "{status}: {shown:?}");
        }
    }
}
