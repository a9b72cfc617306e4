//! Where a policy set's text comes from: compiled in, or a folder. Reads and sizes only; nothing is parsed
//! here.

use std::{collections::BTreeMap, fs, path::Path};

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::LoadError;

/// The Cedar schema's file name.
pub(crate) const SCHEMA_FILE: &str = "amaan.cedarschema";
/// What a set is called that lies in no folder.
const BUNDLE: &str = "the bundle";
/// No file of a set is larger.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// Nor has a folder more files that count.
const FILES_MAX: usize = 200;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR");

/// The texts of one set, by file name.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetText {
    pub schema: String,
    /// `<agreement>.cedar`.
    pub agreements: BTreeMap<String, String>,
    /// `tests/<agreement>.toml`.
    pub tables: BTreeMap<String, String>,
}

impl SetText {
    pub(crate) fn embedded() -> Result<Self, LoadError> {
        let mut set = Self::default();
        for file in EMBEDDED.files().chain(EMBEDDED.get_dir("tests").into_iter().flat_map(Dir::files)) {
            let Some(name) = file.path().to_str() else { continue };
            if kind_of(name).is_some() {
                let text = file.contents_utf8().ok_or_else(|| LoadError::new(name, "is not UTF-8"))?;
                set.put(name, text.to_owned())?;
            }
        }
        set.complete()
    }

    pub(crate) fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        let mut set = Self::default();
        for (folder, prefix) in [(dir.to_owned(), ""), (dir.join("tests"), "tests/")] {
            for name in names_in(&folder, prefix)? {
                let full = format!("{prefix}{name}");
                if kind_of(&full).is_some() {
                    set.put(&full, read_text(&folder.join(&name), &full)?)?;
                }
            }
        }
        set.complete()
    }

    /// From one text, as [`Self::bundle`] wrote it.
    pub(crate) fn from_bundle(bundle: &str) -> Result<Self, LoadError> {
        let set: Self = serde_json::from_str(bundle)
            .map_err(|error| LoadError::new(BUNDLE, format!("is no policy set's text: {error}")))?;
        let files = set.agreements.keys().chain(set.tables.keys());
        match files.into_iter().find(|file| kind_of(file).is_none()) {
            Some(file) => Err(LoadError::new(BUNDLE, format!("`{file}` is no file of a policy set"))),
            None => set.complete(),
        }
    }

    /// All of it as one text.
    pub(crate) fn bundle(&self) -> String {
        // Three maps of texts by name: nothing in them can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// First 16 hexadecimal digits of SHA-256 over names, lengths and texts of all that decides.
    pub(crate) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let schema = (SCHEMA_FILE, self.schema.as_str());
        let agreements = self.agreements.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        for (name, text) in std::iter::once(schema).chain(agreements) {
            hash.update(format!("{name}\n{}\n", text.len()));
            hash.update(text);
        }
        hex::encode(hash.finalize()).chars().take(16).collect()
    }

    /// The values of a closed list of the schema.
    pub(crate) fn enumerated(&self, list: &str) -> Vec<String> {
        let after = self.schema.split_once(&format!("entity {list} enum [")).map_or("", |(_, after)| after);
        let values = after.split_once(']').map_or("", |(values, _)| values);
        values.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn put(&mut self, name: &str, text: String) -> Result<(), LoadError> {
        match kind_of(name) {
            Some(Kind::Schema) => self.schema = text,
            Some(Kind::Agreement) => drop(self.agreements.insert(name.to_owned(), text)),
            Some(Kind::Table) => drop(self.tables.insert(name.to_owned(), text)),
            None => {}
        }
        if self.agreements.len() + self.tables.len() > FILES_MAX {
            return Err(LoadError::new(name, format!("the folder holds more than {FILES_MAX} files")));
        }
        Ok(())
    }

    fn complete(self) -> Result<Self, LoadError> {
        if self.schema.is_empty() {
            return Err(LoadError::new(SCHEMA_FILE, "is missing or empty"));
        }
        if self.agreements.is_empty() {
            return Err(LoadError::new("*.cedar", "the folder holds no agreement"));
        }
        Ok(self)
    }
}

enum Kind {
    Schema,
    Agreement,
    Table,
}

fn kind_of(name: &str) -> Option<Kind> {
    match name.split_once('/') {
        None if name == SCHEMA_FILE => Some(Kind::Schema),
        None if name.ends_with(".cedar") => Some(Kind::Agreement),
        Some(("tests", table)) if table.ends_with(".toml") => Some(Kind::Table),
        _ => None,
    }
}

fn names_in(folder: &Path, prefix: &str) -> Result<Vec<String>, LoadError> {
    let bad = |error: std::io::Error| {
        LoadError::new(&format!("{prefix}."), format!("cannot list the folder: {error}"))
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(bad)? {
        let name = entry.map_err(bad)?.file_name();
        names.extend(name.to_str().map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn read_text(path: &Path, name: &str) -> Result<String, LoadError> {
    let bad = |error: std::io::Error| LoadError::new(name, format!("cannot read it: {error}"));
    if fs::metadata(path).map_err(bad)?.len() > FILE_BYTES_MAX {
        return Err(LoadError::new(name, format!("is larger than {FILE_BYTES_MAX} bytes")));
    }
    fs::read_to_string(path).map_err(bad)
}
