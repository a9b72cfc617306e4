//! The filters a mapping has beyond plain jq: `code("list")`, `present`, `uuid`, `word`, `triage("why")`.
//! They are Rust, so that a code can only be mapped through the agency's table and in the direction of the
//! run.

use std::collections::BTreeSet;

use casework::CaseId;
use jaq_core::{
    Bind, Ctx, Cv, DataT, Error, Exn, Lut, RunPtr, ValX, ValXs,
    box_iter::box_once,
    compile::TermId,
    data::HasLut,
    native::{Fun, run, v},
};
use jaq_json::{Map, Num, Rc, Val};

use super::{
    MappingError, WORD_BYTES_MAX,
    convert::{text, text_of},
    rewrite::{AT, OBJECT},
};
use crate::codes::{Codes, Direction, Unmapped};

/// Marks an error value as ours. A program cannot forge it: `error` is not admitted.
const MARK: &str = "amaan.mapping";

/// What a run's filters may see besides their input.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub lut: &'a Lut<Language>,
    pub codes: &'a Codes,
    pub direction: Direction,
    /// The names in the program's paths and objects, see `rewrite`.
    pub names: &'a [Vec<Val>],
}

/// jq with this module's filters.
pub struct Language;

impl DataT for Language {
    type V<'a> = Val;
    type Data<'a> = Given<'a>;
}

impl<'a> HasLut<'a, Language> for Given<'a> {
    fn lut(&self) -> &'a Lut<Language> {
        self.lut
    }
}

/// Name, arguments, work.
type Native = (&'static str, Box<[Bind]>, RunPtr<Language>);

/// The filters; `object` once for each number of members that the program's objects have.
pub fn natives(members: &BTreeSet<usize>) -> impl Iterator<Item = Fun<Language>> {
    let one: fn() -> Box<[Bind]> = || v(1);
    let filters: [Native; 6] = [
        (AT, one(), |cv| answer(at(cv))),
        ("code", one(), |cv| answer(code(cv))),
        ("present", v(0), |cv| answer(Ok(present(cv.1)))),
        ("uuid", v(0), |cv| answer(uuid(&cv.1))),
        ("word", v(0), |cv| answer(word(cv.1))),
        ("triage", one(), |mut cv| {
            let why = text_of(&cv.0.pop_var()).unwrap_or_default();
            answer(Err(marked([("triage", text(why))])))
        }),
    ];
    let objects = members.iter().map(|members| -> Native {
        let arguments = std::iter::repeat_n(Bind::Fun(()), *members).chain([Bind::Var(())]).collect();
        (OBJECT, arguments, |cv| box_once(object(cv)))
    });
    filters.into_iter().chain(objects.collect::<Vec<_>>()).map(run::<Language>)
}

fn answer<'a>(result: Result<Val, Error<Val>>) -> ValXs<'a, Val> {
    box_once(result.map_err(Exn::from))
}

/// What stands at a path of names: nothing where one of them is missing, an error inside what is no object.
fn at(mut cv: Cv<'_, Language>) -> Result<Val, Error<Val>> {
    let mut value = cv.1;
    for name in names(&cv.0.pop_var(), cv.0.data())? {
        value = match value {
            Val::Obj(members) => members.get(name).cloned().unwrap_or_default(),
            Val::Null => Val::Null,
            other => return Err(Error::index(other, name.clone())),
        };
    }
    Ok(value)
}

/// An object of what its arguments give, in their order.
fn object<'a>(mut cv: Cv<'a, Language>) -> ValX<'a, Val> {
    let names = names(&cv.0.pop_var(), cv.0.data())?;
    // The last argument stands on top.
    let values: Vec<_> = names.iter().map(|_| cv.0.pop_fun()).collect();
    let member = |(name, (value, context)): (&Val, (TermId, Ctx<'a, Language>))| {
        let given = value.run((context, cv.1.clone())).next();
        Ok((name.clone(), given.unwrap_or(Ok(Val::Null))?))
    };
    names.iter().zip(values.into_iter().rev()).map(member).collect::<Result<_, Exn<_>>>().map(Val::obj)
}

