//! A store that stands somewhere: in a folder, or in two databases on a server. Which one, from the same
//! files that a hub's configuration names. It opens nothing.

use std::path::{Path, PathBuf};

use casework::Sensitive;
use clap::Args;
use store::{Databases, Place};

use crate::Failure;
use crate::line::trust;

#[derive(Args)]
pub struct Standing {
    /// The hub's data folder: `hub.data` of its configuration.
    #[arg(long)]
    pub data: PathBuf,
    /// A file with the main database's URL; without it the store is SQLite in the data folder.
    #[arg(long, requires = "keys_url_file")]
    pub url_file: Option<PathBuf>,
    /// A file with the key database's URL.
    #[arg(long, requires = "url_file")]
    pub keys_url_file: Option<PathBuf>,
    /// The authority that signed the server's certificate.
    #[arg(long, requires = "url_file")]
    pub ca_file: Option<PathBuf>,
}

impl Standing {
    pub fn place(&self) -> Result<Place, Failure> {
        let dir = self.data.clone();
        let (Some(main), Some(keys)) = (&self.url_file, &self.keys_url_file) else {
            return Ok(Place::Sqlite { dir });
        };
        let tls = self.ca_file.as_deref().map(trust).transpose()?;
        Ok(Place::Postgres { dir, databases: Databases { main: url(main)?, keys: url(keys)?, tls } })
    }
}

fn url(file: &Path) -> Result<Sensitive<String>, Failure> {
    Ok(Sensitive::new(text(file)?.trim().to_owned()))
}

/// The file's text, or which one could not be read.
pub fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()).into())
}
