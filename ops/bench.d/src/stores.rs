//! Where a measurement of stores happens: a folder and, on PostgreSQL, databases of its own, made for it and
//! taken away after it, however it ends.

use std::path::{Path, PathBuf};

use casework::{Rules, Sensitive};
use clap::{Args, ValueEnum};
use seal::{NoteKey, RootKey};
use store::{Databases, Place, Settings, Store, drop_databases, make_databases};

use crate::Failure;
use crate::line::trust;

/// Origin of a measured ledger.
pub const HUB: &str = "bench.example/ledger";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Which engine, and where.
#[derive(Args)]
pub struct Ground {
    #[arg(long, value_enum)]
    engine: Engine,
    /// A file with the `postgresql://` URL of any database; beside it, databases of one's own are made.
    #[arg(long, required_if_eq("engine", "postgres"))]
    url_file: Option<PathBuf>,
    /// The same for case keys; without it, on the same server.
    #[arg(long)]
    keys_url_file: Option<PathBuf>,
    /// The authority that signed the server's certificate.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// A folder; stores go below it and are deleted again.
    #[arg(long)]
    dir: PathBuf,
}

/// A place of one's own.
pub struct Own {
    pub place: Place,
    /// A database that was there before, to make and drop others through.
    through: Option<Sensitive<String>>,
}

impl Ground {
    /// A new, empty place.
    pub fn own(&self) -> Result<Own, Failure> {
        let name = format!("amaan_bench_{}", hex::encode(seal::random::<6>()));
        let dir = self.dir.join(&name);
        std::fs::create_dir_all(&dir)?;
        if self.engine == Engine::Sqlite {
            return Ok(Own { place: Place::Sqlite { dir }, through: None });
        }
        let through = read(self.url_file.as_deref().ok_or("--url-file is missing")?)?;
        let keys = self.keys_url_file.as_deref().map(read).transpose()?.unwrap_or_else(|| through.clone());
        let databases = Databases {
            main: beside(&through, &format!("{name}_main"))?,
            keys: beside(&keys, &format!("{name}_keys"))?,
            tls: self.ca_file.as_deref().map(trust).transpose()?,
        };
        let through = Sensitive::new(through);
        make_databases(&through, &databases)?;
        Ok(Own { place: Place::Postgres { dir, databases }, through: Some(through) })
    }
}

impl Own {
    /// Opens a store here, under keys that nobody keeps.
    pub fn open(&self) -> Result<Store, Failure> {
        Ok(Store::open(Settings {
            place: self.place.clone(),
            rules: Rules::default(),
            root: RootKey::generate(),
            note_key: NoteKey::from_pkcs8(HUB, &NoteKey::generate_pkcs8())?,
            other_note_keys: Vec::new(),
            first_offset_micros: 0,
        })?)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let (Place::Postgres { databases, .. }, Some(through)) = (&self.place, &self.through)
            && let Err(error) = drop_databases(through, databases)
        {
            eprintln!("amaan-bench: databases are left behind: {error}");
        }
        if let Err(error) = std::fs::remove_dir_all(self.place.dir()) {
            eprintln!("amaan-bench: {} is left behind: {error}", self.place.dir().display());
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.trim().to_owned())
}

/// The server's URL with another database in it.
fn beside(url: &str, database: &str) -> Result<Sensitive<String>, Failure> {
    let (server, _) = url.rsplit_once('/').ok_or("the URL names no database")?;
    Ok(Sensitive::new(format!("{server}/{database}")))
}
