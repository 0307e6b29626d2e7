//! The shape of a file, as types: what is written and what the published schema describes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub(super) use super::keys::{Coordinate, FrameKey, NodeKey, SubflowKey};
use crate::pipeline::{Backpressure, NodeMode, Tint, Trigger, WatermarkPolicy, WhenLate};
use crate::spec::Params;

/// A Weir pipeline: nodes joined by wires, with settings and layout. Fields a version does not know are kept.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Weir pipeline")]
pub(super) struct FileRecord {
    /// The oldest version of this format that computes the same from the file: 2 where a node has a mode, else 1.
    #[schemars(range(min = 1, max = 2))]
    pub(super) weir: u64,
    /// Settings of the pipeline as a whole; what is absent has its default.
    #[serde(default, skip_serializing_if = "SettingsRecord::is_empty")]
    pub(super) settings: SettingsRecord,
    /// The nodes, by id.
    pub(super) nodes: BTreeMap<NodeKey, NodeRecord>,
    /// The wires, sorted.
    pub(super) wires: Vec<WireRecord>,
    /// How it looks; means nothing to what it computes.
    #[serde(default, skip_serializing_if = "LayoutRecord::is_empty")]
    pub(super) layout: LayoutRecord,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// Settings of the pipeline as a whole.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(super) struct SettingsRecord {
    /// Whether the batch interval finds itself, so that batches take the target share of it; `off` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) auto_interval: Option<SwitchRecord>,
    /// The longest interval it may find; 10s unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) auto_interval_max: Option<String>,
    /// The shortest interval it may find; 100ms unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) auto_interval_min: Option<String>,
    /// The share of the interval that batches are to take; 0.8 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 1.0))]
    pub(super) auto_interval_target: Option<f64>,
    /// Whether and how sources are held to what the pipeline can do; `off` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) backpressure: Option<BackpressureRecord>,
    /// The weight of the growth of the error in a rate limit; 0 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(super) gain_derivative: Option<f64>,
    /// The weight of the backlog in a rate limit; 0.2 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(super) gain_integral: Option<f64>,
    /// The weight of the error in a rate limit; 1 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(super) gain_proportional: Option<f64>,
    /// Rows per second a source may give before its first estimate, where backpressure is on; 10,000 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(super) initial_rate: Option<u64>,
    /// Time between two batches, 10ms to 1h, such as `500ms`; 1s unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<String>,
    /// Bytes that may be held before sources are held back; 268,435,456 (256 MiB) unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(super) max_buffered_bytes: Option<u64>,
    /// Rows a live source may hold before it is held back; 1,000,000 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_buffered_rows: Option<u64>,
    /// Batches that may wait before sources are held back; 64 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_queued_batches: Option<u32>,
    /// Rows per second no limit of a source exceeds, where backpressure is on; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(super) max_rate: Option<u64>,
    /// Bytes that one node may remember, at least 65,536; 1,073,741,824 (1 GiB) unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 65536))]
    pub(super) max_state_bytes: Option<u64>,
    /// Rows per second no limit of a source falls below, where backpressure is on; 100 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(super) min_rate: Option<u64>,
    /// Where every seeded choice starts from; 1 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    /// Where the virtual clock starts, in UTC; 2026-01-01T00:00:00Z unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) start_time: Option<String>,
    /// What starts a batch; `interval` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trigger: Option<TriggerRecord>,
    /// How far event time has come where several streams meet; `min` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) watermark_policy: Option<WatermarkPolicyRecord>,
    /// What becomes of a batch whose turn comes late; `queue` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) when_late: Option<WhenLateRecord>,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SwitchRecord {
    /// It is not.
    Off,
    /// It is.
    On,
}

/// Whether and how sources are held to what the pipeline can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BackpressureRecord {
    /// Not at all.
    Off,
    /// By Spark's estimator, as it is.
    Spark,
    /// By the same terms, but counting the backlog once and growing at most twofold with a batch.
    Damped,
}

/// What starts a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TriggerRecord {
    /// Every batch interval.
    Interval,
    /// The end of the batch before.
    AsSoonAsPossible,
}

/// How far event time has come where several streams meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum WatermarkPolicyRecord {
    /// As far as in the stream that is furthest behind.
    Min,
    /// As far as in the stream that is furthest ahead.
    Max,
}

/// What becomes of a batch whose turn comes late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum WhenLateRecord {
    /// It waits.
    Queue,
    /// It joins the next one.
    Merge,
}

