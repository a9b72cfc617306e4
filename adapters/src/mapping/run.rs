//! A compiled mapping and one run of it: synchronous, quick (tens of microseconds for a referral), bounded
//! on both sides. Compiling takes about half a millisecond and happens once, when the folder is loaded.

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::Val;
use serde::Deserialize;
use serde_json::Value;

use super::{
    INPUT_BYTES_MAX, INPUT_DEPTH_MAX, ITEMS_MAX, MappingError, NotAdmitted, OUTPUT_BYTES_MAX,
    admit::admit,
    natives::{Given, Language, natives, read_error},
};
use crate::codes::{Codes, Direction};

/// Stack of the thread that parses: the parser recurses for every bracket and sign of a program, and a
/// program of `PROGRAM_BYTES_MAX` signs must not end the process. Only what is used is ever touched.
const PARSE_STACK_BYTES: usize = 256 * 1024 * 1024;

/// An admitted, compiled program.
pub struct Mapping {
    filter: Filter<Language>,
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
            compile(&program).map(|filter| Self { filter, direction })
        };
        let thread = std::thread::Builder::new().stack_size(PARSE_STACK_BYTES).spawn(work);
        thread.map_err(|_| NotAdmitted::TooDeep)?.join().map_err(|_| NotAdmitted::NotJq)?
    }

    /// Maps one document.
    ///
    /// # Errors
    /// [`MappingError`]; never with a value of the document in it.
    pub fn run(&self, input: &Value, codes: &Codes) -> Result<Value, MappingError> {
        if !within_bounds(input, INPUT_DEPTH_MAX) || input.to_string().len() > INPUT_BYTES_MAX {
            return Err(MappingError::TooLarge);
        }
        let input = Val::deserialize(input).map_err(|_| MappingError::Failed)?;
        let given = Given { lut: &self.filter.lut, codes, direction: self.direction };
        let context = Ctx::<Language>::new(given, Vars::new([]));
        let mut outputs = self.filter.id.run((context, input)).map(unwrap_valr);
        let Some(first) = outputs.next() else { return Err(MappingError::NotOne { outputs: 0 }) };
        let first = first.map_err(read_error)?;
        if outputs.next().is_some() {
            return Err(MappingError::NotOne { outputs: 2 });
        }
        let text = first.to_string();
        if text.len() > OUTPUT_BYTES_MAX {
            return Err(MappingError::TooLarge);
        }
        serde_json::from_str(&text).map_err(|_| MappingError::Failed)
    }
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mapping(..)")
    }
}

fn compile(program: &str) -> Result<Filter<Language>, NotAdmitted> {
    let loader = Loader::new(jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()));
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).chain(natives());
    let arena = Arena::default();
    let modules = loader.load(&arena, File { code: program, path: () }).map_err(|_| NotAdmitted::NotJq)?;
    Compiler::default().with_funs(funs).compile(modules).map_err(|_| NotAdmitted::NotJq)
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
