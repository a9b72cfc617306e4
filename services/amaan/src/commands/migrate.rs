//! `amaan migrate`: brings both databases to this version's shape, says which shape they have, or takes the
//! newest migrations back. The migrations themselves are the store's.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::make_keys::private_folder;
use crate::cli::MigrateArgs;
use crate::config::{self, Settings, secrets};
use crate::doctor::probes;
use crate::failure::Failure;

/// The shape of one database.
struct Shape {
    database: &'static str,
    applied: Vec<String>,
    pending: Vec<String>,
    unknown: Vec<String>,
}

/// Both of them, and how many entries would go with the tables.
struct Found {
    shapes: Vec<Shape>,
    entries: u64,
}

pub fn run(args: &MigrateArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let before = look(&settings)?;
    if let Some(steps) = args.down {
        refuse_unsaid(args, before.entries)?;
        down(&settings, steps)?;
    } else if !args.check {
        up(&settings)?;
    }
    let after = if args.check { before } else { look(&settings)? };
    let current = after.shapes.iter().all(|shape| shape.pending.is_empty() && shape.unknown.is_empty());
    if args.json {
        println!("{}", as_json(&after, current));
    } else {
        print(&after);
    }
    let good = current || args.down.is_some();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is written down about children is not dropped by a slip of the hand.
fn refuse_unsaid(args: &MigrateArgs, entries: u64) -> Result<(), Failure> {
    if entries == 0 || args.drop_data {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--down: the ledger has {entries} entries, and what is taken back is dropped with everything in it; \
         make a copy, then say `--drop-data` too"
    )))
}

/// AT THE MERGE: `store::schema_state(&place)` for both databases.
fn look(settings: &Settings) -> Result<Found, Failure> {
    let databases = secrets::open_databases(settings)?;
    let probe = probes::store(&settings.hub.data, databases, None);
    let probe = probe.map_err(|error| Failure::Failed(format!("the store cannot be read: {error}")))?;
    let (applied, pending, unknown, entries) = match probe {
        Some(probe) => (probe.applied, probe.pending, probe.unknown, probe.entries),
        None => (Vec::new(), vec!["all".to_owned()], Vec::new(), 0),
    };
    Ok(Found { shapes: vec![Shape { database: "main", applied, pending, unknown }], entries })
}

/// AT THE MERGE: `store::migrate(&place, To::Newest)`. Until then opening a store does it, which needs its
/// keys.
fn up(settings: &Settings) -> Result<(), Failure> {
    let secrets = secrets::open(settings)?;
    private_folder(&settings.hub.data).map_err(Failure::at("making the data folder"))?;
    let directory = schemas::Directory::embedded().map_err(Failure::at("the code lists"))?;
    let opened = store::Store::open(store::Settings {
        dir: settings.hub.data.clone(),
        rules: directory.rules(),
        root: secrets.root,
        note_key: secrets.note_key,
        first_offset_micros: 0,
    });
    opened.map_err(Failure::at("migrating"))?.close();
    Ok(())
}

/// AT THE MERGE: `store::migrate(&place, To::Down(steps))`.
fn down(_: &Settings, steps: u32) -> Result<(), Failure> {
    Err(Failure::Failed(format!("this version cannot take {steps} migrations back yet")))
}

fn print(found: &Found) {
    for Shape { database, applied, pending, unknown } in &found.shapes {
        let newest = applied.last().map_or("nothing", String::as_str);
        let state = match (pending.as_slice(), unknown.as_slice()) {
            ([], []) => "current".to_owned(),
            (_, []) => format!("lacks {}", pending.join(", ")),
            (_, strange) => {
                format!("holds {}, which this version does not know: run the newer one", strange.join(", "))
            }
        };
        println!("{database:<5} at {newest}: {state}");
    }
}

fn as_json(found: &Found, current: bool) -> Value {
    let one = |shape: &Shape| {
        let Shape { database, applied, pending, unknown } = shape;
        json!({ "database": database, "applied": applied, "pending": pending, "unknown": unknown })
    };
    json!({ "current": current, "databases": found.shapes.iter().map(one).collect::<Vec<_>>() })
}
