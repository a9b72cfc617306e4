//! Why a connection is over.

/// Why a connection is over.
#[derive(Debug)]
pub(super) enum End {
    /// The hub stops.
    Stopped,
    /// The library says so.
    Lost(lapin::Error),
    /// Something that had to come did not.
    Silent(&'static str),
}

impl From<lapin::Error> for End {
    fn from(error: lapin::Error) -> Self {
        Self::Lost(error)
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped => f.write_str("the hub stops"),
            Self::Lost(error) => error.fmt(f),
            Self::Silent(what) => f.write_str(what),
        }
    }
}
