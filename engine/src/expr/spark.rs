//! Where Spark's arithmetic differs from DataFusion's: `/` never divides integers, and a divisor of zero is an error
//! for every type (ANSI mode).

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::try_binary;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use datafusion_common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion_expr::{
    ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    binary_expr, cast,
};
use datafusion_sql::sqlparser::ast::BinaryOperator;

static DIVIDE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Divide::new())));

/// Plans `/` and `DIV` as Spark means them.
#[derive(Debug)]
pub(super) struct SparkPlanner;

impl ExprPlanner for SparkPlanner {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let is_division = raw.op == BinaryOperator::Divide;
        let is_whole = matches!(raw.op, BinaryOperator::MyIntegerDivide | BinaryOperator::DuckIntegerDivide);
        if !is_division && !is_whole {
            return Ok(PlannerResult::Original(raw));
        }
        let (left, right) = (raw.left.get_type(schema)?, raw.right.get_type(schema)?);
        let is_number = |data_type: &DataType| data_type.is_numeric() || data_type.is_null();
        if is_whole {
            let whole = |expr| cast(expr, DataType::Int64);
            return Ok(PlannerResult::Planned(binary_expr(whole(raw.left), Operator::Divide, whole(raw.right))));
        }
        let decimal = left.is_decimal() && !right.is_floating() || right.is_decimal() && !left.is_floating();
        if decimal || !is_number(&left) || !is_number(&right) {
            return Ok(PlannerResult::Original(raw));
        }
        let double = |expr| cast(expr, DataType::Float64);
        let call = ScalarFunction::new_udf(Arc::clone(&DIVIDE), vec![double(raw.left), double(raw.right)]);
        Ok(PlannerResult::Planned(Expr::ScalarFunction(call)))
    }
}

/// Division of doubles that refuses zero.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Divide {
    signature: Signature,
}

impl Divide {
    fn new() -> Self {
        let signature = Signature::exact(vec![DataType::Float64, DataType::Float64], Volatility::Immutable);
        Self { signature }
    }
}

impl ScalarUDFImpl for Divide {
    fn name(&self) -> &'static str {
        "divide"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("a division takes two numbers".to_owned()));
        };
        let (left, right) = (left.as_primitive::<Float64Type>(), right.as_primitive::<Float64Type>());
        let quotient: Float64Array =
            try_binary(
                left,
                right,
                |left, right| {
                    if right == 0.0 { Err(ArrowError::DivideByZero) } else { Ok(left / right) }
                },
            )?;
        let quotient: ArrayRef = Arc::new(quotient);
        if all_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&quotient, 0)?));
        }
        Ok(ColumnarValue::Array(quotient))
    }
}
