//! The same work done once over all rows, as a batch query: DataFusion's own physical operators in one partition, put
//! together by hand as its planner would.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use datafusion_common::{JoinSide, NullEquality, ScalarValue};
use datafusion_execution::TaskContext;
use datafusion_expr::{
    AggregateUDF, JoinType, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use datafusion_functions_aggregate::count::count_udaf;
use datafusion_functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion_functions_aggregate::sum::sum_udaf;
use datafusion_physical_expr::aggregate::AggregateExprBuilder;
use datafusion_physical_expr::expressions::{BinaryExpr, CastExpr, Column, IsNullExpr, Literal};
use datafusion_physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion_physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion_physical_plan::joins::utils::{ColumnIndex, JoinFilter};
use datafusion_physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion_physical_plan::projection::ProjectionExec;
use datafusion_physical_plan::sorts::sort::SortExec;
use datafusion_physical_plan::test::TestMemoryExec;
use datafusion_physical_plan::windows::{BoundedWindowAggExec, create_window_expr};
use datafusion_physical_plan::{ExecutionPlan, InputOrderMode, collect};

type Plan = Arc<dyn ExecutionPlan>;
type Expression = Arc<dyn PhysicalExpr>;

/// Rows in memory.
pub fn memory(batches: &[RecordBatch]) -> Plan {
    let schema = batches[0].schema();
    Arc::new(TestMemoryExec::try_new(&[batches.to_vec()], schema, None).unwrap())
}

/// Runs a plan on this thread; gives the number of rows.
pub fn run(plan: Plan) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(collect(plan, Arc::new(TaskContext::default()))).unwrap();
    rows.iter().map(|batch| batch.num_rows() as u64).sum()
}

/// A column of a plan by name.
pub fn column(of: &Plan, name: &str) -> Expression {
    Arc::new(Column::new_with_schema(name, &of.schema()).unwrap())
}

fn binary(left: Expression, operator: Operator, right: Expression) -> Expression {
    Arc::new(BinaryExpr::new(left, operator, right))
}

fn long(value: i64) -> Expression {
    Arc::new(Literal::new(ScalarValue::Int64(Some(value))))
}

fn as_long(value: Expression) -> Expression {
    Arc::new(CastExpr::new(value, DataType::Int64, None))
}

