//! `amaan keys`: another epoch of the keys that wrap case keys, and what is still wrapped under which;
//! another key for the ledger.

use std::process::ExitCode;

use ledger::VerifierKey;
use serde_json::json;

use super::make_keys::write_new;
use crate::cli::{KeysArgs, KeysCommand};
use crate::config::{self, secrets};
use crate::failure::Failure;
use crate::wiring;

pub fn run(command: &KeysCommand) -> Result<ExitCode, Failure> {
    match command {
        KeysCommand::Rotate(args) => rotate(args),
        KeysCommand::MakeNoteKey(args) => make_note_key(args),
        KeysCommand::Show(args) => show(args),
    }
}

fn rotate(args: &KeysArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let root = secrets::open_root(&settings)?;
    let place = wiring::place(settings.hub.data.clone(), secrets::open_databases(&settings)?);
    let epoch = store::begin_epoch(&place, &root).map_err(Failure::at("beginning another epoch"))?;
    if args.json {
        println!("{}", json!({ "epoch": epoch }));
    } else {
        println!("epoch {epoch} begun; hubs that run wrap every key anew within minutes (`amaan keys show`)");
    }
    Ok(ExitCode::SUCCESS)
}

fn make_note_key(args: &KeysArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let Some(path) = &settings.keys.second_ledger_key_file else {
        let why = "`keys.second_ledger_key_file` says nowhere: write there where the second key is to lie";
        return Err(Failure::Usage(format!("--config {}: {why}", args.config.display())));
    };
    let pkcs8 = seal::NoteKey::generate_pkcs8();
    let key = seal::NoteKey::from_pkcs8(settings.hub.name.clone(), &pkcs8);
    let key = key.map_err(Failure::at("making the key"))?;
    write_new(path, &seal::pkcs8_pem(&pkcs8)).map_err(|error| {
        Failure::Failed(format!("{}: {error}; a key is never made over another", path.display()))
    })?;
    let vkey = VerifierKey { name: key.name().to_owned(), public: key.public() }.to_text();
    if args.json {
        println!("{}", json!({ "key": vkey }));
    } else {
        eprintln!("made {} (0600); give it to every process of the hub and start them anew", path.display());
        println!("{vkey}");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &KeysArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let place = wiring::place(settings.hub.data.clone(), secrets::open_databases(&settings)?);
    let epochs = store::epochs(&place).map_err(Failure::at("reading the key database"))?;
    if args.json {
        let rows: Vec<_> =
            epochs.iter().map(|(epoch, keys)| json!({ "epoch": epoch, "keys": keys })).collect();
        println!("{}", json!({ "epochs": rows }));
    } else {
        for (epoch, keys) in epochs {
            println!("epoch {epoch}: {keys} keys");
        }
    }
    Ok(ExitCode::SUCCESS)
}
