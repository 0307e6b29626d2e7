//! A compiled expression and its evaluation on a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_empty_array};
use arrow::datatypes::{Field, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Column;
use datafusion_physical_expr::utils::collect_columns;

use super::compile::{Compiled, Program, compile};
use super::normalise::into_type;
use super::{ExprError, Scope};

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Expression {
    program: Program,
    field: Field,
    spark_type: String,
    reads: Vec<usize>,
    input_width: usize,
    reads_scope: bool,
}

impl Expression {
    /// Compiles an expression against the columns it may name. The text is Spark SQL's; a name that does not exist is
    /// answered with the nearest one and its place.
    pub fn compile(source: &str, input: &SchemaRef) -> Result<Self, ExprError> {
        let Compiled { program, field, spark_type } = compile(source, input)?;
        let input_width = input.fields().len();
        let mut columns: Vec<usize> = match &program {
            Program::Column(index) => vec![*index],
            Program::Computed(physical) => collect_columns(physical).iter().map(Column::index).collect(),
        };
        columns.sort_unstable();
        columns.dedup();
        let (reads, hidden): (Vec<_>, Vec<_>) = columns.into_iter().partition(|index| *index < input_width);
        // Behind the hidden columns stand the variables of lambdas.
        let hidden_end = input_width + super::scope::hidden_fields().len();
        let reads_scope = hidden.iter().any(|index| *index < hidden_end);
        Ok(Self { program, field, spark_type, reads, input_width, reads_scope })
    }

    /// The result's column: type, nullability, and the expression's text as name.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// The result's type by Spark's name, such as `bigint` or `decimal(10,2)`; `void` where it is always null.
    pub fn type_name(&self) -> &str {
        &self.spark_type
    }

    /// The columns it reads, by their position in the input, ascending.
    pub fn reads(&self) -> &[usize] {
        &self.reads
    }

    /// Whether it reads the batch's number or time, so that the same row may give another value in another batch.
    pub fn reads_scope(&self) -> bool {
        self.reads_scope
    }

    /// Evaluates it on all rows of a batch.
    pub fn evaluate(&self, batch: &RecordBatch, scope: &Scope) -> Result<ArrayRef, ExprError> {
        if batch.num_rows() == 0 {
            // Where there is no row none can fail, not even on `1 / 0`.
            return Ok(new_empty_array(self.field.data_type()));
        }
        let array = match &self.program {
            Program::Column(index) => match batch.columns().get(*index) {
                Some(column) => Arc::clone(column),
                None => return Err(ExprError::new("the batch has fewer columns than the expression was compiled for")),
            },
            Program::Computed(physical) => self.compute(physical, batch, scope)?,
        };
        if array.null_count() > 0 && !self.field.is_nullable() {
            return Err(ExprError::new(format!("`{}` gave null although it cannot", self.field.name())));
        }
        Ok(array)
    }

    fn compute(
        &self,
        physical: &Arc<dyn PhysicalExpr>,
        batch: &RecordBatch,
        scope: &Scope,
    ) -> Result<ArrayRef, ExprError> {
        let physical =
            if self.reads_scope { scope.bind(Arc::clone(physical), self.input_width)? } else { Arc::clone(physical) };
        // A function of the library that panics on odd values fails on their rows, and nothing else.
        let evaluated = catch_unwind(AssertUnwindSafe(|| {
            physical.evaluate(batch).and_then(|value| value.into_array(batch.num_rows()))
        }));
        let value = evaluated.map_err(|_| ExprError::new("the expression crashed on these values"))?;
        let array = value.map_err(|error| ExprError::from_datafusion(&error))?;
        if array.len() != batch.num_rows() {
            return Err(ExprError::new(format!("`{}` gave another number of rows than it got", self.field.name())));
        }
        into_type(&array, self.field.data_type()).map_err(|error| ExprError::from_arrow(&error))
    }
}
