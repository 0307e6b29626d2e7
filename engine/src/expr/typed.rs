//! A lowered expression: what computes it, and its type in Spark's sense.

use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Literal;

use super::ExprError;

/// A lowered expression. Its type is one that travels on links, or `Null` for the bare `NULL`.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// What computes it.
    pub expr: Arc<dyn PhysicalExpr>,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Its place in the source, where known.
    pub at: Option<Range<usize>>,
}

impl Typed {
    /// An expression of this type.
    pub(super) fn new(expr: Arc<dyn PhysicalExpr>, data_type: DataType, nullable: bool) -> Self {
        Self { expr, data_type, nullable, at: None }
    }

    /// A constant.
    pub(super) fn literal(value: ScalarValue) -> Self {
        let (data_type, nullable) = (value.data_type(), value.is_null());
        Self::new(Arc::new(Literal::new(value)), data_type, nullable)
    }

    /// A constant text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::literal(ScalarValue::Utf8View(Some(text.into())))
    }

    /// The same at a place of the source.
    #[must_use]
    pub(super) fn placed(mut self, at: Option<Range<usize>>) -> Self {
        self.at = at;
        self
    }

    /// The value, where it is a constant.
    pub(super) fn constant(&self) -> Option<&ScalarValue> {
        self.expr.downcast_ref::<Literal>().map(Literal::value)
    }

    /// The value, where it is a constant text.
    pub(super) fn constant_text(&self) -> Option<&str> {
        match self.constant() {
            Some(ScalarValue::Utf8View(text) | ScalarValue::Utf8(text)) => text.as_deref(),
            _ => None,
        }
    }

    /// A refusal that points here.
    pub(super) fn refuse(&self, message: impl Into<String>) -> ExprError {
        ExprError::new(message).at(self.at.clone())
    }
}
