//! An append-only Merkle tree over opaque leaves, as RFC 6962 section 2.1 defines it, with its proofs and
//! their verification, and the texts in which the world exchanges them: C2SP checkpoints, signed notes,
//! transparency log proofs and tiles.
//!
//! It holds no storage (a reader of nodes is passed in), no keys (signatures are bytes made elsewhere) and
//! no clock, and it knows nothing of children, referrals or agencies. The store grows the tree with
//! [`Growth`] and serves old proofs through [`Nodes`]; auditors and receivers of receipts verify.

mod add_checkpoint;
mod checkpoint;
mod cosignature;
mod frontier;
mod growth;
mod hash;
mod judge;
mod key;
mod note;
mod prove;
mod span;
mod text;
mod tile;
mod tiles;
mod tlog_proof;
mod verify;

pub use add_checkpoint::AddCheckpoint;
pub use checkpoint::Checkpoint;
pub use cosignature::{Cosignature, cosigned_text};
pub use frontier::{BadFrontier, Frontier, SIZE_MAX};
pub use growth::{Growth, StoredNode};
pub use hash::{Hash, empty_root, leaf_hash, node_hash};
pub use judge::{Judged, judge};
pub use key::{COSIGNATURE, CosignerKey, ED25519, VerifierKey, first_origin, is_key_name, key_id};
pub use note::{NOTE_BYTES_MAX, SIGNATURES_MAX, Signature, note, parse_note};
pub use prove::{ProveError, consistency_proof, inclusion_proof, root_at};
pub use text::TextError;
pub use tile::{TILE_WIDTH, TilePlace, entry_bundle, tile_hashes, tile_level};
pub use tiles::{Nodes, STORED_LEVELS};
pub use tlog_proof::{ReceiptError, TlogProof};
pub use verify::{PROOF_HASHES_MAX, ProofError, verify_consistency, verify_inclusion};
