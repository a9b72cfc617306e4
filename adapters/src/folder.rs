//! An agency's folder as bytes: embedded in the program, or read from a directory. Not their meaning; that
//! is `registry`'s.

use std::{collections::BTreeMap, path::Path};

use include_dir::{Dir, include_dir};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/agencies");

/// Largest file of an agency's folder.
const FILE_BYTES_MAX: u64 = 512 * 1024;
/// Files of one folder at most, examples included.
const FILES_MAX: usize = 256;
/// Agencies at most.
const FOLDERS_MAX: usize = 512;

/// A folder that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// The operating system says no.
    #[error("cannot read `{path}`: {kind}")]
    Unreadable {
        /// Relative to the agencies' directory.
        path: String,
        /// The kind of error.
        kind: String,
    },
    /// A bound is passed.
    #[error("`{path}` has too many or too large files; at most {FILES_MAX} of {FILE_BYTES_MAX} bytes each")]
    TooLarge {
        /// Relative to the agencies' directory.
        path: String,
    },
    /// A file an agency must have.
    #[error("`{file}` is missing")]
    Missing {
        /// Its name in the agency's folder.
        file: &'static str,
    },
    /// A file that must be text and is not.
    #[error("`{file}` is not UTF-8 text")]
    NotText {
        /// Its name in the agency's folder.
        file: &'static str,
    },
    /// A file that must be JSON and is not.
    #[error("`{file}` is not JSON")]
    NotJson {
        /// Its name in the agency's folder.
        file: String,
    },
}

/// The files of one agency by their path within its folder, `examples/1-outbound.in.json` for example.
pub type Folder = BTreeMap<String, Vec<u8>>;

/// Files that make an agency's form of a message.
const MAPPING: [&str; 5] = ["agency.toml", "outbound.jq", "inbound.jq", "codes.csv", "target.schema.json"];
/// Hexadecimal digits of a mapping's version.
const VERSION_DIGITS: usize = 16;

/// Which mapping a folder holds: SHA-256 over its files, each with its name and its length.
pub fn version(folder: &Folder) -> String {
    let mut all = Vec::new();
    for (name, bytes) in MAPPING.iter().filter_map(|name| Some((name, folder.get(*name)?))) {
        all.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        all.extend_from_slice(bytes);
    }
    let mut version: String = seal::sha256(&all).iter().map(|byte| format!("{byte:02x}")).collect();
    version.truncate(VERSION_DIGITS);
    version
}

/// The folders compiled into the program.
pub fn embedded() -> BTreeMap<String, Folder> {
    let mut folders = BTreeMap::new();
    for agency in EMBEDDED.dirs() {
        let name = agency.path().display().to_string();
        let mut folder = Folder::new();
        let examples = agency.dirs().flat_map(|dir| dir.files());
        for file in agency.files().chain(examples) {
            let path = file.path().strip_prefix(agency.path()).unwrap_or(file.path());
            folder.insert(path.display().to_string(), file.contents().to_vec());
        }
        folders.insert(name, folder);
    }
    folders
}

/// The folders of a directory; a plain file beside them is passed over.
pub fn read(directory: &Path) -> Result<BTreeMap<String, Folder>, FolderError> {
    let mut folders = BTreeMap::new();
    for (name, path) in entries(directory, "")? {
        if folders.len() >= FOLDERS_MAX {
            return Err(FolderError::TooLarge { path: name });
        }
        if path.is_dir() {
            let mut folder = Folder::new();
            read_files(&path, &name, "", &mut folder)?;
            let examples = path.join("examples");
            if examples.is_dir() {
                read_files(&examples, &name, "examples/", &mut folder)?;
            }
            folders.insert(name, folder);
        }
    }
    Ok(folders)
}

fn read_files(directory: &Path, agency: &str, prefix: &str, folder: &mut Folder) -> Result<(), FolderError> {
    for (name, path) in entries(directory, agency)? {
        let shown = format!("{agency}/{prefix}{name}");
        let unreadable = |error: std::io::Error| unreadable(&shown, &error);
        let about = std::fs::metadata(&path).map_err(unreadable)?;
        if about.is_dir() {
            continue;
        }
        if about.len() > FILE_BYTES_MAX || folder.len() >= FILES_MAX {
            return Err(FolderError::TooLarge { path: shown });
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        folder.insert(format!("{prefix}{name}"), bytes);
    }
    Ok(())
}

fn entries(directory: &Path, shown: &str) -> Result<Vec<(String, std::path::PathBuf)>, FolderError> {
    let failed = |error: std::io::Error| unreadable(shown, &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

fn unreadable(path: &str, error: &std::io::Error) -> FolderError {
    FolderError::Unreadable { path: path.to_owned(), kind: error.kind().to_string() }
}

/// A file's text, where it must be there.
pub fn text<'f>(folder: &'f Folder, file: &'static str) -> Result<&'f str, FolderError> {
    text_if_there(folder, file)?.ok_or(FolderError::Missing { file })
}

/// A file's text, where it may be absent.
pub fn text_if_there<'f>(folder: &'f Folder, file: &'static str) -> Result<Option<&'f str>, FolderError> {
    let Some(bytes) = folder.get(file) else { return Ok(None) };
    std::str::from_utf8(bytes).map(Some).map_err(|_| FolderError::NotText { file })
}
