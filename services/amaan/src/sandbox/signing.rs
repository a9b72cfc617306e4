//! Which of the sandbox's agencies sign, and with what: their private keys for their simulated systems and
//! officers, their public ones for the hub's registry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use casework::AgencyCode;
use identity::{RealTime, SignedFor, SigningKeys, TokenTime, sign_message};
use seal::NoteKey;
use simulator::Signing;

use super::house::{NAME, code};
use super::plan::Plan;
use crate::commands::write_new;
use crate::failure::Failure;

/// By agency.
pub type Pens = BTreeMap<String, Arc<NoteKey>>;

/// The private keys, each called after its agency.
pub fn pens(plan: &Plan) -> Result<Pens, Failure> {
    let pen = |(agency, key): (&String, &String)| {
        let pkcs8 = hex::decode(key).map_err(Failure::at("a key in the sandbox's plan"))?;
        let made =
            NoteKey::from_pkcs8(kid(agency), &pkcs8).map_err(Failure::at("an agency's signing key"))?;
        Ok((agency.clone(), Arc::new(made)))
    };
    plan.signing_keys.iter().map(pen).collect()
}

/// What its key is called.
fn kid(agency: &str) -> String {
    format!("{agency}-1")
}

/// The police's key as a file, for whoever tries `amaan referral send` as the police.
pub fn write_police_key(dir: &Path, plan: &Plan) -> Result<PathBuf, Failure> {
    let path = dir.join("ictp.signing.key");
    let key = plan.signing_keys.get("ictp").map(String::as_str).unwrap_or_default();
    let pkcs8 = hex::decode(key).map_err(Failure::at("a key in the sandbox's plan"))?;
    match write_new(&path, &seal::pkcs8_pem(&pkcs8)) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Failure::Failed(format!("{}: {error}", path.display())))
        }
        _ => Ok(path),
    }
}

/// For the simulated systems.
pub fn signing(pens: &Pens) -> Signing {
    Signing { hub: NAME.to_owned(), keys: pens.clone() }
}

/// For the registry: what each agency handed over.
pub fn registered(pens: &Pens) -> Result<BTreeMap<AgencyCode, SigningKeys>, Failure> {
    let public = |(agency, key): (&String, &Arc<NoteKey>)| {
        let set = SigningKeys::set_of(key).to_string();
        let keys = SigningKeys::read(set.as_bytes()).map_err(Failure::at("an agency's public key"))?;
        Ok((code(agency)?, keys))
    };
    pens.iter().map(public).collect()
}

/// A signature by the agency of a client; `None` where it does not sign.
pub fn sign(pens: &Pens, client: &str, path: &str, key: &str, body: &[u8]) -> Option<String> {
    let agency = client.split('-').next().unwrap_or(client);
    let target = format!("POST {path}");
    let meant = SignedFor { agency, hub: NAME, key, target: &target };
    Some(sign_message(pens.get(agency)?, body, &meant, RealTime::default().unix_seconds()))
}
