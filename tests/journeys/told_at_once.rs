//! Who answers for a child learns of a look from outside while it goes on: a glass that is broken, and a
//! honey record that is asked for. Each by the way in which it receives events (a webhook, the list), within
//! a minute of real time, and by reference only: no word of the child, of the reason, no number.
//!
//! The program itself as an operator runs it: one process on SQLite, or three on databases and a broker.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::agencies::responder::{Reply, Responder};
use crate::configuration::house::House;
use crate::configuration::running::Running;

/// What is promised: the bound.
const TOLD_WITHIN: Duration = Duration::from_secs(60);
/// Nobody has a reason to ask for it.
const HONEY: &str = "4949494949494";
/// Words of the child, of the reason and of the question; none may be told.
const CANARIES: [&str; 4] = ["Canaryname", "Canaryreason", "Canarynote", HONEY];

struct Scene {
    house: House,
    /// All of one process, or each of three.
    hubs: Vec<Running>,
    /// ICT Police's own system, to which events are posted.
    police: Responder,
}

impl Scene {
    async fn new() -> Option<Self> {
        let police = Responder::start(|_| Reply::Answer(204, "", String::new())).await;
        let more = format!(
            "[webhooks.police]\nagency = \"ictp\"\nurl = \"{}police\"\n\n[limits]\nhoney_file = \"honey\"\n",
            police.link().endpoint
        );
        let on_servers = std::env::var("AMAAN_TEST_WIRING").as_deref() == Ok("production");
        let house = if on_servers { House::on_servers(&more)? } else { House::embedded(&more) };
        mark_honey(&house);
        let roles: &[&str] = if on_servers { &["api", "delivery", "oversight"] } else { &["all"] };
        let hubs = roles.iter().map(|role| house.start(role, role)).collect();
        Some(Self { house, hubs, police })
    }

    fn api(&self) -> &Running {
        &self.hubs[0]
    }

    async fn post(&self, client: &str, person: Option<&str>, path: &str, body: Value) -> Value {
        self.house.post(self.api(), &self.house.token(client, person), path, &body).await.ok()
    }

    /// All events that somebody is told by the list.
    async fn listed(&self, client: &str, person: &str) -> String {
        let token = self.house.token(client, Some(person));
        let said = self.house.get(self.api(), &token, "/v1/events?limit=200").await;
        assert_eq!(said.status, 200, "{person}: {}", said.text);
        said.text
    }

    /// All events that were posted to the police's system.
    fn posted(&self) -> String {
        self.police.seen().into_iter().map(|asked| asked.body).collect()
    }
}

/// Marks the number as an operator does.
fn mark_honey(house: &House) {
    let mut command = house.place.command(&["config", "honey", "--config", "amaan.toml"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{HONEY}").unwrap();
    let marks = child.wait_with_output().unwrap();
    assert!(marks.status.success());
    house.place.secret("honey", &String::from_utf8(marks.stdout).unwrap());
}

fn request() -> Value {
    json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "cpi", "service": "SVC-SHELTER" }],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-OOSC"],
        "child": {
            "name": { "full": "Canaryname Test Child" }, "age": { "years": 9, "basis": "EST" }, "sex": "F",
        },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "position": "Canarynote" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    })
}

/// Waits until somebody was told of this, and returns all that one was told.
async fn until_told(whom: &str, since: Instant, reference: &str, told: impl AsyncFn() -> String) -> String {
    loop {
        let all = told().await;
        if all.contains(reference) {
            println!("{whom} was told after {} ms", since.elapsed().as_millis());
            return all;
        }
        assert!(since.elapsed() < TOLD_WITHIN, "{whom} was not told within a minute: {all}");
        tokio::task::yield_now().await;
    }
}

fn by_reference_only(told: &[String]) {
    for word in CANARIES {
        assert!(!told.iter().any(|all| all.contains(word)), "`{word}` was told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_from_outside_is_told_to_all_three_within_a_minute_by_reference_only() {
    let Some(scene) = Scene::new().await else { return };
    for (admin, person, role) in [
        ("ictp-admin", "custodian", "supervisor"),
        ("ictp-admin", "police-privacy", "privacy-officer"),
        ("cpi-admin", "shelter-privacy", "privacy-officer"),
        ("nccia-admin", "officer", "supervisor"),
        ("nccia-admin", "nccia-privacy", "privacy-officer"),
    ] {
        scene.house.register(scene.api(), admin, person, role).await;
    }
    let sent = scene.post("ictp-system", None, "/v1/referrals", request()).await;
    let case = sent["case"]["id"].as_str().unwrap();

    let why = "Canaryreason: invented for this test, and long enough.";
    let asked = json!({ "case": case, "reason": "danger-to-life", "why": why });
    let since = Instant::now();
    let glass = scene.post("nccia-system", Some("officer"), "/v1/break-glass", asked).await;
    let id = glass["id"].as_str().unwrap();
    let told = [
        until_told("the custodian's system, by webhook,", since, id, async || scene.posted()).await,
        until_told("the custodian", since, id, || scene.listed("ictp-system", "custodian")).await,
        until_told("its privacy officer", since, id, || scene.listed("ictp-system", "police-privacy")).await,
        until_told("the asker's", since, id, || scene.listed("nccia-system", "nccia-privacy")).await,
    ];
    by_reference_only(&told);
    assert!(told.iter().all(|all| all.contains(case) && all.contains("break-glass-opened")));

    a_honey_record(&scene, case).await;
    for hub in scene.hubs {
        assert_eq!(hub.end("-TERM").0, Some(0));
    }
}

/// The shelter's system asks for a number that nobody has a reason to ask for.
async fn a_honey_record(scene: &Scene, case: &str) {
    let asked = json!({
        "schema": "identity.check/v1", "case": case, "purpose": "child-identity",
        "basis": "best-interests", "subject": { "id_number": HONEY },
    });
    let since = Instant::now();
    let checked = scene.post("cpi-system", None, "/v1/identity-checks", asked).await;
    let id = checked["check"].as_str().unwrap();
    let honey = "honey-record";
    let told = [
        until_told("the owner's officer", since, honey, || scene.listed("ictp-system", "police-privacy"))
            .await,
        until_told("the asker's officer", since, honey, || scene.listed("cpi-system", "shelter-privacy"))
            .await,
        until_told("the custodian's system", since, id, async || scene.posted()).await,
    ];
    by_reference_only(&told);
    assert!(told[..2].iter().all(|all| all.contains(id) && all.contains(case)));
    assert!(!told[2].contains(honey), "no system is told: it may be what is wrong");
    // The operators have it among what is wrong.
    let operator = scene.house.token("hub-operator", None);
    let wrong = scene.house.get(scene.api(), &operator, "/v1/incidents").await.ok().to_string();
    assert!(wrong.contains(honey), "{wrong}");
    by_reference_only(&[wrong]);
}
