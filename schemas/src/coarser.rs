//! How a property may be shown otherwise than as it was sent: coarser (`x-generalise`), or as a word in its
//! place that means something to one recipient (`x-pseudonymise`). What a schema declares is read here and
//! carried out; who sees what in which way is the policies' concern, and the key behind a word `seal`'s.

use casework::Way;
use chrono::{Datelike, Months, NaiveDate};
use serde_json::Value;

use crate::codelist::Lists;

/// Characters of a date or time that tell its year, month and day.
const FORMS: [(&str, usize); 3] = [("year", 4), ("month", 7), ("day", 10)];

/// What a property becomes where its category is not shown as it was sent.
#[derive(Debug, Default)]
pub(crate) struct Reduced {
    general: Option<General>,
    word: Option<Word>,
}

#[derive(Debug)]
struct General {
    how: How,
    /// The member it stands under instead of its own.
    put: Option<String>,
    /// A closer one beside it, in whose presence it goes.
    unless: Option<String>,
}

#[derive(Debug)]
enum How {
    /// Coarse as it is.
    Keep,
    /// So many characters of a date or time.
    Cut(usize),
    /// The band an age or a date of birth falls into: code, first and last year.
    Bands(Vec<(String, i64, i64)>),
}

#[derive(Debug)]
struct Word {
    /// What kind of value it is: the same person's number has one word wherever it stands.
    of: String,
    put: String,
    digits_only: bool,
}

/// The day on which the message is read, and the words that stand for values.
pub struct Reading<'a> {
    /// Ages are told as of this day.
    pub on: NaiveDate,
    /// The word for a value of a kind, for the one recipient.
    pub word: &'a dyn Fn(&str, &str) -> String,
}

impl Reduced {
    /// What a property declares.
    pub(crate) fn read(property: &Value, lists: &Lists) -> Result<Self, &'static str> {
        let general = property.get("x-generalise").map(|said| General::read(said, lists)).transpose()?;
        let word = property.get("x-pseudonymise").map(Word::read).transpose()?;
        Ok(Self { general, word })
    }

    /// Members that it may stand under, which nobody may send.
    pub(crate) fn puts(&self) -> impl Iterator<Item = &str> {
        let general = self.general.as_ref().and_then(|general| general.put.as_deref());
        general.into_iter().chain(self.word.as_ref().map(|word| word.put.as_str()))
    }

    /// The value in this way, and the member it stands under if not its own; `None` where it goes.
    pub(crate) fn shown(
        &self,
        way: Way,
        value: &Value,
        has: impl Fn(&str) -> bool,
        reading: &Reading<'_>,
    ) -> Option<(Option<&str>, Value)> {
        match way {
            Way::Keep => None,
            Way::Generalise => {
                let general = self.general.as_ref()?;
                let gone = general.unless.as_deref().is_some_and(has);
                let value = general.how.coarser(value, reading.on).filter(|_| !gone)?;
                Some((general.put.as_deref(), value))
            }
            Way::Pseudonymise => {
                let word = self.word.as_ref()?;
                let said = (reading.word)(&word.of, &word.plain(value.as_str()?));
                Some((Some(&word.put), Value::String(said)))
            }
        }
    }
}

impl General {
    fn read(said: &Value, lists: &Lists) -> Result<Self, &'static str> {
        let text = |member: &str| said.get(member).and_then(Value::as_str).map(ToOwned::to_owned);
        let way = text("way").ok_or("`x-generalise` needs a `way`: keep, year, month, day or age-band")?;
        let how = match FORMS.iter().find(|(form, _)| *form == way) {
            Some((_, length)) => How::Cut(*length),
            None if way == "keep" => How::Keep,
            None if way == "age-band" => How::Bands(bands(text("bands"), lists)?),
            None => return Err("`x-generalise` knows the ways keep, year, month, day and age-band"),
        };
        if matches!(how, How::Bands(_)) && text("as").is_none() {
            return Err("`x-generalise` to a band needs `as`: the member it stands under");
        }
        Ok(Self { how, put: text("as"), unless: text("unless") })
    }
}

/// Codes like `Y5T9` of a list.
fn bands(list: Option<String>, lists: &Lists) -> Result<Vec<(String, i64, i64)>, &'static str> {
    const WRONG: &str = "`x-generalise` to a band needs `bands`: a list of codes like `Y5T9`";
    let rows = list.and_then(|list| lists.select(&list)).ok_or(WRONG)?;
    let band = |code: String| {
        let (first, last) = code.strip_prefix('Y')?.split_once('T')?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        Some((code, first, last))
    };
    rows.into_iter().map(|row| band(row.code).ok_or(WRONG)).collect()
}

impl How {
    fn coarser(&self, value: &Value, on: NaiveDate) -> Option<Value> {
        match self {
            Self::Keep => (!crate::minimise::holds_object(value)).then(|| value.clone()),
            Self::Cut(length) => {
                let text = value.as_str()?;
                Some(Value::String(text.get(..*length).unwrap_or(text).to_owned()))
            }
            Self::Bands(bands) => {
                let years = value.as_i64().or_else(|| value.as_str().and_then(|born| age(born, on)))?;
                let found = bands.iter().find(|(_, first, last)| (*first..=*last).contains(&years))?;
                Some(Value::String(found.0.clone()))
            }
        }
    }
}

/// Whole years since `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Of several possible ages the lowest: a child is
/// rather taken for younger.
fn age(born: &str, on: NaiveDate) -> Option<i64> {
    let latest = match born.len() {
        4 => format!("{born}-12-31"),
        7 => last_of_month(born)?,
        _ => born.to_owned(),
    };
    let latest = NaiveDate::parse_from_str(&latest, "%Y-%m-%d").ok()?;
    let had_birthday = (on.month(), on.day()) >= (latest.month(), latest.day());
    let years = i64::from(on.year()) - i64::from(latest.year()) - i64::from(!had_birthday);
    (i64::from(on.year()) >= i64::from(latest.year())).then_some(years.max(0))
}

fn last_of_month(month: &str) -> Option<String> {
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    Some(first.checked_add_months(Months::new(1))?.pred_opt()?.to_string())
}

impl Word {
    fn read(said: &Value) -> Result<Self, &'static str> {
        let text = |member: &str| said.get(member).and_then(Value::as_str).map(ToOwned::to_owned);
        let wrong = "`x-pseudonymise` needs `of`, `as`, and `read`: digits or words";
        let digits_only = match said.get("read").and_then(Value::as_str) {
            Some("digits") => true,
            Some("words") => false,
            _ => return Err(wrong),
        };
        Ok(Self { of: text("of").ok_or(wrong)?, put: text("as").ok_or(wrong)?, digits_only })
    }

    /// The value without what people write differently: dashes of a number; case and spaces of a name.
    fn plain(&self, value: &str) -> String {
        if self.digits_only {
            return value.chars().filter(char::is_ascii_digit).collect();
        }
        value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }
}
