//! The secrets that configuration names by file: read, checked, and kept in memory that is wiped. Nothing of
//! them is ever in a problem's text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use casework::AgencyCode;
use identity::SigningKeys;
use seal::{NoteKey, RootKey, WebhookKey};
use zeroize::{Zeroize, Zeroizing};

use super::authority::Authorities;
use super::problem::{Fault, Problem};
use super::servers::{self, Broker, Databases};
use super::signing;
use super::store::one_database;
use super::{Problems, Refused, Settings};
use crate::listener_tls::Listener;
use crate::sandbox::PLAN_FILE;

/// 16 KiB: a key in PEM, a long token.
const SECRET_BYTES_MAX: u64 = 16 * 1024;

/// What the files held.
pub struct Secrets {
    /// None: SQLite.
    pub databases: Option<Databases>,
    /// None: the queue inside the process.
    pub broker: Option<Broker>,
    /// Authorities besides the machine's own, for calls.
    pub roots_pem: Option<String>,
    pub root: RootKey,
    pub note_key: NoteKey,
    /// While keys change.
    pub other_note_keys: Vec<NoteKey>,
    /// None: the API is spoken with in clear, on loopback.
    pub listener: Option<Listener>,
    /// By endpoint name.
    pub credentials: BTreeMap<String, Zeroizing<String>>,
    /// By provider name: the hub's secret there.
    pub providers: BTreeMap<String, Zeroizing<String>>,
    /// By webhook name: the key each signs with.
    pub webhooks: BTreeMap<String, WebhookKey>,
    /// By which each agency's signatures are checked. Public; read with the rest.
    pub signing: BTreeMap<AgencyCode, SigningKeys>,
    /// Marks of honey records.
    pub honey: BTreeSet<[u8; 32]>,
}

/// Opens every secret file, or says all that is wrong with them.
pub fn open(settings: &Settings) -> Result<Secrets, Refused> {
    let mut problems = Vec::new();
    let mut keep = |key: &str, fault: Fault| problems.push(at(settings, key, fault));
    let root = root_key(&settings.keys.root_key_file);
    let root = root.map_err(|fault| keep("keys.root_key_file", fault)).ok();
    let first = note_key(&settings.hub.name, &settings.keys.ledger_key_file);
    let first = first.map_err(|fault| keep("keys.ledger_key_file", fault)).ok();
    let second = settings.keys.second_ledger_key_file.as_deref();
    let second = second.map(|path| note_key(&settings.hub.name, path)).transpose();
    let second = second.map_err(|fault| keep("keys.second_ledger_key_file", fault)).ok().flatten();
    let mut credentials = BTreeMap::new();
    for (name, endpoint) in &settings.endpoints {
        match credential(&endpoint.credential_file) {
            Ok(secret) => _ = credentials.insert(name.clone(), secret),
            Err(fault) => keep(&format!("endpoints.{name}.credential_file"), fault),
        }
    }
    let mut providers = BTreeMap::new();
    for (name, provider) in &settings.providers {
        match provider_secret(&provider.secret_file) {
            Ok(secret) => _ = providers.insert(name.clone(), secret),
            Err(fault) => keep(&format!("providers.{name}.secret_file"), fault),
        }
    }
    let webhooks = webhook_keys(settings, root.as_ref(), &mut keep);
    if of_sandbox(&settings.hub.data) {
        keep("hub.data", sandbox_data());
    }
    let listener = Listener::open(&settings.tls).unwrap_or_else(|(key, fault)| {
        keep(key, fault);
        None
    });
    let honey = settings.limits.honey_file.as_deref().map(marks).transpose();
    let honey = honey.map_err(|fault| keep("limits.honey_file", fault)).ok().flatten().unwrap_or_default();
    let signing = signing::open(&settings.signing, &mut keep);
    let databases = databases(settings, &mut keep);
    let broker = broker(settings, &mut keep);
    let roots_pem = authorities("outbound.ca_file", settings.outbound.ca_file.as_deref(), &mut keep);
    let roots_pem = roots_pem.map(|authorities| authorities.pem);
    match (root, first) {
        (Some(root), Some(note_key)) if problems.is_empty() => Ok(Secrets {
            databases,
            broker,
            roots_pem,
            root,
            note_key,
            other_note_keys: second.into_iter().collect(),
            listener,
            credentials,
            providers,
            webhooks,
            signing,
            honey,
        }),
        _ => Err(Problems::new(&settings.file, problems).into()),
    }
}

