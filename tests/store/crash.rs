//! What a crash may not take: everything acknowledged before it. Once with copies of the folder taken while
//! the hub writes, once with a process that is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use store::Committed;

use super::at;
use super::world::{House, ask, check_sound, with_key};

/// The folder for the process that is to be killed; set by its parent only.
const FOLDER: &str = "AMAAN_TEST_CRASH_FOLDER";

/// The database first, then its log, which only grows meanwhile: what a crash at that moment would leave.
fn copy(from: &Path, to: &Path) {
    for file in ["keys.db", "keys.db-wal", "checkpoint.latest", "amaan.db", "amaan.db-wal"] {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_missing_from_a_copy() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let vkey = store.key().vkey();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (store, acknowledged, stop) =
                (Arc::clone(&store), Arc::clone(&acknowledged), Arc::clone(&stop));
            tokio::spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Acquire) {
                        return;
                    }
                    let key = format!("ictp/{caller}/{number}");
                    let order = with_key(ask(&store, "cpi").order, &key, 7);
                    let Ok(Committed::Done(done)) = store.commit(order).await else {
                        panic!("not committed")
                    };
                    acknowledged.lock().unwrap().push((key, done.index, done.batch.size));
                }
            })
        })
        .collect();
    let mut copies = Vec::new();
    for wanted in [20, 60, 120, 200] {
        while acknowledged.lock().unwrap().len() < wanted {
            tokio::task::yield_now().await;
        }
        let known = acknowledged.lock().unwrap().clone();
        let folder = tempfile::tempdir().unwrap();
        copy(house.dir(), folder.path());
        copies.push((known, folder));
    }
    stop.store(true, Ordering::Release);
    for caller in callers {
        caller.await.unwrap();
    }
    for (known, folder) in copies {
        let report = check_sound(&at(folder.path()), &vkey);
        println!("{} acknowledged, {} entries in the copy", known.len(), report.entries);
        let reopened = house.try_open(&at(folder.path())).unwrap();
        for (key, index, size) in known {
            let again = reopened.commit(with_key(ask(&reopened, "cpi").order, &key, 7)).await.unwrap();
            assert!(
                matches!(again, Committed::Replayed { index: i, size: s } if (i, s) == (index, size)),
                "{again:?}"
            );
            assert_eq!(reopened.proof(index, size).await.unwrap(), store.proof(index, size).await.unwrap());
        }
        check_sound(&at(folder.path()), &vkey);
    }
}

/// The child process of the test below; without a folder it has nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn commit_until_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Arc::new(House::new().unwrap().try_open(&at(Path::new(&folder))).unwrap());
    println!("\nvkey {}", store.key().vkey());
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                loop {
                    let Ok(Committed::Done(done)) = store.commit(ask(&store, "cpi").order).await else {
                        return;
                    };
                    println!("acknowledged {}", hex::encode(done.proof().unwrap().tlog_proof));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

#[test]
fn nothing_acknowledged_is_missing_after_a_kill() {
    for wanted in [1, 40, 150] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["store::crash::commit_until_killed", "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut vkey, mut receipts) = (String::new(), Vec::new());
        while receipts.len() < wanted {
            let line = lines.next().unwrap().unwrap();
            vkey = line.strip_prefix("vkey ").map_or(vkey, str::to_owned);
            receipts.extend(line.strip_prefix("acknowledged ").map(str::to_owned));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // The last line may be half a line: the process died while printing it.
        let rest = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned));
        receipts.extend(rest);
        let notes = receipts.iter().filter_map(|receipt| {
            let proof = String::from_utf8(hex::decode(receipt).ok()?).ok()?;
            store::note_of_proof(&proof).ok().filter(|note| note.ends_with('\n'))
        });
        let trusted: Vec<String> = notes.collect();
        assert!(trusted.len() >= wanted);
        let count = trusted.len();
        let report = super::world::audit(&at(folder.path()), &vkey, trusted);
        assert_eq!(report.findings, []);
        println!("killed: {} receipts, {} entries, {} compared", count, report.entries, report.compared);
        assert!(report.compared >= 1);
    }
}
