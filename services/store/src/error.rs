//! What can go wrong in the store. None of these is a refusal: those are answers, and come as
//! `Committed::Refused`.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database could not be opened.
    #[error("cannot open the database: {0}; check the path and its permissions")]
    Open(String),
    /// The database does not answer, or its connection broke before COMMIT: nothing was written.
    #[error("the database does not answer: {0}; try again shortly")]
    Unreachable(String),
    /// Migrations could not be run, or the file is of a newer version.
    #[error("cannot bring the database to this version's shape: {0}")]
    Migration(String),
    /// A file beside the database.
    #[error("{what}: {source}")]
    File {
        /// Which file.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something stored does not read back.
    #[error("stored data does not read back: {0}")]
    Unreadable(String),
    /// The store is closing or its writer died.
    #[error("the store is closed")]
    Closed,
    /// A waiting line is full.
    #[error("too many requests wait for the store; try again shortly")]
    Full,
    /// The answer to COMMIT never came: it may or may not have happened.
    #[error("the outcome of the commit is unknown; repeat with the same idempotency key")]
    OutcomeUnknown,
    /// No case key is ready.
    #[error("no case key is ready; the key database may be down")]
    NoKey,
    /// A case key is gone or does not open what it should.
    #[error("a case key is missing or wrong")]
    KeyLost,
    /// Signing on would fork the ledger.
    #[error("this ledger is suspect: {0}")]
    LedgerSuspect(String),
    /// Another process holds this SQLite store for writing.
    #[error(
        "another hub writes to this store (its lock file is held); stop it, or use PostgreSQL for several"
    )]
    SecondWriter,
}

impl StoreError {
    /// Was certainly nothing written?
    #[must_use]
    pub fn wrote_nothing(&self) -> bool {
        !matches!(self, Self::OutcomeUnknown)
    }

    /// The same answer for another caller of the same batch.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::OutcomeUnknown => Self::OutcomeUnknown,
            Self::LedgerSuspect(why) => Self::LedgerSuspect(why.clone()),
            Self::Unreadable(what) => Self::Unreadable(what.clone()),
            Self::Open(why) => Self::Open(why.clone()),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        // Category and position only: a serde message may quote stored text.
        Self::Unreadable(format!("{:?} at line {} column {}", error.classify(), error.line(), error.column()))
    }
}

impl From<casework::BadId> for StoreError {
    fn from(error: casework::BadId) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<casework::BadCode> for StoreError {
    fn from(error: casework::BadCode) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<casework::LeafError> for StoreError {
    fn from(error: casework::LeafError) -> Self {
        match error {
            casework::LeafError::Shape(error) => error.into(),
            other => Self::Unreadable(other.to_string()),
        }
    }
}
