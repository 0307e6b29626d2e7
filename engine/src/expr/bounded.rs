//! Bounds the functions whose result is as long as one of their arguments says: a slip of the finger in
//! `repeat(word, n)` must fail on its row, not take the machine's memory.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray};
use arrow::compute::kernels::length::length;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::ExprError;

/// The longest text or list that is made of nothing but a number: as long as the longest line.
const MAX_LENGTH: i64 = 1 << 20;

static LENGTH: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Length::new())));

/// Puts the bound around the lengths in an expression.
pub(super) fn bound_lengths(expr: Expr) -> Result<Expr, ExprError> {
    let bounded = expr.transform_up(|node| {
        let Expr::ScalarFunction(call) = node else { return Ok(Transformed::no(node)) };
        Ok(match call.name() {
            "repeat" | "lpad" | "rpad" | "array_repeat" | "array_resize" => Transformed::yes(bound_call(call)),
            _ => Transformed::no(Expr::ScalarFunction(call)),
        })
    });
    bounded.map(|bounded| bounded.data).map_err(|error| ExprError::from_datafusion(&error))
}

/// The second argument is the length; of `repeat` it counts as often as the text is long.
fn bound_call(mut call: ScalarFunction) -> Expr {
    let is_repeat = call.name() == "repeat";
    if let [first, length, ..] = call.args.as_mut_slice() {
        let unit = is_repeat.then(|| first.clone());
        let args = std::iter::once(length.clone()).chain(unit).collect();
        *length = Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(&LENGTH), args));
    }
    Expr::ScalarFunction(call)
}

/// Gives its first argument, and fails where it, times the length of the text behind it, is beyond the bound.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Length {
    signature: Signature,
}

impl Length {
    fn new() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Length {
    fn name(&self) -> &'static str {
        "bounded_length"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let first = arg_types.first().cloned();
        first.ok_or_else(|| DataFusionError::Internal("a length is one argument".to_owned()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        let as_longs = |array: &dyn Array| cast_with_options(array, &DataType::Int64, &strict);
        let units = match arrays.get(1) {
            Some(text) if text.data_type().is_string() => Some(as_longs(&length(text)?)?),
            Some(_) | None => None,
        };
        if let Some(counts) = arrays.first() {
            let counts = as_longs(counts)?;
            let counts = counts.as_primitive::<Int64Type>();
            let unit = |row| units.as_ref().map_or(1, |units| units.as_primitive::<Int64Type>().value(row).max(1));
            let lengths = counts.iter().enumerate().filter_map(|(row, count)| Some(count?.saturating_mul(unit(row))));
            if let Some(length) = lengths.max().filter(|length| *length > MAX_LENGTH) {
                let what = format!("a result of the length {length} is asked for, {MAX_LENGTH} is the longest allowed");
                return Err(DataFusionError::Execution(what));
            }
        }
        let first = args.args.into_iter().next();
        first.ok_or_else(|| DataFusionError::Internal("a length is one argument".to_owned()))
    }
}
