//! A store of its own for each test, on the engine of the module that mounts this file, and orders as the hub
//! would write them: a sealed body, its commitment, a case key, statistics. Children are invented.

use std::path::Path;
use std::sync::Arc;

use casework::{
    Action, AgencyCode, Answer, Attempt, CaseId, ClockKind, ClockRow, Code, Command, DeliveryId,
    DeliveryStep, Event, FactId, MessageKind, ObjectId, Outcome, Priority, Pseudonym, Recipient, ReferralId,
    Rules, Submit, TimeSource as _, Told, Via,
};
use seal::{CaseKey, NoteKey, RootKey, commitment};
use store::{
    CaseKeyUse, Committed, Done, Idempotency, Lane, NewFact, NewLink, Order, Place, SealedBody, Settings,
    Store, StoreError, VerifyOptions, VerifyReport, verify,
};

use super::ENGINE;
use crate::store::server::{Engine, Fresh};

pub const HUB: &str = "hub.example/ledger";
const HOUR: i64 = 3_600_000_000;

/// An id of any kind that nobody has drawn before.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    format!("{prefix}_{}", hex::encode(seal::random::<16>())).parse().unwrap()
}

pub fn agency(text: &str) -> AgencyCode {
    text.parse().unwrap()
}

pub fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub fn rules() -> Rules {
    let mut rules = Rules::default();
    for (clock, hours) in ClockKind::ALL.iter().zip(1..) {
        let micros = hours * HOUR;
        let row = ClockRow { emergency_micros: micros, urgent_micros: micros, normal_micros: micros };
        rules.clocks.insert(*clock, row);
    }
    rules
}

/// A store's place, and the keys to open it again.
pub struct House {
    _folder: tempfile::TempDir,
    place: Place,
    databases: Option<Fresh>,
    root: [u8; 32],
    pkcs8: Vec<u8>,
    pub first_offset_micros: i64,
}

impl House {
    /// `None`, with a line on the console, where this engine's server is not there.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_owned();
        let (place, databases) = match ENGINE {
            Engine::Sqlite => (Place::Sqlite { dir }, None),
            Engine::Postgres => {
                let fresh = Fresh::make()?;
                (Place::Postgres { dir, databases: fresh.databases() }, Some(fresh))
            }
        };
        Some(Self {
            _folder: folder,
            place,
            databases,
            root: seal::random(),
            pkcs8: NoteKey::generate_pkcs8().to_vec(),
            first_offset_micros: 0,
        })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn dir(&self) -> &Path {
        self.place.dir()
    }

    pub fn root(&self) -> RootKey {
        RootKey::from_bytes(self.root)
    }

    pub fn open(&self) -> Store {
        self.try_open(&self.place).unwrap()
    }

    /// One SQL statement on the main database, behind the store's back: its rows as JSON. Both engines' words
    /// for the same thing look the same; `None` where the tool for it is missing.
    pub fn sql(&self, statement: &str) -> Option<String> {
        match &self.databases {
            None => sql(&self.dir().join("amaan.db"), statement),
            Some(fresh) => Some(fresh.sql(&fresh.main, statement)),
        }
    }

    /// The same on the key database.
    pub fn keys_sql(&self, statement: &str) -> Option<String> {
        match &self.databases {
            None => sql(&self.dir().join("keys.db"), statement),
            Some(fresh) => Some(fresh.sql(&fresh.keys, statement)),
        }
    }

    /// A look from outside.
    pub fn probe(&self) -> Option<store::Probe> {
        store::probe(&self.place, vec![NoteKey::from_pkcs8(HUB, &self.pkcs8).unwrap()]).unwrap()
    }

    /// Opens a store of this house's keys, here or elsewhere.
    pub fn try_open(&self, place: &Place) -> Result<Store, StoreError> {
        Store::open(Settings {
            place: place.clone(),
            rules: rules(),
            root: RootKey::from_bytes(self.root),
            note_key: NoteKey::from_pkcs8(HUB, &self.pkcs8).unwrap(),
            other_note_keys: Vec::new(),
            first_offset_micros: self.first_offset_micros,
        })
    }
}

