//! Query parameters: an endpoint's table of them, read strictly into its own struct. An unknown one is
//! refused by name of the allowed ones; a value is never repeated.

use actix_web::web::Query;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use crate::problem::Problem;

/// No address has a use for more.
const PAIRS_MAX: usize = 32;

/// A query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Form,
    /// Can the address not be asked without it?
    pub required: bool,
    /// For a reader.
    pub about: &'static str,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One text.
    Text,
    /// One whole number.
    Number,
    /// Any number of texts: the parameter is repeated.
    Texts,
}

/// A list that can be narrowed to what is in one state.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OneStatus {
    #[validate(length(min = 1, max = 16, message = "a status"))]
    status: Option<String>,
}

impl OneStatus {
    /// The one asked for; none asks for all.
    ///
    /// # Errors
    /// `query-malformed` where it is none of these.
    pub fn among<T: Copy>(self, all: &[T], word: fn(T) -> &'static str) -> Result<Option<T>, Problem> {
        let Some(asked) = self.status else { return Ok(None) };
        let words = || all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ");
        let unknown = || Problem::new("query-malformed").detail(format!("`status` is one of {}", words()));
        all.iter().copied().find(|one| word(*one) == asked).map(Some).ok_or_else(unknown)
    }
}

type Pairs = Vec<(String, String)>;

fn pairs(text: &str) -> Result<Pairs, Problem> {
    let malformed =
        || Problem::new("query-malformed").detail("the query is not of the form `name=value&name=value`");
    let pairs = Query::<Pairs>::from_query(text).map_err(|_| malformed())?.into_inner();
    if pairs.len() > PAIRS_MAX {
        return Err(
            Problem::new("query-malformed").detail(format!("a query may have {PAIRS_MAX} parameters"))
        );
    }
    Ok(pairs)
}

/// Refuses parameters that an address does not have.
///
/// # Errors
/// `unknown-query-parameter`, naming the allowed ones; `query-malformed`.
pub fn check_names(table: &[Parameter], text: &str) -> Result<(), Problem> {
    let known = |name: &String| table.iter().any(|parameter| parameter.name == name);
    if pairs(text)?.iter().all(|(name, _)| known(name)) {
        return Ok(());
    }
    let names: Vec<String> = table.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
    let detail = match names.as_slice() {
        [] => "this address takes no query parameters".to_owned(),
        names => format!("this address takes {}", names.join(", ")),
    };
    Err(Problem::new("unknown-query-parameter").detail(detail))
}

/// The parameters as the endpoint's own struct, checked.
///
/// # Errors
/// `unknown-query-parameter`, `query-malformed`.
pub fn read<Q: DeserializeOwned + Validate>(table: &[Parameter], text: &str) -> Result<Q, Problem> {
    let object = object(table, text)?;
    // By now only a number can be wrong, by being too large for its field: names and forms are the table's.
    let too_large = |_| Problem::new("query-malformed").detail("a number is too large");
    let read: Q = serde_json::from_value(Value::Object(object)).map_err(too_large)?;
    read.validate().map_err(|errors| {
        // The library's own errors hold the values; only names and our own messages are taken from them.
        let told = errors.field_errors().into_iter().map(|(name, errors)| {
            let message = errors.first().and_then(|error| error.message.as_deref());
            format!("`{name}` is {}", message.unwrap_or("not usable"))
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        Problem::new("query-malformed").detail(told.join("; "))
    })?;
    Ok(read)
}

/// The parameters as an object: texts, numbers, and lists for those that may be repeated.
///
/// # Errors
/// `unknown-query-parameter`, `query-malformed`.
pub fn object(table: &[Parameter], text: &str) -> Result<Map<String, Value>, Problem> {
    check_names(table, text)?;
    let mut object = Map::new();
    for (name, value) in pairs(text)? {
        let Some(parameter) = table.iter().find(|parameter| parameter.name == name) else { continue };
        put(&mut object, parameter, value)?;
    }
    match table.iter().find(|parameter| parameter.required && !object.contains_key(parameter.name)) {
        None => Ok(object),
        Some(missing) => {
            let detail = format!("`{}` is required: {}", missing.name, missing.about);
            Err(Problem::new("query-malformed").detail(detail))
        }
    }
}

fn put(object: &mut Map<String, Value>, parameter: &Parameter, value: String) -> Result<(), Problem> {
    let name = parameter.name;
    let problem = |what: &str| Problem::new("query-malformed").detail(format!("`{name}` {what}"));
    let value = match parameter.kind {
        Form::Texts => {
            let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(Value::String(value));
            }
            return Ok(());
        }
        Form::Text => Value::String(value),
        Form::Number => {
            let number: Option<u64> =
                value.parse().ok().filter(|_| value.bytes().all(|b| b.is_ascii_digit()));
            number.map(Value::from).ok_or_else(|| problem("is a whole number"))?
        }
    };
    match object.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(problem("stands once")),
    }
}
