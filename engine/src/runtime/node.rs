//! One node of a running plan: its stage with the state it carries, run so that nothing it does can hurt the rest.

mod handing;
mod memory;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::analysis::PlannedNode;
use crate::expr::type_name;
use crate::metrics::{CountFacts, EventTimeFacts, WindowFacts};
use crate::pipeline::NodeMode;
use crate::plan::{
    BatchContext, Flow, IoContext, LinkType, NodeError, NodeKind, Operator, Sink, Source, Stage, StateSize, Watermark,
};
use crate::spec::{Arity, NodeId, Params, Timestamp};

/// A node that runs.
pub struct RunningNode {
    /// The node.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static NodeKind,
    /// The raw parameters it was planned with.
    pub params: Params,
    /// Whether it works, or something stands in for it.
    pub mode: NodeMode,
    /// Where its wires come from, per input port.
    pub inputs: Vec<Vec<RunningWire>>,
    /// The types that flow in.
    pub input_types: Vec<Vec<LinkType>>,
    /// Per input port and wire, what it is called.
    pub input_names: Vec<Vec<String>>,
    /// The same once windows are gathered.
    pub seen_types: Vec<Vec<LinkType>>,
    /// The types that flow out.
    pub outputs: Vec<LinkType>,
    /// What runs.
    pub stage: RunningStage,
    /// Why it stands still, if it does.
    pub failed: Option<NodeError>,
    /// The failure last told: what fails in the same way in every batch is told once.
    pub told: Option<String>,
    /// Whether its source or sink still has to be started; tried again with every batch.
    pub needs_start: bool,
    /// Since which batch, and from when on, rows come that mean something else than those its state holds.
    pub mixed: Option<(u64, Timestamp)>,
    /// Batches that are not in its state because it stood still or was out of the plan.
    pub missed: u64,
    /// How much a report says it remembers, in a rehearsal.
    pub imagined: Option<StateSize>,
    /// Whether it left the plan: its source, if it is one, was stopped and cannot go on as it is.
    pub is_parked: bool,
}

/// A wire of the running plan.
pub struct RunningWire {
    /// The node upstream.
    pub node: NodeId,
    /// The position of its output port.
    pub port: usize,
    /// Gathers the window's rows on the way in.
    pub gather: Option<Box<dyn Operator>>,
}

/// What runs.
pub enum RunningStage {
    /// Brings rows in; shared with the thread that cuts.
    Source(Arc<dyn Source>),
    /// Works on rows.
    Operator(Box<dyn Operator>),
    /// Passes rows on.
    Relabel,
    /// Takes rows out.
    Sink(Box<dyn Sink>),
}

impl From<PlannedNode> for RunningNode {
    fn from(planned: PlannedNode) -> Self {
        let stage = match planned.stage {
            Stage::Source(source) => RunningStage::Source(Arc::from(source)),
            Stage::Operator(operator) => RunningStage::Operator(operator),
            Stage::Relabel => RunningStage::Relabel,
            Stage::Sink(sink) => RunningStage::Sink(sink),
        };
        let inputs = planned
            .inputs
            .into_iter()
            .map(|wires| {
                wires
                    .into_iter()
                    .map(|wire| RunningWire { node: wire.node, port: wire.port, gather: wire.gather })
                    .collect()
            })
            .collect();
        Self {
            id: planned.id,
            name: planned.name,
            kind: planned.kind,
            params: planned.params,
            mode: planned.mode,
            inputs,
            input_types: planned.input_types,
            input_names: planned.input_names,
            seen_types: planned.seen_types,
            outputs: planned.outputs,
            stage,
            failed: None,
            told: None,
            needs_start: true,
            mixed: None,
            missed: 0,
            imagined: None,
            is_parked: false,
        }
    }
}

