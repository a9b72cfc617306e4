//! An agency's code tables (`codes.csv`): our codes and theirs, both ways. There is no default and no
//! guess: what no row maps is an error that names the nearest codes and goes to a person.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rows of one agency's table at most; the largest list, acts, has 36.
const ROWS_MAX: usize = 2_000;
/// Longest code on either side, in characters.
const CODE_CHARS_MAX: usize = 64;
/// How many near codes an error names.
const CANDIDATES_MAX: usize = 3;

/// Which way a mapping runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the hub to the agency: our code to theirs.
    Outbound,
    /// From the agency to the hub: their code to ours.
    Inbound,
}

/// A `codes.csv` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCodes {
    /// Not a table of `list,ours,theirs,way,note`.
    #[error(
        "codes.csv row {row}: expected the columns list,ours,theirs,way,note with way one of both, out, in"
    )]
    Row {
        /// Counted from 1, the heading not included.
        row: usize,
    },
    /// Two rows answer the same question differently.
    #[error("codes.csv row {row}: list `{list}` maps this code twice in the same direction; keep one row")]
    Twice {
        /// The second of the two.
        row: usize,
        /// The list's name.
        list: String,
    },
    /// Too long.
    #[error("codes.csv has more than {ROWS_MAX} rows")]
    TooLong,
}

/// A code no row maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The list asked.
    pub list: String,
    /// The nearest codes that list does map, nearest first.
    pub candidates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    list: String,
    ours: String,
    theirs: String,
    way: Way,
    #[serde(rename = "note")]
    _note: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Way {
    Both,
    Out,
    In,
}

type Table = BTreeMap<String, String>;

/// All lists of one agency.
#[derive(Debug, Clone, Default)]
pub struct Codes {
    outbound: BTreeMap<String, Table>,
    inbound: BTreeMap<String, Table>,
}

impl Codes {
    /// Reads `codes.csv`. A row's `way` says whether it holds in both directions or in one, so that several
    /// of our codes may become one of theirs without making the way back a guess.
    ///
    /// # Errors
    /// [`BadCodes`] where a row is malformed or contradicts another.
    pub fn read(bytes: &[u8]) -> Result<Self, BadCodes> {
        let mut codes = Self::default();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
        for (at, row) in reader.deserialize::<Row>().enumerate() {
            let number = at.saturating_add(1);
            if number > ROWS_MAX {
                return Err(BadCodes::TooLong);
            }
            let row = row.map_err(|_| BadCodes::Row { row: number })?;
            codes.add(row, number)?;
        }
        Ok(codes)
    }

    fn add(&mut self, row: Row, number: usize) -> Result<(), BadCodes> {
        let Row { list, ours, theirs, way, .. } = row;
        if [&list, &ours, &theirs].iter().any(|text| !is_code_text(text)) {
            return Err(BadCodes::Row { row: number });
        }
        let twice = |list: &str| BadCodes::Twice { row: number, list: list.to_owned() };
        if way != Way::In {
            let table = self.outbound.entry(list.clone()).or_default();
            if table.insert(ours.clone(), theirs.clone()).is_some() {
                return Err(twice(&list));
            }
        }
        if way != Way::Out {
            let table = self.inbound.entry(list.clone()).or_default();
            if table.insert(theirs, ours).is_some() {
                return Err(twice(&list));
            }
        }
        Ok(())
    }

    /// Whether the list has any row for this direction; a mapping that names another is not admitted.
    #[must_use]
    pub fn has(&self, direction: Direction, list: &str) -> bool {
        self.tables(direction).contains_key(list)
    }

    /// The code on the other side.
    ///
    /// # Errors
    /// [`Unmapped`] with the nearest codes; it never holds the code that was asked for.
    pub fn map(&self, direction: Direction, list: &str, code: &str) -> Result<&str, Unmapped> {
        let table = self.tables(direction).get(list);
        if let Some(found) = table.and_then(|table| table.get(code)) {
            return Ok(found);
        }
        let known = table.map(|table| table.keys().map(String::as_str)).into_iter().flatten();
        Err(Unmapped { list: list.to_owned(), candidates: nearest(code, known) })
    }

    const fn tables(&self, direction: Direction) -> &BTreeMap<String, Table> {
        match direction {
            Direction::Outbound => &self.outbound,
            Direction::Inbound => &self.inbound,
        }
    }
}

fn is_code_text(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= CODE_CHARS_MAX && !text.chars().any(char::is_control)
}

fn nearest<'a>(code: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = code.to_lowercase().chars().take(CODE_CHARS_MAX).collect();
    let mut ranked: Vec<(usize, &str)> = known.map(|other| (distance(&wanted, other), other)).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(CANDIDATES_MAX).map(|(_, other)| other.to_owned()).collect()
}

/// Levenshtein's distance, upper and lower case alike. Two rows of at most 64 numbers: bounded by the code's
/// length on both sides.
fn distance(wanted: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (line, letter) in other.to_lowercase().chars().enumerate() {
        let mut left = line.saturating_add(1);
        let mut next = vec![left];
        for (pair, wanted) in row.windows(2).zip(wanted) {
            if let &[diagonal, above] = pair {
                let replaced = diagonal.saturating_add(usize::from(*wanted != letter));
                left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
