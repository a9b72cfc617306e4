//! From facts to a table: count, protect in stages, write down.
//!
//! The stages are nested, because their tables lie over the same keys: first what the plain count
//! withholds, then what the counted hits withhold (accepted, closed), then what has too small a denominator
//! for a percent. A percent together with its denominator tells its numerator; where the numerator is small
//! the percent is withheld. The remainder (those not accepted) has no floor of its own: `sdc_rules.json`
//! sets none.

use std::collections::BTreeMap;

use store::FactRow;

use crate::{
    Cell, Indicator, Measure, Query, QueryRefusal, Row, Table,
    cube::{Cube, Place, Tally},
    protect::{Layer, Shape, Withheld, protect},
    rules::{MIN_CELL, PERCENT_MIN_DENOMINATOR, SENSITIVE},
    table::ALL_KEYS,
};

/// Answers `query` from `rows`.
///
/// # Errors
/// [`QueryRefusal`] for a query that is not answered at all.
pub fn answer(definition: &dyn Indicator, rows: &[FactRow], query: &Query) -> Result<Table, QueryRefusal> {
    query.check_for(definition)?;
    let cube = Cube::count(definition, rows, query)?;
    let withheld = withhold(definition.measure(), &cube);
    let measure = definition.measure();
    let writer = Writer { cube: &cube, withheld: &withheld, measure, swapped: swapped(&cube, query) };
    let columns = columns(measure, definition.unit());
    Ok(Table {
        indicator: definition.id(),
        title: definition.title(),
        method: definition.method(),
        by: query.by.clone(),
        from_month: query.from_month.clone(),
        to_month: query.to_month.clone(),
        rows: writer.rows(),
        totals: writer.totals(),
        suppressed_cells: writer.suppressed(columns.len()),
        note: note(measure, &withheld),
        columns,
        coverage: None,
    })
}

fn withhold(measure: Measure, cube: &Cube) -> Withheld {
    let sensitive = |at: usize| cube.dimensions.get(at).is_some_and(|by| SENSITIVE.contains(&by.as_str()));
    let shape = Shape {
        rows: cube.rows.len(),
        columns: cube.columns.len(),
        sensitive_rows: sensitive(0),
        sensitive_columns: sensitive(1),
    };
    let values = |of: fn(&Tally) -> u64| -> BTreeMap<Place, u64> {
        cube.tallies.iter().map(|(place, tally)| (*place, of(tally))).collect()
    };
    let counts = |floor| Layer {
        values: values(|tally| tally.count),
        most: None,
        floor,
        none_or_all_may_be_known: false,
    };
    let hits = |most| Layer {
        values: values(|tally| tally.hits),
        most,
        floor: MIN_CELL,
        none_or_all_may_be_known: true,
    };
    let by_count = protect(Withheld::new(), &[counts(MIN_CELL)], shape);
    if measure == Measure::Count {
        return by_count;
    }
    // A reader may lay the plain counts beside this table: no more were accepted than were referred.
    let mut published = values(|tally| tally.count);
    published.retain(|place, _| !by_count.contains(place));
    let by_hits = protect(by_count, &[hits(None), hits(Some(published.clone()))], shape);
    match measure {
        Measure::Count | Measure::MedianMinutes => by_hits,
        Measure::Percent => {
            let layers = [counts(PERCENT_MIN_DENOMINATOR), hits(None), hits(Some(published))];
            protect(by_hits, &layers, shape)
        }
    }
}

fn columns(measure: Measure, unit: &'static str) -> Vec<&'static str> {
    match measure {
        Measure::Count => vec![unit],
        Measure::MedianMinutes => vec!["median_minutes", "n"],
        Measure::Percent => vec!["percent", "n"],
    }
}

/// Does the query name its dimensions in the other order than the cube has them?
fn swapped(cube: &Cube, query: &Query) -> bool {
    query.by.len() == 2 && query.by.first() != cube.dimensions.first()
}

struct Writer<'a> {
    cube: &'a Cube,
    withheld: &'a Withheld,
    measure: Measure,
    swapped: bool,
}

