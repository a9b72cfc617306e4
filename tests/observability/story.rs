//! The sandbox's story, watched: everything it logs at its most talkative, every span it sends, every metric
//! it shows. The collector (`collector.py`) and the judge of dashboards share no code with the hub.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::configuration::place::root;
use crate::journeys::sandbox::{program, within};
use crate::journeys::wiring::Wiring;

/// As long as another sandbox may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// A caller's own trace, as W3C writes it, and free text beside it.
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// What the story's messages say of children and the people around them, and what a stranger's header says.
const CANARIES: &[&str] = &[
    "Test Child",
    "Test Guardian",
    "Test Officer",
    "Test Malkhana",
    "Test Road",
    "Invented",
    "0000000000001",
    "+92000",
    "EX-7",
    "eyJ",
    "Bearer",
    "canary-state",
    "canary-baggage",
];
/// Everything a span may say; whatever else appears has to be thought about first.
const ATTRIBUTES: &[&str] = &[
    "agency",
    "class",
    "delivery",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "id",
    "lane",
    "orders",
    "outcome",
    "problem",
    "protocol",
    "referral",
];

/// A child process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// What one run told.
struct Told {
    log: String,
    spans: Vec<Value>,
    secrets: Vec<String>,
}

fn collector() -> (Ends, BufReader<std::process::ChildStdout>, String) {
    let mut command = Command::new("python3");
    command.arg(root().join("tests/observability/collector.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let port = line.trim().strip_prefix("port ").unwrap();
    (Ends(child), out, format!("http://127.0.0.1:{port}"))
}

/// Runs it, calls it once with a caller's trace, has its metrics judged, ends it, gathers the spans.
fn play(dir: &Path) -> Told {
    let (mut taking, mut out, address) = collector();
    let (said, log) = (dir.join("out.txt"), dir.join("err.txt"));
    let file = |path: &Path| std::fs::File::create(path).unwrap();
    let mut command = Command::new(program());
    let (wiring, data) = (Wiring::chosen(), dir.join("data"));
    command.args(["sandbox", "--past", "5", "--traces", &address]).args(wiring.arguments(&data));
    command.env("TMPDIR", dir);
    command.env("AMAAN_LOG", "trace").stdin(Stdio::null()).stdout(file(&said)).stderr(file(&log));
    let mut running = Ends(command.spawn().unwrap());
    within(PATIENCE, "the sandbox to tell its story and stay up", || {
        std::fs::read_to_string(&said).unwrap().contains("It stays up until Ctrl-C").then_some(())
    });
    let folder = wiring.folder(&data, &std::fs::read_to_string(&log).unwrap());
    let plan = std::fs::read_to_string(folder.join("sandbox.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let hub = format!("127.0.0.1:{}", plan["api_port"]);
    let traced =
        format!("traceparent: {CALLER}\r\ntracestate: a=canary-state\r\nbaggage: name=canary-baggage\r\n");
    assert!(get(&hub, "/readyz", &traced).starts_with("HTTP/1.1 200"));
    judge(&get(&hub, "/metrics", ""), dir);
    assert!(Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap().success());
    assert_eq!(running.0.wait().unwrap().code(), Some(0), "it ends well");
    drop(taking.0.stdin.take());
    let mut spans = String::new();
    out.read_to_string(&mut spans).unwrap();
    assert!(taking.0.wait().unwrap().success());
    Told {
        log: std::fs::read_to_string(&log).unwrap(),
        spans: serde_json::from_str(&spans).unwrap(),
        secrets: strings(&plan).into_iter().filter(|text| text.len() >= 16).collect(),
    }
}

fn get(hub: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(hub).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {hub}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Dashboards, rules and the page of metrics against what this hub shows.
fn judge(answer: &str, dir: &Path) {
    let metrics = dir.join("metrics.txt");
    std::fs::write(&metrics, answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let judged = Command::new("python3").arg(root().join("ops/check_dashboards.py")).arg(&metrics).output();
    let judged = judged.unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_story_is_told_without_the_child() {
    let dir = tempfile::tempdir().unwrap();
    let told = play(dir.path());
    let spans = serde_json::to_string(&told.spans).unwrap();
    for (what, text) in [("the log", &told.log), ("a trace", &spans)] {
        for canary in CANARIES.iter().copied().chain(told.secrets.iter().map(String::as_str)) {
            let line = text.lines().find(|line| line.contains(canary)).unwrap_or_default();
            let shown: String = line.chars().take(400).collect();
            assert!(line.is_empty(), "{what} holds `{}...`: {shown}", canary.get(..8).unwrap_or(canary));
        }
    }
    lines_are_json_with_constant_messages(&told.log);
    spans_say_ids_only(&told.spans);
    spans_hang_together(&told.spans);
}

fn lines_are_json_with_constant_messages(log: &str) {
    // What the sandbox says to a person stands before; log lines are objects.
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 50, "only {} lines at the most talkative level", lines.len());
    for line in &lines {
        let message = line["fields"]["message"].as_str().unwrap();
        let constant = !message.chars().any(|c| c.is_ascii_digit() || c == '{');
        assert!(constant, "a message with a value in it: {message}");
    }
    assert!(lines.iter().any(|line| line["fields"]["message"] == "answered"));
}

fn spans_say_ids_only(spans: &[Value]) {
    for span in spans {
        for name in span["attributes"].as_object().unwrap().keys() {
            assert!(ATTRIBUTES.contains(&name.as_str()), "a span says `{name}`: {span}");
        }
        assert_eq!((&span["trace_state"], &span["events"]), (&Value::from(""), &Value::Array(Vec::new())));
        assert_eq!(span["service"]["service.name"], "amaan");
    }
}

fn spans_hang_together(spans: &[Value]) {
    let by_id: BTreeMap<&str, &Value> =
        spans.iter().map(|span| (span["span"].as_str().unwrap(), span)).collect();
    let parent = |span: &Value| by_id.get(span["parent"].as_str().unwrap()).copied();
    let child = |of: &Value, name: &str| {
        spans.iter().any(|span| span["name"] == name && span["parent"] == of["span"])
    };
    let called = |name: &'static str| spans.iter().filter(move |span| span["name"] == name);
    let submitted: Vec<&Value> = called("POST /v1/referrals").collect();
    assert!(!submitted.is_empty(), "no span for a new referral");
    for span in &submitted {
        assert_eq!((&span["kind"], &span["attributes"]["agency"]), (&"server".into(), &"ictp".into()));
        assert!(child(span, "commit"), "a referral without its commit: {span}");
    }
    let calls: Vec<&Value> = called("agency call").collect();
    assert!(calls.iter().any(|call| parent(call).is_some_and(|of| of["name"] == "hand over")));
    assert!(calls.iter().any(|call| call["attributes"]["outcome"] == "unknown"), "nccia's timeouts");
    assert!(called("answer").any(|answer| parent(answer).is_some_and(|of| of["name"] == "poll")));
    // The caller's trace is continued.
    let ready = called("GET /readyz").next().unwrap();
    let of_caller =
        format!("00-{}-{}-01", ready["trace"].as_str().unwrap(), ready["parent"].as_str().unwrap());
    assert_eq!(of_caller, CALLER);
    // One trace from the request, through outbox and queue, to the call of the agency's system.
    let hand = |call: &&&Value| parent(call).is_some_and(|of| of["name"] == "hand over");
    let joined =
        calls.iter().filter(hand).any(|call| submitted.iter().any(|span| span["trace"] == call["trace"]));
    assert!(joined, "no trace goes from a new referral to an agency's call");
}
