//! The house in two tables: which crate stands on which floor, and which dependency is fenced into which
//! crate. A crate may depend only on floors below its own.

/// Crate and floor, as in ARCHITECTURE.md. `tests` and `xtask` stand outside: they may see everything,
/// and nothing may depend on them (only the tests use xtask).
pub(crate) const LEVELS: &[(&str, u8)] = &[
    ("ledger", 0),
    ("casework", 0),
    ("failpoint", 0),
    ("schemas", 1),
    ("seal", 1),
    ("egress", 1),
    ("policies", 2),
    ("store", 2),
    ("identity", 2),
    ("queue", 2),
    ("adapters", 3),
    ("oversight", 3),
    ("hub", 4),
    ("amaan-http", 5),
    ("delivery", 5),
    ("simulator", 5),
    ("amaan", 6),
    ("xtask", 7),
    ("bench", 8),
    ("tests", 8),
];

/// From this floor on the fences do not hold.
pub(crate) const OUTSIDE: u8 = 7;

/// A dependency (a trailing `*` stands for any ending) and the only crates that may name it.
pub(crate) struct Fence {
    pub(crate) dependency: &'static str,
    pub(crate) inside: &'static [&'static str],
    pub(crate) why: &'static str,
}

/// The fences.
pub(crate) const FENCES: &[Fence] = &[
    Fence { dependency: "jsonschema", inside: &["schemas"], why: "one crate says what a message may be" },
    Fence {
        dependency: "ring",
        inside: &["seal"],
        why: "keys and ciphers in one place a reviewer can read whole",
    },
    Fence {
        dependency: "standardwebhooks",
        inside: &["seal"],
        why: "keys and ciphers in one place a reviewer can read whole",
    },
    Fence { dependency: "reqwest", inside: &["egress"], why: "every outbound call passes one allow-list" },
    Fence { dependency: "cedar-policy*", inside: &["policies"], why: "one crate says who may do what" },
    Fence { dependency: "diesel*", inside: &["store"], why: "SQL stands only in the store" },
    Fence { dependency: "libsqlite3-sys", inside: &["store"], why: "SQL stands only in the store" },
    Fence { dependency: "tokio-postgres*", inside: &["store"], why: "SQL stands only in the store" },
    Fence { dependency: "openidconnect", inside: &["identity"], why: "one crate says who is calling" },
    Fence { dependency: "lapin", inside: &["queue"], why: "the broker carries; only the queue knows it" },
    Fence { dependency: "jaq-*", inside: &["adapters"], why: "mappings are admitted and run in one place" },
    Fence {
        dependency: "quick-xml",
        inside: &["adapters", "simulator"],
        why: "XML exists only at agencies' edges",
    },
    Fence { dependency: "actix-*", inside: &["amaan-http", "simulator"], why: "only the edge speaks HTTP" },
    Fence { dependency: "maud", inside: &["amaan-http"], why: "pages are made in one crate" },
    Fence { dependency: "clap", inside: &["amaan"], why: "only the program has a command line" },
    Fence { dependency: "indicatif", inside: &["amaan"], why: "only the program talks to a terminal" },
    Fence { dependency: "figment", inside: &["amaan"], why: "only the program reads configuration" },
    Fence { dependency: "proptest", inside: &[], why: "test tools stay in the one test crate" },
    Fence { dependency: "insta", inside: &[], why: "test tools stay in the one test crate" },
    Fence { dependency: "tlog_tiles", inside: &[], why: "a test oracle shares nothing with what it judges" },
    Fence { dependency: "signed_note", inside: &[], why: "a test oracle shares nothing with what it judges" },
];

/// The floor of a crate of ours.
pub(crate) fn level(name: &str) -> Option<u8> {
    LEVELS.iter().find(|(listed, _)| *listed == name).map(|(_, level)| *level)
}

/// The fence around a dependency, if there is one.
pub(crate) fn fence(dependency: &str) -> Option<&'static Fence> {
    FENCES.iter().find(|fence| match fence.dependency.strip_suffix('*') {
        Some(start) => dependency.starts_with(start),
        None => fence.dependency == dependency,
    })
}
