//! Admission of a mapping program by its syntax tree: only what is listed here passes, everything else is
//! refused by name. The language is total on purpose. It has no definitions and no recursion (a deep one
//! aborts the process), no generators beyond the elements of a value, no clock, environment or further
//! inputs, and none of jq's silent defaults (`//`, `?`, `try`, an `if` without `else`, `select`, `empty`):
//! in other hubs those turned unknown codes into "accepted" and dropped whole referrals.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Pattern, Term},
    },
    ops::Math,
    path::{Opt, Part, Path},
};

use super::{
    BRACKETS_MAX, DEPTH_MAX, NotAdmitted, PROGRAM_BYTES_MAX, WORD_BYTES_MAX,
    cost::{Cost, Size},
};
use crate::codes::{Codes, Direction};

const NO_DEFAULTS: &str = "a value no rule maps must reach a person; write both cases with if, then, else";
const NO_LOOPS: &str = "only the elements of a value can be walked, with `.[]` or `map`";
const NO_OUTSIDE: &str = "a mapping sees its input and nothing else";
const NO_CHANGE: &str = "write the document that should come out, not changes to the one that came in";
const UNKNOWN: &str = "it is not among the admitted filters";

/// Bytes a truth value, a number or `null` takes at most.
const SCALAR_BYTES: u64 = 32;

/// Admits a program for one direction of one agency's code tables.
///
/// # Errors
/// The first thing that is not admitted.
pub fn admit(program: &str, codes: &Codes, direction: Direction) -> Result<(), NotAdmitted> {
    if program.len() > PROGRAM_BYTES_MAX {
        return Err(NotAdmitted::TooLong);
    }
    if program.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count() > BRACKETS_MAX {
        return Err(NotAdmitted::TooDeep);
    }
    let tree = jaq_core::load::parse(program, |parser| parser.term()).ok_or(NotAdmitted::NotJq)?;
    let gate = Gate { codes, direction };
    gate.term(&tree, Size::of_input(), &Scope::default()).map(|_| ())
}

/// The variables bound around a term, and how deep it stands.
#[derive(Clone, Default)]
struct Scope<'a> {
    variables: Vec<(&'a str, Size)>,
    depth: usize,
}

struct Gate<'c> {
    codes: &'c Codes,
    direction: Direction,
}

type Admitted = Result<Cost, NotAdmitted>;

fn refused(construct: &str, reason: &'static str) -> Admitted {
    let construct = construct.chars().take(40).collect();
    Err(NotAdmitted::Construct { construct, reason })
}

