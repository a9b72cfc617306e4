//! All agencies' adapters, found by folder and checked when loaded: nothing half-usable is ever in force.
//! Not the registry of callers (`hub`), and no addresses: those are configuration's.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
};

use casework::AgencyCode;

use crate::{
    agency::Agency,
    codes::BadCodes,
    folder::{self, FolderError},
    manifest::ManifestError,
    mapping::NotAdmitted,
};

/// What is wrong with one agency's folder.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// The folder's name.
    #[error("the folder's name must be an agency code: lower case letters, digits, `-`, at most 16")]
    Name,
    /// Its files.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// `agency.toml`.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// `codes.csv`.
    #[error(transparent)]
    Codes(#[from] BadCodes),
    /// A mapping.
    #[error("{file}: {why}")]
    Mapping {
        /// `outbound.jq` or `inbound.jq`.
        file: &'static str,
        /// Why it is not admitted.
        why: NotAdmitted,
    },
    /// `target.schema.json`.
    #[error("target.schema.json: {0}")]
    Target(#[from] schemas::BadTarget),
}

/// Everything that is wrong, by folder.
#[derive(Debug)]
pub struct AdapterErrors(pub Vec<(String, AdapterError)>);

impl fmt::Display for AdapterErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (folder, error)) in self.0.iter().enumerate() {
            let line_break = if at == 0 { "" } else { "\n" };
            write!(f, "{line_break}adapters/agencies/{folder}: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for AdapterErrors {}

/// The agencies' adapters.
pub struct Registry(BTreeMap<AgencyCode, Agency>);

impl Registry {
    /// The agencies compiled into the program.
    ///
    /// # Errors
    /// Everything that is wrong with any folder; none is loaded then.
    pub fn embedded() -> Result<Self, AdapterErrors> {
        Self::load(folder::embedded())
    }

    /// The same, loaded once for the whole process: a start asks for them three times.
    ///
    /// # Errors
    /// As [`Registry::embedded`].
    pub fn shared() -> Result<Arc<Self>, AdapterErrors> {
        static SHARED: OnceLock<Arc<Registry>> = OnceLock::new();
        if let Some(shared) = SHARED.get() {
            return Ok(Arc::clone(shared));
        }
        let loaded = Arc::new(Self::embedded()?);
        Ok(Arc::clone(SHARED.get_or_init(|| loaded)))
    }

    /// The agencies of a directory, a folder each.
    ///
    /// # Errors
    /// Everything that is wrong with any folder; none is loaded then.
    pub fn from_dir(directory: &Path) -> Result<Self, AdapterErrors> {
        let folders = folder::read(directory);
        Self::load(folders.map_err(|error| AdapterErrors(vec![(String::new(), error.into())]))?)
    }

    fn load(folders: BTreeMap<String, folder::Folder>) -> Result<Self, AdapterErrors> {
        let (mut agencies, mut errors) = (BTreeMap::new(), Vec::new());
        for (name, files) in folders {
            let loaded = name.parse().map_err(|_| AdapterError::Name);
            match loaded.and_then(|code| Agency::load(&code, files)) {
                Ok(agency) => {
                    agencies.insert(agency.code.clone(), agency);
                }
                Err(error) => errors.push((name, error)),
            }
        }
        if errors.is_empty() { Ok(Self(agencies)) } else { Err(AdapterErrors(errors)) }
    }

    /// One agency.
    #[must_use]
    pub fn agency(&self, code: &AgencyCode) -> Option<&Agency> {
        self.0.get(code)
    }

    /// All of them, by code.
    pub fn agencies(&self) -> impl Iterator<Item = &Agency> {
        self.0.values()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys().map(AgencyCode::as_str)).finish()
    }
}
