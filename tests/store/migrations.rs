//! Both databases' migrations on this engine: up, down and up again leave the same shape, which is the shape
//! Diesel is told; a database of a newer hub is not touched.

use std::collections::BTreeMap;
use std::path::Path;

use store::{StoreError, To, migrate, schema_state};

use super::shape::{Column, columns, indexes};
use super::world::{House, ask, done};

const SCHEMA: &str = include_str!("../../services/store/src/schema.rs");

/// `table! { name (key) { column -> Type, ... } }` as the same rows.
fn told() -> BTreeMap<String, Vec<Column>> {
    let mut tables = BTreeMap::new();
    for table in SCHEMA.split("table! {").skip(1) {
        let (name, rest) = table.split_once('(').unwrap();
        let (keys, rest) = rest.split_once(')').unwrap();
        let keys: Vec<&str> = keys.split(',').map(str::trim).collect();
        let (columns, _) = rest.split_once('{').unwrap().1.split_once('}').unwrap();
        let columns = columns.split(',').filter(|column| column.contains("->")).map(|column| {
            let (column, kind) = column.split_once("->").unwrap();
            let (column, kind) = (column.trim(), kind.trim());
            let required = !kind.starts_with("Nullable<");
            let kind = match kind.trim_start_matches("Nullable<").trim_end_matches('>') {
                "BigInt" => "BIGINT",
                "Integer" => "INTEGER",
                "Text" => "TEXT",
                "Binary" => "BLOB",
                "Bool" => "BOOLEAN",
                other => panic!("a type this test does not know: {other}"),
            };
            (column.to_owned(), kind.to_owned(), required, keys.contains(&column))
        });
        tables.insert(name.trim().to_owned(), columns.collect());
    }
    tables
}

/// The folders there are, oldest first.
fn known() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/store/migrations/sqlite");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn up_down_up_and_what_diesel_is_told() {
    let Some(house) = House::new() else { return };
    let place = house.place();
    let state = schema_state(place).unwrap();
    assert!(state.main.applied.is_empty() && !state.main.is_current(), "{state:?}");
    let up = migrate(place, To::Newest).unwrap();
    assert_eq!(
        (up.main, up.keys),
        (
            known().iter().map(|name| name[..4].to_owned()).collect::<Vec<_>>(),
            vec!["0001".to_owned(), "0002".to_owned()]
        )
    );
    let Some(first) = shape(&house) else { return };
    let mut tables = first.0.clone();
    for columns in tables.values_mut() {
        columns.sort();
    }
    let mut told = told();
    for columns in told.values_mut() {
        columns.sort();
    }
    assert_eq!(tables, told);
    assert_eq!(migrate(place, To::Newest).unwrap(), store::Migrated::default(), "nothing to do");
    let down = migrate(place, To::Down(99)).unwrap();
    assert_eq!((down.main.len(), down.keys.len()), (known().len(), 2), "as far as there is something");
    let (below, indexes) = shape(&house).unwrap();
    assert!(below.is_empty() && indexes.is_empty(), "down leaves something behind: {below:?} {indexes:?}");
    migrate(place, To::Newest).unwrap();
    assert_eq!(shape(&house).unwrap(), first, "up, down, up is not up");
    let state = schema_state(place).unwrap();
    assert!(state.main.is_current() && state.keys.is_current(), "{state:?}");
    assert_eq!(Some(&state.main.newest_known), known().last());
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    let refused = migrate(place, To::Down(1));
    assert!(matches!(refused, Err(StoreError::SecondWriter | StoreError::Open(_))), "{refused:?}");
}

type Shape = (BTreeMap<String, Vec<Column>>, Vec<super::shape::Index>);

fn shape(house: &House) -> Option<Shape> {
    let mut tables = columns(&house.sql(super::shape::COLUMNS)?);
    tables.extend(columns(&house.keys_sql(super::shape::COLUMNS)?));
    let mut found = indexes(&house.sql(super::shape::INDEXES)?);
    found.extend(indexes(&house.keys_sql(super::shape::INDEXES)?));
    Some((tables, found))
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    for keys in [false, true] {
        let Some(house) = House::new() else { return };
        drop(house.open());
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('0099')";
        if (if keys { house.keys_sql(newer) } else { house.sql(newer) }).is_none() {
            return;
        }
        let refused = house.try_open(house.place()).map(|_| ());
        let Err(StoreError::Migration(why)) = &refused else { panic!("{refused:?}") };
        assert!(why.contains("newer hub") && why.contains("0099"), "{why}");
        let refused = migrate(house.place(), To::Down(1));
        assert!(matches!(refused, Err(StoreError::Migration(_))), "{refused:?}");
        let state = schema_state(house.place()).unwrap();
        let unknown = if keys { state.keys.unknown } else { state.main.unknown };
        assert_eq!(unknown, ["0099"]);
    }
}
