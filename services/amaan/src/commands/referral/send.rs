//! `amaan referral send FILE`: one request, whose key is written down before it leaves. Whoever does not know
//! whether it arrived runs the same command again: the hub answers the same key with the same receipt, and
//! refuses it for another message. Not a queue: nothing is sent by itself later.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use egress::Method;
use identity::{RealTime, SignedFor, TokenTime, sign_message};
use ledger::first_origin;
use serde_json::Value;

use super::{list, read, text};
use crate::cli::{ApiArgs, SendArgs};
use crate::commands::api::{self, Dressed};
use crate::commands::signing_key;
use crate::failure::Failure;

/// Only whoever sends reads the key.
const OWN: u32 = 0o600;

/// Where it is sent.
const PATH: &str = "/v1/referrals";

/// The bytes of the file as they stand, which the signature is over.
pub async fn send(api: &ApiArgs, args: SendArgs) -> Result<ExitCode, Failure> {
    let message = read(&args.file)?;
    let key_file = args.key_file.clone().unwrap_or_else(|| beside(&args.file));
    let key = kept(&key_file)?;
    let signature = signature(api, &args, PATH, &key, &message).await?;
    let sent = Some((message, Dressed { key, signature }));
    let answer = api::answer(api, Method::Post, PATH, sent).await.inspect_err(|_| {
        let key_file = key_file.display();
        eprintln!(
            "its key stays in {key_file}: run it again to go on; delete that file to send another request"
        );
    })?;
    let answer: Value = serde_json::from_slice(&answer).map_err(Failure::at("the hub's answer"))?;
    if api.json {
        println!("{answer}");
    } else {
        print(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// By the key that is named; for the hub that this is, as its ledger's key calls it.
async fn signature(
    api: &ApiArgs,
    args: &SendArgs,
    path: &str,
    key: &str,
    body: &[u8],
) -> Result<Option<String>, Failure> {
    let (Some(file), Some(kid), Some(agency)) = (&args.sign_key, &args.kid, &args.agency) else {
        return Ok(None);
    };
    let pen = signing_key::read(file, kid)?;
    let vkey = api::answer(api, Method::Get, "/v1/audit/key", None).await?;
    let vkey = String::from_utf8(vkey).map_err(Failure::at("the hub's key"))?;
    // After a loss the ledger has another origin, and the hub the name that it had.
    let hub = first_origin(vkey.split('+').next().unwrap_or_default());
    let target = format!("POST {path}");
    let meant = SignedFor { agency, hub, key, target: &target };
    Ok(Some(sign_message(&pen, body, &meant, RealTime::default().unix_seconds())))
}

/// `message.json` has its key in `message.json.key`.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// The key of this request: the one that was written down before, or a new one, on the disk before it is
/// used.
fn kept(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::Usage(format!("the key in {}: {error}", path.display()));
    match OpenOptions::new().write(true).create_new(true).mode(OWN).open(path) {
        Ok(file) => written(file).map_err(failed),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let key = std::fs::read_to_string(path).map_err(failed)?.trim().to_owned();
            if key.is_empty() {
                // Made, and nothing written: nothing was sent under it either.
                return File::create(path).and_then(written).map_err(failed);
            }
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

fn written(mut file: File) -> std::io::Result<String> {
    let key = hex::encode(seal::random::<16>());
    file.write_all(key.as_bytes())?;
    file.sync_all().map(|()| key)
}

fn print(answer: &Value) {
    println!("{}  case {}", text(answer, "/request"), text(answer, "/case/reference"));
    for one in list(answer, "/referrals") {
        let held = one.get("held").and_then(Value::as_bool) == Some(true);
        let held = if held { "  (held for a person at the hub)" } else { "" };
        println!("  {}  {} for {}{held}", text(one, "/id"), text(one, "/to"), text(one, "/service"));
    }
    println!("receipt {}", answer.get("receipt").unwrap_or(&Value::Null));
}
