//! The sink: which rows of a batch fire, and what is shown of them.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringViewArray};
use arrow::compute::{filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{Field, Schema, SchemaRef};

use super::Severity;
use super::message::Template;
use crate::expr::Expression;
use crate::nodes::sinks::encode::beside;
use crate::nodes::transforms::on_error::OnFailure;
use crate::nodes::transforms::rowwise;
use crate::plan::{BatchContext, Chunk, Flow, Idempotence, LinkType, NodeError, Sink};
use crate::spec::{Span, Timestamp};

/// The columns the sink puts in front.
const SEVERITY: &str = "severity";
const MESSAGE: &str = "message";

/// When to tell.
pub(super) struct Rule {
    /// The condition as it was written: with another one the cool-down begins anew.
    pub(super) text: String,
    pub(super) condition: Expression,
    pub(super) cool_down: Span,
    pub(super) on_error: OnFailure,
}

/// The sink of messages.
pub(super) struct AlertSink {
    rule: Rule,
    template: Template,
    severity: Severity,
    schema: SchemaRef,
    /// When a row fired last, in a batch that was published.
    last_fired: Option<Timestamp>,
    staged: Staged,
}

/// What a batch gives.
#[derive(Default)]
struct Staged {
    fired_at: Option<Timestamp>,
    chunks: Vec<Chunk>,
    fired: u64,
    suppressed: u64,
    nulled: u64,
}

impl AlertSink {
    /// Nothing has fired.
    pub(super) fn new(rule: Rule, template: Template, severity: Severity, input: &Schema) -> Self {
        let own = [SEVERITY, MESSAGE];
        let fields = own.iter().map(|name| Field::new(*name, LinkType::TEXT, false)).chain(
            input.fields().iter().map(|field| field.as_ref().clone().with_name(beside(input, &own, field.name()))),
        );
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Self { rule, template, severity, schema, last_fired: None, staged: Staged::default() }
    }

    /// How many of the rows for which the condition holds may fire in a batch of this time.
    fn allowance(&self, time: Timestamp) -> u64 {
        let cool_down = self.rule.cool_down;
        if cool_down == Span(0) {
            return u64::MAX;
        }
        let is_cool = self.last_fired.is_none_or(|last| last.plus(cool_down) <= time);
        u64::from(is_cool)
    }

    /// The rows to show for those that fired.
    fn tell(&self, rows: &RecordBatch) -> Result<RecordBatch, NodeError> {
        let severity: StringViewArray = (0..rows.num_rows()).map(|_| Some(self.severity.word())).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(severity), Arc::new(self.template.fill(rows)?)];
        columns.extend(rows.columns().iter().map(Arc::clone));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Sink for AlertSink {
    fn stage(&mut self, inputs: &[Flow], context: &BatchContext) -> Result<(), NodeError> {
        let scope = rowwise::scope(context);
        let mut staged = Staged::default();
        let mut left = self.allowance(context.time);
        for chunk in inputs.iter().flat_map(Flow::chunks) {
            let (holds, failed) = self.rule.on_error.evaluate(&self.rule.condition, &chunk.rows, &scope)?;
            staged.nulled += failed;
            let holds = true_rows(holds.as_boolean());
            let count = holds.true_count() as u64;
            let firing = count.min(left);
            left -= firing;
            staged.fired += firing;
            staged.suppressed += count - firing;
            if firing > 0 {
                let rows = filter_record_batch(&chunk.rows, &holds)?;
                let rows = rows.slice(0, usize::try_from(firing).unwrap_or(usize::MAX).min(rows.num_rows()));
                staged.chunks.push(Chunk::new(self.tell(&rows)?, chunk.arrived));
                staged.fired_at = Some(context.time);
            }
        }
        self.staged = staged;
        Ok(())
    }

    fn publish(&mut self, _: u64) -> Result<(), NodeError> {
        self.last_fired = self.staged.fired_at.or(self.last_fired);
        Ok(())
    }

    fn idempotence(&self) -> Idempotence {
        Idempotence::ByBatch
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let Staged { fired, suppressed, nulled, .. } = self.staged;
        vec![("fired", fired), ("suppressed", suppressed), ("nulled", nulled)]
    }

    fn shown(&self) -> Option<(SchemaRef, Vec<Chunk>)> {
        Some((Arc::clone(&self.schema), self.staged.chunks.clone()))
    }

    /// The same condition does not fire sooner because its message was edited.
    fn take_over(&mut self, old: Box<dyn Sink>) {
        let old: Box<dyn Any> = old;
        if let Ok(old) = old.downcast::<Self>()
            && old.rule.text == self.rule.text
        {
            self.last_fired = old.last_fired;
        }
    }
}

fn true_rows(holds: &BooleanArray) -> BooleanArray {
    if holds.null_count() == 0 { holds.clone() } else { prep_null_mask_filter(holds) }
}
