//! What witnesses said of the ledger's heads, kept so that a receipt can carry it. Work, no fact: whoever
//! doubts it verifies the lines with the witnesses' keys. Asking them is the hub's.

use std::collections::BTreeMap;

use casework::TimeSource;

use crate::commit::{to_i64, to_u64};
use crate::engine::query;
use crate::{Store, StoreError};

/// So long everything is kept that was said (proposed): a receipt asked for again is the same.
const WHOLE_MICROS: i64 = 7 * 24 * HOUR_MICROS;
/// Of what is older, the newest of each hour and witness: a receipt carries a head at most that much later.
const HOUR_MICROS: i64 = 3_600_000_000;
/// Rows looked at in one go: a witness says something every ten seconds, so about half a day of two.
const LOOK_MAX: i64 = 8_192;
/// How far it came.
const CURSOR: &str = "cosignatures-thinned";

/// What was said of one head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The tree's size.
    pub size: u64,
    /// Witness and signature line, by name.
    pub lines: Vec<(String, String)>,
}

impl Store {
    /// Keeps a witness's line under the head of a size.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn keep_cosignature(&self, size: u64, witness: &str, line: &str) -> Result<(), StoreError> {
        let (size, witness, line) = (to_i64(size)?, witness.to_owned(), line.to_owned());
        self.working(move |conn| Ok(query!(conn, cosignatures::keep(size, &witness, &line))?)).await
    }

    /// The newest size that a witness cosigned, as far as is known here.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn cosigned_by(&self, witness: &str) -> Result<Option<u64>, StoreError> {
        let witness = witness.to_owned();
        let size = self.reading(move |conn| Ok(query!(conn, cosignatures::newest_of(&witness))?)).await?;
        size.map(to_u64).transpose()
    }

    /// The first cosigned head of the present epoch whose tree has this entry; `None` where there is none
    /// yet.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn cosigned_with(&self, index: u64) -> Result<Option<Cosigned>, StoreError> {
        // What was cosigned in an earlier epoch bears an origin that nothing is signed under any more.
        let index = to_i64(index.max(self.ring().standing().begins()))?;
        self.reading(move |conn| {
            let Some(size) = query!(conn, cosignatures::first_beyond(index))? else { return Ok(None) };
            let lines = query!(conn, cosignatures::of(size))?;
            Ok(Some(Cosigned { size: to_u64(size)?, lines }))
        })
        .await
    }

    /// Thins out what witnesses said of old heads, some at a time; is there more to look at?
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn thin_cosignatures(&self) -> Result<bool, StoreError> {
        let than = self.now().micros().saturating_sub(WHOLE_MICROS);
        self.working(move |conn| {
            let from = query!(conn, work::cursor(CURSOR))?.and_then(|at| at.parse().ok()).unwrap_or(0);
            let rows = query!(conn, cosignatures::older(from, than, LOOK_MAX))?;
            let Some((newest, ..)) = rows.last() else { return Ok(false) };
            for (witness, sizes) in surplus(&rows) {
                query!(conn, cosignatures::forget(witness, &sizes))?;
            }
            // From there on again: more of its hour may come.
            query!(conn, work::set_cursor(CURSOR, &newest.to_string()))?;
            Ok(*newest > from && i64::try_from(rows.len()).is_ok_and(|read| read >= LOOK_MAX))
        })
        .await
    }
}

/// All but the newest of each witness and hour.
fn surplus(rows: &[(i64, String, i64)]) -> BTreeMap<&str, Vec<i64>> {
    let mut kept: BTreeMap<(&str, i64), i64> = BTreeMap::new();
    let mut gone: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (size, witness, at) in rows {
        let hour = (witness.as_str(), at.div_euclid(HOUR_MICROS));
        if let Some(earlier) = kept.insert(hour, *size) {
            gone.entry(witness).or_default().push(earlier);
        }
    }
    gone
}