impl Gate<'_> {
    fn term<'a>(&self, term: &Term<&'a str>, input: Size, scope: &Scope<'a>) -> Admitted {
        if scope.depth >= DEPTH_MAX {
            return Err(NotAdmitted::TooDeep);
        }
        let inner = Scope { depth: scope.depth.saturating_add(1), variables: scope.variables.clone() };
        let scope = &inner;
        let cost = match term {
            Term::Id => Ok(Cost::identity(input)),
            Term::Num(_) => Ok(Cost::constant(SCALAR_BYTES, 0)),
            Term::Str(None, parts) => self.string(parts, input, scope),
            Term::Str(Some(format), _) => refused(format, UNKNOWN),
            Term::Arr(None) => Ok(Cost::constant(2, 0)),
            Term::Arr(Some(inside)) => self.term(inside, input, scope).map(Cost::collected),
            Term::Obj(members) => self.object(members, input, scope),
            Term::Neg(inside) => self.term(inside, input, scope),
            Term::BinOp(left, operator, right) => self.operator(left, operator, right, input, scope),
            Term::IfThenElse(branches, otherwise) => {
                let Some(otherwise) = otherwise else { return refused("if without else", NO_DEFAULTS) };
                self.branches(branches, otherwise, input, scope)
            }
            Term::Call(name, arguments) => self.call(name, arguments, input, scope),
            Term::Var(name) => match scope.variables.iter().rev().find(|(bound, _)| bound == name) {
                Some((_, size)) => Ok(Cost::constant(size.bytes, size.items)),
                None => refused(name, NO_OUTSIDE),
            },
            Term::Path(base, Path(parts)) => self.path(base, parts, input, scope),
            Term::Recurse => refused("..", NO_LOOPS),
            Term::Label(..) => refused("label", NO_LOOPS),
            Term::Break(_) => refused("break", NO_LOOPS),
            Term::Fold(word, ..) => refused(word, NO_LOOPS),
            Term::TryCatch(..) => refused("try", NO_DEFAULTS),
            Term::Def(..) => refused("def", NO_LOOPS),
        }?;
        cost.within_bounds(input)
    }

    fn string<'a>(
        &self,
        parts: &[StrPart<&'a str, Term<&'a str>>],
        input: Size,
        scope: &Scope<'a>,
    ) -> Admitted {
        let mut cost = Cost::constant(2, 0);
        for part in parts {
            let more = match part {
                StrPart::Str(text) => Cost::constant(wide(text.len()), 0),
                StrPart::Char(_) => Cost::constant(4, 0),
                StrPart::Term(term) => as_text(self.term(term, input, scope)?),
            };
            cost = cost.joined(more);
        }
        Ok(cost)
    }

    fn object<'a>(
        &self,
        members: &[(Term<&'a str>, Option<Term<&'a str>>)],
        input: Size,
        scope: &Scope<'a>,
    ) -> Admitted {
        let mut cost = Cost::constant(2, 0);
        for (key, value) in members {
            let key_cost = self.term(key, input, scope)?;
            let value_cost = match value {
                Some(value) => self.term(value, input, scope)?,
                None => Cost::identity(input),
            };
            let items = cost.items.max(value_cost.items);
            cost = cost.joined(key_cost).joined(value_cost);
            cost.items = items;
        }
        cost.items = cost.items.max(wide(members.len()));
        Ok(cost)
    }

    fn operator<'a>(
        &self,
        left: &Term<&'a str>,
        operator: &BinaryOp<&'a str>,
        right: &Term<&'a str>,
        input: Size,
        scope: &Scope<'a>,
    ) -> Admitted {
        match operator {
            BinaryOp::Pipe(None) => {
                let first = self.term(left, input, scope)?;
                Ok(first.then(self.term(right, first.size(input), scope)?))
            }
            BinaryOp::Pipe(Some(Pattern::Var(name))) => {
                let first = self.term(left, input, scope)?;
                let mut inner = scope.clone();
                inner.variables.push((name, first.size(input)));
                Ok(self.term(right, input, &inner)?.times(first.outputs))
            }
            BinaryOp::Pipe(Some(_)) => refused("as [..]", "bind one name at a time"),
            BinaryOp::Comma => Ok(self.term(left, input, scope)?.beside(self.term(right, input, scope)?)),
            BinaryOp::Or | BinaryOp::And | BinaryOp::Cmp(_) => {
                let both = self.term(left, input, scope)?.joined(self.term(right, input, scope)?);
                Ok(both.told(SCALAR_BYTES))
            }
            BinaryOp::Math(Math::Add | Math::Sub) => {
                Ok(self.term(left, input, scope)?.joined(self.term(right, input, scope)?))
            }
            BinaryOp::Math(_) => refused("* / %", "on texts they repeat and split without bound"),
            BinaryOp::Alt => refused("//", NO_DEFAULTS),
            BinaryOp::UpdateAlt => refused("//=", NO_DEFAULTS),
            BinaryOp::Assign => refused("=", NO_CHANGE),
            BinaryOp::Update => refused("|=", NO_CHANGE),
            BinaryOp::UpdateMath(_) => refused("+=", NO_CHANGE),
        }
    }

    fn branches<'a>(
        &self,
        branches: &[(Term<&'a str>, Term<&'a str>)],
        otherwise: &Term<&'a str>,
        input: Size,
        scope: &Scope<'a>,
    ) -> Admitted {
        let mut asked = 1_u64;
        let mut dearest = self.term(otherwise, input, scope)?;
        for (condition, branch) in branches {
            asked = asked.saturating_mul(self.term(condition, input, scope)?.outputs);
            dearest = dearest.or(self.term(branch, input, scope)?);
        }
        Ok(dearest.times(asked))
    }

    fn path<'a>(
        &self,
        base: &Term<&'a str>,
        parts: &[(Part<Term<&'a str>>, Opt)],
        input: Size,
        scope: &Scope<'a>,
    ) -> Admitted {
        let mut cost = self.term(base, input, scope)?;
        for (part, optional) in parts {
            if matches!(optional, Opt::Optional) {
                return refused("?", NO_DEFAULTS);
            }
            match part {
                Part::Index(index) => cost = cost.times(self.term(index, input, scope)?.outputs),
                Part::Range(None, None) => cost = cost.elements(),
                Part::Range(from, upto) => {
                    for bound in [from, upto].into_iter().flatten() {
                        cost = cost.times(self.term(bound, input, scope)?.outputs);
                    }
                }
            }
        }
        Ok(cost)
    }

    /// Filters by name. Each line is the reason why it is bounded: the cost it returns.
    fn call<'a>(&self, name: &str, arguments: &[Term<&'a str>], input: Size, scope: &Scope<'a>) -> Admitted {
        match (name, arguments) {
            ("null" | "true" | "false" | "not" | "length" | "type", []) => {
                Ok(Cost::constant(SCALAR_BYTES, 0))
            }
            ("ascii_downcase" | "ascii_upcase" | "trim" | "present" | "keys" | "uuid", []) => {
                Ok(Cost::identity(input))
            }
            ("word", []) => Ok(Cost::constant(wide(WORD_BYTES_MAX), 0)),
            ("tostring", []) => Ok(as_text(Cost::identity(input))),
            ("has" | "startswith" | "endswith", [argument]) => {
                Ok(self.term(argument, input, scope)?.told(SCALAR_BYTES))
            }
            ("ltrimstr" | "rtrimstr", [argument]) => {
                Ok(Cost::identity(input).times(self.term(argument, input, scope)?.outputs))
            }
            ("join", [argument]) => {
                let between = self.term(argument, input, scope)?.times(input.items.max(1));
                Ok(as_text(Cost::identity(input)).joined(Cost { outputs: 1, ..between }))
            }
            ("add", []) => {
                Ok(Cost { items: input.items.saturating_mul(input.items), ..Cost::identity(input) })
            }
            ("map", [inside]) => {
                let each = Cost::identity(input).elements();
                Ok(each.then(self.term(inside, input, scope)?).collected())
            }
            ("any" | "all", [inside]) => {
                let each = Cost::identity(input).elements();
                Ok(Cost { outputs: 1, ..each.then(self.term(inside, input, scope)?) }.told(SCALAR_BYTES))
            }
            ("code", [argument]) => self.code(argument),
            ("triage", [argument]) => match literal(argument) {
                Some(_) => Ok(Cost::constant(0, 0)),
                None => refused("triage(..)", "its reason must be a plain text, so that it repeats no value"),
            },
            ("empty" | "select" | "error" | "first" | "last" | "values", _) => refused(name, NO_DEFAULTS),
            ("range" | "repeat" | "while" | "until" | "recurse" | "limit" | "combinations" | "walk", _) => {
                refused(name, NO_LOOPS)
            }
            ("env" | "input" | "inputs" | "now" | "halt" | "halt_error" | "debug" | "stderr", _) => {
                refused(name, NO_OUTSIDE)
            }
            _ => refused(name, UNKNOWN),
        }
    }

    fn code(&self, argument: &Term<&str>) -> Admitted {
        let Some(list) = literal(argument) else {
            return refused(
                "code(..)",
                "the list must be a plain text, so that it can be checked beforehand",
            );
        };
        if !self.codes.has(self.direction, list) {
            return Err(NotAdmitted::NoList { list: list.to_owned() });
        }
        Ok(Cost::constant(256, 0))
    }
}

/// A value written as JSON text. Sizes are those of JSON text already; writing a text once more escapes at
/// most every byte of it.
fn as_text(cost: Cost) -> Cost {
    Cost { linear: cost.linear.saturating_mul(2), fixed: cost.fixed.saturating_mul(2), items: 0, ..cost }
}

fn literal<'a>(term: &Term<&'a str>) -> Option<&'a str> {
    match term {
        Term::Str(None, parts) => match parts.as_slice() {
            [StrPart::Str(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
