//! Is everything that is written a known setting of the right form, and everything written that must be?
//! Looks at one value at a time; what values mean together is each concern's business.

use figment::value::{Dict, Value};

use super::SECTIONS;
use super::key::{Fallback, Key, Kind, Section, Shape, Words};
use super::nearest::nearest;
use super::problem::{Fault, Place, Problem};
use super::web::{check_listen, check_web};

/// Finds where a path stands.
pub type Places<'a> = &'a dyn Fn(&str) -> Place;

/// So many hexadecimal digits and nothing else are a key, not a path.
const KEY_DIGITS_MIN: usize = 32;
/// Longest name that an operator may give.
const NAME_CHARS_MAX: usize = 40;
/// Words in the name of a setting that is none, but was meant to hold a secret.
const SECRET_WORDS: [&str; 7] = ["secret", "password", "passphrase", "token", "credential", "key", "pkcs8"];

/// What is unknown or misshapen in one layer: the file, or the environment.
pub fn check(layer: &Dict, place: Places<'_>) -> Vec<Problem> {
    let check_one = |(name, value): (&String, &Value)| match section(name) {
        Some(section) => check_section(section, value, place),
        None => {
            let known = SECTIONS.iter().map(|section| section.name.to_owned()).collect::<Vec<_>>();
            vec![unknown(name, "", &known).at(place(name), name)]
        }
    };
    layer.iter().flat_map(check_one).collect()
}

/// What has to be set and is not, over all layers together.
pub fn missing(merged: &Dict, place: Places<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let empty = Value::from(Dict::new());
    for section in SECTIONS {
        let value = merged.get(section.name).unwrap_or(&empty);
        for (path, table) in tables(section, value).unwrap_or_default() {
            let Some(table) = table.as_dict() else { continue };
            let lacks =
                |key: &&Key| matches!(key.fallback, Fallback::Required) && !table.contains_key(key.name);
            for key in section.keys.iter().filter(lacks) {
                let path = format!("{path}.{}", key.name);
                let fix = format!("write `{} = ...`: {}", key.name, key.kind.form());
                problems.push(Fault::new("is missing", "it has no default", fix).at(place(&path), path));
            }
        }
    }
    problems
}

pub fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().copied().find(|section| section.name == name)
}

/// The tables of a section by their paths; a fault where it is not written as it has to be.
pub fn tables<'a>(section: &Section, value: &'a Value) -> Result<Vec<(String, &'a Value)>, Fault> {
    let name = section.name;
    let written = |as_what: String| {
        let why = "its settings would not be found";
        Fault::new("is not written as it has to be", why, format!("write it as {as_what}"))
    };
    match (&section.shape, value) {
        (Shape::One, Value::Dict(..)) => Ok(vec![(name.to_owned(), value)]),
        (Shape::One, _) => Err(written(format!("`[{name}]`"))),
        (Shape::List, Value::Array(_, items)) => {
            Ok(items.iter().enumerate().map(|(index, item)| (format!("{name}[{index}]"), item)).collect())
        }
        (Shape::List, _) => Err(written(format!("`[[{name}]]`, once for each"))),
        (Shape::ByName(_) | Shape::Named, Value::Dict(_, named)) => {
            Ok(named.iter().map(|(word, item)| (format!("{name}.{word}"), item)).collect())
        }
        (Shape::Named, _) => Err(written(format!("`[{name}.NAME]`, once for each"))),
        (Shape::ByName(words), _) => Err(written(format!("`[{name}.NAME]`, once for each {}", words.one))),
    }
}

