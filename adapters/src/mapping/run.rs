//! A compiled mapping and one run of it: synchronous, quick (tens of microseconds for a referral), bounded
//! on both sides. Compiling takes about half a millisecond and happens once, when the folder is loaded.

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    load::{Arena, File, Loader, parse::Def},
    unwrap_valr,
};
use jaq_json::Val;
use serde_json::Value;

use super::{
    INPUT_BYTES_MAX, INPUT_DEPTH_MAX, ITEMS_MAX, MappingError, NotAdmitted, OUTPUT_BYTES_MAX,
    admit::admit,
    convert::{fits, from_jaq, into_jaq},
    natives::{Given, Language, natives, read_error},
    rewrite::Rewriting,
};
use crate::codes::{Codes, Direction};

/// Stack of the thread that parses: the parser recurses for every bracket and sign of a program, and a
/// program of `PROGRAM_BYTES_MAX` signs must not end the process. Only what is used is ever touched.
const PARSE_STACK_BYTES: usize = 256 * 1024 * 1024;

/// What the definition is called that a program becomes.
const MAPPING: &str = "mapping";

/// An admitted, compiled program.
pub struct Mapping {
    filter: Filter<Language>,
    /// The names in the program's paths and objects, by number.
    names: Vec<Vec<Val>>,
    direction: Direction,
}

impl Mapping {
    /// Admits and compiles a program.
    ///
    /// # Errors
    /// [`NotAdmitted`]; see `admit` for the language.
    pub fn compile(program: &str, codes: &Codes, direction: Direction) -> Result<Self, NotAdmitted> {
        let (program, codes) = (program.to_owned(), codes.clone());
        let work = move || {
            admit(&program, &codes, direction)?;
            compile(&program).map(|(filter, names)| Self { filter, names, direction })
        };
        let thread = std::thread::Builder::new().stack_size(PARSE_STACK_BYTES).spawn(work);
        thread.map_err(|_| NotAdmitted::TooDeep)?.join().map_err(|_| NotAdmitted::NotJq)?
    }

    /// Maps one document.
    ///
    /// # Errors
    /// [`MappingError`]; never with a value of the document in it.
    pub fn run(&self, input: &Value, codes: &Codes) -> Result<Value, MappingError> {
        if !within_bounds(input, INPUT_DEPTH_MAX) || !fits(input, INPUT_BYTES_MAX) {
            return Err(MappingError::TooLarge);
        }
        let input = into_jaq(input)?;
        let (lut, names) = (&self.filter.lut, self.names.as_slice());
        let given = Given { lut, codes, direction: self.direction, names };
        let context = Ctx::<Language>::new(given, Vars::new([]));
        let mut outputs = self.filter.id.run((context, input)).map(unwrap_valr);
        let Some(first) = outputs.next() else { return Err(MappingError::NotOne { outputs: 0 }) };
        let first = first.map_err(read_error)?;
        if outputs.next().is_some() {
            return Err(MappingError::NotOne { outputs: 2 });
        }
        let output = from_jaq(&first)?;
        if fits(&output, OUTPUT_BYTES_MAX) { Ok(output) } else { Err(MappingError::TooLarge) }
    }
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mapping(..)")
    }
}

/// The filter and its names. The rewritten tree enters jaq as a definition, which is all that the
/// main program calls.
fn compile(program: &str) -> Result<(Filter<Language>, Vec<Vec<Val>>), NotAdmitted> {
    let arena = Arena::default();
    let tree = jaq_core::load::parse(program, |parser| parser.term()).ok_or(NotAdmitted::NotJq)?;
    let mut rewriting = Rewriting::new(&arena);
    let body = rewriting.term(tree);
    let mapping = Def { name: MAPPING, args: Vec::new(), body };
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let defs = defs.map(no_longer).chain([mapping]);
    let members = rewriting.names.iter().map(Vec::len).collect();
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).chain(natives(&members));
    let modules = Loader::new(defs).load(&arena, File { code: MAPPING, path: () });
    let modules = modules.map_err(|_| NotAdmitted::NotJq)?;
    let filter = Compiler::default().with_funs(funs).compile(modules).map_err(|_| NotAdmitted::NotJq)?;
    Ok((filter, rewriting.names))
}

/// jaq's own definitions live for ever; among a program's they need not.
const fn no_longer<'a>(def: Def<&'static str>) -> Def<&'a str> {
    def
}

fn within_bounds(value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Value::Array(elements) => {
            elements.len() <= ITEMS_MAX && elements.iter().all(|element| within_bounds(element, depth))
        }
        Value::Object(members) => {
            members.len() <= ITEMS_MAX && members.values().all(|member| within_bounds(member, depth))
        }
        _ => true,
    }
}
