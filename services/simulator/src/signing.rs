//! How an agency's system signs what it sends to the hub: with a key of its own, over the very bytes of the
//! body, in `Amaan-Signature`. An agency without a key sends without, as an older system does.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::{RealTime, SignedFor, TokenTime, sign_message};
use seal::NoteKey;

/// Which agencies sign, and the hub's name, which every signature says it is for.
#[derive(Default)]
pub struct Signing {
    /// The hub's name.
    pub hub: String,
    /// Keys by agency, each under its `kid`.
    pub keys: BTreeMap<String, Arc<NoteKey>>,
}

/// One agency's pen.
pub(crate) struct Signer {
    hub: String,
    agency: String,
    key: Arc<NoteKey>,
}

impl Signing {
    pub(crate) fn of(&self, agency: &str) -> Option<Signer> {
        let key = Arc::clone(self.keys.get(agency)?);
        Some(Signer { hub: self.hub.clone(), agency: agency.to_owned(), key })
    }
}

impl Signer {
    /// The header's value for a body that is posted to a path under a key.
    pub(crate) fn sign(&self, path: &str, key: &str, body: &[u8]) -> String {
        let target = format!("POST {path}");
        let meant = SignedFor { agency: &self.agency, hub: &self.hub, key, target: &target };
        sign_message(&self.key, body, &meant, RealTime::default().unix_seconds())
    }
}
