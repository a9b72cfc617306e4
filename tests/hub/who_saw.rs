//! Who may ask who saw what: the owner of a case asks about looks and disclosures, an agency's privacy
//! officer about its own slice of the trail, an overseer about all of it; each question is an entry first.

use casework::{Caller, CaseId, Category, Event, ReferralId};
use hub::{Reader, TrailFilter};
use policies::Policies;
use serde_json::{Value, json};

use super::world::{World, key, system};
use crate::store::server::Fresh;

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

fn request() -> Vec<u8> {
    let message = json!({
        "schema": "referral.request/v1",
        "recipients": [
            { "agency": "cpi", "service": "SVC-SHELTER" },
            { "agency": "laja", "service": "SVC-LEGAL" },
            { "agency": "fia-ccw", "service": "SVC-CYBER" },
        ],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-ONLINE"],
        "child": {
            "name": { "full": "Test Child 7" },
            "age": { "birth_date": "2015-03", "basis": "DOC" },
            "sex": "F",
            "national_id": "0000000000017",
        },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "position": "Sub-inspector" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y10T14" } },
    });
    message.to_string().into_bytes()
}

fn person(agency: &str, role: &str) -> Caller {
    Caller { roles: vec![role.to_owned()], ..system(agency) }
}

/// On SQLite, and on PostgreSQL where a server is named.
fn worlds() -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), -200 * DAY_MICROS);
    std::iter::once(None).chain(Fresh::make().map(Some)).map(on).collect()
}

/// A referral of the police to three agencies.
async fn referred(world: &World) -> (CaseId, Vec<(String, ReferralId)>) {
    let made = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
    let referrals = made.referrals.iter().map(|one| (one.to.to_string(), one.id)).collect();
    (made.case.id, referrals)
}

fn to(referrals: &[(String, ReferralId)], agency: &str) -> ReferralId {
    referrals.iter().find(|(to, _)| to == agency).unwrap().1
}

async fn newest(world: &World) -> Event {
    world.hub.store.entries_before(None, 1).await.unwrap().remove(0).entry.event
}

/// Refused with this slug, and the question is the newest entry.
async fn refused<T>(world: &World, said: Result<T, hub::HubError>, slug: &str, what: &str) {
    assert_eq!(said.err().unwrap().slug(), slug);
    let Event::Read(read) = newest(world).await else { panic!("not entered") };
    assert_eq!((read.what.as_str(), read.categories.is_empty()), (what, true));
}

#[tokio::test]
async fn the_owner_of_a_case_sees_who_looked() {
    for world in worlds() {
        let (case, referrals) = referred(&world).await;
        let hub = &world.hub;
        hub.show_referral(&system("cpi"), to(&referrals, "cpi")).await.unwrap();
        hub.show_referral(&system("nccia"), to(&referrals, "nccia")).await.unwrap();
        assert!(hub.show_referral(&system("pta"), to(&referrals, "laja")).await.is_err());

        let page = hub.looks_at_case(&system("ictp"), case, None).await.unwrap();
        let told: Vec<Value> =
            page.data.iter().map(|look| json!([look.agency, look.what, look.roles])).collect();
        // The question itself is the newest look: it was entered before it was answered.
        assert_eq!(
            json!(told),
            json!([
                ["ictp", "looks", ["system"]],
                ["pta", "referral", ["system"]],
                ["nccia", "referral", ["system"]],
                ["cpi", "referral", ["system"]],
            ])
        );
        assert!(page.data[1].categories.is_empty(), "who was refused was shown nothing");
        assert!(page.data[2].reduced.contains(&Category::AgeSex) && page.data[3].reduced.is_empty());
        assert!(page.next_cursor.is_none());
        let text = serde_json::to_string(&page).unwrap();
        assert!(!text.contains("Test Child") && !text.contains("actor"), "{text}");
    }
}

#[tokio::test]
async fn nobody_else_learns_who_looked() {
    for world in worlds() {
        let (case, _) = referred(&world).await;
        let hub = &world.hub;
        refused(&world, hub.looks_at_case(&system("cpi"), case, None).await, "not-case-owner", "looks").await;
        refused(&world, hub.looks_at_case(&system("zarra"), case, None).await, "not-found", "looks").await;
        let nobody: CaseId = "cs_00000000000040008000000000000007".parse().unwrap();
        refused(&world, hub.looks_at_case(&system("zarra"), nobody, None).await, "not-found", "looks").await;
        let asked = hub.disclosures_of_case(&system("cpi"), case, Reader::Owner, None).await;
        refused(&world, asked, "not-case-owner", "disclosures").await;
        let asked = hub.disclosures_of_case(&system("zarra"), case, Reader::Child, None).await;
        refused(&world, asked, "not-found", "disclosures").await;
    }
}

async fn told(world: &World, case: CaseId, reader: Reader) -> Vec<(String, &'static str, bool)> {
    let page = world.hub.disclosures_of_case(&system("ictp"), case, reader, None).await.unwrap();
    let rows = page.data.iter();
    rows.map(|row| {
        let later = row.told_later.as_ref().is_some_and(|later| later.not_yet);
        (row.to.to_string(), row.how, later)
    })
    .collect()
}

