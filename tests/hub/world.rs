//! A hub on a temporary store with the embedded schemas and adapters, and policies of the test's choice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use casework::{AgencyCode, Caller, Pseudonym, Via};
use hub::{Clients, Hub, Key, Known, RefusalCounter, Retry};
use policies::{InForce, Policies};
use schemas::{Directory, Schemas};
use seal::{NoteKey, RootKey};
use store::{Place, Settings, Store, StoreError};
use tempfile::TempDir;

use crate::store::server::Fresh;

/// A running hub and its folder.
pub struct World {
    pub hub: Hub,
    dir: TempDir,
    _databases: Option<Fresh>,
    keys: Keys,
}

/// What a hub brings along wherever its databases lie.
#[derive(Clone)]
struct Keys {
    root: RootKey,
    note: Vec<u8>,
    others: Vec<Vec<u8>>,
}

impl World {
    /// With these policies in force.
    pub fn new(policies: Policies) -> Self {
        Self::on(None, policies, 0)
    }

    /// On these databases, or on files; the case clock begins so far off.
    pub fn on(databases: Option<Fresh>, policies: Policies, first_offset_micros: i64) -> Self {
        Self::with_root(databases, policies, first_offset_micros, RootKey::generate())
    }

    /// The same, where the root key is known outside too.
    pub fn with_root(
        databases: Option<Fresh>,
        policies: Policies,
        first_offset_micros: i64,
        root: RootKey,
    ) -> Self {
        let keys = Keys { root, note: NoteKey::generate_pkcs8().to_vec(), others: Vec::new() };
        Self::with_keys(keys, databases, tempfile::tempdir().unwrap(), policies, first_offset_micros)
    }

    /// This hub on other databases and in another folder, with nothing of its own in memory.
    pub fn elsewhere(self, databases: Option<Fresh>, dir: TempDir) -> Self {
        let (policies, keys) = (Policies::embedded().unwrap(), self.keys.clone());
        let parts = self.hub.clients.clone();
        let witnesses = self.hub.witnesses.clone();
        self.hub.store.close();
        drop(self);
        let world = Self::with_keys(keys, databases, dir, policies, 0);
        world.with(|hub| Hub { clients: parts, witnesses, ..hub })
    }

    /// The place that a world on these would have.
    pub fn place_of(databases: Option<&Fresh>, dir: &Path) -> Place {
        let dir = dir.to_owned();
        match databases {
            None => Place::Sqlite { dir },
            Some(fresh) => Place::Postgres { dir, databases: fresh.databases() },
        }
    }

    /// A store of this hub's keys.
    pub fn open(&self, place: Place) -> Store {
        open(&self.keys, place, 0).unwrap()
    }

    /// The key that signs its ledger.
    pub fn note_key(&self) -> Vec<u8> {
        self.keys.note.clone()
    }

    /// Started anew on the same databases, with these keys of the ledger.
    pub fn with_note_keys(self, first: &[u8], others: &[Vec<u8>]) -> Result<Self, StoreError> {
        let (place, clients) = (self.place(), self.hub.clients.clone());
        self.hub.store.close();
        let Self { hub, dir, _databases, keys } = self;
        drop(hub);
        let keys = Keys { note: first.to_vec(), others: others.to_vec(), ..keys };
        let hub = hub_on(Arc::new(open(&keys, place, 0)?), Policies::embedded().unwrap());
        Ok(Self { hub: Hub { clients, ..hub }, dir, _databases, keys })
    }

    fn with_keys(
        keys: Keys,
        databases: Option<Fresh>,
        dir: TempDir,
        policies: Policies,
        first_offset_micros: i64,
    ) -> Self {
        let place = Self::place_of(databases.as_ref(), dir.path());
        let hub = hub_on(Arc::new(open(&keys, place, first_offset_micros).unwrap()), policies);
        Self { hub, dir, _databases: databases, keys }
    }

    /// The same store under other policies, as after a reload.
    pub fn under(self, policies: Policies) -> Self {
        Self { hub: Hub { policies: Arc::new(InForce::new(policies)), ..self.hub }, ..self }
    }

    /// Another process on the same store, under these policies until it hears of others.
    pub fn beside(&self, policies: Policies) -> Hub {
        let clients = self.hub.clients.clone();
        Hub { clients, ..hub_on(Arc::clone(&self.hub.store), policies) }
    }

