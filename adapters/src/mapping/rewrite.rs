//! An admitted program written so that jaq runs it faster, with the same meaning. jaq adds an object's
//! members up from the right and copies all that it has for each, so that many members cost their square;
//! and it makes every step of a path an iterator of its own. Here a path of plain names and an object of
//! plain names become one call each. Not for programs that were not admitted.

use jaq_core::{
    load::{
        Arena,
        lex::StrPart,
        parse::{BinaryOp, Term},
    },
    ops::Math,
    path::{Opt, Part, Path},
};
use jaq_json::Val;

use super::convert::text;

/// The filter that looks a path up. Programs cannot name it or the next: they are not admitted.
pub const AT: &str = "at";
/// The filter that makes an object of its arguments; the last one says which names they get.
pub const OBJECT: &str = "object";
/// Members of an object that is made by one call at most.
pub const MEMBERS_MAX: usize = 128;
/// Members added up one by one; beyond so many, in halves, so that a large object is no deep tree.
const CHAIN_MAX: usize = 8;

type Member<'a> = (Term<&'a str>, Option<Term<&'a str>>);

/// Rewrites one program.
pub struct Rewriting<'a> {
    arena: &'a Arena,
    /// The names of paths and objects, in the order of the numbers that stand for them.
    pub names: Vec<Vec<Val>>,
}

impl<'a> Rewriting<'a> {
    pub const fn new(arena: &'a Arena) -> Self {
        Self { arena, names: Vec::new() }
    }

