//! The one running `amaan sandbox` that all journeys and the authorization tables share, and how they speak
//! to it: as a client of its hub, or as the officers in front of a simulated agency's system.
//!
//! It starts with the first test that asks for it and ends with the test process, however that ends: a
//! shell between the two waits for the end of a pipe that only the test process holds.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use egress::{Client, Method, Request, Rules, Url};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::answer::Answer;
use super::wiring::Wiring;

/// Compiled, the story is done after some ten seconds; on a busy machine after many more.
const START_TIME_MAX: Duration = Duration::from_secs(180);
/// What a test waits for happens within this, retries of deliveries included.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Tokens live 300 s; one older than this is not used again.
const TOKEN_TIME: Duration = Duration::from_secs(200);
/// Runs the sandbox and ends it, its folder with it, when the pipe ends.
const KEEPER: &str = r#"dir=$1; shift
"$@" </dev/null >"$dir/out.txt" 2>"$dir/err.txt" &
child=$!
while read -r _; do :; done
kill -TERM "$child"; wait "$child"; rm -rf "$dir""#;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(Sandbox::start);

/// The sandbox of this test run.
pub fn sandbox() -> &'static Sandbox {
    &SANDBOX
}

/// A running sandbox.
pub struct Sandbox {
    pub dir: PathBuf,
    pub api: String,
    pub issuer: String,
    pub wiring: Wiring,
    pub(super) plan: Value,
    http: Client,
    runtime: Runtime,
    tokens: Mutex<BTreeMap<String, (Instant, String)>>,
    turn: RwLock<()>,
    under_way: Mutex<UnderWay>,
    // Holds the pipe: its end is the sandbox's.
    _keeper: Child,
}

/// The program these tests are about, built beside them.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let target = tests.parent().and_then(|deps| deps.parent()).unwrap();
    let program = target.join("amaan");
    assert!(
        program.is_file(),
        "the program is missing: `{}`; build it first with `cargo build` (ops/test does)",
        program.display()
    );
    program
}

