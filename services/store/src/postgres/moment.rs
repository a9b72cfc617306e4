//! The server's clock and the case clock's offset, asked for once in every commit: so it is a statement with
//! a name of its own in the cache of prepared ones, where a text would be parsed and planned each time.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use diesel_async::AsyncPgConnection;

use super::Conn;
use crate::clock::Moment;

struct Ask<'c>(&'c str);

impl QueryFragment<Pg> for Ask<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros, \
             (SELECT value FROM cursors WHERE name = ",
        );
        out.push_bind_param::<Text, str>(self.0)?;
        out.push_sql(") AS kept");
        Ok(())
    }
}

impl QueryId for Ask<'_> {
    type QueryId = Ask<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Ask<'_> {
    type SqlType = (BigInt, Nullable<Text>);
}

impl RunQueryDsl<Conn> for Ask<'_> {}

/// The server's clock, and the offset of the case clock as any hub has raised it last.
pub fn moment(conn: &mut Conn, offset_cursor: &str) -> QueryResult<Option<Moment>> {
    let (micros, offset): (i64, Option<String>) = Ask(offset_cursor).get_result(conn)?;
    Ok(Some(Moment { micros, offset }))
}

/// The same, beside other questions.
pub async fn ask(mut conn: &AsyncPgConnection, offset_cursor: &str) -> QueryResult<Moment> {
    let (micros, offset): (i64, Option<String>) =
        diesel_async::RunQueryDsl::get_result(Ask(offset_cursor), &mut conn).await?;
    Ok(Moment { micros, offset })
}