/// Shared secrets by file; all other keys are made from the root key, one for each hub, agency and name.
fn webhook_keys(settings: &Settings, root: Option<&RootKey>, keep: Keep<'_>) -> BTreeMap<String, WebhookKey> {
    let mut keys = BTreeMap::new();
    for (name, webhook) in &settings.webhooks {
        let made = match &webhook.secret_file {
            Some(path) => Some(webhook_secret(path)),
            None => root.map(|root| {
                let of = format!("{}|{}|{name}", settings.hub.name, webhook.agency);
                root.webhook_key(&of).map_err(|_| no_key(Path::new(name), "a key"))
            }),
        };
        match made {
            Some(Ok(key)) => _ = keys.insert(name.clone(), key),
            Some(Err(fault)) => keep(&format!("webhooks.{name}.secret_file"), fault),
            None => {}
        }
    }
    keys
}

fn webhook_secret(path: &Path) -> Result<WebhookKey, Fault> {
    let text =
        read(path, "write the secret that the agency holds too into it, on one line, and `chmod 600` it")?;
    let wrong = |_| no_key(path, "`whsec_` and the base64 of 24 to 64 random bytes");
    WebhookKey::v1(text.trim()).map_err(wrong)
}

/// Marks of honey records, one on a line; what follows a `#` is for people.
fn marks(path: &Path) -> Result<BTreeSet<[u8; 32]>, Fault> {
    let text = read(path, "make it with `amaan config honey`, and `chmod 600` it")?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let mark = |line: &str| {
        let mut bytes = [0_u8; 32];
        let read = hex::decode_to_slice(line, &mut bytes);
        read.map(|()| bytes).map_err(|_| no_key(path, "lines of 64 hexadecimal digits"))
    };
    lines.filter(|line| !line.is_empty()).map(mark).collect()
}

/// The root key alone, for `amaan config honey`.
pub fn open_root(settings: &Settings) -> Result<RootKey, Refused> {
    let file = &settings.keys.root_key_file;
    root_key(file).map_err(|fault| {
        Problems::new(&settings.file, vec![at(settings, "keys.root_key_file", fault)]).into()
    })
}

/// A sandbox keeps its store in a folder of its own, beside its plan.
fn of_sandbox(data: &Path) -> bool {
    let beside = data.parent().map(|folder| folder.join(PLAN_FILE));
    data.join(PLAN_FILE).exists() || beside.is_some_and(|plan| plan.exists())
}

fn sandbox_data() -> Fault {
    Fault::new(
        "is a sandbox's data",
        "its children are invented, its keys lie beside it and its clock runs behind",
        "name a folder of the hub's own",
    )
}

/// What can be reached though something else is wrong: databases, broker, and authorities of those the hub
/// calls. What is wrong with these is told by `open`.
pub fn reachable(settings: &Settings) -> (Option<Databases>, Option<Broker>, Option<String>) {
    let told_elsewhere: Keep<'_> = &mut |_, _| ();
    let databases = databases(settings, told_elsewhere);
    let broker = broker(settings, told_elsewhere);
    let roots = authorities("outbound.ca_file", settings.outbound.ca_file.as_deref(), told_elsewhere);
    (databases, broker, roots.map(|roots| roots.pem))
}

/// Only what is needed to reach the store.
pub fn open_databases(settings: &Settings) -> Result<Option<Databases>, Refused> {
    let mut problems = Vec::new();
    let databases = databases(settings, &mut |key, fault| problems.push(at(settings, key, fault)));
    if problems.is_empty() { Ok(databases) } else { Err(Problems::new(&settings.file, problems).into()) }
}

/// Where a fault of a setting is kept.
type Keep<'a> = &'a mut dyn FnMut(&str, Fault);

fn databases(settings: &Settings, keep: Keep<'_>) -> Option<Databases> {
    let store = &settings.store;
    let authorities = authorities("store.ca_file", store.ca_file.as_deref(), keep);
    let mut url = |key: &str, path: &Option<PathBuf>| {
        let path = path.as_deref()?;
        let text = one_line(path);
        // A file that names authorities and has none is told once, not again as a server in clear.
        let unknown = store.ca_file.is_some() && authorities.is_none();
        let judge = |text: Zeroizing<String>| match servers::database(path, &text, authorities.as_ref()) {
            Err(_) if unknown => Ok(text),
            judged => judged.map(|()| text),
        };
        text.and_then(judge).map_err(|fault| keep(key, fault)).ok()
    };
    let main = url("store.url_file", &store.url_file);
    let keys = url("store.keys_url_file", &store.keys_url_file);
    let (main, keys) = (main?, keys?);
    if servers::same_database(&main, &keys) {
        keep("store.keys_url_file", one_database());
        return None;
    }
    Some(Databases { main, keys, tls: authorities.and_then(|authorities| authorities.client()) })
}

