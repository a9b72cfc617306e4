//! Every column is classified in `services/store/disclosure.toml`: as the build reads the migrations, and as
//! databases that were really made say. An unclassified column, planted, is found.

#[path = "../../services/store/build/columns.rs"]
mod columns;

use std::path::{Path, PathBuf};

use self::columns::{Columns, apply, check, listed};
use super::shape;
use super::world::House;

fn store() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/store")
}

fn classified() -> Columns {
    let text = std::fs::read_to_string(store().join("disclosure.toml")).unwrap();
    listed(&text).unwrap().into_keys().collect()
}

/// The list is TOML for whoever reads it by other means.
#[test]
fn the_list_is_toml_and_says_why() {
    let text = std::fs::read_to_string(store().join("disclosure.toml")).unwrap();
    let tables: toml::Table = text.parse().unwrap();
    let rows = tables.values().map(|table| table.as_table().unwrap().len()).sum::<usize>();
    assert_eq!(rows, classified().len());
}

#[test]
fn what_the_build_checks_holds() {
    check(&store()).unwrap();
}

/// What the databases themselves say, on SQLite; PostgreSQL's shape is compared with it elsewhere.
#[test]
fn a_database_has_no_other_columns() {
    let Some(house) = House::new() else { return };
    store::migrate(house.place(), store::To::Newest).unwrap();
    let mut found = Columns::new();
    for said in [house.sql(shape::COLUMNS), house.keys_sql(shape::COLUMNS)] {
        let Some(said) = said else { return };
        for (table, rows) in shape::columns(&said) {
            found.extend(rows.into_iter().map(|(column, ..)| (table.clone(), column)));
        }
    }
    assert_eq!(found, classified());
}

#[test]
fn a_column_that_nobody_classified_stops_the_build() {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["sqlite", "keys_sqlite", "postgres", "keys_postgres"] {
        let step = dir.path().join("migrations").join(folder).join("0001_base");
        std::fs::create_dir_all(&step).unwrap();
        std::fs::write(step.join("up.sql"), "CREATE TABLE cases (id TEXT, name TEXT);").unwrap();
    }
    let say = |text: &str| {
        std::fs::write(dir.path().join("disclosure.toml"), text).unwrap();
        check(dir.path())
    };
    let id = "[cases]\nid = \"pseudonym: random\"\n";
    let said = say(id).unwrap_err();
    assert!(said.contains("`cases.name` is not classified") && said.contains("disclosure.toml"), "{said}");
    say(&format!("{id}name = \"sealed: under the case's key\"\n")).unwrap();
    assert!(say(&format!("{id}name = \"clear: why not\"\n")).unwrap_err().contains("the class is one of"));
    assert!(say(&format!("{id}name = \"sealed: \"\n")).is_err(), "no reason");
    let gone = format!("{id}name = \"sealed: under the case's key\"\nage = \"coded: no more\"\n");
    assert!(say(&gone).unwrap_err().contains("which no migration makes"));
}

#[test]
fn what_migrations_do_to_columns() {
    let mut columns = Columns::new();
    apply(
        "-- A comment; with a semicolon.\nCREATE TABLE a (x TEXT COLLATE \"C\" PRIMARY KEY, \
         -- why, and so on\n y NUMERIC(3, 2), PRIMARY KEY (x, y)) WITHOUT ROWID;\n\
         CREATE TABLE IF NOT EXISTS b (\"z\" TEXT);\n\
         ALTER TABLE a ADD COLUMN w BIGINT; ALTER TABLE a DROP COLUMN y;\n\
         ALTER TABLE a RENAME COLUMN x TO v;\n\
         ALTER TABLE b RENAME TO c; CREATE INDEX i ON a (w); CREATE TABLE d (e TEXT); DROP TABLE d;",
        &mut columns,
    );
    let expect = [("a", "v"), ("a", "w"), ("c", "z")].map(|(table, column)| (table.into(), column.into()));
    assert_eq!(columns, expect.into());
}
