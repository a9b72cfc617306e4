//! PostgreSQL by diesel-async, as the store does it, with a runtime of its own.

use std::pin::pin;

use casework::Sensitive;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::StreamExt;
use store::Databases;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{entries, referrals};
use crate::Failure;

pub struct Postgres {
    runtime: Runtime,
    conn: AsyncPgConnection,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Postgres {
    pub fn open(databases: &Databases) -> Result<Option<Self>, Failure> {
        let mut found = Self::connect(&databases.main, databases)?;
        let is_there =
            found.number("SELECT (to_regclass('referrals') IS NOT NULL)::int::bigint AS number")?;
        Ok((is_there == 1).then_some(found))
    }

    fn connect(url: &Sensitive<String>, databases: &Databases) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let tls = databases.tls.as_deref().cloned();
        let conn = runtime.block_on(async {
            let client = match tls {
                Some(tls) => {
                    let (client, socket) =
                        tokio_postgres::connect(url.expose(), MakeRustlsConnect::new(tls)).await?;
                    tokio::spawn(socket);
                    client
                }
                None => {
                    let (client, socket) = tokio_postgres::connect(url.expose(), NoTls).await?;
                    tokio::spawn(socket);
                    client
                }
            };
            Ok::<_, Failure>(AsyncPgConnection::try_from(client).await?)
        })?;
        Ok(Self { runtime, conn })
    }

    fn number(&mut self, query: &str) -> Result<i64, Failure> {
        let asked = diesel::sql_query(query).get_result::<Number>(&mut self.conn);
        Ok(self.runtime.block_on(asked)?.number)
    }

    pub fn referrals(&mut self) -> Result<i64, Failure> {
        let asked = referrals::table.count().get_result(&mut self.conn);
        Ok(self.runtime.block_on(asked)?)
    }

    /// Row by row from one statement.
    pub fn leaves(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), Failure> {
        let rows = entries::table.order(entries::idx.asc()).select(entries::leaf);
        let (runtime, conn) = (&self.runtime, &mut self.conn);
        runtime.block_on(async {
            let mut leaves = pin!(rows.load_stream::<Vec<u8>>(conn).await?);
            while let Some(leaf) = leaves.next().await {
                take(&leaf?);
            }
            Ok(())
        })
    }

    /// Both databases, without the server's log.
    pub fn bytes(&mut self, databases: &Databases) -> Result<u64, Failure> {
        const SIZE: &str = "SELECT pg_database_size(current_database()) AS number";
        let keys = Self::connect(&databases.keys, databases)?.number(SIZE)?;
        Ok(u64::try_from(self.number(SIZE)?)?.saturating_add(u64::try_from(keys)?))
    }
}