fn check_section(section: &Section, value: &Value, place: Places<'_>) -> Vec<Problem> {
    let found = match tables(section, value) {
        Ok(found) => found,
        Err(fault) => return vec![fault.at(place(section.name), section.name)],
    };
    let mut problems = Vec::new();
    for (path, table) in found {
        if let (Shape::ByName(words), Some((_, word))) = (&section.shape, path.split_once('.')) {
            problems.extend(check_word(words, word).map(|fault| fault.at(place(&path), &path)));
        }
        if let (Shape::Named, Some((_, word))) = (&section.shape, path.split_once('.')) {
            problems.extend(check_name(word).map(|fault| fault.at(place(&path), &path)));
        }
        match table.as_dict() {
            Some(table) => problems.extend(check_table(section, &path, table, place)),
            None => {
                let fix = format!("write a table of {}", quoted(&names(section)));
                let fault = Fault::new("is not a table", "its settings would not be found", fix);
                problems.push(fault.at(place(&path), &path));
            }
        }
    }
    problems
}

fn check_table(section: &Section, path: &str, table: &Dict, place: Places<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in table {
        let path = format!("{path}.{name}");
        match section.key(name) {
            Some(key) => {
                let faults = check_value(&key.kind, value);
                problems.extend(faults.into_iter().map(|(inner, fault)| {
                    let path = format!("{path}{inner}");
                    fault.at(place(&path), path)
                }));
            }
            None => {
                problems.push(unknown(name, section.name, &names(section)).at(place(&path), path));
            }
        }
    }
    problems
}

/// The names of a section's settings.
pub fn names(section: &Section) -> Vec<String> {
    section.keys.iter().map(|key| key.name.to_owned()).collect()
}

/// Faults of one value, each with the part of the path inside the value.
fn check_value(kind: &Kind, value: &Value) -> Vec<(String, Fault)> {
    let alone = |fault: Option<Fault>| fault.map(|fault| (String::new(), fault)).into_iter().collect();
    let text = value.clone().into_string();
    match (kind, text) {
        (Kind::Number(_), _) => {
            let signed = || value.to_i128().and_then(|number| u128::try_from(number).ok());
            let whole = value.to_u128().or_else(signed).is_some_and(|number| u64::try_from(number).is_ok());
            alone((!whole).then(|| expected("a number", &kind.form())))
        }
        (Kind::Switch, _) => alone(value.to_bool().is_none().then(|| expected("a switch", &kind.form()))),
        (Kind::ManyOf(words), _) => check_words(words, value),
        (_, None) => alone(Some(expected("text", "text in double quotes"))),
        (Kind::Text(_), Some(_)) => Vec::new(),
        (Kind::Listen, Some(text)) => alone(check_listen(&text)),
        (Kind::Web, Some(text)) => alone(check_web(&text)),
        (Kind::SecretFile, Some(text)) => alone(check_path(&text).or_else(|| check_not_secret(&text))),
        (Kind::File | Kind::Folder, Some(text)) => alone(check_path(&text)),
        (Kind::OneOf(words), Some(text)) => alone(check_word(words, &text)),
    }
}

fn expected(what: &str, form: &str) -> Fault {
    Fault::new(
        format!("is not {what}"),
        "the program expects another kind of value here",
        format!("write {form}"),
    )
}

fn check_words(words: &Words, value: &Value) -> Vec<(String, Fault)> {
    let items = value.as_array().unwrap_or_default();
    if items.is_empty() {
        let what = format!("is not a list of {}s", words.one);
        let why = format!("without a single {} it could do nothing", words.one);
        return vec![(
            String::new(),
            Fault::new(what, why, format!("write for example `[\"{}\"]`", first(words))),
        )];
    }
    let check_one = |(index, item): (usize, &Value)| {
        let fault = match item.as_str() {
            Some(word) => check_word(words, word),
            None => Some(expected("text", "text in double quotes")),
        };
        fault.map(|fault| (format!("[{index}]"), fault))
    };
    items.iter().enumerate().filter_map(check_one).collect()
}

fn first(words: &Words) -> &'static str {
    (words.all)().first().map_or("", String::as_str)
}

fn check_word(words: &Words, given: &str) -> Option<Fault> {
    let all = (words.all)();
    if all.iter().any(|word| word == given) {
        return None;
    }
    let what = format!("is no {}", words.one);
    let why = format!("only those of {} exist", words.listed);
    Some(Fault::new(what, why, did_you_mean(given, all)))
}