impl RunningNode {
    /// Whether `other` would do exactly the same, so that this one can go on in its place.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let can_go_on = !(other.is_parked && matches!(other.stage, RunningStage::Source(_)));
        can_go_on
            && std::ptr::eq(self.kind, other.kind)
            && self.mode == other.mode
            && self.params == other.params
            && self.input_types == other.input_types
            && (self.input_names == other.input_names || !self.kind.inputs.iter().any(|port| port.arity == Arity::Many))
            && self.outputs == other.outputs
    }

    /// Starts the source, if that is still to be done.
    pub fn start_source(&mut self, io: &IoContext) -> Result<(), NodeError> {
        if let (true, RunningStage::Source(source)) = (self.needs_start, &self.stage) {
            guard(|| source.start(io))?;
            self.needs_start = false;
        }
        Ok(())
    }

    /// Starts the sink, if that is still to be done. It is not told to recover: every run counts its batches from 0, so
    /// the numbers that an earlier run left behind mean other rows.
    pub fn start_sink(&mut self, io: &IoContext) -> Result<(), NodeError> {
        if let (true, RunningStage::Sink(sink)) = (self.needs_start, &mut self.stage) {
            guard(|| sink.start(io))?;
            self.needs_start = false;
        }
        Ok(())
    }

    /// Lets go of connections, files and ports, because the node has left the plan.
    pub fn release(&mut self) {
        match &mut self.stage {
            RunningStage::Source(source) => source.stop(),
            RunningStage::Sink(sink) => {
                // Whatever goes wrong concerns nobody any more.
                let _ = guard(|| {
                    sink.stop();
                    Ok(())
                });
            }
            RunningStage::Operator(_) | RunningStage::Relabel => {}
        }
    }

    /// Works on its inputs: first gathers windows where that is asked for, then runs the operator.
    pub fn run_operator(&mut self, mut inputs: Vec<Vec<Flow>>, context: &BatchContext) -> Result<Vec<Flow>, NodeError> {
        let count = self.outputs.len();
        let (wires, stage) = (&mut self.inputs, &mut self.stage);
        let outputs = guard(|| {
            gather(wires, &mut inputs, context)?;
            match stage {
                RunningStage::Relabel => {
                    let flow = inputs.into_iter().flatten().next().unwrap_or_default();
                    Ok(vec![flow; count])
                }
                RunningStage::Operator(operator) => {
                    let idle = !inputs.iter().flatten().any(Flow::fired);
                    if idle && !operator.runs_when_idle() {
                        return Ok(vec![Flow::Idle; count]);
                    }
                    let outputs = operator.process(inputs, context)?;
                    if outputs.len() == count {
                        Ok(outputs)
                    } else {
                        Err(NodeError::weir("the node gave a different number of outputs than it declares"))
                    }
                }
                RunningStage::Source(_) | RunningStage::Sink(_) => {
                    Err(NodeError::weir("a source or sink was run as an operator"))
                }
            }
        })?;
        self.check_columns(&outputs)?;
        Ok(outputs)
    }

    /// What flows out has the columns that were planned: everything downstream relies on it.
    fn check_columns(&self, outputs: &[Flow]) -> Result<(), NodeError> {
        for (flow, link) in outputs.iter().zip(&self.outputs) {
            for chunk in flow.chunks() {
                let found = chunk.rows.schema_ref();
                if !Arc::ptr_eq(found, &link.schema) && found.fields() != link.schema.fields() {
                    return Err(NodeError::weir(format!(
                        "the node gave the columns {} but was planned to give {}; this is a defect of Weir, please \
                         report it",
                        columns_of(found),
                        columns_of(&link.schema)
                    )));
                }
            }
        }
        Ok(())
    }

    /// Stages its inputs, if it is a sink. Gathers windows first, once per batch.
    pub fn stage_sink(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        let RunningStage::Sink(sink) = &mut self.stage else { return Ok(()) };
        guard(|| sink.stage(inputs, context))
    }

    /// For sinks: what flows in once windows are gathered.
    pub fn gather_inputs(
        &mut self,
        mut inputs: Vec<Vec<Flow>>,
        context: &BatchContext,
    ) -> Result<Vec<Flow>, NodeError> {
        let wires = &mut self.inputs;
        guard(|| {
            gather(wires, &mut inputs, context)?;
            Ok(inputs.into_iter().flatten().collect())
        })
    }

    /// Makes what was staged visible.
    pub fn publish(&mut self, batch: u64) -> Result<(), NodeError> {
        match &mut self.stage {
            RunningStage::Sink(sink) => guard(|| sink.publish(batch)),
            RunningStage::Source(_) | RunningStage::Operator(_) | RunningStage::Relabel => Ok(()),
        }
    }

    /// How far event time has come on what it gives.
    pub fn watermark(&self, context: &BatchContext) -> Option<Watermark> {
        match &self.stage {
            RunningStage::Operator(operator) => operator.watermark().or_else(|| context.watermark()),
            RunningStage::Relabel => context.watermark(),
            RunningStage::Source(_) | RunningStage::Sink(_) => None,
        }
    }

    /// Whether it says by itself how far event time has come.
    pub fn has_watermark(&self) -> bool {
        match &self.stage {
            RunningStage::Operator(operator) => operator.watermark().is_some(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => false,
        }
    }

    /// The windows it keeps: its own, or those it gathers on the way in.
    pub fn windows(&self) -> Option<WindowFacts> {
        let own = match &self.stage {
            RunningStage::Operator(operator) => operator.windows(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
        };
        own.or_else(|| self.inputs.iter().flatten().find_map(|wire| wire.gather.as_ref()?.windows()))
    }

    /// How far its windows of so many rows are: its own, or those it gathers on the way in.
    pub fn counting(&self) -> Option<CountFacts> {
        let own = match &self.stage {
            RunningStage::Operator(operator) => operator.counting(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
        };
        own.or_else(|| self.inputs.iter().flatten().find_map(|wire| wire.gather.as_ref()?.counting()))
    }

    /// What its watermark goes by, if it sets one.
    pub fn event_time(&self) -> Option<EventTimeFacts> {
        match &self.stage {
            RunningStage::Operator(operator) => operator.event_time(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
        }
    }

    /// The columns of its first input that rows are grouped or joined by.
    pub fn key_columns(&self) -> Vec<usize> {
        match &self.stage {
            RunningStage::Operator(operator) => operator.key_columns(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => Vec::new(),
        }
    }

    /// Whether another batch would give more although no row comes any more.
    pub fn wants_another_batch(&self) -> bool {
        match &self.stage {
            RunningStage::Operator(operator) => self.failed.is_none() && operator.wants_another_batch(),
            RunningStage::Source(_) | RunningStage::Relabel | RunningStage::Sink(_) => false,
        }
    }

    /// Rows it set aside in the batch just done.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        match &self.stage {
            RunningStage::Operator(operator) => operator.counters(),
            RunningStage::Sink(sink) => sink.counters(),
            RunningStage::Source(_) | RunningStage::Relabel => Vec::new(),
        }
    }
}

/// `word: string, count: bigint`.
fn columns_of(schema: &arrow::datatypes::Schema) -> String {
    let columns: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| {
            let null = if field.is_nullable() { "" } else { " not null" };
            format!("{}: {}{null}", field.name(), type_name(field.data_type()))
        })
        .collect();
    columns.join(", ")
}

/// Windows close by the watermark of their own wire, whatever the node's other wires wait for.
fn gather(wires: &mut [Vec<RunningWire>], inputs: &mut [Vec<Flow>], context: &BatchContext) -> Result<(), NodeError> {
    let mut watermarks = context.watermarks.iter().flatten().copied();
    for (wire, flow) in wires.iter_mut().flatten().zip(inputs.iter_mut().flatten()) {
        let watermark = watermarks.next().flatten();
        if let Some(gather) = &mut wire.gather {
            let context = BatchContext { watermarks: vec![vec![watermark]], ..context.clone() };
            let mut outputs = gather.process(vec![vec![std::mem::take(flow)]], &context)?;
            *flow = outputs.pop().unwrap_or_default();
        }
    }
    Ok(())
}

/// Runs a node's code so that its panic becomes its error.
pub fn guard<T>(work: impl FnOnce() -> Result<T, NodeError>) -> Result<T, NodeError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let said = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            Err(NodeError::weir(format!("the node crashed ({said}); this is a defect of Weir, please report it")))
        }
    }
}
