//! The files of a tree, as text. Build output, version control and what `.gitignore` names for good are not
//! entered; what is not UTF-8 or is too large to be written by hand is not read.

use std::io;
use std::path::Path;

/// Folders that hold nothing a person wrote. In a linked work tree of git, `.git` is a file.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "node_modules", ".services", "__pycache__"];
/// 2 MiB: five times the largest file a person keeps here (`Cargo.lock`, code lists).
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// Deeper than any folder here by four; a loop of links ends there.
const DEPTH_MAX: usize = 16;

/// One text file.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Path from the root, with forward slashes.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl TextFile {
    /// What follows the last dot of the file's name, or nothing.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Every text file under `root`, sorted by path.
pub(crate) fn read(root: &Path) -> io::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    enter(root, "", 0, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn enter(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<TextFile>) -> io::Result<()> {
    if depth > DEPTH_MAX {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if SKIPPED_FOLDERS.contains(&name.as_str()) {
            continue;
        }
        if kind.is_dir() {
            enter(&entry.path(), &path, depth + 1, files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= FILE_BYTES_MAX {
            let Ok(text) = String::from_utf8(std::fs::read(entry.path())?) else { continue };
            files.push(TextFile { path, text });
        }
    }
    Ok(())
}