/// A name of the operator's own: it stands in addresses, metrics and logs.
fn check_name(name: &str) -> Option<Fault> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(allowed);
    (!plain || name.len() > NAME_CHARS_MAX).then(|| {
        Fault::new(
            "is not a usable name",
            "it stands in addresses, metrics and logs",
            "write 1 to 40 of a-z, 0-9 and `-`, beginning with a letter",
        )
    })
}

fn check_path(text: &str) -> Option<Fault> {
    let usable = !text.trim().is_empty() && !text.contains(['\n', '\0']);
    (!usable).then(|| Fault::new("is not a path", "it has to name one place", "write a path on one line"))
}

/// A key or a token pasted where the path of its file belongs.
fn check_not_secret(text: &str) -> Option<Fault> {
    let hexadecimal = text.len() >= KEY_DIGITS_MIN && text.bytes().all(|b| b.is_ascii_hexdigit());
    let secret =
        hexadecimal || text.contains("-----BEGIN") || text.contains("://") || text.starts_with("eyJ");
    secret.then(|| {
        Fault::new(
            "looks like the secret itself",
            SECRETS_BY_FILE,
            "write the secret into a file that only its owner can read, and its path here; as it has been \
             written down elsewhere, have it replaced",
        )
    })
}

const SECRETS_BY_FILE: &str =
    "secrets are read from files only: configuration and environment are copied, mailed, listed and logged";

/// By these names databases call what makes a commit last, and what a hurried operator turns off.
const DURABILITY: [&str; 5] =
    ["synchronous", "synchronous_commit", "fsync", "full_page_writes", "journal_mode"];

/// What to say about a name that is no setting of this section (or no section, where `within` is empty).
pub fn unknown(name: &str, within: &str, known: &[String]) -> Fault {
    let low = name.to_lowercase();
    if DURABILITY.contains(&low.as_str()) {
        return Fault::new(
            "is no setting: how surely a commit is written is not left to choose",
            "a receipt promises what a power cut must not take back",
            "leave it out; the hub starts only on a database that syncs each commit to disk",
        );
    }
    let by_file =
        secret_files(within).find(|file| file.strip_suffix("_file").is_some_and(|s| low.contains(s)));
    let secret = SECRET_WORDS.iter().any(|word| low.contains(word));
    let strange = nearest_of(name, known).is_none();
    if (secret && by_file.is_some()) || (strange && (secret || by_file.is_some())) {
        let setting = by_file.map_or_else(|| "a `..._file` setting".to_owned(), |known| format!("`{known}`"));
        let fix =
            format!("write the secret into a file that only its owner can read, and its path into {setting}");
        return Fault::new("is no setting, and secrets are not written here", SECRETS_BY_FILE, fix);
    }
    let what = if within.is_empty() { "is no section" } else { "is no setting" };
    let why = "a misspelt name would leave a default in force unnoticed";
    Fault::new(what, why, did_you_mean(name, known))
}

/// Settings of a section that name files of secrets.
fn secret_files(within: &str) -> impl Iterator<Item = &'static str> {
    let keys = section(within).map_or(&[][..], |section| section.keys);
    keys.iter().filter(|key| matches!(key.kind, Kind::SecretFile)).map(|key| key.name)
}

fn nearest_of<'a>(given: &str, all: &'a [String]) -> Option<&'a str> {
    nearest(given, all.iter().map(String::as_str))
}

/// As many words as a person reads; longer lists stand in the reference.
const WORDS_SHOWN_MAX: usize = 12;

pub fn did_you_mean(given: &str, all: &[String]) -> String {
    match nearest_of(given, all) {
        Some(word) => format!("did you mean `{word}`?"),
        None if all.len() <= WORDS_SHOWN_MAX => format!("known are {}", quoted(all)),
        None => "see ops/docs/configuration.md for those that exist".to_owned(),
    }
}

pub fn quoted(all: &[String]) -> String {
    all.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
