//! Whose the secret files are, the data folder, room on its disk, and who writes there. What the secret files
//! hold is `config::secrets`' business.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Rank};
use crate::config::Settings;

/// Below this a busy day of ledger and bodies may not fit.
const ROOM_WARNING_MIB: u64 = 1024;
/// Below this not even a backup of the day's work fits; SQLite needs room for its log too.
const ROOM_BLOCKER_MIB: u64 = 100;
const LOCK_FILE: &str = "writer.lock";

/// All of it.
pub fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> = secret_files(settings).iter().filter_map(|path| owned(path)).collect();
    findings.extend(folder(&settings.hub.data));
    findings.extend(room(&settings.hub.data));
    if !settings.store.is_server() {
        findings.extend(writer(&settings.hub.data));
    }
    findings
}

fn secret_files(settings: &Settings) -> Vec<PathBuf> {
    let keys = [&settings.keys.root_key_file, &settings.keys.ledger_key_file];
    let servers = [&settings.store.url_file, &settings.store.keys_url_file, &settings.queue.url_file];
    let credentials = settings.endpoints.values().map(|endpoint| &endpoint.credential_file);
    let webhooks = settings.webhooks.values().filter_map(|webhook| webhook.secret_file.as_ref());
    let others = credentials.chain(webhooks).chain(&settings.tls.key_file);
    let others = others.chain(&settings.keys.second_ledger_key_file);
    keys.into_iter().chain(servers.into_iter().flatten()).chain(others).cloned().collect()
}

/// Who owns a file can let others in, whatever its mode is now.
#[cfg(unix)]
fn owned(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::MetadataExt;
    let (of_file, own) = (std::fs::metadata(path).ok()?.uid(), std::fs::metadata("/proc/self").ok()?.uid());
    (of_file != own && of_file != 0).then(|| {
        Finding::new(
            Rank::Warning,
            path.display().to_string(),
            "belongs to another user than the one this runs as",
            "whoever owns a secret file can read it and let others in",
            format!("`chown` it to the hub's user, or run `doctor` as that user: {}", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn owned(_: &Path) -> Option<Finding> {
    None
}

#[cfg(unix)]
fn folder(data: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(data).ok()?;
    let shown = data.display().to_string();
    if !metadata.is_dir() {
        let why = "the hub keeps its data there";
        return Some(Finding::new(
            Rank::Blocker,
            shown,
            "is not a folder",
            why,
            "name another in `hub.data`",
        ));
    }
    (metadata.permissions().mode() & 0o077 != 0).then(|| {
        let what = "can be entered by others than its owner";
        let why = "who sends what to whom stands there unsealed";
        Finding::new(Rank::Warning, shown.clone(), what, why, format!("`chmod 700 {shown}`"))
    })
}

#[cfg(not(unix))]
fn folder(_: &Path) -> Option<Finding> {
    None
}

/// Room where the data is, or will be.
fn room(data: &Path) -> Option<Finding> {
    let there = data.ancestors().map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path });
    let there = there.into_iter().find(|path| path.exists())?;
    let free = free_mib(there)?;
    let rank = match free {
        ..ROOM_BLOCKER_MIB => Rank::Blocker,
        ROOM_BLOCKER_MIB..ROOM_WARNING_MIB => Rank::Warning,
        _ => return None,
    };
    Some(Finding::new(
        rank,
        data.display().to_string(),
        format!("has {free} MiB left on its disk"),
        "when it is full, nothing is taken in any more",
        "make room, or move `hub.data` to a larger disk",
    ))
}

#[cfg(unix)]
fn free_mib(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024))
}

#[cfg(not(unix))]
fn free_mib(_: &Path) -> Option<u64> {
    None
}

/// A hub that runs holds the lock alone. Shared, and let go at once: only a hub that starts in this very
/// moment would be told that another writes.
fn writer(data: &Path) -> Option<Finding> {
    let lock = File::open(data.join(LOCK_FILE)).ok()?;
    let held = matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock));
    held.then(|| {
        Finding::new(
            Rank::Note,
            data.display().to_string(),
            "is written by a hub that runs now",
            "SQLite takes one writing process; a second one would not start",
            "leave it so, or stop the other before starting one here",
        )
    })
}