/// Recomputes everything, checking signatures too.
pub fn audit(place: &Place, vkey: &str, trusted: Vec<String>) -> VerifyReport {
    verify(&VerifyOptions { place: place.clone(), trusted, vkey: Some(vkey.to_owned()) }).unwrap()
}

/// Nothing may be found.
pub fn check_sound(place: &Place, vkey: &str) -> VerifyReport {
    let report = audit(place, vkey, Vec::new());
    assert_eq!(report.findings, [], "of {} entries", report.entries);
    report
}

pub fn command(action: Action) -> Command {
    let actor: Pseudonym = id("ps");
    Command { actor, via: Via::Api, permit: None, commitment: None, action }
}

/// One request about one child, ready to be committed, and what its sender keeps.
pub struct Asked {
    pub order: Order,
    pub case: CaseId,
    pub referral: ReferralId,
    pub delivery: DeliveryId,
    pub object: ObjectId,
    pub opening: [u8; 32],
    pub message: Vec<u8>,
    pub key: Arc<CaseKey>,
}

/// A case key. Tests ask for many at once: where those made ahead are used up, on a busy machine or while the
/// key database is cut off, the next ones come within moments, as a caller's who sends again.
fn case_key(store: &Store) -> Arc<CaseKey> {
    let begun = std::time::Instant::now();
    loop {
        match store.keys().take() {
            Err(StoreError::NoKey) if begun.elapsed().as_secs() < 30 => std::thread::yield_now(),
            taken => return taken.unwrap(),
        }
    }
}

