//! What `Cargo.lock` may not hold: crates the design rules out, versions with a known advisory, two
//! versions of what must be one, and sources other than the public registry.
//!
//! It is a short list kept by hand, not an advisory database; `cargo deny` does not replace it.

use serde::Deserialize;

use crate::Finding;
use crate::tree::TextFile;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Crates that must not be in the graph at all, and why.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-rs", "ring is the single cryptography provider (decision 0005)"),
    ("aws-lc-sys", "ring is the single cryptography provider (decision 0005)"),
    ("openssl", "ring is the single cryptography provider (decision 0005)"),
    ("openssl-sys", "ring is the single cryptography provider (decision 0005)"),
    ("native-tls", "rustls is the only TLS (decision 0005)"),
    ("pq-sys", "one executable without a C client library"),
    ("libpq-sys", "one executable without a C client library"),
    ("serde_yaml", "unmaintained; TOML and JSON are read here"),
];

/// Crates that must be there in one version only: two would mean two sets of types or two providers.
const SINGLE: &[&str] = &[
    "rustls",
    "ring",
    "reqwest",
    "tokio",
    "serde",
    "serde_json",
    "chrono",
    "uuid",
    "libsqlite3-sys",
    "actix-web",
];

/// `h2` before this version: RUSTSEC-2026-0258 (memory exhaustion by empty DATA frames).
const H2_SAFE: (u64, u64, u64) = (0, 4, 16);

#[derive(Debug, Deserialize)]
struct Lock {
    #[serde(default, rename = "package")]
    packages: Vec<Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
}

/// Findings about the lock file; none when the tree has no lock file.
pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(file) = files.iter().find(|file| file.path == "Cargo.lock") else { return Vec::new() };
    let lock: Lock = match toml::from_str(&file.text) {
        Ok(lock) => lock,
        Err(error) => {
            let what = format!("cannot be read: {}", error.message());
            return vec![finding(file, "", what, "what was not read was not checked")];
        }
    };
    let mut findings: Vec<Finding> =
        lock.packages.iter().flat_map(|locked| check_one(file, locked)).collect();
    for name in SINGLE {
        let versions: Vec<&str> = lock
            .packages
            .iter()
            .filter(|locked| locked.name == *name)
            .map(|locked| locked.version.as_str())
            .collect();
        if versions.len() > 1 {
            let what = format!("`{name}` is there in {} versions: {}", versions.len(), versions.join(", "));
            findings.push(finding(file, name, what, "two versions mean two sets of types that do not meet"));
        }
    }
    findings
}

fn check_one(file: &TextFile, locked: &Locked) -> Vec<Finding> {
    let Locked { name, version, source } = locked;
    let mut findings = Vec::new();
    if let Some((_, why)) = BANNED.iter().find(|(banned, _)| banned == name) {
        findings.push(finding(file, name, format!("`{name}` {version} is in the dependency graph"), why));
    }
    if name == "h2" && numbers(version) < H2_SAFE {
        let why = "RUSTSEC-2026-0258: empty DATA frames exhaust memory; mended in 0.4.16";
        findings.push(finding(file, name, format!("`h2` {version} has a known advisory"), why));
    }
    if source.as_deref().is_some_and(|source| source != REGISTRY) {
        let what = format!("`{name}` {version} does not come from the public registry");
        findings.push(finding(file, name, what, "what is built must be found again by anyone, unchanged"));
    }
    findings
}

fn numbers(version: &str) -> (u64, u64, u64) {
    let mut parts = version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

fn finding(file: &TextFile, name: &str, what: String, why: &'static str) -> Finding {
    let header = format!("name = \"{name}\"");
    let line = file.text.lines().position(|line| line == header).map_or(0, |index| index + 1);
    Finding {
        path: file.path.clone(),
        line,
        rule: "lock",
        what,
        why,
        fix: "ask `cargo tree -i` who brings it, and switch that feature or crate off".to_owned(),
    }
}
