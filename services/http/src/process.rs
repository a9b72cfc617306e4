//! The process's own numbers under the names that every Prometheus client gives them, read from `/proc` when
//! somebody asks. Elsewhere than on Linux there are none.
//!
//! Not through the recorder: processor seconds are a counter with a fraction, which it does not know.

use std::fmt::Write;
use std::fs;

use casework::{Metric, MetricKind};

const CPU: Metric =
    Metric::counter("process_cpu_seconds_total", &[], "Processor seconds used, for itself and the system.");
const RESIDENT: Metric = Metric::gauge("process_resident_memory_bytes", &[], "Memory in use.");
const VIRTUAL: Metric = Metric::gauge("process_virtual_memory_bytes", &[], "Addresses in use.");
const OPEN: Metric = Metric::gauge("process_open_fds", &[], "Open file descriptors.");
const OPEN_MAX: Metric = Metric::gauge("process_max_fds", &[], "File descriptors it may open.");
const STARTED: Metric =
    Metric::gauge("process_start_time_seconds", &[], "When it started, in seconds since 1970.");

/// What is read here.
pub const METRICS: &[Metric] = &[CPU, RESIDENT, VIRTUAL, OPEN, OPEN_MAX, STARTED];

/// Linux counts processor time in hundredths of a second for every program (`USER_HZ`), whatever it uses
/// itself.
const TICKS_PER_SECOND: f64 = 100.0;

/// The lines for `/metrics`; what cannot be read is left out.
pub(crate) fn render() -> String {
    let mut text = String::new();
    for (metric, value) in read() {
        let kind = if matches!(metric.kind, MetricKind::Counter) { "counter" } else { "gauge" };
        _ = write!(
            text,
            "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {value}\n\n",
            name = metric.name,
            about = metric.about
        );
    }
    text
}

fn read() -> Vec<(Metric, f64)> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = [
        (CPU, cpu_seconds()),
        (RESIDENT, kilobytes(&status, "VmRSS:")),
        (VIRTUAL, kilobytes(&status, "VmSize:")),
        (OPEN, open_files()),
        (OPEN_MAX, open_files_max()),
        (STARTED, started()),
    ];
    found.into_iter().filter_map(|(metric, value)| Some((metric, value?))).collect()
}

/// Fields of `/proc/self/stat` after the program's name, which may hold anything; the first is the third.
fn stat(number: usize) -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after) = text.rsplit_once(')')?;
    after.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

fn cpu_seconds() -> Option<f64> {
    Some((stat(14)? + stat(15)?) / TICKS_PER_SECOND)
}

fn started() -> Option<f64> {
    let system = fs::read_to_string("/proc/stat").ok()?;
    let booted: f64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(booted + stat(22)? / TICKS_PER_SECOND)
}

fn kilobytes(status: &str, name: &str) -> Option<f64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    let count: f64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(count * 1024.0)
}

fn open_files() -> Option<f64> {
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    // The folder itself is open while it is read.
    u32::try_from(count.saturating_sub(1)).ok().map(f64::from)
}

fn open_files_max() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let rest = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    rest.split_whitespace().next()?.parse().ok()
}
