//! SQLite by Diesel, as the store does it.

use std::path::Path;

use diesel::SqliteConnection;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::{entries, referrals};
use crate::Failure;

const MAIN_FILE: &str = "amaan.db";
const FILES: [&str; 4] = [MAIN_FILE, "amaan.db-wal", "keys.db", "keys.db-wal"];

pub struct Sqlite(SqliteConnection);

impl Sqlite {
    pub fn open(dir: &Path) -> Result<Option<Self>, Failure> {
        let file = dir.join(MAIN_FILE);
        if !file.is_file() {
            return Ok(None);
        }
        let path = file.to_str().ok_or("the path is not valid UTF-8")?;
        let mut conn = SqliteConnection::establish(path)?;
        for pragma in ["PRAGMA busy_timeout=5000", "PRAGMA query_only=ON"] {
            diesel::sql_query(pragma).execute(&mut conn)?;
        }
        Ok(Some(Self(conn)))
    }

    pub fn referrals(&mut self) -> Result<i64, Failure> {
        Ok(referrals::table.count().get_result(&mut self.0)?)
    }

    /// Row by row from one statement.
    pub fn leaves(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), Failure> {
        let rows = entries::table.order(entries::idx.asc()).select(entries::leaf);
        for leaf in rows.load_iter::<Vec<u8>, DefaultLoadingMode>(&mut self.0)? {
            take(&leaf?);
        }
        Ok(())
    }
}

pub fn bytes(dir: &Path) -> u64 {
    let length = |name: &str| std::fs::metadata(dir.join(name)).map_or(0, |file| file.len());
    FILES.into_iter().map(length).sum()
}
