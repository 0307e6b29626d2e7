//! What becomes of a row on which an expression fails: the parameter `on_error` and the port `rejected`, for every kind
//! that works row by row.
//!
//! A node runs its expressions through a [`Sieve`]: rows that fail fall out with the reason, the others go on with the
//! values computed so far. Nothing is lost uncounted: what is rejected is counted as `rejected`, what became null as
//! `nulled`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewBuilder, UInt32Array};
use arrow::compute::{filter, filter_record_batch, take_record_batch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::rowwise;
use crate::expr::{Attempt, Expression, Failure, Scope, shorten};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, LinkType, NodeError, Outputs};
use crate::spec::{Arity, Choice, Default, ParamKind, ParamSpec, PortSpec, Timestamp};

/// The parameter `on_error`.
pub(in crate::nodes) const ON_ERROR: ParamSpec = ParamSpec::new(
    "on_error",
    "On error",
    "What becomes of a row on which an expression fails: a division by zero, a text that is no number.",
    ParamKind::Choice {
        options: &[
            Choice::new("reject", "reject the row", "The row goes to `rejected` with the reason and is counted."),
            Choice::new("null", "null", "The expression gives null for the row, which is counted."),
            Choice::new("stop", "stop the node", "The node stops and says which row it was."),
        ],
    },
)
.default(Default::Text("reject"));

/// The parameter `on_error` where a condition is tested and there is no row to send elsewhere: of pairs, and in sinks.
pub(in crate::nodes) const ON_ERROR_OF_CONDITION: ParamSpec = ParamSpec::new(
    "on_error",
    "On error",
    "What becomes of the condition where it fails: a division by zero, a text that is no number.",
    ParamKind::Choice {
        options: &[
            Choice::new("null", "does not hold", "It counts as null, so it does not hold; the failures are counted."),
            Choice::new("stop", "stop the node", "The node stops and says which row it was."),
        ],
    },
)
.default(Default::Text("null"));

/// What a person chose for [`ON_ERROR_OF_CONDITION`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum OnFailure {
    /// It does not hold.
    Null,
    /// The node stops.
    Stop,
}

impl OnFailure {
    /// Evaluates a condition; also how often it failed.
    pub(in crate::nodes) fn evaluate(
        self,
        condition: &Expression,
        rows: &RecordBatch,
        scope: &Scope,
    ) -> Result<(ArrayRef, u64), NodeError> {
        match self {
            Self::Stop => Ok((rowwise::evaluate(condition, rows, scope)?, 0)),
            Self::Null => {
                let attempt = condition.attempt(rows, scope).map_err(|error| NodeError::data(error.message))?;
                Ok((attempt.values, attempt.failures.len() as u64))
            }
        }
    }
}

/// The port `rejected`.
pub(in crate::nodes) const REJECTED: PortSpec = PortSpec {
    name: REJECTED_PORT,
    doc: "The input's rows on which an expression failed, and why (`reason`).",
    arity: Arity::Many,
};

const REJECTED_PORT: &str = "rejected";

/// The column that says why.
const REASON: &str = "reason";

/// What becomes of a row that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes) enum OnError {
    /// It goes to the port.
    Reject,
    /// Its value is null.
    Null,
    /// The node stops.
    Stop,
}

/// What flows out of the port: the input's columns, and the reason behind them. A column of the input that is called
/// `reason` keeps its name, ours is `reject_reason` then.
pub(in crate::nodes) fn rejected_link(input: &SchemaRef) -> LinkType {
    let mut name = REASON.to_owned();
    while input.fields().iter().any(|field| field.name().eq_ignore_ascii_case(&name)) {
        name.insert_str(0, "reject_");
    }
    let reason = Arc::new(Field::new(name, LinkType::TEXT, false));
    LinkType::plain(Arc::new(Schema::new(input.fields().iter().cloned().chain([reason]).collect::<Vec<_>>())))
}

/// The rows of a piece on their way through a node's expressions.
pub(in crate::nodes) struct Sieve {
    scope: Scope,
    on_error: OnError,
    /// The rows that have not failed.
    rows: RecordBatch,
    /// Their positions in the input; `None` while all are there.
    positions: Option<Vec<u32>>,
    /// The columns computed of them.
    columns: Vec<ArrayRef>,
    /// The rows that failed, by their position in the input.
    failed: Vec<(u32, String)>,
    nulled: u64,
}

/// What came through.
pub(in crate::nodes) struct Sifted {
    /// The input's rows that did not fail.
    pub(in crate::nodes) rows: RecordBatch,
    /// The computed columns of these rows, in the order in which they were computed.
    pub(in crate::nodes) columns: Vec<ArrayRef>,
    /// What did not come through.
    pub(in crate::nodes) rest: Rest,
}

/// What did not come through: rows by their position in the input, in order, each with its reason.
#[derive(Default)]
pub(in crate::nodes) struct Rest {
    pub(in crate::nodes) failed: Vec<(u32, String)>,
    pub(in crate::nodes) nulled: u64,
}

impl Sieve {
    /// All rows of the input.
    pub(in crate::nodes) fn new(input: &RecordBatch, on_error: OnError, context: &BatchContext) -> Self {
        let (scope, rows) = (rowwise::scope(context), input.clone());
        Self { scope, on_error, rows, positions: None, columns: Vec::new(), failed: Vec::new(), nulled: 0 }
    }