/// A new case with one referral from ictp to this agency.
pub fn ask(store: &Store, to: &str) -> Asked {
    let (case, referral, delivery, object) = (id("cs"), id("rf"), id("dl"), id("ob"));
    let key = case_key(store);
    let opening = seal::random::<32>();
    let message =
        format!("{{\"schema\":\"referral.request/v1\",\"note\":\"Test Child of {case}\"}}").into_bytes();
    let place = seal::Place { hub: HUB, case, object, schema: "referral.request/v1" };
    let sealed = key.seal(&place, &[opening.as_slice(), &message].concat());
    let recipient = Recipient {
        referral,
        delivery,
        to: agency(to),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    let submit = Submit {
        request: id("rq"),
        case,
        open_case: true,
        from: agency("ictp"),
        priority: Priority::Normal,
        purpose: code("protection"),
        basis: code("best-interests"),
        held: false,
        recipients: vec![recipient],
        object,
        replaces: None,
        terms: Default::default(),
    };
    let mut command = command(Action::Submit(submit));
    command.commitment =
        Some(casework::Commitment { message: hex::encode(commitment(&opening, &message)), signature: None });
    let mut order = Order::plain(command, Lane::Intake);
    let schema = "referral.request/v1".to_owned();
    order.body = Some(SealedBody { object, case, key: key.id(), schema, sealed });
    order.case_key = Some(CaseKeyUse { case, key: key.id() });
    Asked { order, case, referral, delivery, object, opening, message, key }
}

/// Statistics for a request, under an id that says the month only and whose link is sealed.
pub fn fact(store: &Store, asked: &Asked, sex: &str) -> NewFact {
    let (fact, object) = (FactId::drawn(store.now(), id::<FactId>("ft").uuid()), id("ob"));
    let place = seal::Place { hub: HUB, case: asked.case, object, schema: "fact-link/v1" };
    let sealed = asked.key.seal(&place, fact.to_string().as_bytes());
    NewFact {
        fact,
        referral: asked.referral,
        service: code("SVC-SHELTER"),
        priority: Priority::Normal,
        to: agency("cpi"),
        dimensions: [("sex".to_owned(), sex.to_owned())].into(),
        link: NewLink { case: asked.case, key: asked.key.id(), object, sealed },
    }
}

pub fn with_key(mut order: Order, key: &str, body: u8) -> Order {
    order.idempotency = Some(Idempotency { key: key.to_owned(), request_hash: [body; 32] });
    order
}

/// A step of the receiver, or of the sender where only it may take it.
pub fn step(asked: &Asked, step: MessageKind, reason: Option<&str>) -> Order {
    let sender = matches!(step, MessageKind::Information | MessageKind::Close | MessageKind::Feedback);
    let answer = Answer {
        carried: None,
        more: Default::default(),
        referral: asked.referral,
        agency: agency(if sender { "ictp" } else { "cpi" }),
        step,
        expected_version: None,
        reason: reason.map(code),
        failed: false,
        suggested: None,
        told: Told { delivery: id("dl"), object: id("ob") },
    };
    Order::plain(command(Action::Answer(answer)), Lane::Intake)
}

pub fn claim(delivery: DeliveryId) -> Order {
    claim_number(delivery, 1)
}

/// The claim of this attempt.
pub fn claim_number(delivery: DeliveryId, number: u32) -> Order {
    let attempt = Attempt {
        reduced: [].into(),
        delivery,
        referral: None,
        attempt: number,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    Order::plain(command(Action::Attempt(attempt)), Lane::Outcomes)
}

/// An act of the hub's own.
pub fn by_hub(action: Action) -> Order {
    Order::plain(command(action), Lane::Outcomes)
}

pub fn outcome(delivery: DeliveryId, attempt: u32, step: DeliveryStep) -> Order {
    let reason = (step != DeliveryStep::Delivered).then(|| code("timed-out"));
    let outcome = Outcome { delivery, attempt, step, reason, evidence: None };
    Order::plain(command(Action::Outcome(outcome)), Lane::Outcomes)
}

/// Commits what must be taken.
pub async fn done(store: &Store, order: Order) -> Done {
    match store.commit(order).await.unwrap() {
        Committed::Done(done) => done,
        other => panic!("not committed: {other:?}"),
    }
}

/// Commits everything at the same time; answers in the order of the orders.
pub async fn together(store: &Arc<Store>, orders: Vec<Order>) -> Vec<Result<Committed, StoreError>> {
    let calls: Vec<_> = orders
        .into_iter()
        .map(|order| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.commit(order).await })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// A whole short life: delivered, accepted, worked, completed, acknowledged.
pub async fn live(store: &Store, asked: Asked) {
    done(store, asked.order.clone()).await;
    done(store, claim(asked.delivery)).await;
    done(store, outcome(asked.delivery, 1, DeliveryStep::Delivered)).await;
    for (kind, reason) in [
        (MessageKind::Accept, None),
        (MessageKind::Progress, Some("first-contact")),
        (MessageKind::Outcome, Some("child-safe")),
        (MessageKind::Feedback, None),
    ] {
        done(store, step(&asked, kind, reason)).await;
    }
}

/// The deliveries an order's entries made.
pub fn deliveries(done: &Done) -> Vec<DeliveryId> {
    let made = |event: &Event| match event {
        Event::Created(created) => Some(created.delivery),
        Event::Moved(step) => step.delivery.as_ref().map(|made| made.delivery),
        _ => None,
    };
    done.entries.iter().filter_map(|entry| made(&entry.event)).collect()
}

/// Runs a Python script with arguments; `None`, with a line on the console, where there is no Python.
pub fn python(script: &str, arguments: &[&str]) -> Option<String> {
    let output = match std::process::Command::new("python3").args(["-c", script]).args(arguments).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: python3 is not installed");
            return None;
        }
        Err(error) => panic!("cannot run python3: {error}"),
    };
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

/// One SQL statement on a database of a closed or open store, behind its back.
pub fn sql(database: &Path, statement: &str) -> Option<String> {
    const SCRIPT: &str = "import json, sqlite3, sys\n\
        conn = sqlite3.connect(sys.argv[1], timeout=10)\n\
        rows = conn.execute(sys.argv[2]).fetchall()\n\
        conn.commit()\n\
        print(json.dumps(rows))";
    python(SCRIPT, &[database.to_str().unwrap(), statement])
}
