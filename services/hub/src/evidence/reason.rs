//! Why a bundle does not hold: one word each, the same in `ops/verify_bundle.py`, and what it means.

/// The first thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub reason: Reason,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Too large, no text, or not lines.
    NotLines,
    /// Not a line as bundles have them.
    Form,
    /// A line of this kind does not stand here.
    Order,
    /// It ends before its seal.
    EndsEarly,
    /// A key that is none.
    Key,
    /// Not a key that was given, or signed by none of those.
    OtherKey,
    /// The entries are not in their order.
    EntryOrder,
    /// The proof is no proof text.
    Proof,
    /// The checkpoint is not signed by the ledger's key, or by a stranger too.
    Checkpoint,
    /// It leads to another checkpoint than the entries before.
    OtherCheckpoint,
    /// A witness that was named has not cosigned.
    WitnessMissing,
    /// The entry does not stand in the ledger at this place.
    Inclusion,
    /// The entry cannot be read.
    Leaf,
    /// The entry is not of this referral, or not of this side.
    OtherReferral,
    /// A step of the referral is missing before this one.
    Gap,
    /// No entry of the bundle commits to a message so.
    NoSuchEntry,
    /// The message is not this agency's.
    Agency,
    /// The entry was not made for this message or signature.
    Commitment,
    /// The message was signed, and its signature is not here.
    SignatureMissing,
    /// The agency's signature does not hold, or is for something else.
    Signature,
    /// The hub's signature over a copy does not hold, or is for something else.
    CopySignature,
    /// The hub's signature over the whole does not hold.
    Seal,
}

/// Reasons, their words, what they mean.
const WORDS: &[(Reason, &str, &str)] = &[
    (Reason::NotLines, "not-lines", "it is too large, or no text of lines"),
    (Reason::Form, "form", "this is no line of a bundle, or spelled in another way than bundles are"),
    (Reason::Order, "order", "a line of this kind does not stand at this place"),
    (Reason::EndsEarly, "ends-early", "it ends before its seal"),
    (Reason::Key, "key", "this key is none, or another's"),
    (
        Reason::OtherKey,
        "other-key",
        "none of the keys that you gave is this one, or has signed this: ask by another way whether a key \
         has changed, and do not trust this bundle before",
    ),
    (Reason::EntryOrder, "entry-order", "this entry is not behind the one before it"),
    (Reason::Proof, "proof", "this proof cannot be read, or is of another place"),
    (Reason::Checkpoint, "checkpoint", "the checkpoint is not signed as it has to be"),
    (Reason::OtherCheckpoint, "other-checkpoint", "this entry's proof leads to another checkpoint"),
    (Reason::WitnessMissing, "witness-missing", "a witness that you named has not cosigned this checkpoint"),
    (Reason::Inclusion, "inclusion", "the ledger does not have this entry at this place"),
    (Reason::Leaf, "leaf", "this entry cannot be read"),
    (Reason::OtherReferral, "other-referral", "this entry is not of this referral as this side sees it"),
    (Reason::Gap, "gap", "a step of the referral before this one is missing"),
    (Reason::NoSuchEntry, "no-such-entry", "no entry above commits to a message so"),
    (Reason::Agency, "agency", "this message is not of, or not for, this agency"),
    (Reason::Commitment, "commitment", "the ledger's entry was made for another message or signature"),
    (Reason::SignatureMissing, "signature-missing", "the entry and the message differ in being signed"),
    (Reason::Signature, "signature", "the agency's signature does not hold, or is for something else"),
    (Reason::CopySignature, "copy-signature", "the hub's signature over this copy does not hold"),
    (Reason::Seal, "seal", "the hub's signature over the whole does not hold: something was changed"),
];

impl Reason {
    fn row(self) -> (&'static str, &'static str) {
        let row = WORDS.iter().find(|(reason, _, _)| *reason == self);
        row.map_or(("", ""), |(_, word, means)| (word, means))
    }

    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What it means.
    #[must_use]
    pub fn means(self) -> &'static str {
        self.row().1
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused line={} reason={}", self.line, self.reason.as_str())
    }
}
