//! What a setting is: declared once, in its concern's file, beside the field it fills. Known names, defaults,
//! environment variables, checks of form and `ops/docs/configuration.md` are all made from the declaration.
//! No value is held here.

/// A concern: one table of the file, a list of tables, or tables by name.
pub struct Section {
    pub name: &'static str,
    pub shape: Shape,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    pub keys: &'static [Key],
}

/// How a section is written.
pub enum Shape {
    /// `[name]`.
    One,
    /// `[[name]]`, any number of times.
    List,
    /// `[name.WORD]`, the word from a closed list.
    ByName(&'static Words),
    /// `[name.WORD]`, the word the operator's own.
    Named,
}

/// One setting.
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub fallback: Fallback,
    pub about: &'static str,
}

/// What stands there when nobody sets it.
pub enum Fallback {
    Required,
    /// Nothing: the part it belongs to is left out.
    Absent,
    Text(&'static str),
    Number(u64),
    Switch(bool),
}

/// What a value must look like.
pub enum Kind {
    /// Text of this form; `validator` holds the concern to it.
    Text(&'static str),
    /// A whole number within bounds; `validator` holds the concern to them.
    Number(Bounds),
    /// `true` or `false`.
    Switch,
    /// An address and port.
    Listen,
    /// A web address: https, or either on loopback.
    Web,
    /// The path of a file that holds a secret; never the secret.
    SecretFile,
    /// The path of a file that anybody may read.
    File,
    /// The path of a folder.
    Folder,
    /// One word of a closed list.
    OneOf(&'static Words),
    /// Words of a closed list, at least one.
    ManyOf(&'static Words),
}

/// Both ends are allowed.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub min: u64,
    pub max: u64,
}

/// A closed list that another part of the house owns.
pub struct Words {
    /// What one of them is called.
    pub one: &'static str,
    /// Where the list stands, for a reader.
    pub listed: &'static str,
    pub all: fn() -> &'static [String],
}

impl Section {
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// The form in words, for the reference.
    pub fn form(&self) -> String {
        match self {
            Self::Text(form) => (*form).to_owned(),
            Self::Number(bounds) => format!("a whole number from {} to {}", bounds.min, bounds.max),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Listen => "an address and port; port 0 takes any free one".to_owned(),
            Self::Web => "a web address: https; on loopback http as well".to_owned(),
            Self::SecretFile => "the path of a file only its owner can read".to_owned(),
            Self::File => "the path of a file".to_owned(),
            Self::Folder => "the path of a folder".to_owned(),
            Self::OneOf(words) => format!("one {} of {}", words.one, words.listed),
            Self::ManyOf(words) => format!("a list, each a {} of {}", words.one, words.listed),
        }
    }
}
