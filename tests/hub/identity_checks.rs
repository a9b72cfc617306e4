//! Identity checks that cannot enumerate children: no case of one's own and open, no check; budgets by hour,
//! day and child; a honey record is told to people and not to whoever asked; the case's owner learns who
//! looked.

use casework::{Caller, Event, IncidentKey, MessageKind, Notice, RegisterKey};
use hub::{Hub, HubError, LimitSettings, Limits};
use policies::Policies;
use seal::RootKey;
use serde_json::{Value, json};

use super::breaker::for_nccia;
use super::world::{World, key, system};

const HONEY: &str = "0000000000907";

/// A hub whose answers come at once and whose honey record is known.
fn world(settings: LimitSettings) -> World {
    let marks = RootKey::generate().mark_key();
    let honey = [marks.mark(HONEY)].into();
    let limits = Limits::new(LimitSettings { identity_floor_ms: 20, ..settings }, marks, honey);
    World::new(Policies::embedded().unwrap()).with(|hub| Hub { limits, ..hub })
}

/// A case of ICT Police.
async fn case(world: &World) -> String {
    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("case")).await.unwrap();
    sent.case.id.to_string()
}

async fn check(world: &World, caller: &Caller, case: &str, number: &str) -> Result<String, HubError> {
    let asked = json!({
        "schema": "identity.check/v1", "case": case, "purpose": "guardian-verification",
        "basis": "best-interests", "subject": { "id_number": number },
    });
    let drawn = key(&hex::encode(seal::random::<8>()));
    let answer = world.hub.check_identity(caller, asked.to_string().as_bytes(), &drawn).await?;
    Ok(answer.check.to_string())
}

/// The limit that was reached, or the problem.
fn limit(answer: Result<String, HubError>) -> &'static str {
    match answer.unwrap_err() {
        HubError::Limited(reached) => reached.limit,
        other => other.slug(),
    }
}

fn number(of: u32) -> String {
    format!("{of:013}")
}

#[tokio::test]
async fn without_an_open_case_of_ones_own_nobody_is_asked_for() {
    let world = world(LimitSettings::default());
    let (police, shelter, own) = (system("ictp"), system("cpi"), case(&world).await);
    check(&world, &police, &own, HONEY).await.unwrap();
    let absent = "cs_00000000000070008000000000000000";
    for (who, case) in [(&shelter, own.as_str()), (&police, absent)] {
        let before = world.hub.store.checkpoint().await.unwrap();
        assert_eq!(limit(check(&world, who, case, &number(1)).await), "not-found");
        assert_eq!(world.hub.store.checkpoint().await.unwrap().unwrap().0, before.unwrap().0);
    }
    // Closed: the referral is called off, and with it goes the reason to ask.
    let referrals = world.hub.store.referrals_of_case(own.parse().unwrap()).await.unwrap();
    let body = json!({ "schema": "referral.cancel-request/v1", "reason": "duplicate" }).to_string();
    let (id, step) = (referrals[0].id, MessageKind::CancelRequest);
    world.hub.answer_referral(&police, id, step, body.as_bytes(), &key("off"), None).await.unwrap();
    if world.hub.store.referral(id).await.unwrap().unwrap().closed() {
        assert_eq!(limit(check(&world, &police, &own, &number(2)).await), "not-found");
    }
}

#[tokio::test]
async fn budgets_are_by_hour_by_day_and_by_child() {
    let few = LimitSettings {
        identity_checks_per_hour: 3,
        identity_children_per_day: 2,
        identity_checks_per_day_of_agency: 4,
        ..LimitSettings::default()
    };
    let world = world(few);
    let (police, own) = (system("ictp"), case(&world).await);
    for of in [1, 2, 1] {
        check(&world, &police, &own, &number(of)).await.unwrap();
    }
    assert_eq!(limit(check(&world, &police, &own, &number(3)).await), "identity-children-per-day");
    assert_eq!(limit(check(&world, &police, &own, &number(1)).await), "identity-checks-per-hour");
    // Another of the agency has an hour of its own, and the agency's day.
    let other = Caller { actor: casework::Pseudonym::new(uuid::Uuid::from_u128(9)), ..police.clone() };
    check(&world, &other, &own, &number(1)).await.unwrap();
    assert_eq!(limit(check(&world, &other, &own, &number(1)).await), "identity-checks-per-day-of-agency");
    let kept = world.sql("SELECT count(*) FROM budget_children WHERE child LIKE '%00000%'").unwrap();
    assert!(kept.contains('0'), "no number is kept: {kept}");
}

