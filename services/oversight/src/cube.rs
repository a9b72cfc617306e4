//! Facts counted by up to two dimensions, with all margins. Exact and unprotected: never leaves this crate.

use std::collections::{BTreeMap, BTreeSet};

use store::FactRow;

use crate::{Indicator, Query, QueryRefusal, rules::CELLS_MAX};

/// What a dimension missing from a fact reads as.
const MISSING: &str = "not-asked";

/// A place of the table. A table of one dimension has rows and a total, but neither columns nor cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Cell(usize, usize),
    Row(usize),
    Column(usize),
    Total,
}

/// The facts of one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub count: u64,
    pub hits: u64,
    pub minutes: Vec<i64>,
}

/// A closed table: every combination of the keys that occur.
#[derive(Debug)]
pub(crate) struct Cube {
    /// The dimensions in the order of [`crate::DIMENSIONS`], whatever the query's: the same breakdown is
    /// then protected the same way in either orientation, or two answers could be laid over each other.
    pub dimensions: Vec<String>,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub tallies: BTreeMap<Place, Tally>,
}

impl Cube {
    pub(crate) fn count(
        indicator: &dyn Indicator,
        facts: &[FactRow],
        query: &Query,
    ) -> Result<Self, QueryRefusal> {
        let known = crate::DIMENSIONS.iter().filter(|dimension| query.by.iter().any(|by| by == *dimension));
        let dimensions: Vec<String> = known.map(|dimension| (*dimension).to_owned()).collect();
        let facts: Vec<&FactRow> = facts.iter().filter(|row| query.covers(&row.month)).collect();
        let rows = keys(&facts, dimensions.first());
        let columns = keys(&facts, dimensions.get(1));
        if rows.len().saturating_mul(columns.len().max(1)) > CELLS_MAX {
            return Err(QueryRefusal::TooLarge);
        }
        let mut cube = Self { dimensions, rows, columns, tallies: BTreeMap::new() };
        for place in cube.places() {
            cube.tallies.insert(place, Tally::default());
        }
        for fact in facts {
            for place in cube.places_of(fact) {
                cube.tallies.entry(place).or_default().add(indicator, fact);
            }
        }
        Ok(cube)
    }

    pub(crate) fn places(&self) -> Vec<Place> {
        let (rows, columns) = (0..self.rows.len(), 0..self.columns.len());
        let cells = rows.clone().flat_map(|row| columns.clone().map(move |column| Place::Cell(row, column)));
        cells
            .chain(rows.map(Place::Row))
            .chain(columns.clone().map(Place::Column))
            .chain([Place::Total])
            .collect()
    }

    fn places_of(&self, fact: &FactRow) -> Vec<Place> {
        let find = |keys: &[String], dimension: Option<&String>| {
            dimension.and_then(|dimension| keys.binary_search(&value(fact, dimension)).ok())
        };
        let row = find(&self.rows, self.dimensions.first());
        let column = find(&self.columns, self.dimensions.get(1));
        let cell = row.zip(column).map(|(row, column)| Place::Cell(row, column));
        let margins = [row.map(Place::Row), column.map(Place::Column), Some(Place::Total)];
        cell.into_iter().chain(margins.into_iter().flatten()).collect()
    }
}

impl Tally {
    fn add(&mut self, indicator: &dyn Indicator, fact: &FactRow) {
        self.count += 1;
        self.hits += u64::from(indicator.hit(fact));
        self.minutes.extend(indicator.minutes(fact));
    }
}

fn keys(facts: &[&FactRow], dimension: Option<&String>) -> Vec<String> {
    let Some(dimension) = dimension else { return Vec::new() };
    facts.iter().map(|fact| value(fact, dimension)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn value(fact: &FactRow, dimension: &str) -> String {
    match dimension {
        "service" => fact.service.to_string(),
        "to" => fact.to.to_string(),
        "month" => fact.month.clone(),
        "priority" => fact.priority.as_str().to_owned(),
        other => fact.dimensions.get(other).cloned().unwrap_or_else(|| MISSING.to_owned()),
    }
}
