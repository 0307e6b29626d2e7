//! Probes on wires: an expression over the rows of a port. When it is true of a row, the run pauses after that batch,
//! so that a person can look, step, and go on.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::compact::first_rows;
use super::node::RunningNode;
use crate::expr::{Expression, Scope, type_name};
use crate::plan::{BatchContext, Chunk, Flow};
use crate::spec::PortRef;

/// Rows that are shown of those that met a probe.
const SHOWN_ROWS: usize = 200;

/// What a person watches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The rows of which port.
    pub port: PortRef,
    /// An expression that is true or false: `amount > 1000`.
    pub expression: String,
}

/// What came of a probe.
#[derive(Debug, Clone)]
pub struct Probed {
    /// The probe.
    pub probe: Probe,
    /// The batch.
    pub batch: u64,
    /// The rows it is true of, or why it cannot be used.
    pub outcome: Result<ProbeHit, String>,
}

/// Rows a probe is true of.
#[derive(Debug, Clone)]
pub struct ProbeHit {
    /// The first of them.
    pub rows: Vec<RecordBatch>,
    /// How many there were.
    pub total_rows: u64,
}

/// The probes in force.
#[derive(Default)]
pub(super) struct Probes {
    list: Vec<Probe>,
    /// Compiled when their port gives its first rows, and anew when its columns change.
    compiled: HashMap<usize, Compiled>,
}

struct Compiled {
    schema: SchemaRef,
    expression: Option<Expression>,
}

impl Probes {
    /// Replaces all probes; those that stay the same are not compiled anew.
    pub(super) fn set(&mut self, list: Vec<Probe>) {
        if self.list != list {
            self.list = list;
            self.compiled.clear();
        }
    }

    /// Looks at what a node gave. The outcomes that are worth telling: hits, and once that a probe cannot be used.
    pub(super) fn look(&mut self, node: &RunningNode, outputs: &[Flow], context: &BatchContext) -> Vec<Probed> {
        let mut told = Vec::new();
        for (index, probe) in self.list.iter().enumerate().filter(|(_, probe)| probe.port.node == node.id) {
            let Some(place) = node.kind.outputs.iter().position(|port| port.name == probe.port.port) else { continue };
            let (Some(flow), Some(link)) = (outputs.get(place), node.outputs.get(place)) else { continue };
            let tell = |outcome| Probed { probe: probe.clone(), batch: context.batch, outcome };
            let is_known = self.compiled.get(&index).is_some_and(|compiled| compiled.schema == link.schema);
            if !is_known {
                let compiled = compile(&probe.expression, &link.schema);
                let expression = compiled.as_ref().ok().cloned();
                self.compiled.insert(index, Compiled { schema: Arc::clone(&link.schema), expression });
                told.extend(compiled.err().map(|wrong| tell(Err(wrong))));
            }
            let Some(expression) = self.compiled.get(&index).and_then(|compiled| compiled.expression.as_ref()) else {
                continue;
            };
            match met(expression, flow.chunks(), context) {
                Ok(chunks) if chunks.is_empty() => {}
                Ok(chunks) => {
                    let total_rows = crate::plan::rows_of(&chunks);
                    let rows = first_rows(&chunks, Some(SHOWN_ROWS)).map_err(|error| error.to_string());
                    told.push(tell(rows.map(|rows| ProbeHit { rows, total_rows })));
                }
                Err(wrong) => told.push(tell(Err(wrong))),
            }
        }
        told
    }
}

fn compile(text: &str, schema: &SchemaRef) -> Result<Expression, String> {
    let expression = Expression::compile(text, schema).map_err(|error| error.message)?;
    match expression.field().data_type() {
        DataType::Boolean => Ok(expression),
        other => Err(format!(
            "the probe must be true or false, but `{text}` gives {}; compare it with something",
            type_name(other)
        )),
    }
}

/// The rows of which the expression is true.
fn met(expression: &Expression, chunks: &[Chunk], context: &BatchContext) -> Result<Vec<Chunk>, String> {
    let scope = Scope { batch: context.batch, time: context.time };
    let mut met = Vec::new();
    for chunk in chunks.iter().filter(|chunk| chunk.rows.num_rows() > 0) {
        let is_true = expression.evaluate(&chunk.rows, &scope).map_err(|error| error.message)?;
        let Some(is_true) = is_true.as_boolean_opt() else { continue };
        let rows = filter_record_batch(&chunk.rows, is_true).map_err(|error| error.to_string())?;
        if rows.num_rows() > 0 {
            met.push(Chunk::new(rows, chunk.arrived));
        }
    }
    Ok(met)
}
