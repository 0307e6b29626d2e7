//! What to group by and what to compute: first as a node asks for it, then checked against a schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, Float32Array, Float64Array};
use arrow::datatypes::{DataType, Field, Float32Type, Float64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::{AggregateError, AggregateFunction, Call};
use crate::expr::{Expression, Scope, type_name};
use crate::metrics::{Coverage, ParkedColumn};

/// Calls that were taken away and are kept for undo, per grouping.
const MAX_PARKED_CALLS: usize = 8;

/// Where a key or an argument comes from.
#[derive(Debug, Clone)]
pub enum Input {
    /// A column, by its position.
    Column(usize),
    /// An expression.
    Expression(Expression),
}

impl Input {
    /// Its text and type over this schema. A column's text is its name.
    pub fn describe<'a>(&'a self, schema: &'a SchemaRef) -> Option<&'a Field> {
        match self {
            Self::Column(index) => schema.fields().get(*index).map(AsRef::as_ref),
            Self::Expression(expression) => Some(expression.field()),
        }
    }

    fn evaluate(&self, batch: &RecordBatch, scope: &Scope) -> Result<ArrayRef, AggregateError> {
        match self {
            Self::Column(index) => batch
                .columns()
                .get(*index)
                .cloned()
                .ok_or_else(|| AggregateError(format!("column {index} is missing; this is a bug in Weir"))),
            Self::Expression(expression) => Ok(expression.evaluate_or_blame(batch, scope)?),
        }
    }

    /// The same with null where it fails, and how often it did.
    fn attempt(&self, batch: &RecordBatch, scope: &Scope) -> Result<(ArrayRef, u64), AggregateError> {
        match self {
            Self::Column(_) => Ok((self.evaluate(batch, scope)?, 0)),
            Self::Expression(expression) => {
                let attempt = expression.attempt(batch, scope)?;
                Ok((attempt.values, attempt.failures.len() as u64))
            }
        }
    }
}

/// A key of a grouping.
#[derive(Debug, Clone)]
pub struct Key {
    /// The column's name in the result.
    pub name: String,
    /// What it is.
    pub input: Input,
}

/// An aggregate as a node asks for it.
#[derive(Debug, Clone)]
pub struct AggregateCall {
    /// What to compute.
    pub function: AggregateFunction,
    /// Of what; `count` does without.
    pub argument: Option<Input>,
    /// The second value of functions of two.
    pub second: Option<Input>,
    /// Which percentile; nothing else reads it.
    pub percent: f64,
    /// The column's name in the result.
    pub name: String,
}

impl AggregateCall {
    fn arguments(&self) -> impl Iterator<Item = &Input> {
        self.argument.iter().chain(&self.second)
    }
}

/// A grouping: its keys and calls over an input schema, checked.
#[derive(Debug)]
pub struct GroupSpec {
    keys: Vec<Input>,
    /// Per call its arguments: none, one or two.
    arguments: Vec<Vec<Input>>,
    aggregation: Arc<Aggregation>,
    /// How many arguments failed and count as null; `None`: one that fails is an error.
    nulled: Option<Arc<AtomicU64>>,
}

/// The part of a grouping that does not depend on where its columns come from.
#[derive(Debug, Clone)]
pub struct Aggregation {
    keys: SchemaRef,
    key_texts: Vec<String>,
    /// The calls, and behind them those that were taken away: their state is carried along for undo, but sees no row
    /// and gives no result.
    calls: Vec<Call>,
    parked: usize,
    output: SchemaRef,
    /// Calls said to be parked, of which nothing is here: for rehearsing an edit.
    ghosts: Vec<ParkedColumn>,
}

/// A batch as an aggregation takes it: key columns, and per call its prepared argument.
#[derive(Debug)]
pub struct Rows {
    /// The key columns.
    pub keys: Vec<ArrayRef>,
    /// Per call its argument.
    pub arguments: Vec<ArrayRef>,
    /// How many rows.
    pub len: usize,
}

/// What goes on when an aggregation takes another's state over, by the names of its columns. By default all does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// These go on.
    pub kept: Vec<String>,
    /// These are new and see only what follows.
    pub begun: Vec<String>,
    /// These were taken away before and go on with the state they had then.
    pub resumed: Vec<String>,
    /// These were taken away now.
    pub parked: Vec<String>,
    /// What else is not quite as before.
    pub note: Option<String>,
    /// How much of the present window is held, where that is less than all.
    pub coverage: Option<Coverage>,
}

