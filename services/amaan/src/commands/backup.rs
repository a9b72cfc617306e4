//! `amaan backup`: copies of both databases, each with a label that says what it is of, checked copies, and
//! copies brought back. Copying itself is the store's.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{CaseClock, Copied, CopyHead, Place, VerifyOptions};

use super::make_keys::private_folder;
use crate::cli::{BackupArgs, BackupCommand};
use crate::config::{self, Settings, secrets};
use crate::failure::Failure;
use crate::wiring;

/// The label beside a copy.
const LABEL: &str = "backup.json";
const DAY_SECONDS: i64 = 86_400;

/// What a copy is of.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    copy: Copied,
    hub: String,
    made: String,
    /// Of the main database: a head that the copy has at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<CopyHead>,
    /// Of the keys: when no copy of them may be there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    destroy_by: Option<String>,
}

pub fn run(command: &BackupCommand) -> Result<ExitCode, Failure> {
    match command {
        BackupCommand::Run(args) => make(&At::of(args)?),
        BackupCommand::Verify(args) => check(&At::of(args)?),
        BackupCommand::Restore(args) => bring_back(&At::of(args)?),
    }
}

/// What is copied from where to where.
struct At {
    settings: Settings,
    place: Place,
    copies: Vec<(Copied, PathBuf)>,
    json: bool,
}

impl At {
    fn of(args: &BackupArgs) -> Result<Self, Failure> {
        if args.main.is_some() && args.main == args.keys {
            let why = "--keys: the same folder as --main; what is sealed and its keys are kept apart";
            return Err(Failure::Usage(why.to_owned()));
        }
        if args.main.is_none() && args.keys.is_none() {
            return Err(Failure::Usage(
                "name at least one folder: --main DIR, --keys DIR, or both".to_owned(),
            ));
        }
        let settings = config::load(&args.config)?;
        let place = wiring::place(settings.hub.data.clone(), secrets::open_databases(&settings)?);
        let copies = [(Copied::Main, &args.main), (Copied::Keys, &args.keys)];
        let copies = copies.into_iter().filter_map(|(which, dir)| Some((which, dir.clone()?))).collect();
        Ok(Self { settings, place, copies, json: args.json })
    }

    fn ca(&self) -> Option<&Path> {
        self.settings.store.ca_file.as_deref()
    }

    fn say(&self, value: &Value, words: &str) {
        if self.json {
            println!("{value}");
        } else {
            println!("{words}");
        }
    }
}

