//! The exchanges printed in `ops/docs/sender.md` and `receiver.md`, run in their order: a document that is no
//! longer true fails. A `GET` is asked again until it answers what the document says, as its reader would.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use egress::Method;
use serde_json::Value;

use super::answer::Answer;
use super::sandbox::{fresh_key, sandbox, until};

/// What a document says is seen by then: it waits for a delivery at most.
const SETTLED_AFTER: Duration = Duration::from_secs(20);

/// What `{word}` stands for.
type Words = BTreeMap<String, String>;

struct Exchange {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    keeps: Vec<(String, String)>,
    expects: Vec<(String, String)>,
}

#[test]
fn the_sender_s_document_is_true() {
    run("sender.md", 12);
}

#[test]
fn the_receiver_s_document_is_true() {
    run("receiver.md", 9);
}

fn run(document: &str, exchanges: usize) {
    let _turn = sandbox().beside();
    let path = format!("{}/../ops/docs/{document}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> =
        text.split("```http\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), exchanges, "{document} has another number of exchanges than it had");
    let mut words = Words::from([("hub".to_owned(), sandbox().api.clone())]);
    for block in blocks {
        exchange(document, &parse(block), &mut words);
    }
}

/// Request line, headers, empty line, body; `HTTP/1.1 STATUS`; `{word} = /pointer` and `/pointer: value`.
fn parse(block: &str) -> Exchange {
    let (request, answer) = block.split_once("HTTP/1.1 ").unwrap();
    let (head, body) = request.split_once("\n\n").unwrap();
    let mut head = head.lines();
    let mut answer = answer.lines();
    let line = head.next().unwrap().to_owned();
    let status = answer.next().unwrap().trim().parse().unwrap();
    let pairs = |lines: &[&str], between: &str| -> Vec<(String, String)> {
        let split = |line: &&str| line.split_once(between).map(|(a, b)| (a.to_owned(), b.to_owned()));
        lines.iter().map(|line| split(line).unwrap_or_else(|| panic!("`{line}` is no pair"))).collect()
    };
    let (keeps, expects): (Vec<&str>, Vec<&str>) =
        answer.filter(|line| !line.is_empty()).partition(|line| line.starts_with('{'));
    Exchange {
        line,
        headers: pairs(&head.collect::<Vec<_>>(), ": "),
        body: body.trim().to_owned(),
        status,
        keeps: pairs(&keeps, " = "),
        expects: pairs(&expects, ": "),
    }
}

fn exchange(document: &str, one: &Exchange, words: &mut Words) {
    let (method, path) = one.line.split_once(' ').unwrap();
    let path = filled(path, words);
    let of_signature =
        |value: &str| value.strip_prefix("{signature of ")?.strip_suffix('}').map(str::to_owned);
    let signer = one.headers.iter().find_map(|(_, value)| of_signature(value));
    let others = one.headers.iter().filter(|(_, value)| of_signature(value).is_none());
    let headers: Vec<(String, String)> =
        others.map(|(name, value)| (name.to_lowercase(), header(value, words))).collect();
    let ask = || {
        let verb = if method == "GET" { Method::Get } else { Method::Post };
        let mut call = sandbox().call("", verb, &path);
        for (name, value) in &headers {
            call = call.header(name, value);
        }
        call.request.body = one.body.clone().into_bytes();
        if let Some(client) = &signer {
            let key = headers.iter().find(|(name, _)| name == "idempotency-key").unwrap();
            let signature = sandbox().signature(client, &path, &key.1, &call.request.body);
            call = call.header("amaan-signature", &signature.unwrap());
        }
        call.send()
    };
    let at = format!("{document}: {} {path}", method);
    let answer = match method {
        "GET" => settled(&ask, |answer| wrong(one, answer, words).is_none()),
        _ => ask(),
    };
    assert_eq!(wrong(one, &answer, words), None, "{at}: {}", answer.text());
    for (word, pointer) in &one.keeps {
        let found = answer.json().pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        words.insert(word.trim_matches(['{', '}']).to_owned(), found.unwrap());
    }
}

/// The first answer that is as it should be, or the last one in time.
fn settled(ask: &dyn Fn() -> Answer, good: impl Fn(&Answer) -> bool) -> Answer {
    let since = Instant::now();
    until("an answer", || Some(ask()).filter(|answer| good(answer) || since.elapsed() > SETTLED_AFTER))
}

/// What the document says and the answer does not.
fn wrong(one: &Exchange, answer: &Answer, words: &Words) -> Option<String> {
    if answer.status != one.status {
        return Some(format!("status {}", answer.status));
    }
    let told = |(pointer, value): &&(String, String)| {
        let found = answer.json().pointer(pointer).cloned().unwrap_or(Value::Null);
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        let fits = if value == "*" { found != "null" } else { found == filled(value, words) };
        (!fits).then(|| format!("{pointer} is {found}"))
    };
    one.expects.iter().find_map(|pair| told(&pair))
}

/// `{token of CLIENT}`, `{signature of CLIENT}` (over the body as it stands), `{new key}`, `{new key: NAME}`
/// and `{key: NAME}`, else what was kept.
fn header(value: &str, words: &mut Words) -> String {
    let Some((before, word)) = value.trim_end_matches('}').split_once('{') else { return value.to_owned() };
    let meant = match word.split_once(": ").unwrap_or((word, "")) {
        ("new key", "") => fresh_key(),
        ("new key", name) => words.entry(name.to_owned()).or_insert_with(fresh_key).clone(),
        ("key", name) => words[name].clone(),
        _ => match word.strip_prefix("token of ") {
            Some(client) => sandbox().token(client),
            None => words[word].clone(),
        },
    };
    format!("{before}{meant}")
}

fn filled(text: &str, words: &Words) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
}