fn names<'a>(number: &Val, given: &Given<'a>) -> Result<&'a [Val], Error<Val>> {
    let place = match number {
        Val::Num(Num::Int(number)) => usize::try_from(*number).ok(),
        _ => None,
    };
    let found = place.and_then(|place| given.names.get(place));
    found.map(Vec::as_slice).ok_or_else(|| Error::new(number.clone()))
}

/// The code on the other side. `null` stays `null`: whether a value may be absent is the target schema's
/// question, not the table's.
fn code(mut cv: Cv<'_, Language>) -> Result<Val, Error<Val>> {
    let list = text_of(&cv.0.pop_var()).unwrap_or_default();
    let given = *cv.0.data();
    if matches!(cv.1, Val::Null) {
        return Ok(Val::Null);
    }
    // A number or an object is no code either; it is asked for as an empty text, which no table has.
    let asked = text_of(&cv.1).unwrap_or_default();
    let found = given.codes.map(given.direction, &list, &asked).map(str::to_owned);
    found.map(text).map_err(|Unmapped { list, candidates }| {
        let candidates = candidates.into_iter().map(text).collect();
        marked([("list", text(list)), ("candidates", candidates)])
    })
}

/// The value without members that hold nothing: null, or an object of nothing. Lists keep their elements.
fn present(value: Val) -> Val {
    match value {
        Val::Obj(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), present(value.clone())));
            Val::obj(members.filter(|(_, value)| !holds_nothing(value)).collect())
        }
        Val::Arr(elements) => elements.iter().cloned().map(present).collect(),
        other => other,
    }
}

fn holds_nothing(value: &Val) -> bool {
    match value {
        Val::Null => true,
        Val::Obj(members) => members.is_empty(),
        _ => false,
    }
}

/// One of our ids (`cs_..`, `dl_..`) as the hyphenated UUID other systems use for keys.
fn uuid(value: &Val) -> Result<Val, Error<Val>> {
    let given = text_of(value).unwrap_or_default();
    let digits = given.split_once('_').map(|(_, digits)| format!("cs_{digits}"));
    let id = digits.and_then(|text| text.parse::<CaseId>().ok());
    let id = id.ok_or_else(|| marked([("triage", text("`uuid` needs an id of the hub".to_owned()))]))?;
    Ok(text(id.uuid().hyphenated().to_string()))
}

/// A short text, an identifier for example: what may stand in every element of a list without making the
/// whole large. Anything else goes to a person.
fn word(value: Val) -> Result<Val, Error<Val>> {
    let short = text_of(&value).is_some_and(|text| matches!(text.len(), 1..=WORD_BYTES_MAX));
    let why = || marked([("triage", text("`word` needs a short text".to_owned()))]);
    if short { Ok(value) } else { Err(why()) }
}

fn marked<const N: usize>(members: [(&str, Val); N]) -> Error<Val> {
    let members = members.into_iter().map(|(key, value)| (text(key.to_owned()), value));
    let marked = Val::obj(members.collect());
    Error::new(Val::obj([(text(MARK.to_owned()), marked)].into_iter().collect()))
}

/// Reads a run's error: ours, or jaq's own, whose text repeats values and is dropped.
pub fn read_error(error: Error<Val>) -> MappingError {
    let Val::Obj(outer) = error.into_val() else { return MappingError::Failed };
    let Some(Val::Obj(inner)) = outer.get(&text(MARK.to_owned())) else { return MappingError::Failed };
    if let Some(why) = member(inner, "triage").and_then(text_of) {
        return MappingError::Triage { why };
    }
    let list = member(inner, "list").and_then(text_of).unwrap_or_default();
    let candidates = match member(inner, "candidates") {
        Some(Val::Arr(candidates)) => candidates.iter().filter_map(text_of).collect(),
        _ => Vec::new(),
    };
    MappingError::Unmapped { list, candidates }
}

fn member<'v>(members: &'v Rc<Map<Val, Val>>, key: &str) -> Option<&'v Val> {
    members.get(&text(key.to_owned()))
}
