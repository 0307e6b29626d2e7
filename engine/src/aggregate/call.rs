//! One aggregate call, checked and ready to make accumulators.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Float32Type, Float64Type, Int64Type, Schema};
use datafusion_expr::GroupsAccumulator;
use datafusion_physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion_physical_expr::expressions::{Column, lit};
use datafusion_physical_expr::{GroupsAccumulatorAdapter, PhysicalExpr};

use super::average::IntegerAverage;
use super::folding::Folding;
use super::{AggregateError, AggregateFunction};

/// How a sliding window keeps a call up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upkeep {
    /// Running totals: add the panes that enter, subtract those that leave. Exact states only.
    Totals,
    /// Two stacks of merged panes: nothing is ever subtracted.
    Stacks,
    /// Merge the window's panes at every slide: the state grows with the rows, and so does the result.
    Recount,
}

/// A checked call: its result's column, its state's columns, and how to make its accumulator.
#[derive(Clone)]
pub struct Call {
    function: AggregateFunction,
    argument: Option<DataType>,
    field: FieldRef,
    state_fields: Vec<FieldRef>,
    expression: Arc<AggregateFunctionExpr>,
    fingerprint: String,
}

impl Call {
    /// Checks a call. `argument` is the argument's source text and type; `count` may do without. `percent` counts for
    /// percentiles only.
    pub fn new(
        function: AggregateFunction,
        argument: Option<(&str, &DataType)>,
        percent: f64,
        name: &str,
    ) -> Result<Self, AggregateError> {
        if argument.is_none() && function.needs_argument() {
            return Err(AggregateError(format!("{function} needs an expression to work on; enter a column")));
        }
        let accepted = argument.map(|(text, given)| accepted_type(function, text, given)).transpose()?;
        let read = accepted.clone().unwrap_or(DataType::Boolean);
        let schema = Arc::new(Schema::new(vec![Field::new("argument", read, true)]));
        let is_percentile = function == AggregateFunction::Percentile;
        let mut arguments: Vec<Arc<dyn PhysicalExpr>> = vec![Arc::new(Column::new("argument", 0))];
        if is_percentile {
            arguments.push(lit(percent / 100.0));
        }
        let mut builder = AggregateExprBuilder::new(function.implementation(), arguments)
            .schema(schema)
            .alias(name)
            .with_distinct(function == AggregateFunction::CountDistinct);
        if function == AggregateFunction::CollectList {
            builder = builder.ignore_nulls();
        }
        let expression = Arc::new(builder.build()?);
        let (result, state_fields) = if let Some(average) = exact_average(function, accepted.as_ref()) {
            (average.result_type(), IntegerAverage::state_fields(name))
        } else {
            (on_links(expression.field().data_type()), expression.state_fields()?)
        };
        let nullable = expression.field().is_nullable() && function != AggregateFunction::CollectList;
        let fingerprint = match argument {
            Some((text, given)) if is_percentile => format!("{function}({text} {given}, {percent})"),
            Some((text, given)) => format!("{function}({text} {given})"),
            None => format!("{function}()"),
        };
        let field = Arc::new(Field::new(name, result, nullable));
        let call = Self { function, argument: accepted, field, state_fields, expression, fingerprint };
        call.accumulator()?;
        Ok(call)
    }

    /// What it computes.
    pub fn function(&self) -> AggregateFunction {
        self.function
    }

    /// The result's column.
    pub fn field(&self) -> &FieldRef {
        &self.field
    }

    /// The columns of its state.
    pub fn state_fields(&self) -> &[FieldRef] {
        &self.state_fields
    }

    /// What it computes, whatever its name: calls of equal fingerprints can go on with each other's state.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// How a sliding window keeps it up to date.
    pub fn upkeep(&self) -> Upkeep {
        use AggregateFunction as F;
        match self.function {
            F::Count | F::Sum | F::Avg if self.has_exact_state() => Upkeep::Totals,
            F::Count
            | F::Sum
            | F::Avg
            | F::Min
            | F::Max
            | F::Stddev
            | F::StddevPop
            | F::Variance
            | F::VariancePop
            | F::First
            | F::Last => Upkeep::Stacks,
            F::Median | F::Percentile | F::CountDistinct | F::ApproxCountDistinct | F::CollectList => Upkeep::Recount,
        }
    }

    /// Whether its state is one column that is its result as well.
    pub(super) fn is_its_state(&self) -> bool {
        use AggregateFunction as F;
        let is_one_value = [F::Count, F::Sum, F::Min, F::Max].contains(&self.function);
        let [state] = self.state_fields.as_slice() else { return false };
        is_one_value && state.data_type() == self.field.data_type()
    }

    fn has_exact_state(&self) -> bool {
        self.state_fields.iter().all(|field| super::Totals::supports(field.data_type()))
    }

    /// The type its accumulator takes.
    pub(super) fn argument_type(&self) -> &DataType {
        self.argument.as_ref().unwrap_or(&DataType::Boolean)
    }

    /// The argument as its accumulator takes it; for `count` without argument a column of so many trues.
    pub(super) fn prepare(&self, argument: Option<ArrayRef>, rows: usize) -> Result<ArrayRef, AggregateError> {
        match (argument, &self.argument) {
            (Some(array), Some(wanted)) if array.data_type() != wanted => Ok(cast(&array, wanted)?),
            (Some(array), _) => Ok(array),
            (None, _) => Ok(Arc::new(BooleanArray::new(BooleanBuffer::new_set(rows), None))),
        }
    }

