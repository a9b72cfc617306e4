//! `amaan witness` as its operator meets it: a key, a process that is killed, evidence that is printed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::CosignerKey;
use serde_json::Value;

use super::{Watched, cosigned, sign};
use crate::journeys::sandbox::program;

fn amaan(arguments: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("witness").args(arguments).arg("--dir").arg(dir);
    command
}

/// What a run prints, and its exit code.
pub fn run(arguments: &[&str], dir: &Path) -> (i32, String, String) {
    let said = amaan(arguments, dir).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (said.status.code().unwrap(), text(said.stdout), text(said.stderr))
}

/// One that runs, and is killed when dropped: as by `kill -9`.
pub struct Running {
    child: Child,
    pub address: String,
}

impl Running {
    pub fn start(dir: &Path, vkey: &str) -> Self {
        Self::watching(dir, &[vkey])
    }

    /// Over several logs, or keys of one.
    pub fn watching(dir: &Path, vkeys: &[&str]) -> Self {
        let logs = vkeys.iter().flat_map(|vkey| ["--log", vkey]);
        let arguments: Vec<&str> = ["serve", "--listen", "127.0.0.1:0"].into_iter().chain(logs).collect();
        let mut command = amaan(&arguments, dir);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| Some(line.unwrap().strip_prefix("listening on ")?.to_owned()));
        // What it says later is not read, and must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// `None` where it died over it.
fn ask(address: &str, request: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = request.len();
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{request}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (!body.is_empty()).then(|| (status, body.to_owned()))
}

/// Grows from what was seen, one leaf a request, until nobody answers. The largest size that was cosigned.
fn grow(address: &str, watched: &Watched, seen: u64, key: &CosignerKey, done: &AtomicU64) -> u64 {
    let mut size = seen;
    while let Some((status, body)) = ask(address, &watched.ask(size, size + 1)) {
        assert_eq!(status, 200, "{body}");
        size += 1;
        cosigned(&body, &watched.head(size), key);
        done.fetch_add(1, Ordering::Relaxed);
    }
    size
}

/// Killed at any moment, also between keeping and cosigning, it never knows less than it has said.
#[test]
fn killed_at_any_moment_it_knows_what_it_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("witness");
    let (code, vkey, said) = run(&["make-key", "--name", "witness.example/w1"], &dir);
    assert_eq!(code, 0, "{said}");
    let key = CosignerKey::parse(vkey.trim()).unwrap();
    let (watched, other) = (Watched::of(4_000), Watched::forked(4_000, 0));
    let log = watched.vkey().to_text();
    let mut told = 0;
    for round in 0..8_u64 {
        let mut running = Running::start(&dir, &log);
        let address = running.address.clone();
        let seen = match round {
            0 => 0,
            _ => {
                let (status, body) = ask(&address, &watched.ask(0, 4_000)).unwrap();
                assert_eq!(status, 409, "{body}");
                body.trim().parse().unwrap()
            }
        };
        assert!(seen >= told, "it cosigned {told} and remembers {seen}");
        if seen > 0 {
            assert_eq!(ask(&address, &other.ask(seen, seen)).unwrap().0, 409, "a second history");
        }
        let done = AtomicU64::new(0);
        told = std::thread::scope(|scope| {
            let growing = scope.spawn(|| grow(&address, &watched, seen, &key, &done));
            while done.load(Ordering::Relaxed) < 3 + round && !growing.is_finished() {
                std::thread::yield_now();
            }
            running.child.kill().unwrap();
            growing.join().unwrap()
        });
        assert!(told > seen, "nothing was cosigned before the kill");
    }
}

#[test]
fn it_shows_what_it_saw_and_prints_what_it_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("witness");
    assert_eq!(run(&["make-key", "--name", "two words"], &dir).0, 2);
    assert_eq!(run(&["make-key", "--name", "witness.example/w1"], &dir).0, 0);
    assert_eq!(run(&["make-key", "--name", "witness.example/w2"], &dir).0, 1, "a key over another");
    let (watched, other) = (Watched::of(20), Watched::forked(20, 12));
    let running = Running::start(&dir, &watched.vkey().to_text());
    assert_eq!(ask(&running.address, &watched.ask(0, 20)).unwrap().0, 200);
    assert_eq!(run(&["evidence"], &dir).0, 0);
    assert_eq!(ask(&running.address, &other.ask(20, 20)).unwrap(), (409, "20\n".to_owned()));

    let own = sign(&watched.key, &watched.head(20));
    assert_eq!(run(&["show"], &dir).1, format!("{own}\n"));
    let (code, said, _) = run(&["evidence", "--json"], &dir);
    let found: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &found[0]["fork"], found[0]["seen"].as_str()), (1, &true.into(), Some(own.as_str())));
    let (_, printed, _) = run(&["evidence"], &dir);
    assert!(printed.contains("two roots at one size") && printed.contains(&own), "{printed}");

    // Other machines would need TLS.
    let (code, _, said) = run(&["serve", "--listen", "0.0.0.0:0", "--log", &watched.vkey().to_text()], &dir);
    assert!(code == 2 && said.contains("TLS"), "{said}");
    let (code, _, said) = run(&["serve", "--log", "nonsense"], &dir);
    assert!(code == 2 && said.contains("--log"), "{said}");
}