impl Writer<'_> {
    fn rows(&self) -> Vec<Row> {
        let one_dimension = self.cube.dimensions.len() == 1;
        let keep = |place: &Place| match place {
            Place::Cell(..) => true,
            Place::Row(_) => one_dimension,
            Place::Column(_) | Place::Total => false,
        };
        self.written(keep)
    }

    fn totals(&self) -> Vec<Row> {
        let two_dimensions = self.cube.dimensions.len() == 2;
        let keep = |place: &Place| match place {
            Place::Cell(..) => false,
            Place::Row(_) | Place::Column(_) => two_dimensions,
            Place::Total => true,
        };
        self.written(keep)
    }

    /// The places chosen, in the order of the query's dimensions, the grand total last.
    fn written(&self, keep: impl Fn(&Place) -> bool) -> Vec<Row> {
        let mut places: Vec<Place> = self.cube.places().into_iter().filter(keep).collect();
        let order = |place: &Place| match (*place, self.swapped) {
            (Place::Cell(row, column), false) => (0, row, column),
            (Place::Cell(row, column), true) => (0, column, row),
            (Place::Row(row), swapped) => (1 + u8::from(swapped), row, 0),
            (Place::Column(column), swapped) => (2 - u8::from(swapped), column, 0),
            (Place::Total, _) => (3, 0, 0),
        };
        places.sort_by_key(order);
        places.into_iter().map(|place| Row { keys: self.keys(place), cells: self.cells(place) }).collect()
    }

    fn keys(&self, place: Place) -> Vec<String> {
        let name = |keys: &[String], at: Option<usize>| {
            at.and_then(|at| keys.get(at).cloned()).unwrap_or_else(|| ALL_KEYS.to_owned())
        };
        let (row, column) = match place {
            Place::Cell(row, column) => (Some(row), Some(column)),
            Place::Row(row) => (Some(row), None),
            Place::Column(column) => (None, Some(column)),
            Place::Total => (None, None),
        };
        let mut keys = vec![name(&self.cube.rows, row), name(&self.cube.columns, column)];
        if self.swapped {
            keys.reverse();
        }
        keys.truncate(self.cube.dimensions.len());
        keys
    }

    fn cells(&self, place: Place) -> Vec<Cell> {
        let nothing = Tally::default();
        let tally = self.cube.tallies.get(&place).unwrap_or(&nothing);
        if self.withheld.contains(&place) {
            return columns(self.measure, "").iter().map(|_| Cell::WITHHELD).collect();
        }
        match self.measure {
            Measure::Count => vec![Cell::Count(tally.count)],
            Measure::MedianMinutes => {
                vec![median(&tally.minutes).map_or(Cell::Empty, Cell::Minutes), Cell::Count(tally.hits)]
            }
            Measure::Percent => {
                vec![
                    percent(tally.hits, tally.count).map_or(Cell::Empty, Cell::Percent),
                    Cell::Count(tally.count),
                ]
            }
        }
    }

    fn suppressed(&self, columns: usize) -> usize {
        self.withheld.len() * columns
    }
}

fn median(minutes: &[i64]) -> Option<f64> {
    let mut sorted = minutes.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = if sorted.len().is_multiple_of(2) { *sorted.get(sorted.len() / 2 - 1)? } else { upper };
    // Durations are minutes of at most a few years: far below what f64 holds exactly.
    let exact = |value: i64| i32::try_from(value).map_or(f64::from(i32::MAX), f64::from);
    Some(f64::midpoint(exact(lower), exact(upper)))
}

/// Percent of `whole`, to one decimal.
fn percent(part: u64, whole: u64) -> Option<f64> {
    let per_mille = part.checked_mul(1000)?.checked_add(whole / 2)?.checked_div(whole)?;
    u32::try_from(per_mille).ok().map(|per_mille| f64::from(per_mille) / 10.0)
}

fn note(measure: Measure, withheld: &Withheld) -> String {
    if withheld.is_empty() {
        return String::new();
    }
    let percent = match measure {
        Measure::Percent => format!(", and percents over fewer than {PERCENT_MIN_DENOMINATOR}"),
        Measure::Count | Measure::MedianMinutes => String::new(),
    };
    format!(
        "[c]: withheld to protect children. Counts under {MIN_CELL} are not shown{percent}, nor as many \
         others as it takes that they cannot be computed from the totals. The mark does not say which."
    )
}
