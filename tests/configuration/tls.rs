//! A hub over TLS as the program runs it: files that are replaced under it, and what it asks of callers where
//! other machines reach it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use egress::{Client, Request, Response, Rules, Url};
use identity::issuer::{Client as IssuerClient, Issuer, TokenRequest};
use simulator::RunningIssuer;
use tokio::runtime::Runtime;

use super::place::{Place, snapshot};
use super::running::Running;
use crate::http::authority::{Authority, Pair};

const SERVE: &[&str] = &["serve", "--config", "amaan.toml"];
const NAME: &str = "amaan.example.org";
/// A change is in force after three seconds; on a busy machine later.
const PATIENCE: Duration = Duration::from_secs(60);

fn place(more: &str, server: &Pair, clients: &Authority) -> Place {
    let place = Place::furnished(&format!(
        "[hub]\nname = \"{NAME}\"\n{more}\n[tls]\ncertificate_file = \"tls/hub.pem\"\n\
         key_file = \"tls/hub.key\"\nclient_ca_file = \"tls/agencies.pem\"\n"
    ));
    put(&place, server);
    place.secret("tls/agencies.pem", &clients.pem);
    place
}

fn put(place: &Place, server: &Pair) {
    place.secret("tls/hub.pem", &server.certificate);
    place.secret("tls/hub.key", &server.key);
}

/// A caller of this hub, under these authorities.
#[derive(Clone)]
struct Caller {
    http: Client,
    base: String,
    runtime: Arc<Runtime>,
}

impl Caller {
    fn new(running: &Running, roots: &str, shown: Option<&Pair>) -> Self {
        let base = format!("https://127.0.0.1:{}", running.address.rsplit(':').next().unwrap());
        let entry = egress::entry_for(&base.parse().unwrap()).unwrap();
        let (extra_roots_pem, identity) = (Some(roots.to_owned()), shown.map(Pair::identity));
        let rules =
            Rules { allow: vec![entry], loopback_http: true, extra_roots_pem, identity, ..Rules::default() };
        Self { http: Client::new(rules).unwrap(), base, runtime: Arc::new(Runtime::new().unwrap()) }
    }

    fn get(&self, path: &str, token: Option<&str>) -> Option<Response> {
        let url: Url = format!("{}{path}", self.base).parse().unwrap();
        let request = token.into_iter().fold(Request::get(url), |request, token| {
            request.header("authorization", &format!("Bearer {token}"))
        });
        self.runtime.block_on(self.http.send(request)).ok()
    }

    /// 0 where there was no connection to answer on.
    fn status(&self, path: &str, token: Option<&str>) -> u16 {
        self.get(path, token).map_or(0, |answer| answer.status)
    }

    fn outdated(&self) -> bool {
        let shown = String::from_utf8(self.get("/metrics", None).unwrap().body).unwrap();
        shown.lines().any(|line| line == "amaan_tls_outdated 1")
    }
}

