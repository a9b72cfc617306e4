//! The attacker's arithmetic, exactly: given everything published, how far could one withheld count be from
//! its true value?
//!
//! Counts and margins of a table of two dimensions are a flow: from a source to each row (its margin), on
//! to each column (a cell), to a sink (the column's margin) and back (the total). Published places are
//! fixed. A withheld count can rise by as much as a further flow can go round through it in what is left,
//! and fall likewise; such flows are integral, so the result is the exact interval, not an estimate.

use std::collections::BTreeMap;

use crate::cube::Place;

/// One withheld place as an edge of the network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub place: Place,
    pub value: u64,
    /// The most it can be, where the reader knows one.
    pub most: Option<u64>,
}

/// The withheld places of one layer of a table.
#[derive(Debug)]
pub(crate) struct Network {
    edges: Vec<Edge>,
    at: BTreeMap<Node, Vec<Step>>,
    flat: bool,
}

/// An edge, by number, taken along its direction or against it.
type Step = (usize, bool);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Source,
    Row(usize),
    Column(usize),
    Sink,
}

impl Network {
    /// `flat`: a table of one dimension, whose rows or columns run from source to sink.
    pub(crate) fn new(edges: Vec<Edge>, flat: bool) -> Self {
        let mut network = Self { at: BTreeMap::new(), edges, flat };
        for (number, edge) in network.edges.iter().enumerate() {
            let (from, to) = ends(edge.place, flat);
            network.at.entry(from).or_default().push((number, true));
            network.at.entry(to).or_default().push((number, false));
        }
        network
    }

    /// The width of the interval in which `place` can lie, counted up to `enough`.
    pub(crate) fn spread(&self, place: Place, enough: u64) -> u64 {
        let Some(number) = self.edges.iter().position(|edge| edge.place == place) else { return 0 };
        let Some(edge) = self.edges.get(number) else { return 0 };
        let (from, to) = ends(edge.place, self.flat);
        let up = edge.most.map_or(enough, |most| most.saturating_sub(edge.value)).min(enough);
        let rise = self.flow(number, to, from, up);
        let down = edge.value.min(enough.saturating_sub(rise));
        rise + self.flow(number, from, to, down)
    }

    /// How much more can flow from `start` to `goal` without the edge `avoid`, up to `enough`.
    fn flow(&self, avoid: usize, start: Node, goal: Node, enough: u64) -> u64 {
        let mut values: Vec<u64> = self.edges.iter().map(|edge| edge.value).collect();
        let mut sent = 0;
        while sent < enough {
            let Some(path) = self.path(avoid, start, goal, &values) else { break };
            let room = path.iter().map(|step| self.room(*step, &values)).min().unwrap_or(0);
            let more = room.min(enough - sent);
            for (number, forward) in path {
                if let Some(value) = values.get_mut(number) {
                    *value = if forward { value.saturating_add(more) } else { value.saturating_sub(more) };
                }
            }
            sent += more;
        }
        sent
    }

    /// A way from `start` to `goal` along edges that have room, breadth first.
    fn path(&self, avoid: usize, start: Node, goal: Node, values: &[u64]) -> Option<Vec<Step>> {
        let mut came: BTreeMap<Node, Option<(Node, Step)>> = BTreeMap::from([(start, None)]);
        let mut front = std::collections::VecDeque::from([start]);
        while let Some(node) = front.pop_front() {
            for step in self.at.get(&node).into_iter().flatten() {
                let Some(edge) = self.edges.get(step.0) else { continue };
                let (from, to) = ends(edge.place, self.flat);
                let next = if step.1 { to } else { from };
                if step.0 != avoid && !came.contains_key(&next) && self.room(*step, values) > 0 {
                    came.insert(next, Some((node, *step)));
                    front.push_back(next);
                }
            }
        }
        let mut path = Vec::new();
        let mut node = goal;
        while let Some((before, step)) = *came.get(&node)? {
            path.push(step);
            node = before;
        }
        Some(path)
    }

    fn room(&self, (number, forward): Step, values: &[u64]) -> u64 {
        let value = values.get(number).copied().unwrap_or(0);
        let most = self.edges.get(number).and_then(|edge| edge.most).unwrap_or(u64::MAX);
        if forward { most.saturating_sub(value) } else { value }
    }
}

const fn ends(place: Place, flat: bool) -> (Node, Node) {
    match place {
        Place::Total => (Node::Sink, Node::Source),
        Place::Row(_) | Place::Column(_) if flat => (Node::Source, Node::Sink),
        Place::Row(row) => (Node::Source, Node::Row(row)),
        Place::Cell(row, column) => (Node::Row(row), Node::Column(column)),
        Place::Column(column) => (Node::Column(column), Node::Sink),
    }
}
