//! A bundle that holds: what is in it, what it proves, and what it does not.

use casework::Sensitive;
use ledger::{Checkpoint, CosignerKey};

use super::leaf::Leaf;
use super::lines::{Header, KeysLine};

/// A bundle that holds, and what is in it.
#[derive(Debug)]
pub struct Held {
    /// Its first line.
    pub header: Header,
    /// Its keys.
    pub keys: KeysLine,
    /// The checkpoint all entries are in.
    pub checkpoint: Checkpoint,
    /// Who cosigned that.
    pub witnesses: Vec<CosignerKey>,
    /// Entries, by index.
    pub entries: Vec<(u64, Leaf)>,
    /// Messages as they were sent.
    pub messages: Vec<HeldMessage>,
    /// Copies.
    pub copies: Vec<HeldCopy>,
    /// Was the ledger's key given?
    pub is_ledger_key_given: bool,
    /// Was the hub's?
    pub is_hub_key_given: bool,
    /// Were the agencies'?
    pub are_agency_keys_given: bool,
}

/// A message that an entry was made for.
#[derive(Debug)]
pub struct HeldMessage {
    /// The entry.
    pub entry: u64,
    /// Whose.
    pub agency: String,
    /// By which key of the agency it is signed, where it is and the key is here or was given.
    pub signed_by: Option<String>,
    /// It is signed, by a key that is neither here nor given.
    pub is_key_missing: bool,
    /// Its bytes.
    pub body: Sensitive<Vec<u8>>,
}

/// A copy that the hub signed.
#[derive(Debug)]
pub struct HeldCopy {
    /// The entry of its original, where the bundle has it.
    pub entry: Option<u64>,
    /// What carried it.
    pub delivery: String,
    /// Pointers to what was taken out.
    pub removed: Vec<String>,
    /// Pointers to what is shown less exactly.
    pub changed: Vec<String>,
    /// Its bytes.
    pub body: Sensitive<Vec<u8>>,
}

impl Held {
    /// How many messages their agencies signed, by keys that are here or were given.
    #[must_use]
    pub fn signed(&self) -> usize {
        self.messages.iter().filter(|held| held.signed_by.is_some()).count()
    }

    /// How many are signed by keys that are neither here nor given.
    #[must_use]
    pub fn unkeyed(&self) -> usize {
        self.messages.iter().filter(|held| held.is_key_missing).count()
    }
}

impl Held {
    /// What is proven, in sentences.
    #[must_use]
    pub fn proven(&self) -> Vec<String> {
        let (entries, size, hub) = (self.entries.len(), self.checkpoint.size, &self.header.hub);
        let mut all = vec![format!(
            "these {entries} entries stand in the ledger of {hub}, at their places in a tree of {size} \
             entries whose root its key signed"
        )];
        all.extend(self.witnesses.iter().map(|witness| {
            format!("the witness {} has seen that tree, and nothing else of its size", witness.name)
        }));
        all.extend(self.messages.iter().map(message));
        all.extend(self.copies.iter().map(copy));
        all.push(format!(
            "the hub gave this file to {} after entry {}, and nothing in it was changed since",
            self.header.asked_by, self.header.look
        ));
        all
    }

    /// What is not.
    #[must_use]
    pub fn not_proven(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut taken = |given: bool, whose: &str, option: &str, from: &str| {
            if !given {
                all.push(format!(
                    "that the key of {whose} is the right one: it was taken from this file, and not checked \
                     by another way; compare it with {from} ({option})"
                ));
            }
        };
        taken(self.is_ledger_key_given, "the ledger", "--ledger-key", "GET /v1/audit/key on another day");
        taken(self.is_hub_key_given, "the hub", "--hub-keys", "GET /v1/keys on another day");
        if self.signed() > 0 {
            taken(self.are_agency_keys_given, "the agency", "--agency-keys", "what the agency says");
        }
        if self.witnesses.is_empty() {
            all.push("that the hub shows everybody the same ledger: no witness has cosigned".to_owned());
        }
        if self.unkeyed() > 0 {
            let number = self.unkeyed();
            all.push(format!(
                "{number} signature(s) of agencies: their keys are neither in this file nor given"
            ));
        }
        if !self.header.whole {
            all.push(
                "that nothing is missing: the hub says that it left some of it out for its size".to_owned(),
            );
        }
        let between =
            "no step is missing between those shown, but later ones, deliveries and messages can be";
        all.push(format!("that nothing else happened: {between}"));
        all.push("that what the messages say is true; times are the hub's clock".to_owned());
        all
    }
}

fn message(held: &HeldMessage) -> String {
    let (agency, entry) = (&held.agency, held.entry);
    let committed = format!("entry {entry} was made for exactly this message of {agency}");
    match &held.signed_by {
        Some(kid) => format!("{committed}, which {agency} signed with its key {kid}"),
        None if held.is_key_missing => format!("{committed}; it is signed, with a key that is not here"),
        None => format!("{committed}; {agency} has not signed it (lower assurance)"),
    }
}

fn copy(held: &HeldCopy) -> String {
    let original = match held.entry {
        Some(entry) => format!("the message of entry {entry}"),
        None => "a message whose entry only its sender has".to_owned(),
    };
    format!("the hub signed its copy of {original}, carried as {}", held.delivery)
}

/// The whole verdict in one line, the same as `ops/verify_bundle.py` says.
impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (entries, messages, copies) = (self.entries.len(), self.messages.len(), self.copies.len());
        let given = |given| if given { "given" } else { "bundle" };
        write!(f, "holds referral={} side={}", self.header.referral, self.header.side)?;
        write!(f, " entries={entries} messages={messages} signed={}", self.signed())?;
        write!(f, " unkeyed={} copies={copies}", self.unkeyed())?;
        write!(f, " witnesses={} whole={}", self.witnesses.len(), self.header.whole)?;
        let (ledger, hub) = (given(self.is_ledger_key_given), given(self.is_hub_key_given));
        write!(f, " ledger-key={ledger} hub-key={hub} agency-key={}", given(self.are_agency_keys_given))
    }
}