    /// A new accumulator.
    pub(super) fn accumulator(&self) -> Result<Box<dyn GroupsAccumulator>, AggregateError> {
        if let Some(average) = exact_average(self.function, self.argument.as_ref()) {
            return Ok(Box::new(average));
        }
        if let Some(folding) = folding(self.function, self.argument.as_ref()) {
            return Ok(folding);
        }
        if self.expression.groups_accumulator_supported() {
            return Ok(self.expression.create_groups_accumulator()?);
        }
        self.expression.create_accumulator()?;
        let expression = Arc::clone(&self.expression);
        Ok(Box::new(GroupsAccumulatorAdapter::new(move || expression.create_accumulator())))
    }

    /// A result as it travels on links.
    pub(super) fn finish(&self, result: ArrayRef) -> Result<ArrayRef, AggregateError> {
        let result = match self.function {
            AggregateFunction::CollectList => without_nulls(&result),
            AggregateFunction::Count
            | AggregateFunction::Sum
            | AggregateFunction::Min
            | AggregateFunction::Max
            | AggregateFunction::Avg
            | AggregateFunction::Stddev
            | AggregateFunction::StddevPop
            | AggregateFunction::Variance
            | AggregateFunction::VariancePop
            | AggregateFunction::Median
            | AggregateFunction::Percentile
            | AggregateFunction::CountDistinct
            | AggregateFunction::ApproxCountDistinct
            | AggregateFunction::First
            | AggregateFunction::Last => result,
        };
        if result.data_type() == self.field.data_type() {
            Ok(result)
        } else {
            Ok(cast(&result, self.field.data_type())?)
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("fingerprint", &self.fingerprint)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// Our own accumulator for a mean of whole numbers or decimals.
fn exact_average(function: AggregateFunction, argument: Option<&DataType>) -> Option<IntegerAverage> {
    match (function, argument?) {
        (AggregateFunction::Avg, DataType::Int64) => Some(IntegerAverage::default()),
        (AggregateFunction::Avg, DataType::Decimal128(precision, scale)) => {
            Some(IntegerAverage::of_decimals(*precision, *scale))
        }
        _ => None,
    }
}

/// Our own accumulators where DataFusion's give other results than Spark: sums of whole numbers that grow too large,
/// and the extremes of fractions.
fn folding(function: AggregateFunction, argument: Option<&DataType>) -> Option<Box<dyn GroupsAccumulator>> {
    use AggregateFunction as F;
    Some(match (function, argument?) {
        (F::Sum, DataType::Int64) => Box::new(Folding::<Int64Type>::new(i64::checked_add)),
        (F::Min, DataType::Float64) => {
            Box::new(Folding::<Float64Type>::new(|a, b| Some(if is_less(b, a) { b } else { a })))
        }
        (F::Max, DataType::Float64) => {
            Box::new(Folding::<Float64Type>::new(|a, b| Some(if is_less(a, b) { b } else { a })))
        }
        (F::Min, DataType::Float32) => {
            Box::new(Folding::<Float32Type>::new(|a, b| Some(if is_less(b, a) { b } else { a })))
        }
        (F::Max, DataType::Float32) => {
            Box::new(Folding::<Float32Type>::new(|a, b| Some(if is_less(a, b) { b } else { a })))
        }
        _ => return None,
    })
}

/// The order of fractions: NaN is the greatest.
fn is_less<T: PartialOrd + Copy>(left: T, right: T) -> bool {
    let is_nan = |value: T| value.partial_cmp(&value).is_none();
    left < right || (is_nan(right) && !is_nan(left))
}

/// The type the accumulator works on, or the sentence that refuses the argument.
fn accepted_type(function: AggregateFunction, text: &str, given: &DataType) -> Result<DataType, AggregateError> {
    use AggregateFunction as F;
    let refuse = |wants: &str| {
        Err(AggregateError(format!("{function} works on {wants}, but `{text}` is {given}; convert it with CAST first")))
    };
    match function {
        F::Sum | F::Avg => match given {
            given if given.is_integer() && *given != DataType::UInt64 => Ok(DataType::Int64),
            DataType::UInt64 => Ok(DataType::Decimal128(20, 0)),
            given if given.is_floating() => Ok(DataType::Float64),
            given if given.is_decimal() => Ok(given.clone()),
            _ => refuse("numbers"),
        },
        F::Stddev | F::StddevPop | F::Variance | F::VariancePop | F::Median | F::Percentile => {
            if given.is_numeric() {
                Ok(DataType::Float64)
            } else {
                refuse("numbers")
            }
        }
        F::Min | F::Max => {
            if given.is_nested() {
                refuse("values that have an order")
            } else {
                Ok(given.clone())
            }
        }
        F::Count | F::CountDistinct | F::ApproxCountDistinct | F::First | F::Last | F::CollectList => Ok(given.clone()),
    }
}

/// Counts are `bigint` on links, as in Spark.
fn on_links(result: &DataType) -> DataType {
    if *result == DataType::UInt64 { DataType::Int64 } else { result.clone() }
}

/// A list per row, empty where there was nothing to collect.
fn without_nulls(result: &ArrayRef) -> ArrayRef {
    let Some(lists) = result.as_list_opt::<i32>() else { return Arc::clone(result) };
    let DataType::List(field) = lists.data_type() else { return Arc::clone(result) };
    let is_hollow = |row| lists.is_valid(row) || lists.value_length(row) == 0;
    if lists.null_count() == 0 || !(0..lists.len()).all(is_hollow) {
        return Arc::clone(result);
    }
    let whole = ListArray::try_new(Arc::clone(field), lists.offsets().clone(), Arc::clone(lists.values()), None);
    whole.map_or_else(|_| Arc::clone(result), |lists| Arc::new(lists) as ArrayRef)
}
