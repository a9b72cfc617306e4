//! What a witness remembers: a folder, and in it one folder for each log with the newest checkpoint and the
//! evidence. Everything is on the disk before anybody is told: written beside, synced, renamed, and the
//! folder synced.

use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use ledger::Checkpoint;

use super::{WitnessError, head_of};

const LOCK: &str = "witness.lock";
const LOGS: &str = "logs";
const NEWEST: &str = "newest";
const EVIDENCE: &str = "evidence";
const SEEN: &str = "seen";
const REFUSED: &str = "refused";
/// Pieces of evidence kept of one log: the first tell the story, and a log cannot fill the disk with more.
const EVIDENCE_MAX: usize = 64;

/// The folder, held by one witness.
pub struct Book {
    dir: PathBuf,
    _lock: File,
}

/// Two signed checkpoints of one log that do not go together, as far as the log has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The log.
    pub origin: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// What the witness had seen, signed by the log; none where it had seen nothing.
    pub seen: Option<String>,
    /// What it was shown then and did not cosign, signed by the log.
    pub refused: String,
}

impl Evidence {
    /// Does it prove by itself that the log has two histories: two roots at one size?
    #[must_use]
    pub fn is_fork(&self) -> bool {
        let heads = self.seen.as_deref().and_then(head_of).zip(head_of(&self.refused));
        heads.is_some_and(|(seen, refused)| seen.size == refused.size && seen.root != refused.root)
    }
}

impl Book {
    pub fn open(dir: &Path) -> Result<Self, WitnessError> {
        let logs = dir.join(LOGS);
        make(&logs)?;
        // Whoever made them may have died before their names were on the disk.
        [logs.as_path(), dir].into_iter().try_for_each(sync)?;
        if_readable(sync(above(dir)))?;
        let lock = File::create(dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(WitnessError::Taken),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The note of the newest checkpoint seen of a log.
    pub fn seen(&self, origin: &str) -> io::Result<Option<String>> {
        if_there(fs::read_to_string(self.folder(origin).join(NEWEST)))
    }

    /// Remembers this as the newest.
    pub fn keep(&self, origin: &str, note: &str) -> io::Result<()> {
        let folder = self.folder(origin);
        make(&folder)?;
        write(&folder, NEWEST, note)
    }

    /// Keeps what a log was not to sign, beside what had been seen. The same again is not kept again.
    pub fn keep_evidence(&self, offered: &Checkpoint, seen: Option<&str>, refused: &str) -> io::Result<()> {
        let all = self.folder(&offered.origin).join(EVIDENCE);
        let root = seal::sha256(&offered.root);
        let folder = all.join(format!("{}-{}", offered.size, hex(&root).get(..16).unwrap_or_default()));
        if folder.join(REFUSED).exists() || entries(&all)?.len() >= EVIDENCE_MAX {
            return Ok(());
        }
        make(&folder)?;
        if let Some(seen) = seen {
            write(&folder, SEEN, seen)?;
        }
        write(&folder, REFUSED, refused)
    }

    fn folder(&self, origin: &str) -> PathBuf {
        self.dir.join(LOGS).join(name(origin))
    }
}

impl Drop for Book {
    /// By name: see the store's folder lock.
    fn drop(&mut self) {
        _ = self._lock.unlock();
    }
}

/// What a folder holds of each log: its newest checkpoint, as a signed note.
///
/// # Errors
/// Where the folder cannot be read.
pub fn origins(dir: &Path) -> io::Result<Vec<String>> {
    let logs = entries(&dir.join(LOGS))?;
    let notes = logs.iter().map(|log| if_there(fs::read_to_string(log.join(NEWEST))));
    Ok(notes.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// All evidence in a folder.
///
/// # Errors
/// Where the folder cannot be read.
pub fn evidence(dir: &Path) -> io::Result<Vec<Evidence>> {
    let mut all = Vec::new();
    for log in entries(&dir.join(LOGS))? {
        for folder in entries(&log.join(EVIDENCE))? {
            let Some(refused) = if_there(fs::read_to_string(folder.join(REFUSED)))? else { continue };
            let seen = if_there(fs::read_to_string(folder.join(SEEN)))?;
            let origin = head_of(&refused).map(|head| head.origin).unwrap_or_default();
            all.push(Evidence { origin, folder, seen, refused });
        }
    }
    Ok(all)
}

/// A log's folder: an origin may hold what no file may be called.
pub fn name(origin: &str) -> String {
    hex(&seal::sha256(origin.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is in a folder, in order; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(found) = if_there(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    let mut paths = found.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A folder whose names are on the disk, up to what was there.
fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = above(folder);
    make(above)?;
    if_exists(fs::create_dir(folder))?;
    sync(above)
}

/// What a folder lies in; where its path is one name, the folder that the process runs in.
fn above(folder: &Path) -> &Path {
    let above = folder.parent().unwrap_or(folder);
    if above.as_os_str().is_empty() { Path::new(".") } else { above }
}

/// The names in a folder are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn if_exists(made: io::Result<()>) -> io::Result<()> {
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// A folder that may not be listed is another's, who made what lies in it.
fn if_readable(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// A whole file or none, and its name, on the disk.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let beside = folder.join(format!("{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    sync(folder)
}
