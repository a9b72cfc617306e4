//! Events of the running sandbox: its whole story in the list, and `amaan listen`, which forwards them
//! signed, goes on where it stopped, and repeats under the same id what was not taken.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use serde_json::Value;
use tokio::runtime::Runtime;

use super::sandbox::{program, sandbox};
use crate::agencies::responder::{Reply, Responder};

fn listen(to: &str, dir: &Path) -> Output {
    let files = ["listen.key", "listen.cursor"].map(|name| dir.join(name));
    let mut command = Command::new(program());
    command
        .args(["listen", "--once", "--json", "--after", "0", "--forward-to", to])
        .arg("--key-file")
        .arg(&files[0]);
    command.arg("--cursor-file").arg(&files[1]).args(["--url", &sandbox().api]);
    command.env("AMAAN_TOKEN", sandbox().token("laja")).output().unwrap()
}

fn listed() -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = sandbox().get("laja", &format!("/v1/events?limit=200&after={after}")).ok().json();
        found.extend(page["data"].as_array().unwrap().iter().cloned());
        after = page["next_cursor"].as_str().unwrap().parse().unwrap();
        if page["more"] == false {
            return found;
        }
    }
}

#[test]
fn listen_forwards_what_the_list_has_and_goes_on_where_it_stopped() {
    let _alone = sandbox().alone();
    let (runtime, dir) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let status = Arc::new(AtomicU16::new(500));
    let answer = Arc::clone(&status);
    let reply = move |_: &_| Reply::Answer(answer.load(Relaxed), "", String::new());
    let receiver = runtime.block_on(Responder::start(reply));
    let to = format!("{}events", receiver.link().endpoint);

    let refused = listen(&to, dir.path());
    assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stderr));
    assert_eq!(receiver.seen().len(), 1, "nothing overtakes what was not taken");
    status.store(200, Relaxed);
    let taken = listen(&to, dir.path());
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    let list = listed();
    let bodies: Vec<Value> =
        receiver.seen().iter().map(|asked| serde_json::from_str(&asked.body).unwrap()).collect();
    assert_eq!(bodies[0]["id"], bodies[1]["id"], "the same id again");
    assert_eq!(bodies[1..], list, "each once, in order");
    assert!(receiver.seen().iter().all(|asked| asked.head.contains("webhook-signature: v1a,")));
    let lines = String::from_utf8(taken.stdout).unwrap();
    assert_eq!(lines.lines().count(), list.len(), "a line each");
    let before = receiver.seen().len();
    assert!(listen(&to, dir.path()).status.success());
    assert_eq!(receiver.seen().len(), before, "it knows where it stands");
    let elsewhere = listen("http://192.0.2.1/", dir.path());
    assert_eq!(elsewhere.status.code(), Some(2), "in clear beyond this machine");
}