/// One node.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct NodeRecord {
    /// The id of its kind, such as `window.sliding`; see the catalogue of nodes.
    pub(super) kind: String,
    /// Whether it does its work; `on` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<ModeRecord>,
    /// Unique among the nodes; the id unless given.
    #[serde(default)]
    pub(super) name: String,
    /// What was entered; parameters left out have their defaults.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub(super) params: Params,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// Whether a node does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModeRecord {
    /// It takes its rows and gives none.
    Muted,
    /// Rows pass from its first input to its first output.
    Bypassed,
}

/// One wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WireRecord {
    /// The output it leaves: node id, dot, port.
    #[schemars(regex(pattern = r"^n(0|[1-9][0-9]*)\..+$"))]
    pub(super) from: String,
    /// The input it enters: node id, dot, port.
    #[schemars(regex(pattern = r"^n(0|[1-9][0-9]*)\..+$"))]
    pub(super) to: String,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// How it looks.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct LayoutRecord {
    /// Titled rectangles with a note, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) frames: BTreeMap<FrameKey, FrameRecord>,
    /// The top left corner of each node: to the right, down. A node left out is placed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) nodes: BTreeMap<NodeKey, [Coordinate; 2]>,
    /// Nodes folded into one box, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) subflows: BTreeMap<SubflowKey, SubflowRecord>,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// A titled rectangle with a note.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FrameRecord {
    /// Markdown, shown inside.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
    /// The top left corner.
    pub(super) position: [Coordinate; 2],
    /// Width and height.
    pub(super) size: [Coordinate; 2],
    /// The subflow it lies in; the pipeline itself unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subflow: Option<SubflowKey>,
    /// Its colour; none unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tint: Option<TintRecord>,
    /// Shown on its upper edge.
    #[serde(default)]
    pub(super) title: String,
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// The colour of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TintRecord {
    /// Red.
    Red,
    /// Amber.
    Amber,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
}

/// Nodes folded into one box. They and their wires are among the others; this only says which of them it holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SubflowRecord {
    /// What people call it.
    #[serde(default)]
    pub(super) name: String,
    /// The nodes right in it, by id.
    #[serde(default)]
    pub(super) nodes: Vec<NodeKey>,
    /// The subflow around it; the pipeline itself unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<SubflowKey>,
    /// The top left corner of its box.
    pub(super) position: [Coordinate; 2],
    #[serde(flatten)]
    pub(super) extra: Params,
}

/// The JSON Schema of the format, for editors and other programs.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(FileRecord).to_value()
}

impl SettingsRecord {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl LayoutRecord {
    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.nodes.is_empty() && self.subflows.is_empty() && self.extra.is_empty()
    }
}

impl ModeRecord {
    /// Its record; none for what a file need not say.
    pub(super) fn new(mode: NodeMode) -> Option<Self> {
        match mode {
            NodeMode::On => None,
            NodeMode::Muted => Some(Self::Muted),
            NodeMode::Bypassed => Some(Self::Bypassed),
        }
    }
}

impl TintRecord {
    /// Its record; none for what a file need not say.
    pub(super) fn new(tint: Tint) -> Option<Self> {
        match tint {
            Tint::Plain => None,
            Tint::Red => Some(Self::Red),
            Tint::Amber => Some(Self::Amber),
            Tint::Green => Some(Self::Green),
            Tint::Blue => Some(Self::Blue),
            Tint::Violet => Some(Self::Violet),
        }
    }
}

impl From<bool> for SwitchRecord {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

impl From<Backpressure> for BackpressureRecord {
    fn from(backpressure: Backpressure) -> Self {
        match backpressure {
            Backpressure::Off => Self::Off,
            Backpressure::Spark => Self::Spark,
            Backpressure::Damped => Self::Damped,
        }
    }
}

impl From<Trigger> for TriggerRecord {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Interval => Self::Interval,
            Trigger::AsSoonAsPossible => Self::AsSoonAsPossible,
        }
    }
}

impl From<WatermarkPolicy> for WatermarkPolicyRecord {
    fn from(policy: WatermarkPolicy) -> Self {
        match policy {
            WatermarkPolicy::Min => Self::Min,
            WatermarkPolicy::Max => Self::Max,
        }
    }
}

impl From<WhenLate> for WhenLateRecord {
    fn from(when_late: WhenLate) -> Self {
        match when_late {
            WhenLate::Queue => Self::Queue,
            WhenLate::Merge => Self::Merge,
        }
    }
}
