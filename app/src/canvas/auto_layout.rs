//! Automatic layout: layers from left to right, few crossings, straight wires (after Sugiyama, Tagawa and Toda, 1981).
//!
//! A node's layer is its longest way from a source. Within a layer nodes are ordered by the mean place of their
//! neighbours, in sweeps that keep the former order among equals; then every layer is placed so that the squared
//! distance of its nodes to their neighbours is least while the order stays and nothing overlaps. The result depends on
//! the graph alone, not on where things lay before, so that one more node moves the others little.

use std::collections::{BTreeMap, BTreeSet};

use eframe::egui::{Pos2, Vec2, pos2, vec2};

use super::boxes::GRID;
use super::edits::snapped;
use super::scene::BoxId;

/// Free space between layers and between the nodes of a layer.
const GAP: Vec2 = vec2(72.0, 32.0);
/// Free space between parts that are not connected.
const PART_GAP: f32 = 56.0;
const ORDER_SWEEPS: usize = 8;
const PLACE_SWEEPS: usize = 6;

/// A box to place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// Which.
    pub(crate) id: BoxId,
    /// How large it is.
    pub(crate) size: Vec2,
}

/// The places of all boxes' upper left corners. Edges that close a cycle are ignored.
pub(crate) fn arrange(items: &[Item], edges: &[(BoxId, BoxId)]) -> BTreeMap<BoxId, Pos2> {
    let sizes: BTreeMap<_, _> = items.iter().map(|item| (item.id, item.size)).collect();
    let graph = Graph::new(&sizes, edges);
    let mut places = BTreeMap::new();
    let mut top = 0.0;
    for part in graph.parts() {
        let layers = graph.ordered(graph.layers(&part));
        let placed = graph.placed(&layers, &sizes);
        let highest = placed.values().map(|at| at.y).fold(f32::INFINITY, f32::min);
        let mut bottom: f32 = top;
        for (id, at) in placed {
            let at = snapped(pos2(at.x, at.y - highest + top));
            bottom = bottom.max(at.y + sizes.get(&id).map_or(0.0, |size| size.y));
            places.insert(id, at);
        }
        top = bottom + PART_GAP;
    }
    places
}

struct Graph {
    before: BTreeMap<BoxId, BTreeSet<BoxId>>,
    after: BTreeMap<BoxId, BTreeSet<BoxId>>,
}

type Layers = Vec<Vec<BoxId>>;

impl Graph {
    fn new(sizes: &BTreeMap<BoxId, Vec2>, edges: &[(BoxId, BoxId)]) -> Self {
        let empty: BTreeMap<_, _> = sizes.keys().map(|id| (*id, BTreeSet::new())).collect();
        let mut after: BTreeMap<BoxId, BTreeSet<BoxId>> = empty.clone();
        for (from, to) in edges.iter().filter(|(from, to)| from != to && sizes.contains_key(to)) {
            if let Some(next) = after.get_mut(from) {
                next.insert(*to);
            }
        }
        break_cycles(&mut after);
        let mut graph = Self { before: empty, after };
        for (from, next) in &graph.after {
            for to in next {
                graph.before.entry(*to).or_default().insert(*from);
            }
        }
        graph
    }

    fn neighbours(&self, id: BoxId, is_before: bool) -> impl Iterator<Item = BoxId> {
        let side = if is_before { &self.before } else { &self.after };
        side.get(&id).into_iter().flatten().copied()
    }

    /// The connected parts, in the order of their smallest id.
    fn parts(&self) -> Vec<BTreeSet<BoxId>> {
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
    fn layers(&self, part: &BTreeSet<BoxId>) -> Layers {
        let mut open: BTreeMap<BoxId, usize> =
            part.iter().map(|id| (*id, self.neighbours(*id, true).count())).collect();
        let mut ready: BTreeSet<_> = open.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        let mut depth: BTreeMap<BoxId, usize> = part.iter().map(|id| (*id, 0)).collect();
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
                        let of_neighbour = |next: BoxId| place.get(&next).copied();
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
        let at = |id: &BoxId| place.get(id).copied().unwrap_or(0.0);
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

    fn placed(&self, layers: &Layers, sizes: &BTreeMap<BoxId, Vec2>) -> BTreeMap<BoxId, Pos2> {
        let size = |id: &BoxId| sizes.get(id).copied().unwrap_or_default();
        let mut middle: BTreeMap<BoxId, f32> = BTreeMap::new();
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
                let wished: Vec<_> = layer
                    .iter()
                    .map(|id| {
                        let own = middle.get(id).copied().unwrap_or(0.0);
                        mean(self.neighbours(*id, is_before).filter_map(|next| middle.get(&next).copied()))
                            .unwrap_or(own)
                    })
                    .collect();
                let heights: Vec<_> = layer.iter().map(|id| size(id).y).collect();
                for (id, at) in layer.iter().zip(spread(&wished, &heights)) {
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
fn break_cycles(after: &mut BTreeMap<BoxId, BTreeSet<BoxId>>) {
    let mut done = BTreeSet::new();
    let starts: Vec<_> = after.keys().copied().collect();
    for start in starts {
        // The walk as a stack of boxes, each with those it still has to visit.
        let mut walk: Vec<(BoxId, Vec<BoxId>)> =
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
/// regression by pooling neighbours that would overlap. One grid step of slack keeps snapping from making overlaps.
fn spread(wished: &[f32], heights: &[f32]) -> Vec<f32> {
    let mut offsets = Vec::with_capacity(wished.len());
    let mut offset = 0.0;
    for (index, height) in heights.iter().enumerate() {
        if index > 0 {
            let above = heights.get(index - 1).copied().unwrap_or(0.0);
            offset += (above + height) / 2.0 + GAP.y + GRID;
        }
        offsets.push(offset);
    }
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for (wish, offset) in wished.iter().zip(&offsets) {
        pools.push((wish - offset, 1));
        while let [.., (above, above_count), (below, below_count)] = pools.as_slice()
            && above > below
        {
            let count = above_count + below_count;
            let value = (above * *above_count as f32 + below * *below_count as f32) / count as f32;
            pools.pop();
            pools.pop();
            pools.push((value, count));
        }
    }
    let bases = pools.iter().flat_map(|(value, count)| std::iter::repeat_n(*value, *count));
    bases.zip(&offsets).map(|(base, offset)| base + offset).collect()
}

/// Places within each layer, from 0 to 1, so that layers of different length compare.
fn ranks(layers: &Layers) -> BTreeMap<BoxId, f32> {
    layers.iter().flat_map(|layer| rank(layer)).collect()
}

fn rank(layer: &[BoxId]) -> Vec<(BoxId, f32)> {
    let count = layer.len() as f32;
    layer.iter().enumerate().map(|(at, id)| (*id, (at as f32 + 0.5) / count)).collect()
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
#[path = "auto_layout_tests.rs"]
mod tests;
