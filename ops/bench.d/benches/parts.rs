//! Single parts of the hub under divan, one file per concern. They say how long one call takes on an idle
//! core with everything warm; what the parts add up to in a running hub is `ops/bench exchange`. Run it by
//! `ops/bench parts`, which knows the targets.

mod commit;
mod fixtures;
mod mapping;
mod mask;
mod policy;
mod proof;
mod schema;
mod seal;
mod token;

fn main() {
    divan::main();
}
