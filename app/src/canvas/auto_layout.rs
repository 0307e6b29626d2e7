//! Automatic layout: layers from left to right, few crossings, straight wires (after Sugiyama, Tagawa and Toda, 1981).
//!
//! A node's layer is its longest way from a source. Within a layer nodes are ordered by the mean place of their
//! neighbours, in sweeps that keep the former order among equals; then every layer is placed so that the squared
//! distance of its nodes to their neighbours is least while the order stays and nothing overlaps. A wire that passes
//! layers takes part in all of this with a bend in each of them, so that it has a gap of its own between the nodes there
//! instead of running behind one. The result depends on the graph alone, not on where things lay before, so that one
//! more node moves the others little.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui::{Pos2, Vec2, pos2, vec2};

use super::boxes::GRID;
use super::edits::snapped;
use super::scene::BoxId;

/// Free space between layers and between the nodes of a layer.
const GAP: Vec2 = vec2(72.0, 24.0);
/// Free space between parts that are not connected.
const PART_GAP: f32 = 56.0;
/// The room a passing wire keeps free above and below itself, together.
const LANE: f32 = 24.0;
/// How much more a passing wire stays where it wants than a node does: a bent wire is worse than a moved node.
const WIRE_WEIGHT: f32 = 8.0;
const ORDER_SWEEPS: usize = 8;
const PLACE_SWEEPS: usize = 12;

/// A box to place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// Which.
    pub(crate) id: BoxId,
    /// How large it is.
    pub(crate) size: Vec2,
}

/// What stands in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    /// A box.
    Box(BoxId),
    /// A wire on its way past the layer.
    Bend(usize),
}

/// The places of all boxes' upper left corners. Edges that close a cycle are ignored.
pub(crate) fn arrange(items: &[Item], edges: &[(BoxId, BoxId)]) -> BTreeMap<BoxId, Pos2> {
    let sizes: BTreeMap<_, _> = items.iter().map(|item| (Spot::Box(item.id), item.size)).collect();
    let edges: Vec<_> = edges.iter().map(|(from, to)| (Spot::Box(*from), Spot::Box(*to))).collect();
    let mut graph = Graph::new(&sizes, &edges);
    let mut places = BTreeMap::new();
    let mut top = 0.0;
    for part in graph.parts() {
        let layers = graph.layers(&part);
        let layers = graph.bent(layers);
        let layers = graph.ordered(layers);
        let placed = graph.placed(&layers, &sizes);
        let highest = placed.values().map(|at| at.y).fold(f32::INFINITY, f32::min);
        let mut bottom: f32 = top;
        for (spot, at) in placed {
            let Spot::Box(id) = spot else { continue };
            let at = snapped(pos2(at.x, at.y - highest + top));
            bottom = bottom.max(at.y + sizes.get(&spot).map_or(0.0, |size| size.y));
            places.insert(id, at);
        }
        top = bottom + PART_GAP;
    }
    places
}

struct Graph {
    before: BTreeMap<Spot, BTreeSet<Spot>>,
    after: BTreeMap<Spot, BTreeSet<Spot>>,
    bends: usize,
}

type Layers = Vec<Vec<Spot>>;

impl Graph {
    fn new(sizes: &BTreeMap<Spot, Vec2>, edges: &[(Spot, Spot)]) -> Self {
        let empty: BTreeMap<_, _> = sizes.keys().map(|id| (*id, BTreeSet::new())).collect();
        let mut after: BTreeMap<Spot, BTreeSet<Spot>> = empty.clone();
        for (from, to) in edges.iter().filter(|(from, to)| from != to && sizes.contains_key(to)) {
            if let Some(next) = after.get_mut(from) {
                next.insert(*to);
            }
        }
        break_cycles(&mut after);
        let mut graph = Self { before: empty, after, bends: 0 };
        for (from, next) in &graph.after {
            for to in next {
                graph.before.entry(*to).or_default().insert(*from);
            }
        }
        graph
    }

    fn neighbours(&self, id: Spot, is_before: bool) -> impl Iterator<Item = Spot> {
        let side = if is_before { &self.before } else { &self.after };
        side.get(&id).into_iter().flatten().copied()
    }

    /// The connected parts, in the order of their smallest id.
    fn parts(&self) -> Vec<BTreeSet<Spot>> {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for start in self.before.keys() {
            if !seen.insert(*start) {
                continue;
            }
            let mut part = BTreeSet::from([*start]);
            let mut waiting = vec![*start];
            while let Some(id) = waiting.pop() {
                for next in self.neighbours(id, true).chain(self.neighbours(id, false)) {
                    if seen.insert(next) {
                        part.insert(next);
                        waiting.push(next);
                    }
                }
            }
            parts.push(part);
        }
        parts
    }

