//! The shape of a PostgreSQL database, told in SQLite's words; and both engines' shapes compared.

use super::world::House;
pub use crate::store::shape::{Column, Index, columns, indexes};

pub const COLUMNS: &str = "SELECT c.relname, a.attname, CASE format_type(a.atttypid, NULL) \
    WHEN 'bytea' THEN 'BLOB' ELSE upper(format_type(a.atttypid, NULL)) END, a.attnotnull, \
    coalesce(a.attnum = ANY (p.conkey), false) \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' \
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_diesel%' \
    ORDER BY c.relname COLLATE \"C\", a.attname COLLATE \"C\"";
pub const INDEXES: &str = "SELECT t.relname, \
    CASE WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid) THEN '' \
    ELSE i.relname::text END COLLATE \"C\", \
    x.indisunique, x.indpred IS NOT NULL, \
    (SELECT string_agg(pg_get_indexdef(x.indexrelid, n, true), ',' ORDER BY n) COLLATE \"C\" \
     FROM generate_series(1, x.indnkeyatts) n) \
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
    WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisprimary \
    AND t.relname NOT LIKE '\\_\\_diesel%' \
    ORDER BY t.relname COLLATE \"C\", 2, 5";

#[test]
fn both_engines_have_one_shape() {
    let Some(house) = House::new() else { return };
    let small = crate::store::world::House::new().unwrap();
    drop((house.open(), small.open()));
    let Some(said) = small.sql(crate::store::shape::COLUMNS) else { return };
    assert_eq!(columns(&house.sql(COLUMNS).unwrap()), columns(&said));
    let said = small.keys_sql(crate::store::shape::COLUMNS).unwrap();
    assert_eq!(columns(&house.keys_sql(COLUMNS).unwrap()), columns(&said));
    let said = small.sql(crate::store::shape::INDEXES).unwrap();
    assert_eq!(indexes(&house.sql(INDEXES).unwrap()), indexes(&said));
    let said = small.keys_sql(crate::store::shape::INDEXES).unwrap();
    assert_eq!(indexes(&house.keys_sql(INDEXES).unwrap()), indexes(&said));
}
