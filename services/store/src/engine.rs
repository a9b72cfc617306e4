//! One connection, whichever engine it speaks to. A query file is mounted once per engine (`sqlite::read`,
//! `postgres::read`, ...), so each has one text and two compiled forms; `query!` picks the form that fits the
//! connection. Everything above this file knows no engine.
//!
//! Not a trait: Diesel's bounds for upserts over an unknown backend cannot be written down in reason, and
//! mounting the callers twice too would make two of every result type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{StoreError, postgres, sqlite};

/// A connection to either engine.
pub struct Conn {
    pub(crate) engine: Engine,
    /// False once a transaction could not be ended: what it holds is not known, so it is thrown away.
    sound: bool,
}

/// Which engine.
pub enum Engine {
    Sqlite(Box<sqlite::Conn>),
    Postgres(Box<postgres::Link>),
}

// A macro, because the two forms of one query take connections of different types.
macro_rules! query {
    ($conn:expr, $($file:ident)::+ ($($argument:expr),* $(,)?)) => {
        match &mut $conn.engine {
            $crate::engine::Engine::Sqlite(conn) => $crate::sqlite::$($file)::+(conn, $($argument),*),
            $crate::engine::Engine::Postgres(link) => {
                $crate::postgres::$($file)::+(&mut link.conn, $($argument),*)
            }
        }
    };
}
pub(crate) use query;

impl Conn {
    pub fn sqlite(conn: sqlite::Conn) -> Self {
        Self { engine: Engine::Sqlite(Box::new(conn)), sound: true }
    }

    pub fn postgres(link: postgres::Link) -> Self {
        Self { engine: Engine::Postgres(Box::new(link)), sound: true }
    }

    /// May it be used again? False after a transaction that could not be ended, or once the server is gone.
    pub fn is_sound(&self) -> bool {
        self.sound
            && match &self.engine {
                Engine::Sqlite(_) => true,
                Engine::Postgres(link) => link.driver.is_alive(),
            }
    }

    /// What went wrong, told apart: a connection that is gone is not the statement's fault.
    pub fn blame(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Database(error) if !self.is_sound() => StoreError::Unreachable(error.to_string()),
            error => error,
        }
    }

    fn end(&mut self, how: &str) -> Result<(), StoreError> {
        let ended = query!(self, plainly(how));
        self.sound &= ended.is_ok();
        Ok(ended?)
    }
}

/// One write transaction. Its first statement takes the writer's lock, over all hubs. A panic inside is
/// caught inside, so that the transaction is rolled back and the connection stays usable.
///
/// An error of COMMIT itself leaves the outcome unknown: the connection is not used again, and nobody may
/// simply try once more.
pub fn write_tx<T>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    write_tx_from(conn, |conn| Ok(query!(conn, begin_write())?), |conn, ()| work(conn))
}

/// The same for a transaction whose beginning brings something along.
pub fn write_tx_from<B, T>(
    conn: &mut Conn,
    begin: impl FnOnce(&mut Conn) -> Result<B, StoreError>,
    work: impl FnOnce(&mut Conn, B) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let done = begin(conn).and_then(|begun| {
        let tried = catch_unwind(AssertUnwindSafe(|| work(conn, begun)));
        tried.unwrap_or_else(|_| Err(StoreError::Unreadable("a command made the writer panic".to_owned())))
    });
    match done {
        Ok(done) => conn.end("COMMIT").map(|()| done).map_err(|error| {
            tracing::error!(%error, "COMMIT gave no answer");
            StoreError::OutcomeUnknown
        }),
        Err(error) => {
            _ = conn.end("ROLLBACK");
            Err(conn.blame(error))
        }
    }
}

/// One view of everything, however long it is looked at.
pub fn read_tx<T>(
    conn: &mut Conn,
    look: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    query!(conn, begin_read())?;
    let found = look(conn);
    _ = conn.end("ROLLBACK");
    found
}

/// Runs this on a thread of its own and waits for it: the PostgreSQL driver waits on a runtime of its own,
/// which a thread that serves another one may not.
pub fn apart<T: Send>(act: impl FnOnce() -> Result<T, StoreError> + Send) -> Result<T, StoreError> {
    let died = || Err(StoreError::Unreadable("opening the store made a thread panic".to_owned()));
    std::thread::scope(|scope| scope.spawn(act).join().unwrap_or_else(|_| died()))
}
