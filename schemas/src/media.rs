//! The refusal of media. Evidence is a hash, a custodian and an exhibit number; pictures, films and sound
//! never enter, on any path of any message (principle 11). This looks at names and at the form of texts;
//! it decodes nothing and keeps nothing.

use serde_json::Value;

use crate::invalid::{Invalid, Names, Step, pointer, problem};

/// Words that no member name may contain, unless a schema declares that very name (`photo_reference`).
const MEDIA_WORDS: &[&str] = &[
    "image",
    "images",
    "img",
    "photo",
    "photos",
    "photograph",
    "picture",
    "pictures",
    "video",
    "videos",
    "audio",
    "media",
    "file",
    "files",
    "attachment",
    "attachments",
    "blob",
    "base64",
    "bytes",
    "binary",
    "thumbnail",
    "screenshot",
    "scan",
];
/// A run of base64 letters this long is a blob. The longest honest run is a SHA-256 in hexadecimal: 64.
const BLOB_LETTERS_MIN: usize = 256;
/// How well-known picture, film, sound and archive formats begin in base64; a shorter run is enough then.
const MAGIC: &[&str] = &[
    "/9j/",
    "iVBORw0KGgo",
    "R0lGOD",
    "UklGR",
    "AAAAIGZ0",
    "AAAAHGZ0",
    "AAAAGGZ0",
    "SUkqA",
    "JVBERi",
    "UEsDB",
    "SUQz",
];
/// Shorter runs with such a beginning may be chance.
const MAGIC_LETTERS_MIN: usize = 48;
/// PEM wraps at 64 letters, MIME at 76.
const WRAPPED_LINE_MIN: usize = 60;

/// Refuses a document with media in it.
pub(crate) fn refuse(document: &Value, names: &Names) -> Result<(), Invalid> {
    look(document, names).map_err(|mut way| {
        way.reverse();
        refusal(&way, names)
    })
}

/// The way to media, innermost step first.
fn look(value: &Value, names: &Names) -> Result<(), Vec<Step>> {
    let under = |step: Step| {
        move |mut way: Vec<Step>| {
            way.push(step);
            way
        }
    };
    match value {
        Value::String(text) if is_media(text) => Err(Vec::new()),
        Value::Array(items) => {
            let mut each = items.iter().enumerate();
            each.try_for_each(|(index, item)| look(item, names).map_err(under(Step::Index(index))))
        }
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            let foul = !names.contains(name) && (names_media(name) || is_media(name));
            let looked = if foul { Err(Vec::new()) } else { look(member, names) };
            looked.map_err(|way| under(Step::Member(name.clone()))(way))
        }),
        _ => Ok(()),
    }
}

fn refusal(way: &[Step], names: &Names) -> Invalid {
    let detail = "pictures, films, sound and files are never taken; send the item's SHA-256, its custodian \
                  and its exhibit number under `evidence`, and keep the item with the custodian";
    Invalid::one(problem::MEDIA_REFUSED, pointer(way, names), detail)
}

fn names_media(name: &str) -> bool {
    words(name).iter().any(|word| MEDIA_WORDS.contains(&word.as_str()))
}

/// `imageData`, `image_data` and `Image-Data` are the same two words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && before_was_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before_was_lower = letter.is_lowercase() || letter.is_numeric();
    }
    words
}

fn is_media(text: &str) -> bool {
    is_data_uri(text) || has_blob(text)
}

fn is_data_uri(text: &str) -> bool {
    // Each form below has one of the two.
    if !text.contains([':', ';']) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let kinds = ["data:image/", "data:video/", "data:audio/", "data:application/"];
    let head = lower.trim_start().strip_prefix("data:").and_then(|rest| rest.split_once(','));
    let whole = head.is_some_and(|(kind, _)| !kind.contains(char::is_whitespace));
    whole || lower.contains(";base64,") || kinds.iter().any(|kind| lower.contains(kind))
}

/// A long run of base64 letters on one line, or over lines as MIME and PEM wrap it. A list of single words,
/// one to a line, is no run: its lines are short.
fn has_blob(text: &str) -> bool {
    if text.len() < MAGIC_LETTERS_MIN {
        return false;
    }
    let mut wrapped: usize = 0;
    for line in text.lines() {
        if line.split(|c| !is_base64(c)).any(is_blob) {
            return true;
        }
        let line = line.trim();
        let runs_on = line.chars().all(is_base64) && (line.len() >= WRAPPED_LINE_MIN || wrapped > 0);
        wrapped = if runs_on { wrapped + line.len() } else { 0 };
        if wrapped >= BLOB_LETTERS_MIN {
            return true;
        }
    }
    false
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_' | '=')
}

fn is_blob(run: &str) -> bool {
    let known = || MAGIC.iter().any(|magic| run.starts_with(magic));
    run.len() >= BLOB_LETTERS_MIN || (run.len() >= MAGIC_LETTERS_MIN && known())
}
