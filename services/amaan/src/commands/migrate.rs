//! `amaan migrate`: brings both databases to this version's shape, says which shape they have, or takes the
//! newest migrations back. The migrations themselves are the store's.

use std::process::ExitCode;

use serde_json::{Value, json};
use store::{DatabaseSchema, Place, To};

use super::make_keys::private_folder;
use crate::cli::MigrateArgs;
use crate::config::{self, secrets};
use crate::failure::Failure;
use crate::wiring;

/// The shape of one database.
struct Shape {
    database: &'static str,
    schema: DatabaseSchema,
}

/// Both of them, and how many entries would go with the tables.
struct Found {
    shapes: Vec<Shape>,
    entries: u64,
}

pub fn run(args: &MigrateArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let place = wiring::place(settings.hub.data.clone(), secrets::open_databases(&settings)?);
    let before = look(&place)?;
    if let Some(steps) = args.down {
        refuse_unsaid(args, before.entries)?;
        store::migrate(&place, To::Down(steps)).map_err(Failure::at("migrating down"))?;
    } else if !args.check {
        private_folder(&settings.hub.data).map_err(Failure::at("making the data folder"))?;
        store::migrate(&place, To::Newest).map_err(Failure::at("migrating"))?;
    }
    let after = if args.check { before } else { look(&place)? };
    let current = after.shapes.iter().all(|shape| shape.schema.is_current());
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

fn look(place: &Place) -> Result<Found, Failure> {
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::Failed(format!("the store cannot be read: {error}"));
    let state = store::schema_state(place).map_err(|error| unreadable(&error))?;
    let probe = store::probe(place, Vec::new()).map_err(|error| unreadable(&error))?;
    let shapes =
        vec![Shape { database: "main", schema: state.main }, Shape { database: "keys", schema: state.keys }];
    Ok(Found { shapes, entries: probe.map_or(0, |probe| probe.entries) })
}

fn print(found: &Found) {
    for Shape { database, schema } in &found.shapes {
        let DatabaseSchema { applied, pending, unknown, .. } = schema;
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
        let DatabaseSchema { applied, pending, unknown, .. } = &shape.schema;
        let database = shape.database;
        json!({ "database": database, "applied": applied, "pending": pending, "unknown": unknown })
    };
    json!({ "current": current, "databases": found.shapes.iter().map(one).collect::<Vec<_>>() })
}