fn broker(settings: &Settings, keep: Keep<'_>) -> Option<Broker> {
    let queue = &settings.queue;
    let authorities = authorities("queue.ca_file", queue.ca_file.as_deref(), keep);
    let path = queue.url_file.as_deref()?;
    let judge = |text: Zeroizing<String>| servers::broker(path, &text, authorities.as_ref()).map(|()| text);
    let url = one_line(path).and_then(judge).map_err(|fault| keep("queue.url_file", fault)).ok()?;
    Some(Broker {
        url,
        ca_pem: authorities.map(|authorities| authorities.pem),
        prefix: queue.prefix.clone(),
        canary_every_seconds: queue.canary_every_seconds,
        length_max: queue.length_max,
    })
}

fn authorities(key: &str, path: Option<&Path>, keep: Keep<'_>) -> Option<Authorities> {
    path.and_then(|path| Authorities::read(path).map_err(|fault| keep(key, fault)).ok())
}

/// A fault of a setting, where it is set.
fn at(settings: &Settings, key: &str, fault: Fault) -> Problem {
    fault.at(settings.layers.place(key), key)
}

fn root_key(path: &Path) -> Result<RootKey, Fault> {
    let text = read(path, OWN_KEY)?;
    let mut bytes = [0_u8; 32];
    let read = hex::decode_to_slice(text.trim(), &mut bytes);
    let key = RootKey::from_bytes(bytes);
    bytes.zeroize();
    match read {
        Ok(()) => Ok(key),
        Err(_) => Err(no_key(path, "64 hexadecimal digits on one line")),
    }
}

fn note_key(name: &str, path: &Path) -> Result<NoteKey, Fault> {
    signing_key(name, path, OWN_KEY)
}

/// A key that signs notes under this name.
pub fn signing_key(name: &str, path: &Path, if_missing: &str) -> Result<NoteKey, Fault> {
    let text = read(path, if_missing)?;
    let wrong = || no_key(path, "an Ed25519 private key in PKCS#8 PEM");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("-----"));
    let base64 = Zeroizing::new(lines.collect::<String>());
    let pkcs8 = Zeroizing::new(STANDARD.decode(&*base64).map_err(|_| wrong())?);
    NoteKey::from_pkcs8(name, &pkcs8).map_err(|_| wrong())
}

fn credential(path: &Path) -> Result<Zeroizing<String>, Fault> {
    printable(
        path,
        &read(
            path,
            "write the secret that the agency gave the hub into it, on one line, and `chmod 600` it",
        )?,
    )
}

fn provider_secret(path: &Path) -> Result<Zeroizing<String>, Fault> {
    let missing = "write the secret that the provider gave the hub into it, on one line, and `chmod 600` it";
    printable(path, &read(path, missing)?)
}

/// A server's URL.
fn one_line(path: &Path) -> Result<Zeroizing<String>, Fault> {
    printable(path, &read(path, "write the server's URL into it, on one line, and `chmod 600` it")?)
}

fn printable(path: &Path, text: &str) -> Result<Zeroizing<String>, Fault> {
    let secret = text.trim();
    let sendable = !secret.is_empty() && secret.bytes().all(|b| b.is_ascii_graphic());
    if sendable {
        Ok(Zeroizing::new(secret.to_owned()))
    } else {
        Err(no_key(path, "one line of printable ASCII"))
    }
}

const OWN_KEY: &str = "bring it back from its copy; for a new hub, `amaan serve --make-keys` makes it";

/// A file that is there and holds something else.
pub fn no_key(path: &Path, form: &str) -> Fault {
    let what = format!("names {}, which does not hold what it should", path.display());
    Fault::new(
        what,
        format!("expected is {form}"),
        "bring the file back from its copy, or name the right one",
    )
}

/// The text of a secret file. Checked on the open file, so that what was checked is what is read.
pub fn read(path: &Path, if_missing: &str) -> Result<Zeroizing<String>, Fault> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let fix = if missing { if_missing } else { "let the hub's user own and read it" };
        let what = if missing {
            "which does not exist".to_owned()
        } else {
            format!("which cannot be read: {error}")
        };
        Fault::new(format!("names {shown}, {what}"), "the hub cannot work without it", fix)
    };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() || metadata.len() > SECRET_BYTES_MAX {
        return Err(no_key(path, "a small file"));
    }
    if open_to_others(&metadata) {
        return Err(Fault::new(
            format!("names {shown}, which others than its owner can open"),
            "a key that others can read protects nobody",
            format!("`chmod 600 {shown}`; if others have had access, replace the secret"),
        ));
    }
    let mut text = Zeroizing::new(String::with_capacity(4096));
    file.read_to_string(&mut text).map_err(|_| no_key(path, "text"))?;
    Ok(text)
}

#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

/// Elsewhere there are no such modes; who may read is the folder's business.
#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> bool {
    false
}