fn notices(world: &[store::AuditEntry]) -> Vec<(Notice, String, String)> {
    let told = world.iter().filter_map(|found| match &found.entry.event {
        Event::Noticed(told) => Some((told.what, told.whom.to_string(), told.by.to_string())),
        _ => None,
    });
    told.collect()
}

#[tokio::test]
async fn the_owner_learns_who_looked_and_people_of_a_honey_record() {
    let world = world(LimitSettings::default());
    let (police, own) = (system("ictp"), case(&world).await);
    let plain = check(&world, &police, &own, &number(1)).await.unwrap();
    let entries = world.hub.store.case_history(own.parse().unwrap()).await.unwrap();
    let looked = (Notice::IdentityChecked, "ictp".to_owned(), "ictp".to_owned());
    assert_eq!(notices(&entries), [looked]);
    let shown =
        serde_json::to_value(world.hub.show_case(&police, own.parse().unwrap()).await.unwrap()).unwrap();
    assert_eq!(shown["notices"][0]["about"], plain.as_str(), "the case tells its owner: {shown}");
    let other = world.hub.show_case(&system("nccia"), own.parse().unwrap()).await.unwrap();
    assert_eq!(serde_json::to_value(other).unwrap()["notices"], Value::Null, "and nobody else");

    let honey = check(&world, &police, &own, HONEY).await.unwrap();
    let row = RegisterKey::Incident("honey-record.hub.ictp".parse::<IncidentKey>().unwrap());
    assert!(world.hub.store.register(&row).await.unwrap().is_some_and(|row| row.open()));
    let told: Vec<_> = notices(&world.hub.store.case_history(own.parse().unwrap()).await.unwrap());
    assert_eq!(told.iter().filter(|(what, ..)| *what == Notice::HoneyRecord).count(), 2, "{told:?}");
    // The asker's own system learns nothing of it; its privacy officer does.
    let events = async |caller: &Caller| {
        let page = world.hub.list_events(caller, None, 200).await.unwrap();
        page.events.iter().map(|event| event.body.get().to_owned()).collect::<String>()
    };
    let system_sees = events(&police).await;
    assert!(system_sees.contains("identity-checked") && !system_sees.contains("honey-record"));
    let officer = Caller { roles: vec!["privacy-officer".into()], ..police.clone() };
    let officer_sees = events(&officer).await;
    assert!(officer_sees.contains(&honey), "whoever is only that officer, too");
    assert!(!officer_sees.contains("referral") && !officer_sees.contains("identity-checked"), "and no more");
}

/// What is answered again is shown again: only to whoever may still ask, and as a look of its own.
#[tokio::test]
async fn a_repeated_check_is_asked_of_policy_and_entered() {
    let world = world(LimitSettings::default());
    let (police, case) = (system("ictp"), case(&world).await);
    let asked = json!({
        "schema": "identity.check/v1", "case": case, "purpose": "guardian-verification",
        "basis": "best-interests", "subject": { "id_number": number(1) },
    })
    .to_string();
    let ask = async |who: &Caller| world.hub.check_identity(who, asked.as_bytes(), &key("once")).await;
    let first = ask(&police).await.unwrap();
    let size = async || world.hub.store.checkpoint().await.unwrap().unwrap().0;
    let at = size().await;
    let again = ask(&police).await.unwrap();
    assert_eq!((again.check, again.result, again.replayed), (first.check, first.result, true));
    let entries = world.hub.store.entries_from(at, 5).await.unwrap();
    let [look] = entries.as_slice() else { panic!("{entries:?}") };
    let Event::Read(read) = &look.entry.event else { panic!("{look:?}") };
    assert_eq!((read.what.as_str(), read.subject.as_deref()), ("identity-check", Some(case.as_str())));
    assert!(!read.categories.is_empty() && look.entry.policy.is_some());
    let officer = Caller { roles: vec!["analyst".into()], ..police.clone() };
    let at = size().await;
    assert_eq!(ask(&officer).await.unwrap_err().slug(), "not-permitted", "who may ask no more");
    assert_eq!(size().await, at);
}
