//! Columns as a reader of millions of rows wants them: short texts and hashes in place, since an allocation
//! for each of them costs more than reading it. For reading only; rows that are written are in `rows.rs`.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{Binary, Text};
use diesel::sqlite::{Sqlite, SqliteValue};

use super::Feed;

/// An id has 35 bytes, a code at most 40.
const BYTES: usize = 40;

/// A text, in place where it is short.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Brief {
    Here([u8; BYTES], u8),
    Apart(String),
}

impl Brief {
    fn of(text: &str) -> Self {
        let mut bytes = [0; BYTES];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self::Here(bytes, length)
            }
            _ => Self::Apart(text.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Here(bytes, length) => {
                let text = bytes.get(..usize::from(*length)).unwrap_or_default();
                str::from_utf8(text).unwrap_or_default()
            }
            Self::Apart(text) => text,
        }
    }
}

impl FromSql<Text, Sqlite> for Brief {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.read_text()))
    }
}

impl FromSql<Text, Pg> for Brief {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(str::from_utf8(value.as_bytes())?))
    }
}

impl Feed for Brief {
    fn feed(&self, into: &mut Vec<u8>) {
        super::feed_bytes(self.as_str().as_bytes(), into);
    }
}

/// A SHA-256 as a column has it; nothing where those bytes cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub struct Digest32(pub Option<[u8; 32]>);

impl FromSql<Binary, Sqlite> for Digest32 {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_blob().try_into().ok()))
    }
}

impl FromSql<Binary, Pg> for Digest32 {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().try_into().ok()))
    }
}
