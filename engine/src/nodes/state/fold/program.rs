//! The expressions of a fold, typed, over many keys at once.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::{CastOptions, cast_with_options, filter_record_batch, interleave};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::expr::{Expression, Scope};
use crate::nodes::transforms::refusal::refused;
use crate::nodes::transforms::rowwise::evaluate;
use crate::plan::{NodeError, type_word};
use crate::spec::Diagnostic;

/// An expression that gives a state column's type.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    expression: Expression,
    data_type: DataType,
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

impl Typed {
    /// Compiles an expression for this state column.
    pub(super) fn compile(text: &str, over: &SchemaRef, state: &Field, param: &str) -> Result<Self, Diagnostic> {
        let expression = Expression::compile(text, over).map_err(|error| refused(param, error))?;
        let (given, wanted) = (expression.field().data_type(), state.data_type());
        if fits(given, wanted) || text.trim().eq_ignore_ascii_case("null") {
            return Ok(Self { expression, data_type: wanted.clone() });
        }
        let (given, wanted) = (type_word(given), type_word(wanted));
        let name = state.name();
        let sentence =
            format!("this gives {given}, but `{name}` is {wanted}; write CAST(... AS {wanted}), or change its type");
        Err(Diagnostic::error(sentence).param(param))
    }

    fn evaluate(&self, rows: &RecordBatch, scope: &Scope) -> Result<ArrayRef, NodeError> {
        let values = evaluate(&self.expression, rows, scope)?;
        if *values.data_type() == self.data_type {
            return Ok(values);
        }
        Ok(cast_with_options(&values, &self.data_type, &CastOptions { safe: false, ..CastOptions::default() })?)
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
        let initial = self.initial.iter().map(|typed| typed.evaluate(&new, scope));
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
    ) -> Result<Vec<ArrayRef>, NodeError> {
        let columns = state.iter().chain(rows.columns()).map(Arc::clone).collect();
        let step = RecordBatch::try_new(Arc::clone(&self.step), columns)?;
        self.update.iter().map(|typed| typed.evaluate(&step, scope)).collect()
    }

    /// The state of keys without rows; `keyed` is their keys, then their state.
    pub(super) fn idle(&self, keyed: &RecordBatch, scope: &Scope) -> Result<Vec<ArrayRef>, NodeError> {
        let first = keyed.num_columns() - self.idle.len();
        let column = |(at, typed): (usize, &Option<Typed>)| match typed {
            Some(typed) => typed.evaluate(keyed, scope),
            None => Ok(Arc::clone(keyed.column(first + at))),
        };
        self.idle.iter().enumerate().map(column).collect()
    }
}
