//! What a person expects of an automatic layout, over generated graphs.

use eframe::egui::Rect;

use super::*;

/// A small generator of pseudo-random numbers, so that every run sees the same graphs.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn node(id: u64) -> BoxId {
    BoxId::Node(weir_engine::spec::NodeId(id))
}

fn graph(seed: u64, count: u64) -> (Vec<Item>, Vec<(BoxId, BoxId)>) {
    let mut dice = Dice(seed);
    let items = (0..count)
        .map(|id| Item {
            id: node(id),
            size: vec2(168.0 + dice.below(9) as f32 * 8.0, 48.0 + dice.below(6) as f32 * 20.0),
        })
        .collect();
    let mut edges = Vec::new();
    for to in 1..count {
        for _ in 0..dice.below(3) {
            edges.push((node(dice.below(to)), node(to)));
        }
    }
    (items, edges)
}

fn rects(items: &[Item], edges: &[(BoxId, BoxId)]) -> BTreeMap<BoxId, Rect> {
    let places = arrange(items, edges);
    items.iter().map(|item| (item.id, Rect::from_min_size(places[&item.id], item.size))).collect()
}

#[test]
fn every_wire_points_to_the_right() {
    for seed in 0..40 {
        let (items, edges) = graph(seed, 30);
        let rects = rects(&items, &edges);
        for (from, to) in edges {
            assert!(rects[&from].right() < rects[&to].left(), "seed {seed}: {from:?} -> {to:?}");
        }
    }
}

#[test]
fn nothing_overlaps() {
    for seed in 0..40 {
        let (items, edges) = graph(seed, 40);
        let rects: Vec<_> = rects(&items, &edges).into_iter().collect();
        for (index, (a, first)) in rects.iter().enumerate() {
            for (b, other) in &rects[index + 1..] {
                assert!(!first.intersects(*other), "seed {seed}: {a:?} and {b:?}: {first:?} {other:?}");
            }
        }
    }
}

#[test]
fn a_chain_is_a_straight_line() {
    let items: Vec<_> = (0..6).map(|id| Item { id: node(id), size: vec2(168.0, 64.0) }).collect();
    let edges: Vec<_> = (0..5).map(|id| (node(id), node(id + 1))).collect();
    let rects = rects(&items, &edges);
    assert!(rects.values().all(|rect| (rect.center().y - rects[&node(0)].center().y).abs() < 1.0), "{rects:?}");
}

#[test]
fn a_branch_that_need_not_cross_does_not() {
    // Two sources, each with its own chain, meeting in one sink; ids chosen so that the order by id would cross.
    let items: Vec<_> = (0..7).map(|id| Item { id: node(id), size: vec2(168.0, 48.0) }).collect();
    let edges = [(0, 4), (1, 3), (4, 2), (3, 5), (2, 6), (5, 6)].map(|(from, to)| (node(from), node(to)));
    let rects = rects(&items, &edges);
    let above = |a: u64, b: u64| rects[&node(a)].center().y < rects[&node(b)].center().y;
    assert_eq!(above(0, 1), above(4, 3));
    assert_eq!(above(4, 3), above(2, 5));
}

#[test]
fn one_more_node_at_the_end_leaves_layers_and_order_as_they_were() {
    for seed in 0..30 {
        let (mut items, mut edges) = graph(seed, 25);
        let before = rects(&items, &edges);
        items.push(Item { id: node(25), size: vec2(168.0, 48.0) });
        edges.push((node(24), node(25)));
        let after = rects(&items, &edges);
        for (a, first) in &before {
            assert!((first.left() - after[a].left()).abs() < 1.0, "seed {seed}: {a:?} changed its layer");
        }
        let (again, ()) = (rects(&items, &edges), ());
        assert_eq!(after, again, "the same graph is arranged the same way");
    }
}

#[test]
fn a_cycle_is_survived() {
    let items: Vec<_> = (0..3).map(|id| Item { id: node(id), size: vec2(168.0, 48.0) }).collect();
    let edges = [(0, 1), (1, 2), (2, 1)].map(|(from, to)| (node(from), node(to)));
    let places = arrange(&items, &edges);
    assert_eq!(places.len(), 3);
    assert!(places[&node(0)].x < places[&node(1)].x && places[&node(1)].x < places[&node(2)].x, "{places:?}");
}

/// How many boxes a wire runs behind: those its curve, drawn from side to side, comes into.
fn behind(rects: &BTreeMap<BoxId, Rect>, edges: &[(BoxId, BoxId)]) -> usize {
    let curve = |(from, to): &(BoxId, BoxId)| {
        let style = crate::settings::WireStyle::Curved;
        super::super::curve::Curve::between(rects[from].right_center(), rects[to].left_center(), style)
    };
    let is_hit = |edge: &(BoxId, BoxId), id: &BoxId, rect: &Rect| {
        *id != edge.0 && *id != edge.1 && curve(edge).sampled(64).iter().any(|point| rect.contains(*point))
    };
    edges.iter().map(|edge| rects.iter().filter(|(id, rect)| is_hit(edge, id, rect)).count()).sum()
}

#[test]
fn a_wire_past_a_chain_runs_behind_none_of_its_nodes() {
    for length in 3..9 {
        let items: Vec<_> = (0..length).map(|id| Item { id: node(id), size: vec2(168.0, 96.0) }).collect();
        let mut edges: Vec<_> = (1..length).map(|id| (node(id - 1), node(id))).collect();
        edges.push((node(0), node(length - 1)));
        let rects = rects(&items, &edges);
        assert_eq!(behind(&rects, &edges), 0, "{length}: {rects:?}");
    }
}

#[test]
fn side_outputs_collected_far_to_the_right_run_behind_nothing() {
    // Two steps in a row, each with rejected rows that go to one sink at the end.
    let items: Vec<_> = (0..6).map(|id| Item { id: node(id), size: vec2(168.0, 112.0) }).collect();
    let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (2, 5), (3, 5)].map(|(from, to)| (node(from), node(to)));
    let rects = rects(&items, &edges);
    assert_eq!(behind(&rects, &edges), 0, "{rects:?}");
}
