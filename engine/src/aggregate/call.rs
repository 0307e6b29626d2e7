//! One aggregate call, checked and ready to make accumulators.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, ListArray, StructArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type, Schema};
use arrow::row::{RowConverter, SortField};
use datafusion_expr::GroupsAccumulator;
use datafusion_physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion_physical_expr::expressions::{Column, lit};
use datafusion_physical_expr::{GroupsAccumulatorAdapter, PhysicalExpr};

use super::own::{Make, Own, own};
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
    make: Make,
    fingerprint: String,
    /// Which percentile; nothing else reads it.
    percent: f64,
}

/// An argument as it is written, and its type.
pub type Argument<'a> = (&'a str, &'a DataType);

impl Call {
    /// Checks a call. `count` may do without arguments, functions of two take two, all others one. `percent` counts for
    /// percentiles only.
    pub fn new(
        function: AggregateFunction,
        arguments: &[Argument<'_>],
        percent: f64,
        name: &str,
    ) -> Result<Self, AggregateError> {
        let mut accepted = arguments.iter().map(|(text, given)| accepted_type(function, text, given));
        let argument = match (arguments.len(), function.needs_two()) {
            (0, _) if function.needs_argument() => {
                return Err(AggregateError(format!("{function} needs an expression to work on; enter a column")));
            }
            (0 | 1, true) => {
                return Err(AggregateError(format!("{function} works on two values; enter the second one too")));
            }
            (2.., true) => {
                accepted.try_for_each(|accepted| accepted.map(|_| ()))?;
                Some(DataType::Struct(pair()))
            }
            (_, false) => accepted.next().transpose()?,
        };
        let given = arguments.first().map_or(&DataType::Boolean, |(_, given)| *given);
        let ours = argument.as_ref().and_then(|taken| own(function, given, taken, percent, name));
        let Own { result, state_fields, make } = match ours {
            Some(ours) => ours,
            None => datafusions(function, argument.as_ref(), percent, name)?,
        };
        let is_nullable = match function {
            AggregateFunction::CollectList | AggregateFunction::RegrCount => false,
            other => !is_count(other),
        };
        let mut listed: Vec<String> = arguments.iter().map(|(text, given)| format!("{text} {given}")).collect();
        listed.extend(function.needs_percent().then(|| percent.to_string()));
        let fingerprint = format!("{function}({})", listed.join(", "));
        let field = Arc::new(Field::new(name, result, is_nullable));
        let call = Self { function, argument, field, state_fields, make, fingerprint, percent };
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
            | F::TrySum
            | F::Avg
            | F::TryAvg
            | F::Min
            | F::Max
            | F::Stddev
            | F::StddevPop
            | F::Variance
            | F::VariancePop
            | F::Skewness
            | F::Kurtosis
            | F::CovarPop
            | F::CovarSamp
            | F::Corr
            | F::RegrCount
            | F::RegrAvgx
            | F::RegrAvgy
            | F::RegrSxx
            | F::RegrSyy
            | F::RegrSxy
            | F::RegrSlope
            | F::RegrIntercept
            | F::RegrR2
            | F::First
            | F::Last => Upkeep::Stacks,
            F::Median
            | F::Percentile
            | F::PercentileDisc
            | F::PercentileApprox
            | F::Mode
            | F::CountDistinct
            | F::ApproxCountDistinct
            | F::CollectList => Upkeep::Recount,
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

    /// The arguments as the accumulator takes them: two become one structure, none a column of so many trues.
    pub(super) fn prepare(&self, arguments: Vec<ArrayRef>, rows: usize) -> Result<ArrayRef, AggregateError> {
        if self.function.needs_two() {
            let doubles = arguments.iter().map(|array| cast(array, &DataType::Float64));
            return Ok(Arc::new(StructArray::try_new(pair(), doubles.collect::<Result<_, _>>()?, None)?));
        }
        match (arguments.into_iter().next(), &self.argument) {
            (Some(array), Some(wanted)) if array.data_type() != wanted => Ok(cast(&array, wanted)?),
            (Some(array), _) => Ok(array),
            (None, _) => Ok(Arc::new(BooleanArray::new(BooleanBuffer::new_set(rows), None))),
        }
    }

    /// A new accumulator.
    pub(super) fn accumulator(&self) -> Result<Box<dyn GroupsAccumulator>, AggregateError> {
        (self.make)()
    }

    /// A result as it travels on links.
    pub(super) fn finish(&self, result: ArrayRef) -> Result<ArrayRef, AggregateError> {
        let result = if self.function == AggregateFunction::CollectList {
            without_nulls(&result)
        } else if self.function == AggregateFunction::PercentileDisc {
            discrete(&result, self.percent / 100.0)
        } else {
            result
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

/// DataFusion's accumulator for this function.
fn datafusions(
    function: AggregateFunction,
    argument: Option<&DataType>,
    percent: f64,
    name: &str,
) -> Result<Own, AggregateError> {
    let Some(implementation) = function.implementation() else {
        return Err(AggregateError(format!("{function} is not computed of this type; convert it with CAST first")));
    };
    let read = argument.cloned().unwrap_or(DataType::Boolean);
    let schema = Arc::new(Schema::new(vec![Field::new("argument", read, true)]));
    let mut arguments: Vec<Arc<dyn PhysicalExpr>> = vec![Arc::new(Column::new("argument", 0))];
    if function == AggregateFunction::Percentile {
        arguments.push(lit(percent / 100.0));
    }
    let mut builder = AggregateExprBuilder::new(implementation, arguments)
        .schema(schema)
        .alias(name)
        .with_distinct(function == AggregateFunction::CountDistinct);
    if matches!(function, AggregateFunction::CollectList | AggregateFunction::PercentileDisc) {
        builder = builder.ignore_nulls();
    }
    let expression = Arc::new(builder.build()?);
    let result = match function {
        AggregateFunction::PercentileDisc => DataType::Float64,
        _ => on_links(expression.field().data_type()),
    };
    let state_fields = expression.state_fields()?;
    Ok(Own { result, state_fields, make: Arc::new(move || accumulator(&expression)) })
}

fn accumulator(expression: &Arc<AggregateFunctionExpr>) -> Result<Box<dyn GroupsAccumulator>, AggregateError> {
    if expression.groups_accumulator_supported() {
        return Ok(expression.create_groups_accumulator()?);
    }
    expression.create_accumulator()?;
    let expression = Arc::clone(expression);
    Ok(Box::new(GroupsAccumulatorAdapter::new(move || expression.create_accumulator())))
}

/// Two values as one argument.
fn pair() -> Fields {
    ["first", "second"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect()
}

fn is_count(function: AggregateFunction) -> bool {
    use AggregateFunction as F;
    matches!(function, F::Count | F::CountDistinct | F::ApproxCountDistinct)
}

/// The type the accumulator works on, or the sentence that refuses the argument.
fn accepted_type(function: AggregateFunction, text: &str, given: &DataType) -> Result<DataType, AggregateError> {
    use AggregateFunction as F;
    let refuse = |wants: &str| {
        Err(AggregateError(format!("{function} works on {wants}, but `{text}` is {given}; convert it with CAST first")))
    };
    match function {
        F::Sum | F::TrySum | F::Avg | F::TryAvg => match given {
            given if given.is_integer() && *given != DataType::UInt64 => Ok(DataType::Int64),
            DataType::UInt64 => Ok(DataType::Decimal128(20, 0)),
            given if given.is_floating() => Ok(DataType::Float64),
            given if given.is_decimal() => Ok(given.clone()),
            _ => refuse("numbers"),
        },
        F::Stddev
        | F::StddevPop
        | F::Variance
        | F::VariancePop
        | F::Skewness
        | F::Kurtosis
        | F::Median
        | F::Percentile
        | F::PercentileDisc
        | F::PercentileApprox
        | F::Corr
        | F::CovarPop
        | F::CovarSamp
        | F::RegrCount
        | F::RegrAvgx
        | F::RegrAvgy
        | F::RegrSxx
        | F::RegrSyy
        | F::RegrSxy
        | F::RegrSlope
        | F::RegrIntercept
        | F::RegrR2 => {
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
        F::Mode => {
            if RowConverter::supports_fields(&[SortField::new(given.clone())]) {
                Ok(given.clone())
            } else {
                refuse("values that can be compared")
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

/// The smallest value of each list that this part of its values does not exceed; null of none.
fn discrete(lists: &ArrayRef, part: f64) -> ArrayRef {
    let Some(lists) = lists.as_list_opt::<i32>() else { return Arc::clone(lists) };
    let smallest = |list: Option<ArrayRef>| {
        let list = list?;
        let mut values: Vec<f64> = list.as_primitive_opt::<Float64Type>()?.iter().flatten().collect();
        let rank = (1..=values.len()).find(|rank| *rank as f64 >= part * values.len() as f64);
        let at = rank.unwrap_or(values.len()).checked_sub(1)?;
        let order = |a: &f64, b: &f64| a.is_nan().cmp(&b.is_nan()).then(a.total_cmp(b));
        Some(*values.select_nth_unstable_by(at, order).1)
    };
    Arc::new(lists.iter().map(smallest).collect::<Float64Array>())
}
