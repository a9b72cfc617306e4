//! `amaan witness`: what an agency or the commission runs on a machine of its own. What a witness does is
//! `amaan_http::witness`'s; here are its key, its command line and what it prints.

use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use amaan_http::tls::{Material, Pems, Tls};
use amaan_http::witness::{Evidence, Witness, evidence, origins, witness_server};
use identity::{RealTime, TokenTime};
use ledger::{CosignerKey, VerifierKey, is_key_name};
use seal::NoteKey;
use serde_json::json;

use super::make_keys::{private_folder, write_new};
use crate::cli::{WitnessCommand, WitnessFolder, WitnessMakeKeyArgs, WitnessServeArgs};
use crate::config::secrets;
use crate::failure::Failure;
use crate::signals::Signals;

const KEY: &str = "witness.key";
const VKEY: &str = "witness.vkey";

pub async fn run(command: WitnessCommand) -> Result<ExitCode, Failure> {
    match command {
        WitnessCommand::MakeKey(args) => make_key(&args),
        WitnessCommand::Serve(args) => serve(&args).await,
        WitnessCommand::Show(args) => show(&args),
        WitnessCommand::Evidence(args) => show_evidence(&args),
    }
}

fn make_key(args: &WitnessMakeKeyArgs) -> Result<ExitCode, Failure> {
    if !is_key_name(&args.name) {
        let form = "a URL without scheme, such as witness.ncrc.example/w1: no spaces, no plus";
        return Err(Failure::Usage(format!("--name: {form}")));
    }
    private_folder(&args.dir).map_err(Failure::at("making the witness's folder"))?;
    let pkcs8 = NoteKey::generate_pkcs8();
    let key = NoteKey::from_pkcs8(args.name.clone(), &pkcs8).map_err(Failure::at("making the key"))?;
    let vkey = vkey(&key);
    let at = |name: &str| args.dir.join(name);
    write_new(&at(KEY), &seal::pkcs8_pem(&pkcs8)).map_err(|error| {
        Failure::Failed(format!("{}: {error}; a key is never made over another", at(KEY).display()))
    })?;
    write_new(&at(VKEY), &format!("{vkey}\n")).map_err(Failure::at("writing the public key"))?;
    eprintln!("made {} (0600) and {}", at(KEY).display(), at(VKEY).display());
    println!("{vkey}");
    Ok(ExitCode::SUCCESS)
}

fn vkey(key: &NoteKey) -> String {
    CosignerKey { name: key.name().to_owned(), public: key.public() }.to_text()
}

/// The key of a folder, under the name its public key has.
fn own_key(dir: &Path) -> Result<NoteKey, Failure> {
    let public = dir.join(VKEY);
    let text = std::fs::read_to_string(&public).map_err(|error| {
        Failure::Failed(format!("{}: {error}; `amaan witness make-key` makes it", public.display()))
    })?;
    let public =
        CosignerKey::parse(text.trim()).map_err(Failure::at("the witness's public key cannot be read"))?;
    let file = dir.join(KEY);
    let key = secrets::signing_key(&public.name, &file, "bring it back from its copy")
        .map_err(|fault| Failure::Failed(format!("the witness's folder {fault}")))?;
    if key.public() == public.public {
        return Ok(key);
    }
    Err(Failure::Failed(format!("{} is not the key of {}", file.display(), dir.join(VKEY).display())))
}

async fn serve(args: &WitnessServeArgs) -> Result<ExitCode, Failure> {
    let parse = |text: &String| {
        VerifierKey::parse(text.trim()).map_err(|error| Failure::Usage(format!("--log: {error}")))
    };
    let logs = args.logs.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    if args.certificate.is_none() && !args.listen.ip().is_loopback() {
        let fix = "give --certificate and --key, or listen on loopback behind a proxy that ends TLS";
        return Err(Failure::Usage(format!("--listen {}: other machines need TLS; {fix}", args.listen)));
    }
    let key = own_key(&args.dir)?;
    let vkey = vkey(&key);
    let tls = tls(args)?;
    let witness = Witness::open(&args.dir, key, logs).map_err(|error| Failure::Failed(error.to_string()))?;
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(args.listen)
        .map_err(|error| Failure::Failed(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener.local_addr().map_err(Failure::at("the witness's own address"))?;
    let server =
        witness_server(Arc::new(witness), listener, tls).map_err(Failure::at("starting the witness"))?;
    let handle = server.handle();
    let running = tokio::spawn(server);
    eprintln!("witness {vkey}\nlistening on {address}");
    let signal = signals.first().await;
    eprintln!("{signal}: finishing what runs");
    handle.stop(true).await;
    running
        .await
        .map_err(Failure::at("stopping the witness"))?
        .map_err(Failure::at("stopping the witness"))?;
    Ok(ExitCode::SUCCESS)
}

fn tls(args: &WitnessServeArgs) -> Result<Option<Tls>, Failure> {
    let Some((certificate, key)) = args.certificate.as_ref().zip(args.key.as_ref()) else { return Ok(None) };
    let certificate = std::fs::read_to_string(certificate)
        .map_err(|error| Failure::Failed(format!("{}: {error}", certificate.display())))?;
    let key = secrets::read(key, "name the certificate's key")
        .map_err(|fault| Failure::Failed(format!("--key {fault}")))?;
    let pems = Pems { certificate: &certificate, key: &key, client_authorities: None, client_revoked: None };
    let material = Material::read(pems, RealTime::default().unix_seconds())
        .map_err(Failure::at("the witness's certificate"))?;
    Ok(Some(Tls::new(material, false)))
}

fn show(args: &WitnessFolder) -> Result<ExitCode, Failure> {
    let notes = origins(&args.dir).map_err(Failure::at("reading the witness's folder"))?;
    if args.json {
        println!("{}", json!(notes));
    } else {
        for note in &notes {
            println!("{note}");
        }
        eprintln!("{} log(s)", notes.len());
    }
    Ok(ExitCode::SUCCESS)
}

fn show_evidence(args: &WitnessFolder) -> Result<ExitCode, Failure> {
    let found = evidence(&args.dir).map_err(Failure::at("reading the witness's folder"))?;
    if args.json {
        let piece = |piece: &Evidence| {
            json!({ "origin": piece.origin, "fork": piece.is_fork(), "folder": piece.folder,
                "seen": piece.seen, "refused": piece.refused })
        };
        println!("{}", json!(found.iter().map(piece).collect::<Vec<_>>()));
    } else {
        found.iter().for_each(print_evidence);
    }
    eprintln!("{} piece(s) of evidence", found.len());
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_evidence(piece: &Evidence) {
    let what = if piece.is_fork() {
        "two roots at one size: this log has two histories, and both notes are signed by its key"
    } else {
        "it was not shown that the second continues the first"
    };
    println!("== {}: {what}\n   {}", piece.origin, piece.folder.display());
    println!("-- seen\n{}", piece.seen.as_deref().unwrap_or("(nothing)\n"));
    println!("-- refused\n{}", piece.refused);
}
