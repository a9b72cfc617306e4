//! The files of `amaan listen`: its signing key, made once, and where it stands in the list of events.

use std::io::Write;
use std::path::Path;

use seal::WebhookKey;
use zeroize::Zeroizing;

use crate::commands::make_keys::write_new;
use crate::failure::Failure;

fn unusable(path: &Path, why: &dyn std::fmt::Display, fix: &str) -> Failure {
    Failure::Failed(format!("{}: {why}; {fix}", path.display()))
}

/// The key in a file of 64 hexadecimal digits; made, for its owner alone, where there is none.
pub fn key(path: &Path) -> Result<WebhookKey, Failure> {
    if std::fs::symlink_metadata(path).is_err() {
        let made = Zeroizing::new(format!("{}\n", hex::encode(seal::random::<32>())));
        write_new(path, &made)
            .map_err(|error| unusable(path, &error, "name a folder that can be written"))?;
        eprintln!("made the signing key: {} (0600)", path.display());
    }
    let fix = "bring it back, or remove it and tell the receiver the new public key";
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unusable(path, &error, fix))?);
    let mut seed = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(text.trim(), seed.as_mut_slice())
        .map_err(|_| unusable(path, &"it holds no key of `amaan listen`", fix))?;
    WebhookKey::v1a(&seed).map_err(|error| unusable(path, &error, fix))
}

/// A client's secret, on one line.
pub fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let fix = "write the client's secret into it, on one line, and `chmod 600` it";
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unusable(path, &error, fix))?);
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// The last event that was taken; none at the first start.
pub fn cursor(path: &Path) -> Result<Option<u64>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error, "let it be read")),
    };
    let fix = "write the cursor into it, or remove it to begin now";
    text.trim().parse().map(Some).map_err(|_| unusable(path, &"it holds no whole number", fix))
}

/// Written beside and renamed, so that a crash leaves the old or the new one.
pub fn keep_cursor(path: &Path, index: u64) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| writeln!(file, "{index}").and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| unusable(path, &error, "name a folder that can be written"))
}
