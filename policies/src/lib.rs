//! Who may send, read and see what, decided by data-sharing agreements written in Cedar.
//!
//! The data lies beside this crate: `amaan.cedarschema`, one `<agreement>.cedar` each, and the decisions an
//! agreement promises in `tests/<agreement>.toml`. A set is accepted only whole: parsed, strictly
//! validated, true to its tables. [`Policies::permit`] answers one [`Ask`]; [`Policies::mask`] says which
//! categories of data one recipient may see of one kind of message.
//!
//! It knows codes only, never a child. It does not know whose referral something is: the hub checks that
//! the caller is a party before it asks. It reads no clock: who asks says when ([`Moment`]), and what an
//! agreement permits counts only between its dates and its parties. Which set is in force is the hub's word.

mod agreement;
mod ask;
mod disclosure;
mod evaluate;
mod examined;
mod explain;
mod in_force;
mod load;
mod load_error;
mod masks;
mod memo;
mod moment;
mod policies;
mod read_set;
mod replay;
mod slices;
mod table;
mod validity;
mod vocabulary;

pub use agreement::Agreement;
pub use ask::{Act, Ask, Decision, Places};
pub use disclosure::{Disclosure, Mask};
pub use evaluate::LeftOut;
pub use examined::Examined;
pub use explain::{Because, Explanation, Turn};
pub use in_force::InForce;
pub use load_error::LoadError;
pub use moment::Moment;
pub use policies::Policies;
pub use replay::{Difference, Past, Replay, Times, replay};
pub use table::{Expect, MaskRow, Row, RowResult, Table};
pub use validity::{Standing, Validity};
