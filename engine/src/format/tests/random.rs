//! Random pipelines, made the way people make them: by edits, of which many are refused.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use crate::pipeline::{
    Backpressure, Edit, Frame, FrameId, NodeEntry, NodeMode, Pipeline, Position, Setting, Subflow, SubflowId, Tint,
    Trigger, WatermarkPolicy, WhenLate,
};
use crate::spec::{NodeId, PortRef, Span, Timestamp, WireKey};

/// Any edit over a handful of ids, names and ports, so that edits meet each other.
pub(super) fn edit() -> impl Strategy<Value = Edit> {
    leaf().prop_recursive(2, 8, 4, |inner| vec(inner, 0..4).prop_map(Edit::Many))
}

/// Pipelines that random edits lead to.
pub(super) fn pipeline() -> impl Strategy<Value = Pipeline> {
    vec(edit(), 0..60).prop_map(|edits| {
        let mut pipeline = Pipeline::new();
        for edit in &edits {
            let _ = pipeline.apply(edit);
        }
        pipeline
    })
}

/// Any JSON a parameter may hold.
pub(super) fn json() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        any::<String>().prop_map(Value::from),
        "[a-z{}\\[\\]\",:]{0,6}".prop_map(Value::from),
    ];
    plain.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((text(), inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn leaf() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (id(), text(), position()).prop_map(|(id, name, position)| {
            Edit::AddNode(Box::new(NodeEntry { position, ..NodeEntry::new(id, "map", name) }))
        }),
        1 => id().prop_map(Edit::RemoveNode),
        4 => wire().prop_map(Edit::Connect),
        1 => wire().prop_map(Edit::Disconnect),
        1 => (id(), text()).prop_map(|(node, name)| Edit::Rename { node, name }),
        3 => (id(), text(), proptest::option::of(json()))
            .prop_map(|(node, param, value)| Edit::SetParam { node, param, value }),
        2 => vec((id(), position()), 0..3).prop_map(|nodes| Edit::Move { nodes }),
        2 => setting().prop_map(Edit::Set),
        1 => (0u64..6, proptest::option::of((any::<String>(), position(), position()))).prop_map(|(id, content)| {
            let id = FrameId(id);
            let frame = content.map(|(title, position, size)| {
                let tint = if title.len() % 2 == 0 { Tint::Plain } else { Tint::Violet };
                Box::new(Frame { id, note: title.clone(), title, position, size, tint, subflow: None })
            });
            Edit::PutFrame { id, frame }
        }),
        2 => (id(), mode()).prop_map(|(node, mode)| Edit::SetMode { node, mode }),
        2 => (subflow(), proptest::option::weighted(0.8, (text(), position(), proptest::option::of(subflow()))))
            .prop_map(|(id, content)| {
                let subflow =
                    content.map(|(name, position, parent)| Box::new(Subflow { id, name, position, parent }));
                Edit::PutSubflow { id, subflow }
            }),
        2 => vec((id(), proptest::option::of(subflow())), 0..3).prop_map(|nodes| Edit::Enclose { nodes }),
    ]
}

fn subflow() -> impl Strategy<Value = SubflowId> {
    (0u64..4).prop_map(SubflowId)
}

fn mode() -> impl Strategy<Value = NodeMode> {
    prop::sample::select(NodeMode::ALL.to_vec())
}

fn id() -> impl Strategy<Value = NodeId> {
    prop_oneof![9 => 0u64..7, 1 => 9u64..12].prop_map(NodeId)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[abc]{0,2}", 1 => any::<String>()]
}

fn wire() -> impl Strategy<Value = WireKey> {
    let port =
        || prop_oneof![4 => Just("out".to_owned()), 1 => Just("a.b".to_owned()), 1 => Just("端口 \"".to_owned())];
    (id(), port(), id(), port())
        .prop_map(|(from, out, to, into)| WireKey::new(PortRef::new(from, out), PortRef::new(to, into)))
}

fn position() -> impl Strategy<Value = Position> {
    let number = || prop_oneof![4 => -2e3f32..2e3, 1 => any::<f32>(), 2 => (-50i16..50).prop_map(f32::from)];
    (number(), number()).prop_map(|(x, y)| Position::new(x, y))
}

fn setting() -> impl Strategy<Value = Setting> {
    prop_oneof![
        any::<i64>().prop_map(|micros| Setting::Interval(Span(micros))),
        (0i64..10_000_000).prop_map(|micros| Setting::Interval(Span(micros))),
        any::<bool>().prop_map(|merge| Setting::WhenLate(if merge { WhenLate::Merge } else { WhenLate::Queue })),
        any::<bool>().prop_map(|soon| Setting::Trigger(if soon {
            Trigger::AsSoonAsPossible
        } else {
            Trigger::Interval
        })),
        any::<bool>().prop_map(|max| {
            Setting::WatermarkPolicy(if max { WatermarkPolicy::Max } else { WatermarkPolicy::Min })
        }),
        any::<u64>().prop_map(Setting::Seed),
        any::<i64>().prop_map(|micros| Setting::StartTime(Timestamp(micros))),
        any::<u32>().prop_map(Setting::MaxQueuedBatches),
        any::<u64>().prop_map(Setting::MaxBufferedRows),
        any::<u64>().prop_map(Setting::MaxBufferedBytes),
        control_setting(),
    ]
}

fn control_setting() -> impl Strategy<Value = Setting> {
    let modes = vec![Backpressure::Off, Backpressure::Spark, Backpressure::Damped];
    let number = || prop_oneof![3 => 0.0f64..12.0, 1 => any::<f64>(), 1 => Just(-0.0), 1 => Just(f64::NAN)];
    prop_oneof![
        prop::sample::select(modes).prop_map(Setting::Backpressure),
        any::<u64>().prop_map(Setting::MinRate),
        any::<Option<u64>>().prop_map(Setting::MaxRate),
        any::<Option<u64>>().prop_map(Setting::InitialRate),
        number().prop_map(Setting::ProportionalGain),
        number().prop_map(Setting::IntegralGain),
        number().prop_map(Setting::DerivativeGain),
        any::<bool>().prop_map(Setting::AutoInterval),
        any::<i64>().prop_map(|micros| Setting::AutoIntervalMin(Span(micros))),
        (0i64..10_000_000_000).prop_map(|micros| Setting::AutoIntervalMax(Span(micros))),
        number().prop_map(Setting::AutoIntervalTarget),
    ]
}