impl Sandbox {
    /// One of its own, for a test that lets time pass.
    pub fn start() -> Self {
        let wiring = Wiring::chosen();
        println!("journeys on {}", wiring.words());
        let dir = tempfile::tempdir().unwrap().keep();
        let data = dir.join("data");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&dir).arg(program());
        keeper.args(["sandbox", "--past", "0"]).args(wiring.arguments(&data)).env("TMPDIR", &dir);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = keeper.spawn().unwrap();
        let (out, err) = (dir.join("out.txt"), dir.join("err.txt"));
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        within(START_TIME_MAX, "the sandbox to tell its story and stay up", || {
            let said = read(&err);
            assert!(!said.lines().any(|line| line.starts_with("amaan: ")), "the sandbox ended:\n{said}");
            read(&out).contains("It stays up until Ctrl-C").then_some(())
        });
        let data = wiring.folder(&data, &read(&err));
        let plan: Value = serde_json::from_str(&read(&data.join("sandbox.json"))).unwrap();
        let local = |port: &Value| format!("127.0.0.1:{port}");
        let (issuer, extra_roots_pem) = match wiring.issuer() {
            Some((foreign, authority)) => (foreign, Some(authority)),
            None => (format!("http://{}", local(&plan["issuer_port"])), None),
        };
        let agencies = plan["agency_ports"].as_object().unwrap().values();
        let entry = egress::entry_for(&url(&issuer)).unwrap();
        let rules = Rules {
            allow: agencies.chain([&plan["api_port"]]).map(local).chain([entry]).collect(),
            loopback_http: true,
            extra_roots_pem,
            total_timeout: PATIENCE,
            body_bytes_max: 8 << 20,
            ..Rules::default()
        };
        Self {
            dir: data,
            api: format!("http://{}", local(&plan["api_port"])),
            issuer,
            wiring,
            http: Client::new(rules).unwrap(),
            runtime: Runtime::new().unwrap(),
            tokens: Mutex::default(),
            turn: RwLock::default(),
            under_way: Mutex::default(),
            plan,
            _keeper: keeper,
        }
    }

    /// What is in the names of all that is its own at servers.
    pub fn own(&self) -> String {
        self.plan["own"].as_str().unwrap().to_owned()
    }

    /// For a test that may run beside others.
    pub fn beside(&self) -> RwLockReadGuard<'_, ()> {
        self.turn.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// For a test that turns a fault knob or counts entries: alone, after everything has come to rest. What
    /// others left under way may be much on a slow machine: it is waited for as long as something moves.
    pub fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        let guard = self.turn.write().unwrap_or_else(PoisonError::into_inner);
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rests = self.followed(&mut under_way);
        while !rests {
            let open = format!("{:?} to come to rest; nothing moves", under_way.open);
            rests = until(&open, || {
                let next = under_way.next;
                let rests = self.followed(&mut under_way);
                (rests || under_way.next > next).then_some(rests)
            });
        }
        guard
    }

    /// Whether all that the ledger has now is at rest.
    fn followed(&self, under_way: &mut UnderWay) -> bool {
        self.entries_from(under_way.next).iter().for_each(|line| under_way.follow(line));
        under_way.open.is_empty()
    }

    /// One request as it stands.
    pub fn send(&self, request: Request) -> Answer {
        Answer::of(self.runtime.block_on(self.http.send(request)).unwrap())
    }

    /// A request of a client to the hub, still to be dressed.
    pub fn call(&self, client: &str, method: Method, path: &str) -> Call<'_> {
        let token = (!client.is_empty()).then(|| self.token(client));
        Call { client: client.to_owned(), ..self.call_with(token.as_deref(), method, path) }
    }

    /// The same with any token, or none.
    pub fn call_with(&self, token: Option<&str>, method: Method, path: &str) -> Call<'_> {
        let mut request = Request::new(method, url(&format!("{}{path}", self.api)));
        if let Some(token) = token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        Call { sandbox: self, client: String::new(), request }
    }

    pub fn get(&self, client: &str, path: &str) -> Answer {
        self.call(client, Method::Get, path).send()
    }

    /// A request that writes, under a key of its own.
    pub fn post(&self, client: &str, path: &str, key: &str, body: &Value) -> Answer {
        self.call(client, Method::Post, path).key(key).json(body).send()
    }

    /// A step of a referral, by the agency's own system.
    pub fn step(&self, client: &str, referral: &str, action: &str, body: &Value) -> Answer {
        let key = fresh_key();
        self.post(client, &format!("/v1/referrals/{referral}/{action}"), &key, body)
    }

    /// The officers' hands and eyes at a simulated agency's system.
    pub fn sim(&self, agency: &str, path: &str, body: Option<&Value>) -> Value {
        let address = format!("http://127.0.0.1:{}/_sim/{path}", self.plan["agency_ports"][agency]);
        let request = match body {
            Some(body) => {
                let request = Request::post(url(&address), body.to_string().into_bytes());
                request.header("content-type", "application/json")
            }
            None => Request::get(url(&address)),
        };
        let answer = self.send(request);
        assert!(answer.status < 300, "{agency}/_sim/{path}: {} {}", answer.status, answer.text());
        if answer.bytes.is_empty() { Value::Null } else { answer.json() }
    }

    pub fn knobs(&self, agency: &str, knobs: Value) {
        self.sim(agency, "knobs", Some(&knobs));
    }

    /// Everything an agency's officers can see of a referral or an identity check.
    pub fn seen_by(&self, agency: &str, query: &str) -> String {
        self.sim(agency, &format!("inbox?{query}"), None)["messages"].to_string()
    }

    /// Effects of one delivery at an agency's system.
    pub fn effects_of(&self, agency: &str, delivery: &str) -> usize {
        let effects = self.sim(agency, "effects", None);
        let list = effects["effects"].as_array().unwrap();
        list.iter().filter(|effect| effect["delivery"] == delivery).count()
    }

    pub fn secret(&self, client: &str) -> &str {
        self.wiring.secret(&self.plan, client)
    }

    /// A client's token with all its scopes.
    pub fn token(&self, client: &str) -> String {
        let mut held = self.held();
        if let Some((_, token)) = held.get(client).filter(|(since, _)| since.elapsed() < TOKEN_TIME) {
            return token.clone();
        }
        let token = self.fresh_token(client, "");
        held.insert(client.to_owned(), (Instant::now(), token.clone()));
        token
    }

    /// A client's new token with these scopes only; all its own for an empty text.
    pub fn fresh_token(&self, client: &str, scope: &str) -> String {
        let secret = self.secret(client);
        let form = if scope.is_empty() { String::new() } else { format!("&scope={scope}") };
        let form = format!("grant_type=client_credentials{form}");
        let request = Request::post(url(&format!("{}/token", self.issuer)), form.into_bytes());
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{client}:{secret}"));
        let request = request.header("authorization", &format!("Basic {basic}"));
        let answer = self.send(request.header("content-type", "application/x-www-form-urlencoded"));
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, (Instant, String)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that the issuer signs with, for tokens that no honest issuer would give.
    pub fn issuer_key(&self) -> seal::NoteKey {
        let pem = self.plan["issuer_key"].as_str().unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pkcs8 = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
        seal::NoteKey::from_pkcs8("issuer", &pkcs8).unwrap()
    }

    /// Entries in the ledger. Asking adds none.
    pub fn ledger_size(&self) -> u64 {
        let note = self.get("ncrc-analyst", "/v1/audit/checkpoint").ok().text();
        note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap()
    }

    /// The entries from an index on, oldest first, without the look that this is.
    pub fn entries_from(&self, first: u64) -> Vec<Value> {
        let size = self.ledger_size();
        let (mut found, mut before) = (Vec::new(), size);
        while before > first {
            let path = format!("/v1/audit/entries?limit=200&cursor={before}");
            let page = self.get("ncrc-analyst", &path).ok().json();
            found.extend(page["data"].as_array().unwrap().iter().cloned());
            before = found.last().map_or(first, |entry| entry["index"].as_u64().unwrap());
        }
        found.retain(|entry| (first..size).contains(&entry["index"].as_u64().unwrap()));
        found.reverse();
        found
    }

    /// The delivery of this kind of message of a referral, as its sender sees it.
    pub fn delivery(&self, client: &str, referral: &str, message: &str) -> Value {
        let view = self.get(client, &format!("/v1/referrals/{referral}")).ok().json();
        let list = view["deliveries"].as_array().unwrap();
        list.iter().find(|held| held["message"] == message).cloned().unwrap_or(Value::Null)
    }

    /// Waits until the newest message of this kind rests in this state.
    pub fn rests(&self, client: &str, referral: &str, message: &str, status: &str) -> Value {
        until(&format!("{message} to be {status}"), || {
            let delivery = self.delivery(client, referral, message);
            (delivery["status"] == status).then_some(delivery)
        })
    }
}

