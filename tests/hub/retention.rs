//! The retention schedule: what falls due when, who is told, what a legal hold and new work do to it, and
//! that the clock erases nothing; on SQLite, and on PostgreSQL where a server is named.

use std::sync::Arc;

use casework::{
    Caller, CaseId, Notice, Register, RegisterKey, RetentionSchedule, Role, Settlement, TimeSource,
};
use hub::{ApprovalView, DueStatus, DueView, Hub, HubError};
use schemas::Directory;
use serde_json::json;

use super::approvals::person;
use super::erasure::{Told, agree, closed, code, notices, officers, refer, slug};
use super::held::request;
use super::world::{World, key, system};

/// Longer than a case that nobody served is kept here.
const LONG: i64 = 31 * 86_400_000_000;

/// Both engines, by a schedule that is over within what the case clock can be moved.
fn worlds() -> Vec<World> {
    let short = Arc::new(shortened("not-served,closed,P1Y", "not-served,closed,P30D"));
    let with = |world: World| world.with(|hub| Hub { directory: Arc::clone(&short), ..hub });
    super::erasure::worlds().into_iter().map(with).collect()
}

/// The code lists with other words in the schedule.
fn shortened(from: &str, to: &str) -> Directory {
    let folder = tempfile::tempdir().unwrap();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas");
    std::fs::create_dir(folder.path().join("messages")).unwrap();
    std::fs::create_dir(folder.path().join("codelists")).unwrap();
    for file in std::fs::read_dir(source.join("codelists")).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), folder.path().join("codelists").join(file.file_name())).unwrap();
    }
    let path = folder.path().join("codelists/retention_schedule.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    std::fs::write(&path, text.replace(from, to)).unwrap();
    Directory::from_dir(folder.path()).unwrap()
}

fn forward(world: &World, micros: i64) {
    world.hub.store.raise_clock(world.hub.store.now().plus_micros(micros)).unwrap();
}

async fn follow(world: &World) {
    while world.hub.follow_retention().await.unwrap() {}
}

async fn due(world: &World, who: &Caller) -> Vec<DueView> {
    follow(world).await;
    world.hub.list_due(who, None, 50).await.unwrap().0
}

async fn stands(world: &World, who: &Caller) -> Vec<(CaseId, DueStatus)> {
    due(world, who).await.into_iter().map(|due| (due.case.id, due.status)).collect()
}

async fn ask(world: &World, who: &Caller, told: &Told, name: &str) -> Result<ApprovalView, HubError> {
    world.hub.ask_erasure(who, told.case, code("retention-over"), &key(name)).await
}

/// A further referral of a case.
async fn further(world: &World, case: CaseId) {
    let mut body: serde_json::Value = serde_json::from_slice(&request()).unwrap();
    body["case"] = json!(case.to_string());
    let bytes = body.to_string().into_bytes();
    world.hub.submit_referral(&system("ictp"), &bytes, &key("further")).await.unwrap();
}

async fn told_of(world: &World, told: &Told) -> usize {
    let over = |(what, whom): &(Notice, String)| *what == Notice::RetentionOver && whom == "ictp";
    notices(world, told.case).await.iter().filter(|notice| over(notice)).count()
}

#[tokio::test]
async fn what_is_over_its_time_is_shown_told_once_and_erased_by_two_people() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        refer(&world, "open").await;
        let (officer, second) = officers(&world, "ictp").await;
        let (other, _) = officers(&world, "cpi").await;
        assert!(due(&world, &officer).await.is_empty());
        assert_eq!(slug(ask(&world, &officer, &told, "early").await), "retention-not-over");
        assert_eq!(world.hub.tell_retention().await.unwrap(), 0);

        forward(&world, LONG);
        let found = due(&world, &officer).await;
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.case.id, one.record.as_str()), (told.case, "case-not-served"));
        assert_eq!((one.status, one.actions.as_slice()), (DueStatus::Due, ["erase"].as_slice()));
        assert!(one.since < one.due_since, "{one:?}");
        assert!(due(&world, &other).await.is_empty(), "another agency's people see none of it");
        let caseworker = person(&world, "ictp", "caseworker", Role::Caseworker).await;
        for who in [&system("ictp"), &caseworker] {
            assert_eq!(slug(world.hub.list_due(who, None, 50).await), "not-permitted");
        }

        // Told once, also where the list had to be made anew; and nothing is erased by it.
        assert_eq!(world.hub.tell_retention().await.unwrap(), 1);
        assert_eq!(world.hub.tell_retention().await.unwrap(), 0);
        follow(&world).await;
        world.sql("DELETE FROM retention");
        world.sql("DELETE FROM cursors WHERE name = 'retention'");
        assert_eq!(stands(&world, &officer).await, [(told.case, DueStatus::Due)]);
        assert_eq!(world.hub.tell_retention().await.unwrap(), 0);
        assert_eq!(told_of(&world, &told).await, 1);
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
        world.hub.show_referral(&system("ictp"), told.referral).await.unwrap();

        let asked = ask(&world, &officer, &told, "now").await.unwrap();
        let [one] = due(&world, &officer).await.try_into().unwrap();
        assert_eq!((one.status, one.approval, one.actions.len()), (DueStatus::Asked, Some(asked.id), 0));
        agree(&world, &second, &asked).await.unwrap();
        assert_eq!(world.hub.finish_erasures().await.unwrap(), 1);
        assert!(due(&world, &officer).await.is_empty());
        let vkey = world.hub.store.key().vkey();
        crate::store::world::check_sound(&world.place(), &vkey);
    }
}

