//! Writes a pipeline as the text of a file: the same pipeline always gives the same bytes.

use std::collections::BTreeMap;

use super::layout::Unknown;
use super::record::{
    Coordinate, FileRecord, FrameKey, FrameRecord, LayoutRecord, NodeKey, NodeRecord, SettingsRecord, WireRecord,
};
use super::{VERSION, print};
use crate::pipeline::{Pipeline, Position, Settings};
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
        weir: VERSION,
        settings: settings(pipeline.settings()),
        nodes: pipeline
            .nodes()
            .map(|node| {
                let record = NodeRecord {
                    kind: node.kind.clone(),
                    name: node.name.clone(),
                    params: node.params.clone(),
                    extra: without(&node.extra, &["kind", "name", "params"]),
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

/// Only what differs from the defaults, so that a better default reaches old files.
fn settings(settings: &Settings) -> SettingsRecord {
    let usual = Settings::default();
    SettingsRecord {
        interval: (settings.interval != usual.interval).then(|| settings.interval.to_string()),
        max_buffered_rows: Some(settings.max_buffered_rows).filter(|rows| *rows != usual.max_buffered_rows),
        max_queued_batches: Some(settings.max_queued_batches).filter(|count| *count != usual.max_queued_batches),
        seed: Some(settings.seed).filter(|seed| *seed != usual.seed),
        start_time: (settings.start_time != usual.start_time).then(|| settings.start_time.to_string()),
        trigger: (settings.trigger != usual.trigger).then(|| settings.trigger.into()),
        watermark_policy: (settings.watermark_policy != usual.watermark_policy)
            .then(|| settings.watermark_policy.into()),
        when_late: (settings.when_late != usual.when_late).then(|| settings.when_late.into()),
        extra: without(
            &settings.extra,
            &[
                "interval",
                "max_buffered_rows",
                "max_queued_batches",
                "seed",
                "start_time",
                "trigger",
                "watermark_policy",
                "when_late",
            ],
        ),
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
                title: frame.title.clone(),
                extra: without(&unknown.of_frame(frame.id), &["note", "position", "size", "title"]),
            };
            (FrameKey(frame.id), record)
        })
        .collect();
    LayoutRecord {
        frames,
        nodes: pipeline.nodes().map(|node| (NodeKey(node.id), coordinates(node.position))).collect(),
        extra: without(&unknown.layout, &["frames", "nodes"]),
    }
}

fn coordinates(position: Position) -> [Coordinate; 2] {
    [Coordinate::new(position.x), Coordinate::new(position.y)]
}

/// Unknown fields minus those that are known after all: no name is written twice.
fn without(extra: &Params, known: &[&str]) -> Params {
    extra
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