    /// Layers by longest way; a source stands right before the first node it feeds.
    fn layers(&self, part: &BTreeSet<Spot>) -> Layers {
        let mut open: BTreeMap<Spot, usize> = part.iter().map(|id| (*id, self.neighbours(*id, true).count())).collect();
        let mut ready: BTreeSet<_> = open.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        let mut depth: BTreeMap<Spot, usize> = part.iter().map(|id| (*id, 0)).collect();
        while let Some(id) = ready.pop_first() {
            let next_depth = depth.get(&id).copied().unwrap_or(0) + 1;
            for next in self.neighbours(id, false) {
                if let Some(known) = depth.get_mut(&next) {
                    *known = (*known).max(next_depth);
                }
                if let Some(count) = open.get_mut(&next) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(next);
                    }
                }
            }
        }
        for id in part.iter().filter(|id| self.neighbours(**id, true).next().is_none()) {
            let first = self.neighbours(*id, false).filter_map(|next| depth.get(&next).copied()).min();
            if let Some(first) = first {
                depth.insert(*id, first.saturating_sub(1));
            }
        }
        let count = depth.values().max().map_or(0, |deepest| deepest + 1);
        let mut layers = vec![Vec::new(); count];
        for (id, at) in depth {
            if let Some(layer) = layers.get_mut(at) {
                layer.push(id);
            }
        }
        layers
    }

    /// Gives every edge that passes layers a bend in each of them; afterwards all edges run from a layer to the next.
    fn bent(&mut self, mut layers: Layers) -> Layers {
        let depth: BTreeMap<Spot, usize> =
            layers.iter().enumerate().flat_map(|(at, layer)| layer.iter().map(move |spot| (*spot, at))).collect();
        for (from, start) in &depth {
            let long: Vec<_> = self
                .neighbours(*from, false)
                .filter_map(|to| depth.get(&to).filter(|end| **end > start + 1).map(|end| (to, *end)))
                .collect();
            for (to, end) in long {
                self.part_ways(*from, to);
                let mut last = *from;
                for layer in layers.iter_mut().take(end).skip(start + 1) {
                    let bend = Spot::Bend(self.bends);
                    self.bends += 1;
                    layer.push(bend);
                    self.join(last, bend);
                    last = bend;
                }
                self.join(last, to);
            }
        }
        layers
    }

    fn join(&mut self, from: Spot, to: Spot) {
        self.after.entry(from).or_default().insert(to);
        self.before.entry(to).or_default().insert(from);
    }

    fn part_ways(&mut self, from: Spot, to: Spot) {
        if let Some(next) = self.after.get_mut(&from) {
            next.remove(&to);
        }
        if let Some(former) = self.before.get_mut(&to) {
            former.remove(&from);
        }
    }

    /// Reduces crossings by the mean place of neighbours, alternately from the left and from the right.
    fn ordered(&self, mut layers: Layers) -> Layers {
        let mut best = layers.clone();
        let mut fewest = self.crossings(&layers);
        for sweep in 0..ORDER_SWEEPS {
            let is_before = sweep % 2 == 0;
            let mut place = ranks(&layers);
            let count = layers.len();
            for step in 0..count {
                let at = if is_before { step } else { count - 1 - step };
                let Some(layer) = layers.get_mut(at) else { continue };
                let mut keyed: Vec<_> = layer
                    .iter()
                    .map(|id| {
                        let own = place.get(id).copied().unwrap_or(0.0);
                        let of_neighbour = |next: Spot| place.get(&next).copied();
                        (mean(self.neighbours(*id, is_before).filter_map(of_neighbour)).unwrap_or(own), *id)
                    })
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                *layer = keyed.into_iter().map(|(_, id)| id).collect();
                place.extend(rank(layer));
            }
            let crossings = self.crossings(&layers);
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&layers);
            }
        }
        best
    }

    /// Pairs of edges that cross, over all pairs of neighbouring layers.
    fn crossings(&self, layers: &Layers) -> usize {
        let place = ranks(layers);
        let at = |id: &Spot| place.get(id).copied().unwrap_or(0.0);
        let mut count = 0;
        for layer in layers {
            let mut edges: Vec<(f32, f32)> = layer
                .iter()
                .flat_map(|id| self.neighbours(*id, false).map(move |next| (*id, next)))
                .map(|(from, to)| (at(&from), at(&to)))
                .collect();
            edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            for (index, first) in edges.iter().enumerate() {
                count += edges.iter().skip(index + 1).filter(|other| other.0 > first.0 && other.1 < first.1).count();
            }
        }
        count
    }

    fn placed(&self, layers: &Layers, sizes: &BTreeMap<Spot, Vec2>) -> BTreeMap<Spot, Pos2> {
        let size = |id: &Spot| match id {
            Spot::Box(_) => sizes.get(id).copied().unwrap_or_default(),
            Spot::Bend(_) => vec2(0.0, LANE),
        };
        let weight = |id: &Spot| match id {
            Spot::Box(_) => 1.0,
            Spot::Bend(_) => WIRE_WEIGHT,
        };
        let mut middle: BTreeMap<Spot, f32> = BTreeMap::new();
        for layer in layers {
            let mut below = 0.0;
            for id in layer {
                middle.insert(*id, below + size(id).y / 2.0);
                below += size(id).y + GAP.y;
            }
        }
        for sweep in 0..PLACE_SWEEPS {
            let is_before = sweep % 2 == 0;
            let mut sequence: Vec<_> = layers.iter().collect();
            if !is_before {
                sequence.reverse();
            }
            for layer in sequence {
                // A passing wire pulls harder than a wire to the next layer: it runs straight into its gap.
                let place = |next: Spot| middle.get(&next).map(|at| (*at, weight(&next)));
                let wished: Vec<_> = layer
                    .iter()
                    .map(|id| {
                        let own = middle.get(id).copied().unwrap_or(0.0);
                        let side = |is_before| self.neighbours(*id, is_before).filter_map(place);
                        match id {
                            Spot::Box(_) => weighted(side(is_before)).unwrap_or(own),
                            // Straight on: between what comes before and what comes after.
                            Spot::Bend(_) => weighted(side(true).chain(side(false))).unwrap_or(own),
                        }
                    })
                    .collect();
                let heights: Vec<_> = layer.iter().map(|id| size(id).y).collect();
                let weights: Vec<_> = layer.iter().map(weight).collect();
                for (id, at) in layer.iter().zip(spread(&wished, &heights, &weights)) {
                    middle.insert(*id, at);
                }
            }
        }
        let mut places = BTreeMap::new();
        let mut left = 0.0;
        for layer in layers {
            let width = layer.iter().map(|id| size(id).x).fold(0.0, f32::max);
            for id in layer {
                places.insert(*id, pos2(left, middle.get(id).copied().unwrap_or(0.0) - size(id).y / 2.0));
            }
            left += width + GAP.x;
        }
        places
    }
}

