//! A hub on a temporary store with the embedded schemas and adapters, and policies of the test's choice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use casework::{AgencyCode, Caller, Pseudonym, Via};
use hub::{Clients, Hub, Key, Known, RefusalCounter, Retry};
use policies::{InForce, Policies};
use schemas::{Directory, Schemas};
use seal::{NoteKey, RootKey};
use store::{Place, Settings, Store};
use tempfile::TempDir;

use crate::store::server::Fresh;

/// A running hub and its folder.
pub struct World {
    pub hub: Hub,
    dir: TempDir,
    _databases: Option<Fresh>,
}

impl World {
    /// With these policies in force.
    pub fn new(policies: Policies) -> Self {
        Self::on(None, policies, 0)
    }

    /// On these databases, or on files; the case clock begins so far off.
    pub fn on(databases: Option<Fresh>, policies: Policies, first_offset_micros: i64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().to_path_buf();
        let place = match &databases {
            None => Place::Sqlite { dir: folder },
            Some(fresh) => Place::Postgres { dir: folder, databases: fresh.databases() },
        };
        let directory = Directory::embedded().unwrap();
        let note = NoteKey::generate_pkcs8();
        let store = Store::open(Settings {
            place,
            rules: directory.rules(),
            root: RootKey::generate(),
            note_key: NoteKey::from_pkcs8("test.example", &note).unwrap(),
            first_offset_micros,
        });
        let store = Arc::new(store.unwrap());
        let hub = hub_on(store, policies);
        Self { hub, dir, _databases: databases }
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

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
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
        registers: Default::default(),
        in_line: Default::default(),
        at_hand: Default::default(),
        limits: Default::default(),
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
