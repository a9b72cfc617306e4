//! An agency's signing key at the command line: made and shown (`amaan config signing-key`), and read by what
//! sends (`amaan referral send --sign-key`). The private half never leaves its file.

use std::path::Path;
use std::process::ExitCode;

use base64::{Engine, engine::general_purpose::STANDARD};
use identity::SigningKeys;
use seal::NoteKey;
use zeroize::Zeroizing;

use super::make_keys::write_new;
use crate::cli::SigningKeyArgs;
use crate::failure::Failure;

/// Makes it where there is none, and prints the JWK set for the hub's operator.
pub fn run(args: &SigningKeyArgs) -> Result<ExitCode, Failure> {
    let path = &args.key_file;
    if std::fs::symlink_metadata(path).is_err() {
        write_new(path, &seal::pkcs8_pem(&NoteKey::generate_pkcs8()))
            .map_err(|error| unusable(path, &error, "name a folder that can be written"))?;
        eprintln!("made the signing key: {} (0600); it stays with the agency", path.display());
    }
    let set = SigningKeys::set_of(&read(path, &args.kid)?);
    SigningKeys::read(set.to_string().as_bytes())
        .map_err(|error| Failure::Usage(format!("--kid: {error}")))?;
    println!("{set}");
    Ok(ExitCode::SUCCESS)
}

/// The key in a file, under its name.
pub fn read(path: &Path, kid: &str) -> Result<NoteKey, Failure> {
    let fix = "name an Ed25519 private key in PKCS#8 PEM, as `amaan config signing-key` makes it";
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unusable(path, &error, fix))?);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let base64 = Zeroizing::new(lines.collect::<String>());
    let pkcs8 = Zeroizing::new(STANDARD.decode(&*base64).map_err(|error| unusable(path, &error, fix))?);
    NoteKey::from_pkcs8(kid, &pkcs8).map_err(|error| unusable(path, &error, fix))
}

fn unusable(path: &Path, why: &dyn std::fmt::Display, fix: &str) -> Failure {
    Failure::Failed(format!("{}: {why}; {fix}", path.display()))
}