    /// The program's tree, rewritten from the leaves up.
    pub fn term(&mut self, term: Term<&'a str>) -> Term<&'a str> {
        match term {
            Term::Str(format, parts) => {
                let part = |part| match part {
                    StrPart::Term(inside) => StrPart::Term(self.term(inside)),
                    plain => plain,
                };
                Term::Str(format, parts.into_iter().map(part).collect())
            }
            Term::Arr(inside) => Term::Arr(inside.map(|inside| self.boxed(*inside))),
            Term::Obj(members) => {
                let member = |(key, value): (_, Option<_>)| match value {
                    Some(value) => (self.term(key), Some(self.term(value))),
                    // Short for a member of the same name: the key is no expression.
                    None => (key, None),
                };
                let members = members.into_iter().map(member).collect();
                self.object(members)
            }
            Term::Neg(inside) => Term::Neg(self.boxed(*inside)),
            Term::BinOp(left, operator, right) => {
                Term::BinOp(self.boxed(*left), operator, self.boxed(*right))
            }
            Term::IfThenElse(branches, otherwise) => {
                let branch = |(asked, then)| (self.term(asked), self.term(then));
                let branches = branches.into_iter().map(branch).collect();
                Term::IfThenElse(branches, otherwise.map(|otherwise| self.boxed(*otherwise)))
            }
            Term::Call(name, arguments) => {
                Term::Call(name, arguments.into_iter().map(|argument| self.term(argument)).collect())
            }
            Term::Path(base, Path(parts)) => {
                let base = self.term(*base);
                match names(&parts) {
                    Some(names) => self.lookup(base, names),
                    None => Term::Path(Box::new(base), Path(parts)),
                }
            }
            // Without anything inside, or not admitted.
            other => other,
        }
    }

    fn boxed(&mut self, term: Term<&'a str>) -> Box<Term<&'a str>> {
        Box::new(self.term(term))
    }

    /// `base | at(number of these names)`.
    fn lookup(&mut self, base: Term<&'a str>, names: Vec<Val>) -> Term<&'a str> {
        let call = Term::Call(AT, vec![self.number(names)]);
        match base {
            Term::Id => call,
            base => Term::BinOp(Box::new(base), BinaryOp::Pipe(None), Box::new(call)),
        }
    }

    /// `object(value; value; number of their names)`, where each member gives exactly one value; else the sum
    /// of its members.
    fn object(&mut self, members: Vec<Member<'a>>) -> Term<&'a str> {
        let names: Option<Vec<Val>> = members.iter().map(plain_name).collect();
        match names.filter(|names| matches!(names.len(), 1..=MEMBERS_MAX)) {
            Some(names) => {
                let mut arguments: Vec<_> = members.into_iter().filter_map(|(_, value)| value).collect();
                arguments.push(self.number(names));
                Term::Call(OBJECT, arguments)
            }
            None => sum(members.into_iter().map(|member| Term::Obj(vec![member])).collect()),
        }
    }

    fn number(&mut self, names: Vec<Val>) -> Term<&'a str> {
        let number = self.arena.alloc(self.names.len().to_string());
        self.names.push(names);
        Term::Num(number.as_str())
    }
}

/// The name of a member whose value is exactly one.
fn plain_name(member: &Member<'_>) -> Option<Val> {
    match member {
        (key, Some(value)) if gives_one(value) => plain_text(key),
        _ => None,
    }
}

/// Whether an admitted term gives exactly one value, or an error. Only `,` and `.[]` give another number.
fn gives_one(term: &Term<&str>) -> bool {
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Arr(_) => true,
        Term::Str(_, parts) => parts.iter().all(|part| match part {
            StrPart::Term(inside) => gives_one(inside),
            _ => true,
        }),
        Term::Neg(inside) => gives_one(inside),
        Term::BinOp(_, BinaryOp::Comma, _) => false,
        Term::BinOp(left, _, right) => gives_one(left) && gives_one(right),
        Term::IfThenElse(branches, Some(otherwise)) => {
            branches.iter().all(|(asked, then)| gives_one(asked) && gives_one(then)) && gives_one(otherwise)
        }
        // They collect or count what their argument gives.
        Term::Call("map" | "any" | "all", _) => true,
        Term::Call(_, arguments) => arguments.iter().all(gives_one),
        Term::Path(base, Path(parts)) => gives_one(base) && parts.iter().all(|(part, _)| one_place(part)),
        // Objects that are not made by a call, and what is not admitted.
        _ => false,
    }
}

fn one_place(part: &Part<Term<&str>>) -> bool {
    match part {
        Part::Index(index) => gives_one(index),
        Part::Range(None, None) => false,
        Part::Range(from, upto) => from.iter().chain(upto).all(gives_one),
    }
}

/// The names of a path that has nothing else.
fn names(parts: &[(Part<Term<&str>>, Opt)]) -> Option<Vec<Val>> {
    let name = |(part, optional): &(Part<Term<&str>>, Opt)| match (part, optional) {
        (Part::Index(name), Opt::Essential) => plain_text(name),
        _ => None,
    };
    parts.iter().map(name).collect()
}

/// A text without anything to be worked out.
fn plain_text(term: &Term<&str>) -> Option<Val> {
    let Term::Str(None, parts) = term else { return None };
    let plain = |part: &StrPart<&str, Term<&str>>| match part {
        StrPart::Str(text) => Some((*text).to_owned()),
        _ => None,
    };
    Some(text(parts.iter().map(plain).collect::<Option<String>>()?))
}

/// These objects as one. Two that have the same member keep the later one's, as within one object.
fn sum(mut objects: Vec<Term<&str>>) -> Term<&str> {
    if objects.len() > CHAIN_MAX {
        let half = objects.len().div_ceil(2 * CHAIN_MAX).saturating_mul(CHAIN_MAX);
        let right = objects.split_off(half.min(objects.len()));
        return plus(sum(objects), sum(right));
    }
    objects.into_iter().reduce(plus).unwrap_or(Term::Obj(Vec::new()))
}

fn plus<'a>(left: Term<&'a str>, right: Term<&'a str>) -> Term<&'a str> {
    Term::BinOp(Box::new(left), BinaryOp::Math(Math::Add), Box::new(right))
}