/// An aggregate over the column of this name.
pub struct Call(pub Arc<AggregateUDF>, pub &'static str);

/// `SELECT by, calls FROM input GROUP BY by`.
pub fn grouped(input: Plan, by: Vec<(Expression, &str)>, calls: &[Call]) -> Plan {
    let by = PhysicalGroupBy::new_single(by.into_iter().map(|(key, name)| (key, name.to_owned())).collect());
    let schema = input.schema();
    let call = |Call(function, argument): &Call| {
        let builder = AggregateExprBuilder::new(Arc::clone(function), vec![column(&input, argument)]);
        let alias = format!("{} {argument}", function.name());
        Arc::new(builder.schema(Arc::clone(&schema)).alias(alias).build().unwrap())
    };
    let calls: Vec<_> = calls.iter().map(call).collect();
    let filters = vec![None; calls.len()];
    let mode = AggregateMode::Single;
    Arc::new(AggregateExec::try_new(mode, by, calls, filters, Arc::clone(&input), schema).unwrap())
}

/// `GROUP BY ts / length, key`: tumbling windows, with count, sum and max of `n`.
pub fn tumbling(input: Plan, length: i64) -> Plan {
    let window = binary(as_long(column(&input, "ts")), Operator::Divide, long(length));
    let by = vec![(window, "window"), (column(&input, "key"), "key")];
    grouped(input, by, &[Call(count_udaf(), "n"), Call(sum_udaf(), "n"), Call(max_udaf(), "n")])
}

/// `left JOIN right USING (key)` where `right.ts` is at most `reach` after `left.ts`: builds on the left.
pub fn interval_join(left: Plan, right: Plan, reach: i64) -> Plan {
    let field = |name: &str| Field::new(name, left.schema().field(0).data_type().clone(), true);
    let schema = Arc::new(Schema::new(vec![field("left"), field("right")]));
    let time = |at: usize| as_long(Arc::new(Column::new(schema.field(at).name(), at)));
    let distance = || binary(time(1), Operator::Minus, time(0));
    let from = binary(distance(), Operator::GtEq, long(0));
    let until = binary(distance(), Operator::LtEq, long(reach));
    let sides = [JoinSide::Left, JoinSide::Right].map(|side| ColumnIndex { index: 0, side });
    let filter = JoinFilter::new(binary(from, Operator::And, until), sides.to_vec(), Arc::clone(&schema));
    let on = vec![(column(&left, "key"), column(&right, "key"))];
    let (mode, nulls) = (PartitionMode::CollectLeft, NullEquality::NullEqualsNothing);
    let join = HashJoinExec::try_new(left, right, on, Some(filter), &JoinType::Inner, None, mode, nulls, false);
    Arc::new(join.unwrap())
}

/// Sessions by key and gap: sorts by key and time, marks the rows that are first or follow a pause, numbers the sessions
/// with a running sum of the marks, and groups by key and number.
pub fn sessions(input: Plan, gap: i64) -> Plan {
    let sort = |name: &str| PhysicalSortExpr::new_default(column(&input, name));
    let sorted: Plan =
        Arc::new(SortExec::new(LexOrdering::new([sort("key"), sort("ts")]).unwrap(), Arc::clone(&input)));
    let before = WindowFrameBound::Preceding(ScalarValue::UInt64(Some(1)));
    let with_previous = windowed(sorted, max_udaf(), "ts", "previous", before);
    let pause =
        binary(as_long(column(&with_previous, "ts")), Operator::Minus, as_long(column(&with_previous, "previous")));
    let is_first: Expression = Arc::new(IsNullExpr::new(column(&with_previous, "previous")));
    let begins = binary(is_first, Operator::Or, binary(pause, Operator::Gt, long(gap)));
    let is_new: Expression = Arc::new(CastExpr::new(begins, DataType::Int64, None));
    let own = ["ts", "key", "n"].map(|name| (column(&with_previous, name), name.to_owned()));
    let columns = own.into_iter().chain([(is_new, "is_new".to_owned())]);
    let marked: Plan = Arc::new(ProjectionExec::try_new(columns, Arc::clone(&with_previous)).unwrap());
    let numbered = windowed(marked, sum_udaf(), "is_new", "number", WindowFrameBound::CurrentRow);
    let by = vec![(column(&numbered, "key"), "key"), (column(&numbered, "number"), "number")];
    let calls = [Call(min_udaf(), "ts"), Call(max_udaf(), "ts"), Call(count_udaf(), "n"), Call(sum_udaf(), "n")];
    grouped(numbered, by, &calls)
}

/// A running aggregate per key in the order of time, from the first row up to `end`.
fn windowed(input: Plan, function: Arc<AggregateUDF>, argument: &str, name: &str, end: WindowFrameBound) -> Plan {
    let first = WindowFrameBound::Preceding(ScalarValue::UInt64(None));
    let frame = Arc::new(WindowFrame::new_bounds(WindowFrameUnits::Rows, first, end));
    let order = [PhysicalSortExpr::new_default(column(&input, "ts"))];
    let expression = create_window_expr(
        &WindowFunctionDefinition::AggregateUDF(function),
        name.to_owned(),
        &[column(&input, argument)],
        &[column(&input, "key")],
        &order,
        frame,
        input.schema(),
        false,
        false,
        None,
    );
    let mode = InputOrderMode::Sorted;
    Arc::new(BoundedWindowAggExec::try_new(vec![expression.unwrap()], input, mode, false).unwrap())
}
