//! What the two calls do in a build with the feature `planted`: count, write a line down, fsync it, and die
//! or say yes.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the environment asks for, read once.
struct Asked {
    kill: Option<Trap>,
    bug: Option<Trap>,
    /// Where what happened is written down.
    log: Option<String>,
}

/// A name, at which count it acts, and a third number.
struct Trap {
    name: String,
    nth: u64,
    third: u64,
    seen: AtomicU64,
}

impl Trap {
    /// `name`, `name:nth` or `name:nth:third`.
    fn read(variable: &str) -> Option<Self> {
        let text = std::env::var(variable).ok()?;
        let mut parts = text.split(':');
        let name = parts.next()?.to_owned();
        let mut number = |otherwise| parts.next().and_then(|part| part.parse().ok()).unwrap_or(otherwise);
        Some(Self { name, nth: number(1).max(1), third: number(0), seen: AtomicU64::new(0) })
    }

    /// Which time this is, if it is about this name.
    fn count(&self, name: &str) -> Option<u64> {
        (self.name == name).then(|| self.seen.fetch_add(1, Ordering::SeqCst).saturating_add(1))
    }
}

fn asked() -> &'static Asked {
    static ASKED: OnceLock<Asked> = OnceLock::new();
    ASKED.get_or_init(|| Asked {
        kill: Trap::read("AMAAN_FAILPOINT"),
        bug: Trap::read("AMAAN_PLANTED"),
        log: std::env::var("AMAAN_FAILPOINT_LOG").ok(),
    })
}

/// At the nth time: dies at once, or from another thread so many microseconds later, wherever this one is.
pub fn here(step: &'static str) {
    let Some(trap) = &asked().kill else { return };
    if trap.count(step) != Some(trap.nth) {
        return;
    }
    note("killed", step);
    if trap.third == 0 {
        std::process::abort();
    }
    let wait = Duration::from_micros(trap.third);
    std::thread::spawn(move || {
        std::thread::park_timeout(wait);
        std::process::abort();
    });
}

/// Each nth time, but not in the first `third` ones.
pub fn planted(bug: &'static str) -> bool {
    let Some(trap) = &asked().bug else { return false };
    let strikes = trap.count(bug).is_some_and(|count| count > trap.third && count % trap.nth == 0);
    if strikes {
        note("struck", bug);
    }
    strikes
}

/// The test asserts that a step was reached, or a bug struck, by this line.
fn note(what: &str, name: &str) {
    let Some(path) = &asked().log else { return };
    let file = OpenOptions::new().create(true).append(true).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(format!("{what} {name}\n").as_bytes())?;
        file.sync_all()
    });
    if written.is_err() {
        std::process::abort();
    }
}
