//! A store's tables, read past the store with the drivers that the store uses. Never written.

mod postgres;
mod sqlite;

use store::Place;

use crate::Failure;

/// A connection that only reads.
pub enum Raw {
    Sqlite(Box<sqlite::Sqlite>),
    Postgres(Box<postgres::Postgres>),
}

diesel::table! { entries (idx) { idx -> BigInt, leaf -> Binary, } }
diesel::table! { referrals (id) { id -> Text, } }

impl Raw {
    /// `None` where there is no store yet.
    pub fn open(place: &Place) -> Result<Option<Self>, Failure> {
        Ok(match place {
            Place::Sqlite { dir } => sqlite::Sqlite::open(dir)?.map(|conn| Self::Sqlite(Box::new(conn))),
            Place::Postgres { databases, .. } => {
                postgres::Postgres::open(databases)?.map(|conn| Self::Postgres(Box::new(conn)))
            }
        })
    }

    /// How many referrals there are.
    pub fn referrals(&mut self) -> Result<u64, Failure> {
        let count = match self {
            Self::Sqlite(conn) => conn.referrals()?,
            Self::Postgres(conn) => conn.referrals()?,
        };
        Ok(u64::try_from(count)?)
    }

    /// Gives every leaf, in order.
    pub fn leaves(&mut self, take: impl FnMut(&[u8])) -> Result<(), Failure> {
        match self {
            Self::Sqlite(conn) => conn.leaves(take),
            Self::Postgres(conn) => conn.leaves(take),
        }
    }

    /// Bytes on the disk, the key database's too.
    pub fn bytes(&mut self, place: &Place) -> Result<u64, Failure> {
        match (self, place) {
            (Self::Postgres(conn), Place::Postgres { databases, .. }) => conn.bytes(databases),
            (_, place) => Ok(sqlite::bytes(place.dir())),
        }
    }
}