/// Takes away the edges that lead back to where a walk along the edges came from: wires between subflows can run both
/// ways although rows never run in a circle.
fn break_cycles(after: &mut BTreeMap<Spot, BTreeSet<Spot>>) {
    let mut done = BTreeSet::new();
    let starts: Vec<_> = after.keys().copied().collect();
    for start in starts {
        // The walk as a stack of boxes, each with those it still has to visit.
        let mut walk: Vec<(Spot, Vec<Spot>)> =
            vec![(start, after.get(&start).into_iter().flatten().copied().collect())];
        while let Some((at, open)) = walk.last_mut() {
            let at = *at;
            let Some(next) = open.pop() else {
                done.insert(at);
                walk.pop();
                continue;
            };
            if walk.iter().any(|(on_way, _)| *on_way == next) {
                if let Some(edges) = after.get_mut(&at) {
                    edges.remove(&next);
                }
            } else if !done.contains(&next) {
                walk.push((next, after.get(&next).into_iter().flatten().copied().collect()));
            }
        }
    }
}

/// Middles in the given order, without overlap, as near as possible (least squares) to the wished ones: isotonic
/// regression by pooling neighbours that would overlap, the heavier ones moving less. One grid step of slack keeps snapping from making overlaps.
fn spread(wished: &[f32], heights: &[f32], weights: &[f32]) -> Vec<f32> {
    let mut offsets = Vec::with_capacity(wished.len());
    let mut offset = 0.0;
    for (index, height) in heights.iter().enumerate() {
        if index > 0 {
            let above = heights.get(index - 1).copied().unwrap_or(0.0);
            offset += (above + height) / 2.0 + GAP.y + GRID;
        }
        offsets.push(offset);
    }
    // Each pool with its place, its weight and how many it holds.
    let mut pools: Vec<(f32, f32, usize)> = Vec::new();
    for ((wish, offset), weight) in wished.iter().zip(&offsets).zip(weights) {
        pools.push((wish - offset, *weight, 1));
        while let [.., (above, above_weight, above_count), (below, below_weight, below_count)] = pools.as_slice()
            && above > below
        {
            let (weight, count) = (above_weight + below_weight, above_count + below_count);
            let value = (above * above_weight + below * below_weight) / weight;
            pools.pop();
            pools.pop();
            pools.push((value, weight, count));
        }
    }
    let bases = pools.iter().flat_map(|(value, _, count)| std::iter::repeat_n(*value, *count));
    bases.zip(&offsets).map(|(base, offset)| base + offset).collect()
}

/// Places within each layer, from 0 to 1, so that layers of different length compare.
fn ranks(layers: &Layers) -> BTreeMap<Spot, f32> {
    layers.iter().flat_map(|layer| rank(layer)).collect()
}

fn rank(layer: &[Spot]) -> Vec<(Spot, f32)> {
    let count = layer.len() as f32;
    layer.iter().enumerate().map(|(at, id)| (*id, (at as f32 + 0.5) / count)).collect()
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    weighted(values.map(|value| (value, 1.0)))
}

/// The mean of values, each with its weight.
fn weighted(values: impl Iterator<Item = (f32, f32)>) -> Option<f32> {
    let (sum, total) = values.fold((0.0, 0.0), |(sum, total), (value, weight)| (sum + value * weight, total + weight));
    (total > 0.0).then(|| sum / total)
}

#[cfg(test)]
#[path = "auto_layout_tests.rs"]
mod tests;
