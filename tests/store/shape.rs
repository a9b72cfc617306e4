//! The shape of an SQLite database: columns and indexes as rows that PostgreSQL can give too.

use std::collections::BTreeMap;

/// Name, type in SQLite's words, required, part of the primary key.
pub type Column = (String, String, bool, bool);
/// Table, name where we gave one, unique, partial, columns in order.
pub type Index = (String, String, i64, i64, String);

pub const COLUMNS: &str = "SELECT m.name, t.name, upper(t.type), t.\"notnull\", t.pk > 0 \
    FROM sqlite_schema m, pragma_table_info(m.name) t \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '__diesel%' ORDER BY 1, 2";
pub const INDEXES: &str = "SELECT m.name, \
    CASE i.origin WHEN 'c' THEN i.name ELSE '' END, i.\"unique\", i.partial, \
    (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
    FROM sqlite_schema m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk' \
    AND m.name NOT LIKE '__diesel%' ORDER BY 1, 2, 5";

/// Columns by table.
pub fn columns(said: &str) -> BTreeMap<String, Vec<Column>> {
    let rows: Vec<(String, String, String, i64, i64)> = serde_json::from_str(said).unwrap();
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for (table, name, kind, required, key) in rows {
        tables.entry(table).or_default().push((name, kind, required == 1, key == 1));
    }
    tables
}

pub fn indexes(said: &str) -> Vec<Index> {
    serde_json::from_str(said).unwrap()
}