impl GroupSpec {
    /// Checks a grouping against its input. All calls that are wrong are told, by their position.
    pub fn new(
        keys: Vec<Key>,
        calls: Vec<AggregateCall>,
        input: &SchemaRef,
    ) -> Result<Self, Vec<(usize, AggregateError)>> {
        let mut problems = Vec::new();
        let mut checked = Vec::with_capacity(calls.len());
        for (index, call) in calls.iter().enumerate() {
            let described = call.arguments().filter_map(|argument| argument.describe(input));
            let arguments: Vec<_> = described.map(|field| (field.name().as_str(), field.data_type())).collect();
            match Call::new(call.function, &arguments, call.percent, &call.name) {
                Ok(call) => checked.push(call),
                Err(error) => problems.push((index, error)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut fields = Vec::with_capacity(keys.len());
        let mut texts = Vec::with_capacity(keys.len());
        for key in &keys {
            if let Some(field) = key.input.describe(input) {
                texts.push(format!("`{}` {}", field.name(), type_name(field.data_type())));
                fields.push(Field::new(&key.name, field.data_type().clone(), field.is_nullable()));
            }
        }
        let arguments = calls.iter().map(|call| call.arguments().cloned().collect()).collect();
        let aggregation = Arc::new(Aggregation::new(fields, texts, checked));
        Ok(Self { keys: keys.into_iter().map(|key| key.input).collect(), arguments, aggregation, nulled: None })
    }

    /// The same, but where an argument fails on a row it is null there instead of an error.
    #[must_use]
    pub fn nulling(mut self) -> Self {
        self.nulled = Some(Arc::default());
        self
    }

    /// How many arguments failed and became null since this was asked last.
    pub fn take_nulled(&self) -> u64 {
        self.nulled.as_ref().map_or(0, |nulled| nulled.swap(0, Ordering::Relaxed))
    }

    /// The checked keys and calls.
    pub fn aggregation(&self) -> &Arc<Aggregation> {
        &self.aggregation
    }

    /// The same grouping for an aggregation that has the same calls, and perhaps parked ones behind them.
    #[must_use]
    pub fn over(&self, aggregation: &Arc<Aggregation>) -> Self {
        Self {
            keys: self.keys.clone(),
            arguments: self.arguments.clone(),
            aggregation: Arc::clone(aggregation),
            nulled: self.nulled.clone(),
        }
    }

    /// The positions of the columns grouped by; keys that are computed have none.
    pub fn key_columns(&self) -> Vec<usize> {
        let column = |key: &Input| match key {
            Input::Column(index) => Some(*index),
            Input::Expression(_) => None,
        };
        self.keys.iter().filter_map(column).collect()
    }

    /// The same grouping with one more key behind the others: a column that stands behind those of the input.
    #[must_use]
    pub fn split_by(&self, position: usize, field: Field) -> Self {
        let mut keys = self.keys.clone();
        keys.push(Input::Column(position));
        let own = &self.aggregation;
        let mut texts = own.key_texts.clone();
        texts.push(field.name().clone());
        let fields = own.keys.fields().iter().map(|field| field.as_ref().clone()).chain([field]).collect();
        let aggregation = Arc::new(Aggregation::with_parked(fields, texts, own.calls.clone(), own.parked));
        Self { keys, arguments: self.arguments.clone(), aggregation, nulled: self.nulled.clone() }
    }

    /// Evaluates keys and arguments of a batch.
    pub fn rows(&self, batch: &RecordBatch, scope: &Scope) -> Result<Rows, AggregateError> {
        let len = batch.num_rows();
        let keys = self.keys.iter().map(|key| key.evaluate(batch, scope).map(|column| normalised(&column)));
        let keys = keys.collect::<Result<_, _>>()?;
        let prepare = |(arguments, call): (&Vec<Input>, &Call)| {
            let values = arguments.iter().map(|argument| self.argument(argument, batch, scope));
            call.prepare(values.collect::<Result<_, _>>()?, len)
        };
        let arguments = self.arguments.iter().zip(self.aggregation.calls()).map(prepare).collect::<Result<_, _>>()?;
        Ok(Rows { keys, arguments, len })
    }

    fn argument(&self, argument: &Input, batch: &RecordBatch, scope: &Scope) -> Result<ArrayRef, AggregateError> {
        let Some(nulled) = &self.nulled else { return argument.evaluate(batch, scope) };
        let (values, failures) = argument.attempt(batch, scope)?;
        nulled.fetch_add(failures, Ordering::Relaxed);
        Ok(values)
    }
}

impl Aggregation {
    fn new(keys: Vec<Field>, key_texts: Vec<String>, calls: Vec<Call>) -> Self {
        Self::with_parked(keys, key_texts, calls, 0)
    }

    /// The last `parked` of the calls are parked.
    fn with_parked(keys: Vec<Field>, key_texts: Vec<String>, calls: Vec<Call>, parked: usize) -> Self {
        let results = calls[..calls.len() - parked].iter().map(|call| Arc::clone(call.field()));
        let output = keys.iter().cloned().map(Arc::new).chain(results).collect::<Vec<_>>();
        let (keys, output) = (Arc::new(Schema::new(keys)), Arc::new(Schema::new(output)));
        Self { keys, key_texts, calls, parked, output, ghosts: Vec::new() }
    }

    /// The key columns.
    pub fn keys(&self) -> &SchemaRef {
        &self.keys
    }

    /// Whether all rows are one group.
    pub fn is_keyless(&self) -> bool {
        self.keys.fields().is_empty()
    }

    /// The calls that have a state: those that give a result, then the parked ones.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Whether the call of this position is parked.
    pub fn is_parked(&self, call: usize) -> bool {
        call + self.parked >= self.calls.len()
    }

    /// What is parked, for reports.
    pub fn parked_columns(&self) -> Vec<ParkedColumn> {
        let column = |call: &Call| ParkedColumn {
            name: call.field().name().clone(),
            fingerprint: call.fingerprint().to_owned(),
        };
        self.calls[self.calls.len() - self.parked..].iter().map(column).collect()
    }

    /// The same, said to have these calls parked: nothing but the word of it.
    #[must_use]
    pub fn with_ghosts(&self, ghosts: &[ParkedColumn]) -> Self {
        Self { ghosts: ghosts.to_vec(), ..self.clone() }
    }

    /// The result: the keys, then a column per call.
    pub fn output(&self) -> &SchemaRef {
        &self.output
    }

    /// The columns of all calls' states, one after the other.
    pub fn state_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.calls.iter().flat_map(|call| call.state_fields().iter().cloned()).collect::<Vec<_>>(),
        ))
    }