#[track_caller]
fn until(what: &str, look: impl Fn() -> bool) {
    let started = Instant::now();
    while !look() {
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

#[test]
fn certificate_files_are_replaced_under_a_hub_that_runs() {
    let (old, new, agencies) = (Authority::new("old"), Authority::new("new"), Authority::new("agencies"));
    let place = place("", &old.server(), &agencies);
    let running = Running::start(&place, SERVE);
    let (before, after) = (Caller::new(&running, &old.pem, None), Caller::new(&running, &new.pem, None));
    assert_eq!((before.status("/healthz", None), after.status("/healthz", None)), (200, 0));

    let (stop, lost) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let asking = std::thread::spawn({
        let (stop, lost) = (Arc::clone(&stop), Arc::clone(&lost));
        let caller = Caller::new(&running, &format!("{}{}", old.pem, new.pem), None);
        move || {
            while !stop.load(SeqCst) {
                lost.fetch_add(u32::from(caller.status("/healthz", None) != 200), SeqCst);
            }
        }
    });
    let renewed = new.server();
    put(&place, &renewed);
    until("the new certificate", || after.status("/healthz", None) == 200);
    // A new one: the old caller's connection would get its last answer.
    assert_eq!(Caller::new(&running, &old.pem, None).status("/healthz", None), 0);

    // Half a change stays without effect, and is told.
    place.secret("tls/hub.key", &old.server().key);
    until("the alarm", || after.outdated());
    assert_eq!(after.status("/healthz", None), 200);
    place.secret("tls/hub.key", &renewed.key);
    until("the end of the alarm", || !after.outdated());
    stop.store(true, SeqCst);
    asking.join().unwrap();
    assert_eq!(lost.load(SeqCst), 0, "requests were dropped");
    let (code, said) = running.end("-TERM");
    assert_eq!(code, Some(0));
    assert!(!said.contains("PRIVATE KEY"));
}

fn issuer() -> (RunningIssuer, Issuer) {
    let pem = seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8());
    let scopes = vec!["referral.receive".to_owned(), "delivery.manage".to_owned()];
    let (id, secret) = ("cpi-system".into(), "hunter2".into());
    let mut kept = None;
    let running = simulator::start_issuer(0, |url| {
        let issuer = Issuer::new(url, &pem, NAME, vec![IssuerClient { id, secret, scopes }])?;
        kept = Some(issuer.clone());
        Ok::<_, identity::issuer::IssuerError>(issuer)
    });
    (running.unwrap(), kept.unwrap())
}

#[test]
fn off_loopback_only_bound_tokens_are_taken() {
    let runtime = Runtime::new().unwrap();
    let _within = runtime.enter();
    let (authority, (running_issuer, issuer)) = (Authority::new("agencies"), issuer());
    let place = place("public_url = \"https://hub.example.org\"", &authority.server(), &authority);
    let url = &running_issuer.url;
    let text = std::fs::read_to_string(place.path("amaan.toml")).unwrap();
    let more = format!(
        "\n[[issuers]]\nissuer = \"{url}\"\naudience = \"{NAME}\"\n\n[[clients]]\nissuer = \"{url}\"\n\
         client = \"cpi-system\"\nagency = \"cpi\"\nroles = [\"system\"]\n\
         scopes = [\"referral.receive\", \"delivery.manage\"]\n"
    );
    std::fs::write(place.path("amaan.toml"), text + &more).unwrap();
    let running = Running::start_with(&place, SERVE, &[("AMAAN_HUB__LISTEN", "0.0.0.0:0")]);
    let said = running.said.replace(&running.address, "[address]").replace(url, "[issuer]");
    snapshot("a-start-off-loopback", &said);
    let client = authority.client("cpi");
    let token = |certificate| {
        let form = TokenRequest { certificate, ..TokenRequest::client_credentials("cpi-system", "hunter2") };
        issuer.token(&form).unwrap().access_token
    };
    let (bound, bare) = (token(Some(client.thumbprint())), token(None));
    let (with, without) =
        (Caller::new(&running, &authority.pem, Some(&client)), Caller::new(&running, &authority.pem, None));
    let path = "/v1/inbox";
    assert_eq!((with.status(path, Some(&bound)), without.status(path, Some(&bound))), (200, 401));
    assert_eq!((with.status(path, Some(&bare)), without.status(path, Some(&bare))), (401, 401));
    commands_bring_their_certificate(&place, &with.base, &client, &bound);
    assert_eq!(running.end("-TERM").0, Some(0));
}

/// Where other machines come, metrics have a listener of their own or are shown nowhere.
#[test]
fn metrics_are_no_strangers_business() {
    let authority = Authority::new("agencies");
    let place = place("public_url = \"https://hub.example.org\"", &authority.server(), &authority);
    let off = ("AMAAN_HUB__LISTEN", "0.0.0.0:0");
    let running = Running::start_with(&place, SERVE, &[off]);
    assert!(running.said.contains("set `hub.metrics_listen`"), "{}", running.said);
    let stranger = Caller::new(&running, &authority.pem, None);
    assert_eq!((stranger.status("/healthz", None), stranger.status("/metrics", None)), (200, 404));
    assert_eq!(running.end("-TERM").0, Some(0));

    // On loopback behind a proxy, as its public address says, others come too.
    let running = Running::start_with(&place, SERVE, &[]);
    assert!(running.said.contains("set `hub.metrics_listen`"), "{}", running.said);
    assert_eq!(running.end("-TERM").0, Some(0));

    let apart = ("AMAAN_HUB__METRICS_LISTEN", "127.0.0.1:0");
    let mut running = Running::start_with(&place, SERVE, &[off, apart]);
    let stranger = Caller::new(&running, &authority.pem, None);
    assert_eq!(stranger.status("/metrics", None), 404);
    let (_, rest) = running.said.split_once("metrics   http://").unwrap();
    running.address = rest.split('/').next().unwrap().to_owned();
    let shown = running.get("/metrics");
    assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("amaan_http_requests_total"), "{shown}");
    assert!(running.get("/healthz").starts_with("HTTP/1.1 404"), "there is nothing else");
    assert_eq!(running.end("-TERM").0, Some(0));
}

/// The agency's own command line, with its certificate, without, and with another's key.
fn commands_bring_their_certificate(place: &Place, base: &str, client: &Pair, token: &str) {
    place.secret("client.pem", &client.certificate);
    place.secret("client.key", &client.key);
    let certificate = ["--cert", "client.pem", "--key", "client.key"];
    let hub = ["--url", base, "--token", token, "--ca", "tls/agencies.pem"];
    let list = |more: &[&str]| place.run(&[&["dead-letter"], &hub[..], more, &["list"]].concat(), &[]);
    let (listed, refused) = (list(&certificate), list(&[]));
    assert_eq!(
        (listed.code, listed.out.as_str()),
        (Some(0), "no delivery waits for you\n"),
        "{}",
        listed.err
    );
    assert!(refused.code == Some(1) && refused.err.contains("the hub said 401"), "{}", refused.err);
    let swapped = list(&["--cert", "client.pem", "--key", "tls/hub.key"]);
    assert!(swapped.code == Some(2) && swapped.err.contains("its own private key"), "{}", swapped.err);
    let forward = ["--once", "--after", "0", "--forward-to", "http://127.0.0.1:9"];
    let listened = place.run(&[&["listen"], &hub[..], &certificate, &forward].concat(), &[]);
    assert_eq!(listened.code, Some(0), "{}", listened.err);
}

#[test]
fn doctor_says_when_certificates_end() {
    let authority = Authority::new("agencies");
    let told = |server: Pair| {
        let said = place("", &server, &authority).run(&["doctor", "--config", "amaan.toml"], &[]);
        let about = |part: &&str| part.contains("tls.certificate_file");
        let found = said.out.split("\n\n").find(about).unwrap_or_default().to_owned();
        found.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(told(authority.server()), "");
    let soon = told(authority.server_for(9));
    assert!(soon.starts_with("warning: ") && soon.contains("in 9 days"), "{soon}");
    let over = told(authority.server_for(-1));
    assert!(over.starts_with("blocker: ") && over.contains("has expired"), "{over}");
}
