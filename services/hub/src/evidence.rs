//! Evidence of one referral, for a court: everything that happened to it, as far as one of its two agencies
//! may see it, in a file that anybody can check without the hub. `make.rs` makes it, one spelling is
//! `lines.rs`'s, and `judge.rs` says whether one holds, whoever hands it over.

mod author;
mod checkpoint;
mod held;
mod judge;
mod jws;
mod keys;
mod leaf;
mod lines;
mod make;
mod reason;

pub use held::{Held, HeldCopy, HeldMessage};
pub use judge::{GivenKeys, judge};
pub use keys::Jwk;
pub use leaf::Leaf;
pub use lines::{AgencyKey, BUNDLE_BYTES_MAX, Header, KeysLine, Side};
pub use reason::{Reason, Refused};