/// Deliveries and identity checks that have not come to rest, followed through the ledger.
#[derive(Default)]
struct UnderWay {
    next: u64,
    /// With the entry that was seen last of it.
    open: BTreeMap<String, String>,
}

impl UnderWay {
    fn follow(&mut self, line: &Value) {
        self.next = line["index"].as_u64().unwrap() + 1;
        let event = &line["entry"]["event"];
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (id, rests) = match event["kind"].as_str().unwrap() {
            "referral.requested" => (text("/delivery"), false),
            "referral.moved" | "clock.overdue" => (text("/delivery/delivery"), false),
            "delivery.moved" => {
                let ends = ["delivered", "refused", "undeliverable", "expired", "withdrawn"];
                (text("/delivery"), ends.contains(&event["status"].as_str().unwrap()))
            }
            "identity.moved" => (text("/check"), event["status"] != "asked"),
            _ => (None, true),
        };
        match id {
            Some(id) if rests => _ = self.open.remove(&id),
            Some(id) => _ = self.open.insert(id, event.to_string()),
            None => {}
        }
    }
}

/// A request to the hub being dressed.
pub struct Call<'a> {
    sandbox: &'a Sandbox,
    client: String,
    pub request: Request,
}

impl Call<'_> {
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
    pub fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string().into_bytes())
    }
    pub fn bytes(mut self, body: Vec<u8>) -> Self {
        self.request.body = body;
        self.header("content-type", "application/json")
    }
    /// Signed as the client's system would sign it, unless the test has said otherwise.
    pub fn send(self) -> Answer {
        self.sandbox.send(self.sandbox.signed(&self.client, self.request))
    }
}

/// Looks until something is there.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "another process is watched from outside; the wait has an end")]
pub fn within<T>(longest: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < longest, "waited {} s in vain for {what}", longest.as_secs());
        std::thread::sleep(LOOK_EVERY);
    }
}

/// An idempotency key nobody has used.
pub fn fresh_key() -> String {
    hex::encode(seal::random::<16>())
}

pub fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// A token with any header and claims, as text, signed with this key.
pub fn signed(key: &seal::NoteKey, header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(&input);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A minimal officer for messages that need one.
pub fn officer() -> Value {
    json!({ "name": "Test Officer 9", "position": "Duty officer" })
}