    /// A hub on another store of this hub's keys.
    pub fn on_store(&self, store: Store) -> Hub {
        hub_on(Arc::new(store), Policies::embedded().unwrap())
    }

    /// The same with parts of the hub exchanged.
    pub fn with(self, change: impl FnOnce(Hub) -> Hub) -> Self {
        Self { hub: change(self.hub), ..self }
    }

    /// Where its store lies.
    pub fn place(&self) -> Place {
        let dir = self.dir.path().to_owned();
        match &self._databases {
            None => Place::Sqlite { dir },
            Some(fresh) => Place::Postgres { dir, databases: fresh.databases() },
        }
    }

    /// One SQL statement on the main database, behind the store's back.
    pub fn sql(&self, statement: &str) -> Option<String> {
        match &self._databases {
            None => crate::store::world::sql(&self.dir.path().join("amaan.db"), statement),
            Some(fresh) => Some(fresh.sql(&fresh.main, statement)),
        }
    }

    /// The same on the key database.
    pub fn keys_sql(&self, statement: &str) -> Option<String> {
        match &self._databases {
            None => crate::store::world::sql(&self.dir.path().join("keys.db"), statement),
            Some(fresh) => Some(fresh.sql(&fresh.keys, statement)),
        }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

fn open(keys: &Keys, place: Place, first_offset_micros: i64) -> Result<Store, StoreError> {
    let note = |pkcs8: &Vec<u8>| NoteKey::from_pkcs8("test.example", pkcs8).unwrap();
    let settings = Settings {
        place,
        rules: Directory::embedded().unwrap().rules(),
        root: keys.root.clone(),
        note_key: note(&keys.note),
        other_note_keys: keys.others.iter().map(note).collect(),
        first_offset_micros,
    };
    Store::open(settings)
}

/// A hub on a store, with nothing of its own in memory yet.
fn hub_on(store: Arc<Store>, policies: Policies) -> Hub {
    Hub {
        name: "test.example".into(),
        breakers: hub::Breakers::new(Retry::default(), &store),
        store,
        schemas: Arc::new(Schemas::embedded().unwrap()),
        directory: Arc::new(Directory::embedded().unwrap()),
        policies: Arc::new(InForce::new(policies)),
        policy_sets: Default::default(),
        turns: hub::Turns::of(&adapters::Registry::embedded().unwrap()),
        adapters: Arc::new(adapters::Registry::embedded().unwrap()),
        links: BTreeMap::new(),
        clients: Clients::default(),
        retry: Retry::default(),
        known: Known::default(),
        itself: Pseudonym::new(uuid::Uuid::from_u128(1)),
        fresh: Default::default(),
        bell: Arc::default(),
        refusals: RefusalCounter::default(),
        news: hub::News::default(),
        webhooks: Default::default(),
        witnesses: Default::default(),
        registers: Default::default(),
        in_line: Default::default(),
        at_hand: Default::default(),
        limits: Default::default(),
        key_backup_days: 35,
    }
}

/// An agency's system.
pub fn system(agency: &str) -> Caller {
    let agency: AgencyCode = agency.parse().unwrap();
    let number = agency.as_str().bytes().map(u128::from).sum::<u128>();
    Caller {
        actor: Pseudonym::new(uuid::Uuid::from_u128(number)),
        via: Via::Api,
        roles: vec!["system".into()],
        scopes: Vec::new(),
        client: agency.to_string(),
        agency,
    }
}

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The policies of this repository, and one more whose evaluation overflows for purpose `education`.
pub fn failing_policies() -> Policies {
    let dir = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    std::fs::create_dir(dir.path().join("tests")).unwrap();
    for folder in ["", "tests"] {
        for file in std::fs::read_dir(from.join(folder)).unwrap().map(Result::unwrap) {
            if file.path().is_file() {
                std::fs::copy(file.path(), dir.path().join(folder).join(file.file_name())).unwrap();
            }
        }
    }
    let path = dir.path().join("ict-child-protection.cedar");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str(
        "\n@id(\"ict-child-protection.overflows\")\n@title(\"Fails when it is evaluated.\")\n\
         permit (principal == Agency::\"ictp\", action == Action::\"send\", resource)\n\
         when { context has purpose && context.purpose == Purpose::\"education\" && \
         9223372036854775807 + 1 > 0 };\n",
    );
    std::fs::write(&path, text).unwrap();
    Policies::from_dir(dir.path()).unwrap()
}
