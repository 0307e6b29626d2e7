//! Ids as the keys of a file's objects, and coordinates as its numbers: the one spelling each has.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::pipeline::{FrameId, SubflowId};
use crate::spec::NodeId;

/// A node id as a key: ordered by number, not as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeKey(pub(super) NodeId);

/// A frame id as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FrameKey(pub(super) FrameId);

/// A subflow id as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SubflowKey(pub(super) SubflowId);

/// A distance in world units; whole ones are written without a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Coordinate(pub(super) f32);

impl Coordinate {
    /// No canvas is larger, in either direction.
    pub(super) const LIMIT: f32 = 1_000_000.0;

    /// The nearest coordinate that a file may hold.
    pub(super) fn new(value: f32) -> Self {
        // Adding zero turns -0 into 0.
        Self(if value.is_finite() { value.clamp(-Self::LIMIT, Self::LIMIT) + 0.0 } else { 0.0 })
    }
}

impl Serialize for Coordinate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "within the limit, far inside i64")]
        if self.0.fract() == 0.0 { serializer.serialize_i64(self.0 as i64) } else { serializer.serialize_f32(self.0) }
    }
}

impl Serialize for NodeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for FrameKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("f{}", self.0.0))
    }
}

impl Serialize for SubflowKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Coordinate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Coordinate".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "number", "minimum": -1_000_000, "maximum": 1_000_000 })
    }
}

impl JsonSchema for NodeKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NodeKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^n(0|[1-9][0-9]*)$" })
    }
}

impl JsonSchema for FrameKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FrameKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^f(0|[1-9][0-9]*)$" })
    }
}

impl JsonSchema for SubflowKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SubflowKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^s(0|[1-9][0-9]*)$" })
    }
}
