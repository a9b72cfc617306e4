//! Which places of a table are withheld: small counts, and as many others as it takes that no withheld one
//! can be computed from what is published.
//!
//! Three things keep answers from being laid over each other. Margins are decided by their own
//! one-dimensional tables, so that a margin is withheld in every breakdown or in none. A later stage only
//! adds to what an earlier one withheld (see `answer`). And a mark never says whether a count is small or
//! was withheld for another's sake: "both are at most 9 and together 18" would give both away.
//!
//! INVARIANT (tested): what is possible for a withheld count, given the published ones, is never one value.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cube::Place,
    rules::SPREAD_MIN,
    spread::{Edge, Network},
};

/// The places withheld.
pub(crate) type Withheld = BTreeSet<Place>;

/// One kind of count over all places of a table.
#[derive(Debug)]
pub(crate) struct Layer {
    pub values: BTreeMap<Place, u64>,
    /// What a reader knows a count cannot exceed, where anything is known.
    pub most: Option<BTreeMap<Place, u64>>,
    /// Counts below this are withheld, and withheld counts of a line with a published margin reach it
    /// together.
    pub floor: u64,
    /// A share of a count, not a count: that it is nothing or the whole need not be hidden.
    pub none_or_all_may_be_known: bool,
}

/// A table's shape and what in it is sensitive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub rows: usize,
    pub columns: usize,
    pub sensitive_rows: bool,
    pub sensitive_columns: bool,
}

/// Extends `withheld` until every layer is protected.
pub(crate) fn protect(mut withheld: Withheld, layers: &[Layer], shape: Shape) -> Withheld {
    for place in shape.places() {
        if layers.iter().any(|layer| layer.is_small(place, shape.sensitive(place))) {
            withheld.insert(place);
        }
    }
    if withheld.contains(&Place::Total) {
        // Fewer than the floor in all: nothing of it is shown.
        return shape.places().into_iter().collect();
    }
    let rows: Vec<Place> = (0..shape.rows).map(Place::Row).collect();
    let columns: Vec<Place> = (0..shape.columns).map(Place::Column).collect();
    for line in [&rows, &columns] {
        repair(&mut withheld, layers, shape, Part { lines: &[(line.clone(), Place::Total)], flat: true });
    }
    let in_row = |row| (0..shape.columns).map(move |column| Place::Cell(row, column)).collect();
    let in_column = |column| (0..shape.rows).map(move |row| Place::Cell(row, column)).collect();
    let mut lines: Vec<(Vec<Place>, Place)> =
        (0..shape.rows).map(|row| (in_row(row), Place::Row(row))).collect();
    lines.extend((0..shape.columns).map(|column| (in_column(column), Place::Column(column))));
    repair(&mut withheld, layers, shape, Part { lines: &lines, flat: false });
    withheld
}

/// A table, or one margin of it taken as a table of its own. Each line adds up to its margin, and only the
/// places in lines may be withheld to protect others.
#[derive(Clone, Copy)]
struct Part<'a> {
    lines: &'a [(Vec<Place>, Place)],
    flat: bool,
}

/// Withholds more until nothing is exposed or nothing is left to withhold. Each round withholds at least
/// one place, so it ends.
fn repair(withheld: &mut Withheld, layers: &[Layer], shape: Shape, part: Part<'_>) {
    loop {
        let more = next_to_withhold(withheld, layers, shape, part);
        if more.is_empty() {
            return;
        }
        withheld.extend(more);
    }
}

fn next_to_withhold(withheld: &Withheld, layers: &[Layer], shape: Shape, part: Part<'_>) -> Withheld {
    let mut more = Withheld::new();
    for (line, margin) in part.lines {
        if layers.iter().any(|layer| layer.falls_short(line, *margin, withheld)) {
            more.extend(candidate(line.iter(), withheld, layers));
        }
    }
    if !more.is_empty() {
        return more;
    }
    for layer in layers {
        let network = layer.network(withheld, part);
        for place in withheld.iter().filter(|place| part.holds(**place)) {
            if layer.exposed(&network, *place, shape) {
                let crossing =
                    part.lines.iter().filter(|(line, margin)| margin == place || line.contains(place));
                let near = candidate(crossing.flat_map(|(line, _)| line), withheld, layers);
                let anywhere = || candidate(part.lines.iter().flat_map(|(line, _)| line), withheld, layers);
                more.extend(near.or_else(anywhere));
            }
        }
    }
    more
}

/// The published place whose loss costs the reader least: the smallest that is not zero, else a zero.
fn candidate<'a>(
    line: impl Iterator<Item = &'a Place>,
    withheld: &Withheld,
    layers: &[Layer],
) -> Option<Place> {
    let value = |place: Place| layers.first().map_or(0, |layer| layer.value(place));
    line.copied()
        .filter(|place| !withheld.contains(place))
        .min_by_key(|place| (value(*place) == 0, value(*place), *place))
}

impl Layer {
    fn value(&self, place: Place) -> u64 {
        self.values.get(&place).copied().unwrap_or(0)
    }

    fn most(&self, place: Place) -> Option<u64> {
        self.most.as_ref()?.get(&place).copied()
    }

    fn is_small(&self, place: Place, sensitive: bool) -> bool {
        let value = self.value(place);
        value < self.floor && (value > 0 || sensitive)
    }

    /// A published margin gives away what is withheld of its line together: that must be at least two
    /// places and reach the floor.
    fn falls_short(&self, line: &[Place], margin: Place, withheld: &Withheld) -> bool {
        let hidden: Vec<Place> = line.iter().copied().filter(|place| withheld.contains(place)).collect();
        let sum: u64 = hidden.iter().map(|place| self.value(*place)).sum();
        let known = !withheld.contains(&margin);
        known && (hidden.len() == 1 || (!hidden.is_empty() && sum > 0 && sum < self.floor))
    }

    fn network(&self, withheld: &Withheld, part: Part<'_>) -> Network {
        let edge = |place: &Place| Edge { place: *place, value: self.value(*place), most: self.most(*place) };
        Network::new(withheld.iter().filter(|place| part.holds(**place)).map(edge).collect(), part.flat)
    }

    /// Can a reader pin this place down? That nobody was, or that everybody was, may be known of a place that
    /// is not sensitive, where the layer allows it.
    fn exposed(&self, network: &Network, place: Place, shape: Shape) -> bool {
        let value = self.value(place);
        let most = self.most(place);
        let none_or_all = value == 0 || most == Some(value);
        if none_or_all && self.none_or_all_may_be_known && !shape.sensitive(place) {
            return false;
        }
        let enough = most.map_or(SPREAD_MIN, |most| most.min(SPREAD_MIN)).max(1);
        network.spread(place, enough) < enough
    }
}

impl Part<'_> {
    fn holds(self, place: Place) -> bool {
        place == Place::Total
            || self.lines.iter().any(|(line, margin)| *margin == place || line.contains(&place))
    }
}

impl Shape {
    fn places(self) -> Vec<Place> {
        let cells =
            (0..self.rows).flat_map(|row| (0..self.columns).map(move |column| Place::Cell(row, column)));
        let margins = (0..self.rows).map(Place::Row).chain((0..self.columns).map(Place::Column));
        cells.chain(margins).chain([Place::Total]).collect()
    }

    fn sensitive(self, place: Place) -> bool {
        match place {
            Place::Cell(..) => self.sensitive_rows || self.sensitive_columns,
            Place::Row(_) => self.sensitive_rows,
            Place::Column(_) => self.sensitive_columns,
            Place::Total => false,
        }
    }
}