    /// Computes a column of the rows that are left. `what` names it in reasons: `gross`, `the condition`.
    pub(in crate::nodes) fn compute(&mut self, what: &str, expression: &Expression) -> Result<(), NodeError> {
        if self.on_error == OnError::Stop {
            self.columns.push(rowwise::evaluate(expression, &self.rows, &self.scope)?);
            return Ok(());
        }
        let attempt = expression.attempt(&self.rows, &self.scope);
        let Attempt { values, failures } = attempt.map_err(|error| NodeError::data(error.message))?;
        self.columns.push(values);
        if self.on_error == OnError::Null {
            self.nulled += failures.len() as u64;
        } else if !failures.is_empty() {
            self.drop_rows(what, expression, &failures)?;
        }
        Ok(())
    }

    fn drop_rows(&mut self, what: &str, expression: &Expression, failures: &[Failure]) -> Result<(), NodeError> {
        let all = 0..u32::try_from(self.rows.num_rows()).unwrap_or(u32::MAX);
        let positions = self.positions.take().unwrap_or_else(|| all.collect());
        let mut is_kept = vec![true; positions.len()];
        let source = shorten(expression.field().name());
        for failure in failures {
            if let (Some(kept), Some(position)) = (is_kept.get_mut(failure.row), positions.get(failure.row)) {
                *kept = false;
                self.failed.push((*position, format!("{} in {what}: {source}", failure.error.cause())));
            }
        }
        let kept = positions.into_iter().zip(&is_kept).filter_map(|(position, kept)| kept.then_some(position));
        self.positions = Some(kept.collect());
        let is_kept = BooleanArray::from(is_kept);
        self.rows = filter_record_batch(&self.rows, &is_kept)?;
        for column in &mut self.columns {
            *column = filter(column, &is_kept)?;
        }
        Ok(())
    }

    /// The rows that did not fail, with what was computed of them.
    pub(in crate::nodes) fn finish(mut self) -> Sifted {
        self.failed.sort_by_key(|(position, _)| *position);
        Sifted { rows: self.rows, columns: self.columns, rest: Rest { failed: self.failed, nulled: self.nulled } }
    }
}

/// Rows set aside in a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::nodes) struct Tally {
    rejected: u64,
    nulled: u64,
}

impl Tally {
    /// As an operator's counters.
    pub(in crate::nodes) fn counters(self) -> Vec<(&'static str, u64)> {
        vec![(REJECTED_PORT, self.rejected), ("nulled", self.nulled)]
    }
}

/// Works on every chunk of the first input, piece by piece: the two flows `out` and `rejected`, and what was counted.
/// `rejected` is the schema of [`rejected_link`].
pub(in crate::nodes) fn sift<F>(
    inputs: Inputs,
    context: &BatchContext,
    rejected: &SchemaRef,
    work: F,
) -> Result<(Outputs, Tally), NodeError>
where
    F: Fn(&Chunk) -> Result<(RecordBatch, Rest), NodeError> + Sync,
{
    let parts = rowwise::map_parts(inputs, context, |chunk| {
        let (rows, rest) = work(chunk)?;
        let refused = refused_rows(&chunk.rows, &rest.failed, rejected)?;
        Ok((Chunk::new(rows, chunk.arrived), refused.map(|rows| Chunk::new(rows, chunk.arrived)), rest.nulled))
    })?;
    let Some(parts) = parts else { return Ok((vec![Flow::Idle, Flow::Idle], Tally::default())) };
    let (mut kept, mut refused, mut tally) = (Vec::with_capacity(parts.len()), Vec::new(), Tally::default());
    for (rows, rest, nulled) in parts {
        if rows.rows.num_rows() > 0 {
            kept.push(rows);
        }
        tally.nulled += nulled;
        tally.rejected += rest.as_ref().map_or(0, |rest| rest.rows.num_rows() as u64);
        refused.extend(rest);
    }
    Ok((vec![Flow::Fired(kept), Flow::Fired(refused)], tally))
}

/// The flow `rejected` of rows that were worked on as a whole, and what was counted.
pub(in crate::nodes) fn refused(
    input: &RecordBatch,
    rest: Rest,
    schema: &SchemaRef,
    arrived: Timestamp,
) -> Result<(Flow, Tally), NodeError> {
    let tally = Tally { rejected: rest.failed.len() as u64, nulled: rest.nulled };
    let rows = refused_rows(input, &rest.failed, schema)?;
    Ok((Flow::Fired(rows.map(|rows| Chunk::new(rows, arrived)).into_iter().collect()), tally))
}

fn refused_rows(
    input: &RecordBatch,
    failed: &[(u32, String)],
    schema: &SchemaRef,
) -> Result<Option<RecordBatch>, NodeError> {
    if failed.is_empty() {
        return Ok(None);
    }
    let positions = UInt32Array::from_iter_values(failed.iter().map(|(position, _)| *position));
    let rows = take_record_batch(input, &positions)?;
    let mut reasons = StringViewBuilder::with_capacity(failed.len()).with_deduplicate_strings();
    failed.iter().for_each(|(_, reason)| reasons.append_value(reason));
    let reasons: ArrayRef = Arc::new(reasons.finish());
    let columns = rows.columns().iter().cloned().chain([reasons]).collect();
    Ok(Some(RecordBatch::try_new(Arc::clone(schema), columns)?))
}
