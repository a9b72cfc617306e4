//! Everything secret or random: case keys and how they are wrapped, the sealing of bodies, commitments, the
//! signature under a checkpoint, that under another's token, those of webhooks, words that stand for a
//! person's number or name, and random bytes. The only
//! crate that uses ring.
//!
//! It stores nothing: where a wrapped key lives, and that it is destroyed, is the store's concern (a
//! destroyed key makes its bodies unreadable for good, which is how a child is erased). It never decides
//! who may open what. Our own copies of secrets are wiped when dropped; ring's expanded keys are not, and
//! live only for one call, except that of [`NoteKey`].
//!
//! ```text
//! root key -> epoch key -> case key -> HKDF-SHA256 per object -> AES-256-GCM (associated data: the place)
//! ```

mod aead;
mod case_key;
mod certain;
mod digest;
mod epoch_key;
mod error;
mod issuer_key;
mod mark_key;
mod note_key;
mod pem;
mod place;
mod random;
mod root_key;
mod webhook;
mod word_key;

pub use case_key::CaseKey;
pub use digest::{commitment, sha256, verify_commitment};
pub use epoch_key::EpochKey;
pub use error::SealError;
pub use issuer_key::IssuerKey;
pub use mark_key::MarkKey;
pub use note_key::{NoteKey, verify_note_signature};
pub use pem::pkcs8_pem;
pub use place::Place;
pub use random::random;
pub use root_key::RootKey;
pub use webhook::WebhookKey;
pub use word_key::WordKey;
