//! Both databases' migrations, up, down and up again; and the shape they make is the shape Diesel is told.

use std::collections::BTreeMap;

use super::world::python;

/// Prints, as JSON, the schema after up, after down and after up again, and each table's columns.
const SCRIPT: &str = r#"
import json, sqlite3, sys
up, down = sys.argv[1:3]
conn = sqlite3.connect(":memory:")
def schema():
    rows = conn.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    return sorted(rows.fetchall())
conn.executescript(up)
first = schema()
tables = {name: [[column, kind, bool(required), bool(key)]
                 for _, column, kind, required, _, key in conn.execute(f"PRAGMA table_info({name})")]
          for kind, name, _ in first if kind == "table"}
conn.executescript(down)
below = schema()
conn.executescript(up)
print(json.dumps({"same": first == schema(), "below": below, "tables": tables}))
"#;

const SCHEMA: &str = include_str!("../../services/store/src/schema.rs");

#[derive(serde::Deserialize)]
struct Shape {
    same: bool,
    below: Vec<(String, String, String)>,
    /// By table: column, SQL type, required, part of the primary key.
    tables: BTreeMap<String, Vec<(String, String, bool, bool)>>,
}

/// `table! { name (key) { column -> Type, ... } }` as the same rows.
fn told() -> BTreeMap<String, Vec<(String, String, bool, bool)>> {
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

fn check(up: &str, down: &str) -> Option<Shape> {
    let shape: Shape = serde_json::from_str(&python(SCRIPT, &[up, down])?).unwrap();
    assert!(shape.same, "up, down, up is not up");
    assert_eq!(shape.below, [], "down leaves something behind");
    Some(shape)
}

#[test]
fn up_down_up_and_what_diesel_is_told() {
    let main = check(
        include_str!("../../services/store/migrations/sqlite/0001_base/up.sql"),
        include_str!("../../services/store/migrations/sqlite/0001_base/down.sql"),
    );
    let keys = check(
        include_str!("../../services/store/migrations/keys_sqlite/0001_slots/up.sql"),
        include_str!("../../services/store/migrations/keys_sqlite/0001_slots/down.sql"),
    );
    let (Some(mut main), Some(keys)) = (main, keys) else { return };
    main.tables.extend(keys.tables);
    assert_eq!(main.tables, told());
}
