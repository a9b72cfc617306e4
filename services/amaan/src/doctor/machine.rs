//! What the machine allows a process: open files.

use super::finding::{Finding, Rank};

/// 2,000 connections of the API (`amaan_http`), as many outbound ones, files and database connections.
const OPEN_FILES_MIN: u64 = 4096;

/// The limits that are too low for a hub.
pub fn look() -> Option<Finding> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft: u64 = line.split_whitespace().next()?.parse().ok()?;
    (soft < OPEN_FILES_MIN).then(|| {
        Finding::new(
            Rank::Warning,
            "this machine",
            format!("lets a process open {soft} files"),
            "each connection is one; past the limit, callers are turned away",
            format!("`ulimit -n {OPEN_FILES_MIN}` before `amaan serve`, or `LimitNOFILE` of its service"),
        )
    })
}