fn make(at: &At) -> Result<ExitCode, Failure> {
    for (which, dir) in &at.copies {
        private_folder(dir).map_err(Failure::at("making the folder of the copy"))?;
        let label = label(at, *which)?;
        store::copy(&at.place, *which, dir, at.ca()).map_err(Failure::at("copying"))?;
        let text = serde_json::to_string_pretty(&label).map_err(Failure::at("writing the label"))?;
        std::fs::write(dir.join(LABEL), text).map_err(Failure::at("writing the label"))?;
        let value = serde_json::to_value(&label).map_err(Failure::at("writing the label"))?;
        let until = label.destroy_by.map(|until| format!("; destroy it by {until}")).unwrap_or_default();
        at.say(&value, &format!("{} copied to {}{until}", word(*which), dir.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The head is read first: the copy has it, and perhaps more.
fn label(at: &At, which: Copied) -> Result<Label, Failure> {
    // The machine's clock: a label is for people.
    let now = CaseClock::default().real();
    let head = match which {
        Copied::Main => Some(store::newest_head(&at.place).map_err(Failure::at("reading the ledger"))?),
        Copied::Keys => None,
    };
    let days = i64::try_from(at.settings.keys.backup_days).unwrap_or(i64::MAX);
    let until = now.plus_seconds(days.saturating_mul(DAY_SECONDS)).to_string();
    let destroy_by = (which == Copied::Keys).then_some(until);
    Ok(Label { copy: which, hub: at.settings.hub.name.clone(), made: now.to_string(), head, destroy_by })
}

fn check(at: &At) -> Result<ExitCode, Failure> {
    let folder = tempfile::tempdir().map_err(Failure::at("making a scratch folder"))?;
    let scratch = store::Scratch::beside(&at.place, folder.path());
    let scratch = scratch.map_err(Failure::at("making a scratch place"))?;
    let found = looked_at(at, scratch.place());
    scratch.remove().map_err(Failure::at("removing the scratch place"))?;
    let found = found?;
    let good = found.get("verified") == Some(&json!(true));
    let words = if good { "the copies hold" } else { "THE COPIES DO NOT HOLD" };
    at.say(&found, &format!("{words}: {found}"));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the copies turn out to be, once they are brought back.
fn looked_at(at: &At, scratch: &Place) -> Result<Value, Failure> {
    let (mut found, mut good) = (json!({}), true);
    for (which, dir) in &at.copies {
        store::restore(scratch, *which, dir, at.ca()).map_err(Failure::at("bringing a copy back"))?;
        if *which == Copied::Keys {
            let keys = store::count_keys(scratch).map_err(Failure::at("reading the keys"))?;
            put(&mut found, "keys", json!(keys));
            continue;
        }
        let options = VerifyOptions { place: scratch.clone(), trusted: Vec::new(), vkey: None };
        let report = store::verify(&options).map_err(Failure::at("verifying the copy"))?;
        let head = store::newest_head(scratch).map_err(Failure::at("reading the copy"))?;
        let said = read_label(dir)?.head;
        let labelled = said.is_none_or(|said| store::contains(scratch, &said).unwrap_or(false));
        let begins = store::contains(&at.place, &head).map_err(Failure::at("reading the store"))?;
        good = report.verified() && labelled && begins;
        put(&mut found, "entries", json!(head.entries));
        put(&mut found, "root", json!(head.root));
        put(&mut found, "record_holds", json!(report.verified()));
        put(&mut found, "as_labelled", json!(labelled));
        put(&mut found, "begins_the_store", json!(begins));
    }
    put(&mut found, "verified", json!(good));
    Ok(found)
}

fn put(found: &mut Value, name: &str, value: Value) {
    if let Some(members) = found.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn bring_back(at: &At) -> Result<ExitCode, Failure> {
    private_folder(&at.settings.hub.data).map_err(Failure::at("making the data folder"))?;
    for (which, dir) in &at.copies {
        let label = read_label(dir)?;
        if label.copy != *which || label.hub != at.settings.hub.name {
            let (dir, hub) = (dir.display(), &label.hub);
            return Err(Failure::Usage(format!("{dir}: a copy of {} of the hub {hub}", word(label.copy))));
        }
        store::restore(&at.place, *which, dir, at.ca()).map_err(Failure::at("restoring"))?;
        let value = json!({ "restored": which, "made": label.made });
        at.say(&value, &format!("{} restored, as it was at {}", word(*which), label.made));
    }
    destroy_again(at)?;
    Ok(ExitCode::SUCCESS)
}

/// What was erased since the copy was made came back with its keys. A main database that is not there yet, or
/// older than an erasure, knows of none: a hub that starts compares again.
fn destroy_again(at: &At) -> Result<(), Failure> {
    let keys = store::destroy_erased(&at.place).map_err(Failure::at("destroying erased keys again"))?;
    let words = match keys {
        0 => "no key of an erased case was back".to_owned(),
        some => format!("{some} keys of erased cases were back, and are destroyed again"),
    };
    at.say(&json!({ "destroyed_again": keys }), &words);
    Ok(())
}

fn read_label(dir: &Path) -> Result<Label, Failure> {
    let path = dir.join(LABEL);
    let what =
        |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: no label: {error}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| what(&error))?;
    serde_json::from_str(&text).map_err(|error| what(&error))
}

const fn word(which: Copied) -> &'static str {
    match which {
        Copied::Main => "the main database",
        Copied::Keys => "the key database",
    }
}
