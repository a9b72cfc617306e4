//! `amaan serve --make-keys`: makes the hub's own keys where they are missing, and says so. Never over an
//! existing file, never for data that was sealed with others.

use std::io::Write;
use std::path::Path;

use zeroize::Zeroizing;

use crate::config::Settings;
use crate::failure::Failure;

/// Makes what is missing.
pub fn make_missing(settings: &Settings) -> Result<(), Failure> {
    let keys = &settings.keys;
    let root: fn() -> Zeroizing<String> =
        || Zeroizing::new(format!("{}\n", hex::encode(seal::random::<32>())));
    let ledger: fn() -> Zeroizing<String> = || seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8());
    for (path, what, make) in
        [(&keys.root_key_file, "root key", root), (&keys.ledger_key_file, "ledger key", ledger)]
    {
        if std::fs::symlink_metadata(path).is_ok() {
            continue;
        }
        refuse_over_data(&settings.hub.data, path)?;
        write_new(path, &make()).map_err(|error| {
            Failure::Failed(format!("the {what} cannot be written to {}: {error}", path.display()))
        })?;
        eprintln!("made the {what}: {} (0600); keep a copy apart from the data", path.display());
    }
    Ok(())
}

/// A new key cannot open what an older one sealed, nor go on with its ledger.
fn refuse_over_data(data: &Path, key: &Path) -> Result<(), Failure> {
    let held = std::fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if !held {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{} is missing, but {} holds data of another key: a new key could not open it; bring the key back \
         from its copy, or name an empty data folder",
        key.display(),
        data.display()
    )))
}

/// A new file that only its owner can read.
pub fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A folder that only its owner can enter; one that is there already stays as it is.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
