//! Writes a pipeline as the text of a file: the same pipeline always gives the same bytes.

use std::collections::BTreeMap;

use super::layout::Unknown;
use super::record::{
    Coordinate, FileRecord, FrameKey, FrameRecord, LayoutRecord, ModeRecord, NodeKey, NodeRecord, SubflowKey,
    SubflowRecord, TintRecord, WireRecord,
};
use super::{FIRST_VERSION, MODES_VERSION, print, settings};
use crate::pipeline::{NodeMode, Pipeline, Position};
use crate::spec::Params;

/// The text of a pipeline's file.
#[expect(clippy::missing_panics_doc, reason = "it cannot: see the reason inside")]
pub fn save(pipeline: &Pipeline) -> String {
    let record = file(pipeline);
    #[expect(clippy::expect_used, reason = "keys are text and numbers finite, and memory takes whatever is written")]
    let pretty = serde_json::to_string_pretty(&record).expect("a pipeline is representable as JSON");
    print::fold(&pretty)
}

fn file(pipeline: &Pipeline) -> FileRecord {
    let unknown = Unknown::from_extra(pipeline.extra());
    FileRecord {
        weir: if pipeline.nodes().all(|node| node.mode == NodeMode::On) { FIRST_VERSION } else { MODES_VERSION },
        settings: settings::record(pipeline.settings()),
        nodes: pipeline
            .nodes()
            .map(|node| {
                let record = NodeRecord {
                    kind: node.kind.clone(),
                    mode: ModeRecord::new(node.mode),
                    name: node.name.clone(),
                    params: node.params.clone(),
                    extra: without(&node.extra, &["kind", "mode", "name", "params"]),
                };
                (NodeKey(node.id), record)
            })
            .collect(),
        wires: pipeline
            .wires()
            .iter()
            .map(|wire| WireRecord {
                from: wire.from.to_string(),
                to: wire.to.to_string(),
                extra: without(&unknown.of_wire(wire), &["from", "to"]),
            })
            .collect(),
        layout: layout(pipeline, &unknown),
        extra: without(&unknown.file, &["weir", "settings", "nodes", "wires", "layout"]),
    }
}

fn layout(pipeline: &Pipeline, unknown: &Unknown) -> LayoutRecord {
    let frames: BTreeMap<_, _> = pipeline
        .frames()
        .map(|frame| {
            let record = FrameRecord {
                note: frame.note.clone(),
                position: coordinates(frame.position),
                size: coordinates(frame.size),
                subflow: frame.subflow.map(SubflowKey),
                tint: TintRecord::new(frame.tint),
                title: frame.title.clone(),
                extra: without(&unknown.of_frame(frame.id), &["note", "position", "size", "subflow", "tint", "title"]),
            };
            (FrameKey(frame.id), record)
        })
        .collect();
    LayoutRecord {
        frames,
        nodes: pipeline.nodes().map(|node| (NodeKey(node.id), coordinates(node.position))).collect(),
        subflows: subflows(pipeline, unknown),
        extra: without(&unknown.layout, &["frames", "nodes", "subflows"]),
    }
}

fn subflows(pipeline: &Pipeline, unknown: &Unknown) -> BTreeMap<SubflowKey, SubflowRecord> {
    let mut subflows: BTreeMap<_, _> = pipeline
        .subflows()
        .map(|subflow| {
            let record = SubflowRecord {
                name: subflow.name.clone(),
                nodes: Vec::new(),
                parent: subflow.parent.map(SubflowKey),
                position: coordinates(subflow.position),
                extra: without(&unknown.of_subflow(subflow.id), &["name", "nodes", "parent", "position"]),
            };
            (SubflowKey(subflow.id), record)
        })
        .collect();
    for node in pipeline.nodes() {
        if let Some(record) = node.subflow.and_then(|subflow| subflows.get_mut(&SubflowKey(subflow))) {
            record.nodes.push(NodeKey(node.id));
        }
    }
    subflows
}

fn coordinates(position: Position) -> [Coordinate; 2] {
    [Coordinate::new(position.x), Coordinate::new(position.y)]
}

/// Unknown fields minus those that are known after all: no name is written twice.
pub(super) fn without(extra: &Params, known: &[&str]) -> Params {
    extra
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