    /// Results as a batch.
    pub fn batch(&self, keys: Vec<ArrayRef>, results: Vec<ArrayRef>) -> Result<RecordBatch, AggregateError> {
        let columns: Vec<_> = keys.into_iter().chain(results).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.output), columns)?)
    }

    /// Why nothing of the state of `old` can go on: it belongs to other keys.
    pub fn fits(&self, old: &Self) -> Result<(), String> {
        if self.key_texts == old.key_texts {
            return Ok(());
        }
        let (now, before) = (listed(&self.key_texts), listed(&old.key_texts));
        Err(format!("it groups by {now} instead of {before}, so it starts anew"))
    }

    /// The same, with the calls of `old` that it lacks parked behind its own.
    #[must_use]
    pub fn parking(&self, old: &Self) -> Self {
        let live = self.calls.len() - self.parked;
        let lacks = |call: &&Call| !self.calls[..live].iter().any(|own| own.fingerprint() == call.fingerprint());
        let mut calls = self.calls[..live].to_vec();
        calls.extend(old.calls.iter().filter(lacks).take(MAX_PARKED_CALLS).cloned());
        Self { parked: calls.len() - live, calls, ..self.clone() }
    }

    /// How this aggregation goes on with the state of `old`, whose keys fit: per own call the old call's position.
    /// Calls are matched by what they compute, not by name or place.
    pub fn carry(&self, old: &Self) -> (Vec<Option<usize>>, Carried) {
        let position = |call: &Call| old.calls.iter().position(|other| other.fingerprint() == call.fingerprint());
        let from: Vec<_> = self.calls.iter().map(position).collect();
        let mut carried = Carried::default();
        for (index, (call, from)) in self.calls.iter().zip(&from).enumerate() {
            let was_live = from.is_some_and(|from| !old.is_parked(from));
            let was_parked = from.is_some() || old.ghosts.iter().any(|ghost| ghost.fingerprint == call.fingerprint());
            let name = call.field().name().clone();
            match (self.is_parked(index), was_live, was_parked) {
                (false, true, _) => carried.kept.push(name),
                (false, false, true) => carried.resumed.push(name),
                (false, false, false) => carried.begun.push(name),
                (true, true, _) => carried.parked.push(name),
                (true, false, _) => {}
            }
        }
        (from, carried)
    }
}

fn listed(keys: &[String]) -> String {
    if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") }
}

/// Makes keys that are equal also equal in bits: -0.0 is 0.0, and every NaN the same, as Spark groups them.
pub fn normalised(column: &ArrayRef) -> ArrayRef {
    #[expect(clippy::wildcard_enum_match_arm, reason = "only fractions have two ways to write one value")]
    match column.data_type() {
        DataType::Float32 => {
            let same = |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 };
            Arc::new(column.as_primitive::<Float32Type>().unary::<_, Float32Type>(same) as Float32Array)
        }
        DataType::Float64 => {
            let same = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
            Arc::new(column.as_primitive::<Float64Type>().unary::<_, Float64Type>(same) as Float64Array)
        }
        _ => Arc::clone(column),
    }
}
