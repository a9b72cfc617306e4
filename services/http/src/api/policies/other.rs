//! Another set, as a body says it: its text, or its digest where the hub has the text already.

use hub::OtherSet;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::body;
use crate::problem::Problem;

/// What the body has to be.
const SHAPE: &str = "the body is an object with `bundle` (the set as `amaan policy bundle` prints it) or \
                     `set` (the digest of a set that was put before the hub), and if need be `last` (how \
                     many past decisions to compare by)";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    bundle: Option<Box<RawValue>>,
    set: Option<String>,
    last: Option<u64>,
}

/// The set, and by how many decisions it is to be compared.
pub(crate) fn other_set(bytes: &[u8]) -> Result<(OtherSet, Option<u64>), Problem> {
    let Other { bundle, set, last } = body::small(bytes, SHAPE)?;
    let other = match (bundle, set) {
        (Some(bundle), None) => OtherSet::Bundle(bundle.get().to_owned()),
        (None, Some(digest)) => OtherSet::Known(digest),
        _ => return Err(Problem::new("validation-failed").detail(SHAPE)),
    };
    Ok((other, last))
}