#[tokio::test]
async fn a_hold_wins_and_new_work_ends_it() {
    for world in worlds() {
        let told = closed(&world, "one").await;
        let (officer, _) = officers(&world, "ictp").await;
        let (keeper, keeps) = officers(&world, "cpi").await;
        forward(&world, LONG);
        let hold = world.hub.ask_hold(&keeper, told.case, code("court-order"), &key("h")).await.unwrap();
        agree(&world, &keeps, &hold).await.unwrap();
        assert_eq!(stands(&world, &officer).await, [(told.case, DueStatus::Held)]);
        assert_eq!(world.hub.store.retention_counts(officer.agency.clone()).await.unwrap(), (0, 1));
        assert_eq!(world.hub.tell_retention().await.unwrap(), 0, "nobody can do anything about it");
        assert_eq!(slug(ask(&world, &officer, &told, "held").await), "case-held");
        let lift = world.hub.ask_lift_hold(&keeper, told.case, &key("l")).await.unwrap();
        // Held or not is looked at when it is shown, before the list is followed.
        agree(&world, &keeps, &lift).await.unwrap();
        let shown = world.hub.list_due(&officer, None, 50).await.unwrap().0;
        assert_eq!(shown[0].status, DueStatus::Due);
        assert_eq!(stands(&world, &officer).await, [(told.case, DueStatus::Due)]);
        assert_eq!(world.hub.store.retention_counts(officer.agency.clone()).await.unwrap(), (1, 0));
        assert_eq!(world.hub.tell_retention().await.unwrap(), 1);
        further(&world, told.case).await;
        assert!(due(&world, &officer).await.is_empty(), "the case is at work again");
        assert_eq!(slug(ask(&world, &officer, &told, "open").await), "case-open");
    }
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page() {
    let world = worlds().remove(0);
    let mut expected = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        expected.push(closed(&world, name).await.case);
    }
    let (officer, _) = officers(&world, "ictp").await;
    forward(&world, LONG);
    follow(&world).await;
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let (page, next) = world.hub.list_due(&officer, cursor.as_deref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        found.extend(page.into_iter().map(|due| due.case.id));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, expected, "the longest over first");
    for wrong in ["", "x", "1.x", "x.cs_1"] {
        assert_eq!(slug(world.hub.list_due(&officer, Some(wrong), 2).await), "query-malformed");
    }
}

#[tokio::test]
async fn the_ledger_says_by_which_schedule_the_hub_goes() {
    for world in worlds() {
        let shown = world.hub.show_schedule().await.unwrap();
        assert!(shown.entered.is_none() && shown.rows.iter().all(|row| !row.source.is_empty()));
        assert!(world.hub.note_schedule().await.unwrap());
        assert!(!world.hub.note_schedule().await.unwrap(), "once");
        let row = world.hub.store.register(&RegisterKey::RetentionSchedule).await.unwrap();
        let Some(Register::RetentionSchedule(RetentionSchedule { schedule, before, .. })) = row else {
            panic!("{row:?}")
        };
        assert_eq!((schedule, before), (world.hub.schedule_digest(), None));
        assert_eq!(world.hub.show_schedule().await.unwrap().entered.unwrap().digest.len(), 64);
        // Another file, and everything is looked at by it.
        let told = closed(&world, "one").await;
        let (officer, _) = officers(&world, "ictp").await;
        forward(&world, LONG);
        assert_eq!(stands(&world, &officer).await, [(told.case, DueStatus::Due)]);
        let before = world.hub.schedule_digest();
        let longer = Arc::new(shortened("not-served,closed,P1Y", "not-served,closed,P2Y"));
        let world = world.with(|hub| Hub { directory: longer, ..hub });
        assert!(world.hub.note_schedule().await.unwrap());
        let entered = world.hub.show_schedule().await.unwrap().entered.unwrap();
        assert_eq!((entered.digest, entered.before), (world.hub.schedule_digest(), Some(before)));
        assert!(due(&world, &officer).await.is_empty(), "by the new one it is kept longer");
        let vkey = world.hub.store.key().vkey();
        crate::store::world::check_sound(&world.place(), &vkey);
    }
}

/// Who asked cannot decide; so it is here as everywhere.
#[tokio::test]
async fn nobody_erases_alone_by_the_schedule() {
    let world = worlds().remove(0);
    let told = closed(&world, "one").await;
    let (_, second) = officers(&world, "ictp").await;
    forward(&world, LONG);
    let asked = ask(&world, &second, &told, "alone").await.unwrap();
    let own = world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("own")).await;
    assert_eq!(slug(own), "needs-another-person");
    assert_eq!(world.hub.finish_erasures().await.unwrap(), 0);
}
