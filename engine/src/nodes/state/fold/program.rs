//! The expressions of a fold, typed, over many keys at once.
//!
//! A row on which one fails changes nothing: its key keeps the state it had, and the row is set aside with the reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{CastOptions, cast_with_options, filter_record_batch, interleave};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::expr::{Expression, Scope, shorten, type_name};
use crate::nodes::transforms::on_error::OnError;
use crate::nodes::transforms::refusal::refused;
use crate::nodes::transforms::rowwise::evaluate;
use crate::plan::NodeError;
use crate::spec::Diagnostic;

/// An expression that gives a state column's type.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    name: String,
    expression: Expression,
    data_type: DataType,
}

/// What failed while a step was computed.
pub(super) struct Faults {
    on_error: OnError,
    /// The rows that failed, by their position in the step.
    pub(super) rows: BTreeMap<usize, String>,
    /// Values that became null.
    pub(super) nulled: u64,
}

/// What is done with the state of a key.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// State columns, then the row's.
    step: SchemaRef,
    initial: Vec<Typed>,
    update: Vec<Typed>,
    idle: Vec<Option<Typed>>,
}

impl Faults {
    /// Nothing has failed.
    pub(super) fn new(on_error: OnError) -> Self {
        Self { on_error, rows: BTreeMap::new(), nulled: 0 }
    }

    /// Of several failures of a row the first is told.
    fn note(&mut self, row: usize, reason: String) {
        match self.on_error {
            OnError::Reject => {
                self.rows.entry(row).or_insert(reason);
            }
            OnError::Null | OnError::Stop => self.nulled += 1,
        }
    }

    /// Where a row failed, what was before in place of what came out.
    pub(super) fn keep(&self, before: &[ArrayRef], after: Vec<ArrayRef>) -> Result<Vec<ArrayRef>, NodeError> {
        let Some(rows) = after.first().map(Array::len).filter(|_| !self.rows.is_empty()) else {
            return Ok(after);
        };
        let has_failed: BooleanArray = (0..rows).map(|row| Some(self.rows.contains_key(&row))).collect();
        let column = |(before, after): (&ArrayRef, &ArrayRef)| zip(&has_failed, before, after);
        Ok(before.iter().zip(&after).map(column).collect::<Result<_, _>>()?)
    }
}

impl Typed {
    /// Compiles an expression for this state column.
    pub(super) fn compile(text: &str, over: &SchemaRef, state: &Field, param: &str) -> Result<Self, Diagnostic> {
        let expression = Expression::compile(text, over).map_err(|error| refused(param, error))?;
        let (given, wanted) = (expression.field().data_type(), state.data_type());
        if fits(given, wanted) || text.trim().eq_ignore_ascii_case("null") {
            return Ok(Self { name: state.name().clone(), expression, data_type: wanted.clone() });
        }
        let (given, wanted) = (type_name(given), type_name(wanted));
        let name = state.name();
        let sentence =
            format!("this gives {given}, but `{name}` is {wanted}; write CAST(... AS {wanted}), or change its type");
        Err(Diagnostic::error(sentence).param(param))
    }

    /// Its values; where it fails, null, which is noted. `position` says where a row stands in the step.
    fn evaluate(
        &self,
        rows: &RecordBatch,
        scope: &Scope,
        faults: &mut Faults,
        position: impl Fn(usize) -> usize,
    ) -> Result<ArrayRef, NodeError> {
        if faults.on_error == OnError::Stop {
            return self.convert(&evaluate(&self.expression, rows, scope)?, false);
        }
        let attempt = self.expression.attempt(rows, scope).map_err(|error| NodeError::data(error.message))?;
        let source = shorten(self.expression.field().name());
        for failure in attempt.failures {
            let reason = format!("{} in {}: {source}", failure.error.cause(), self.name);
            faults.note(position(failure.row), reason);
        }
        let values = self.convert(&attempt.values, true)?;
        if values.null_count() > attempt.values.null_count() {
            for row in (0..values.len()).filter(|row| values.is_null(*row) && attempt.values.is_valid(*row)) {
                let word = type_name(&self.data_type);
                faults
                    .note(position(row), format!("the value is out of the range of {word} in {}: {source}", self.name));
            }
        }
        Ok(values)
    }

