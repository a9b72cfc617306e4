//! Says what is going to be made and what room it takes, and refuses where there is not that much.

use std::path::Path;

use crate::Failure;

/// Bytes on the disk of one referral with its case, entries, deliveries, bodies, keys and statistics, indexes
/// included: as measured at the end of a fill with 100,000.
const SQLITE_BYTES: u64 = 12_000;
const POSTGRES_BYTES: u64 = 20_000;
/// What comes for a time: write-ahead logs, which PostgreSQL lets grow to a gibibyte and more.
const SQLITE_EXTRA_BYTES: u64 = 256 << 20;
const POSTGRES_EXTRA_BYTES: u64 = 3 << 30;
/// In hundred: pages are fuller at one time than at another.
const MARGIN: u64 = 120;

pub fn check(missing: u64, there: u64, is_sqlite: bool, disk: &Path) -> Result<(), Failure> {
    let (bytes, extra, engine) = if is_sqlite {
        (SQLITE_BYTES, SQLITE_EXTRA_BYTES, "SQLite")
    } else {
        (POSTGRES_BYTES, POSTGRES_EXTRA_BYTES, "PostgreSQL")
    };
    let needed = if missing == 0 { 0 } else { missing * bytes / 100 * MARGIN + extra };
    let stat = rustix::fs::statvfs(disk).map_err(|error| format!("{}: {error}", disk.display()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    eprintln!(
        "fill: {missing} referrals of invented children on {engine}, {there} are there; about {} MB at {bytes} \
         bytes each, with margin and logs {} MB of the {} MB free in {}",
        (missing * bytes) >> 20,
        needed >> 20,
        free >> 20,
        disk.display(),
    );
    if needed <= free {
        return Ok(());
    }
    Err(format!(
        "{} has {} MB free and {missing} referrals on {engine} need {} MB: ask for fewer with --rows, or make room",
        disk.display(),
        free >> 20,
        needed >> 20,
    )
    .into())
}
