//! What an expression may know of the batch it runs in.
//!
//! `now()`, `current_date()`, `batch_time()` and `batch_id()` are the batch's values, not the wall's: a batch that is
//! computed again gives the same rows. They are compiled as columns behind the input's and replaced by literals when
//! the expression is evaluated.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion_common::ScalarValue;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::{Column, Literal};

use super::ExprError;
use crate::spec::Timestamp;

/// The batch an expression is evaluated in: what `batch_id()`, `batch_time()`, `now()` and `current_date()` give.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The batch's number.
    pub batch: u64,
    /// Its tick.
    pub time: Timestamp,
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A value of the batch, by the functions that give it and the hidden column it is compiled to.
struct BatchValue {
    functions: &'static [&'static str],
    column: &'static str,
}

/// In the order of the hidden columns. No input column can have such a name: it holds a control character.
const VALUES: [BatchValue; 3] = [
    BatchValue { functions: &["now", "current_timestamp", "batch_time"], column: "\u{1}batch_time" },
    BatchValue { functions: &["current_date", "curdate"], column: "\u{1}batch_date" },
    BatchValue { functions: &["batch_id"], column: "\u{1}batch_id" },
];

/// The hidden column a function of the batch stands for.
pub(super) fn hidden_column(function: &str) -> Option<&'static str> {
    VALUES.iter().find(|value| value.functions.contains(&function)).map(|value| value.column)
}

/// The hidden columns, to stand behind the input's.
pub(super) fn hidden_fields() -> [Field; 3] {
    let types = [DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), DataType::Date32, DataType::Int64];
    let [time, date, id] = types;
    [
        Field::new(VALUES[0].column, time, false),
        Field::new(VALUES[1].column, date, false),
        Field::new(VALUES[2].column, id, false),
    ]
}

impl Scope {
    /// Puts this batch's values where the hidden columns stand: those at `first` and behind.
    pub(super) fn bind(&self, expr: Arc<dyn PhysicalExpr>, first: usize) -> Result<Arc<dyn PhysicalExpr>, ExprError> {
        let bound = expr.transform_up(|node| {
            let hidden = node.downcast_ref::<Column>().and_then(|column| column.index().checked_sub(first));
            Ok(match hidden.and_then(|place| self.value(place)) {
                Some(value) => Transformed::yes(Arc::new(Literal::new(value)) as Arc<dyn PhysicalExpr>),
                None => Transformed::no(node),
            })
        });
        bound.map(|bound| bound.data).map_err(|error| ExprError::from_datafusion(&error))
    }

    fn value(&self, place: usize) -> Option<ScalarValue> {
        let days = self.time.0.div_euclid(MICROS_PER_DAY);
        match place {
            0 => Some(ScalarValue::TimestampMicrosecond(Some(self.time.0), Some("UTC".into()))),
            1 => Some(ScalarValue::Date32(i32::try_from(days).ok())),
            2 => Some(ScalarValue::Int64(i64::try_from(self.batch).ok())),
            _ => None,
        }
    }
}