#[tokio::test]
async fn a_report_says_what_went_to_whom_and_a_child_is_told_in_time() {
    for world in worlds() {
        let (case, _) = referred(&world).await;
        for agency in ["cpi", "nccia"] {
            assert_eq!(world.hub.list_inbox(&system(agency), 10).await.unwrap().len(), 1);
        }
        let page = world.hub.disclosures_of_case(&system("ictp"), case, Reader::Owner, None).await.unwrap();
        let [nccia, cpi] = page.data.as_slice() else { panic!("{:?}", page.data) };
        assert_eq!((cpi.to.as_str(), cpi.how, cpi.what.as_str()), ("cpi", "handed-over", "referral.request"));
        assert!(
            cpi.categories.contains(&Category::Name) && cpi.reduced.is_empty() && cpi.told_later.is_none()
        );
        assert!(!nccia.categories.contains(&Category::Name));
        assert_eq!(nccia.reduced, [Category::AgeSex, Category::IdNumber].into());
        for row in [nccia, cpi] {
            assert_eq!(row.policy_set.as_deref(), Some(world.hub.policies.current().set_digest()));
            let said = (row.purpose.as_ref().unwrap().as_str(), row.basis.as_ref().unwrap().as_str());
            assert_eq!(said, ("protection", "consent"));
        }
        let later = nccia.told_later.as_ref().unwrap();
        assert!(
            later.not_yet && later.reason.as_str() == "investigation" && later.source.contains("proposed")
        );

        let whole = [("nccia".to_owned(), "handed-over", true), ("cpi".to_owned(), "handed-over", false)];
        assert_eq!(told(&world, case, Reader::Owner).await, whole);
        assert_eq!(told(&world, case, Reader::Child).await, whole[1..]);
        // Ninety days later the child is told.
        let store = std::sync::Arc::clone(&world.hub.store);
        tokio::task::spawn_blocking(move || store.advance_clock(90 * DAY_MICROS + 1)).await.unwrap().unwrap();
        let whole = whole.map(|(to, how, _)| (to, how, false));
        assert_eq!(told(&world, case, Reader::Child).await, whole);
    }
}

async fn slice(world: &World, caller: &Caller) -> Vec<Value> {
    let filter = TrailFilter { before: None, limit: 200 };
    let trail = world.hub.read_trail(caller, filter).await.unwrap();
    assert_eq!(trail.next, None);
    trail.lines.iter().map(|line| serde_json::to_value(&line.entry.event).unwrap()).collect()
}

#[tokio::test]
async fn an_agency_reads_its_own_slice_of_the_trail() {
    for world in worlds() {
        let (_, referrals) = referred(&world).await;
        let hub = &world.hub;
        hub.submit_referral(&system("laja"), &to_police(), &key("two")).await.unwrap();
        hub.show_referral(&system("cpi"), to(&referrals, "cpi")).await.unwrap();
        hub.show_referral(&system("laja"), to(&referrals, "laja")).await.unwrap();
        let mine = slice(&world, &person("cpi", "privacy-officer")).await;
        let kinds: Vec<&str> = mine.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        // Its look at the trail, its look at the referral, the referral to it; the request is its sender's.
        assert_eq!(kinds, ["read", "read", "referral.requested"], "{mine:#?}");
        assert!(mine.iter().all(|event| event["agency"] == "cpi" || event["to"] == "cpi"), "{mine:#?}");

        let all = slice(&world, &person("ncrc", "analyst")).await;
        assert_eq!(all.len(), usize::try_from(hub.store.checkpoint().await.unwrap().unwrap().0).unwrap());
        let of_sender = slice(&world, &person("ictp", "privacy-officer")).await;
        assert!(of_sender.len() >= 6, "its request, three referrals, looks at them: {of_sender:#?}");

        for caller in [system("cpi"), person("cpi", "supervisor"), person("stranger", "privacy-officer")] {
            let said = hub.read_trail(&caller, TrailFilter { before: None, limit: 10 }).await;
            assert_eq!(said.err().unwrap().slug(), "not-permitted");
        }
    }
}

/// A proof says that an entry exists; whoever reads a slice gets those of the slice.
#[tokio::test]
async fn proofs_are_given_within_the_slice() {
    for world in worlds() {
        let (_, _) = referred(&world).await;
        let officer = person("cpi", "privacy-officer");
        let filter = TrailFilter { before: None, limit: 200 };
        let lines = world.hub.read_trail(&officer, filter).await.unwrap().lines;
        let mine: Vec<u64> = lines.iter().map(|line| line.index).collect();
        for index in 0..4 {
            let said = world.hub.prove_entry(&officer, index, None).await;
            assert_eq!(said.is_ok(), mine.contains(&index), "{index} of {mine:?}");
            assert!(world.hub.prove_entry(&person("ncrc", "analyst"), index, None).await.is_ok());
        }
    }
}

/// A draft is nobody's business but its writer's.
#[tokio::test]
async fn a_slice_shows_no_draft_of_another() {
    for world in worlds() {
        world.hub.write_draft(&system("ictp"), &request(), &key("draft")).await.unwrap();
        let mine = slice(&world, &person("cpi", "privacy-officer")).await;
        assert!(mine.iter().all(|event| event["kind"] == "read"), "{mine:#?}");
        assert!(slice(&world, &person("ictp", "privacy-officer")).await.len() >= 4);
    }
}

fn to_police() -> Vec<u8> {
    let mut message: Value = serde_json::from_slice(&request()).unwrap();
    message["recipients"] = json!([{ "agency": "ictp", "service": "SVC-POLICE" }]);
    message.to_string().into_bytes()
}