    fn convert(&self, values: &ArrayRef, is_lenient: bool) -> Result<ArrayRef, NodeError> {
        if *values.data_type() == self.data_type {
            return Ok(Arc::clone(values));
        }
        let options = CastOptions { safe: is_lenient, ..CastOptions::default() };
        Ok(cast_with_options(values, &self.data_type, &options)?)
    }
}

/// Whether values of a type can stand in a state column without losing anything but digits that do not count.
fn fits(given: &DataType, wanted: &DataType) -> bool {
    let is_number = |data_type: &DataType| data_type.is_integer() || data_type.is_floating() || data_type.is_decimal();
    given == wanted
        || (given.is_integer() && wanted.is_integer())
        || (is_number(given) && wanted.is_floating())
        || (*given == DataType::Date32 && matches!(wanted, DataType::Timestamp(_, _)))
}

impl Program {
    /// Without columns yet; `step` is what updates see: the state, then the row.
    pub(super) fn new(step: SchemaRef) -> Self {
        Self { step, initial: Vec::new(), update: Vec::new(), idle: Vec::new() }
    }

    /// Adds a state column.
    pub(super) fn push(&mut self, initial: Typed, update: Typed, idle: Option<Typed>) {
        self.initial.push(initial);
        self.update.push(update);
        self.idle.push(idle);
    }

    /// Whether keys without rows change.
    pub(super) fn has_idle(&self) -> bool {
        self.idle.iter().any(Option::is_some)
    }

    /// The state before these rows, one key each: what is known, and for fresh keys what they start with. `known` has
    /// a row for every key that is not fresh, or for every key if `is_dense`.
    pub(super) fn before(
        &self,
        known: &[ArrayRef],
        fresh: &[bool],
        is_dense: bool,
        rows: &RecordBatch,
        scope: &Scope,
        faults: &mut Faults,
    ) -> Result<Vec<ArrayRef>, NodeError> {
        let count = fresh.iter().filter(|fresh| **fresh).count();
        if count == 0 {
            return Ok(known.to_vec());
        }
        let new = if count == fresh.len() {
            rows.clone()
        } else {
            filter_record_batch(rows, &BooleanArray::from(fresh.to_vec()))?
        };
        let places: Vec<usize> = fresh.iter().enumerate().filter(|(_, fresh)| **fresh).map(|(at, _)| at).collect();
        let position = |row: usize| places.get(row).copied().unwrap_or(row);
        let initial = self.initial.iter().map(|typed| typed.evaluate(&new, scope, faults, position));
        let initial = initial.collect::<Result<Vec<_>, _>>()?;
        if count == fresh.len() {
            return Ok(initial);
        }
        let (mut old, mut young) = (0, 0);
        let places = fresh.iter().enumerate().map(|(at, is_fresh)| {
            let next = if *is_fresh { &mut young } else { &mut old };
            *next += 1;
            let nth = *next - 1;
            if *is_fresh { (1, nth) } else { (0, if is_dense { at } else { nth }) }
        });
        let places: Vec<(usize, usize)> = places.collect();
        let pick = |(known, initial): (&ArrayRef, &ArrayRef)| interleave(&[known.as_ref(), initial.as_ref()], &places);
        Ok(known.iter().zip(&initial).map(pick).collect::<Result<_, _>>()?)
    }

    /// The state after one row of each key.
    pub(super) fn update(
        &self,
        state: &[ArrayRef],
        rows: &RecordBatch,
        scope: &Scope,
        faults: &mut Faults,
    ) -> Result<Vec<ArrayRef>, NodeError> {
        let columns = state.iter().chain(rows.columns()).map(Arc::clone).collect();
        let step = RecordBatch::try_new(Arc::clone(&self.step), columns)?;
        self.update.iter().map(|typed| typed.evaluate(&step, scope, faults, |row| row)).collect()
    }

    /// The state of keys without rows; `keyed` is their keys, then their state.
    pub(super) fn idle(
        &self,
        keyed: &RecordBatch,
        scope: &Scope,
        faults: &mut Faults,
    ) -> Result<Vec<ArrayRef>, NodeError> {
        let first = keyed.num_columns() - self.idle.len();
        let column = |(at, typed): (usize, &Option<Typed>)| match typed {
            Some(typed) => typed.evaluate(keyed, scope, faults, |row| row),
            None => Ok(Arc::clone(keyed.column(first + at))),
        };
        self.idle.iter().enumerate().map(column).collect()
    }
}
