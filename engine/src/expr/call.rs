//! A call of one of our own kernels as a physical expression.
//!
//! A kernel sees the values of its arguments and gives one array. Constants are handed over as such, so a pattern is
//! prepared once per batch and not once per row; a call whose arguments are all constants is computed once.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::record_batch::RecordBatch;
use datafusion_common::{DataFusionError, Result, ScalarValue};
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;

use super::ExprError;
use super::args::Args;
use super::normalise::into_type;
use super::typed::Typed;

/// What computes a call.
pub(super) type Kernel = Arc<dyn Fn(&Args<'_>) -> Result<ArrayRef, ExprError> + Send + Sync>;

/// A call of a kernel. Two calls of one name and type over the same arguments are the same, so whatever a kernel was
/// made with belongs into the name.
#[derive(Clone)]
pub(super) struct Call {
    name: Arc<str>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    gives: DataType,
    nullable: bool,
    kernel: Kernel,
}

impl Call {
    /// A call as an expression.
    pub(super) fn typed(
        name: impl Into<Arc<str>>,
        args: &[Typed],
        gives: DataType,
        nullable: bool,
        kernel: Kernel,
    ) -> Typed {
        let call = Self {
            name: name.into(),
            args: args.iter().map(|arg| Arc::clone(&arg.expr)).collect(),
            gives: gives.clone(),
            nullable,
            kernel,
        };
        Typed::new(Arc::new(call), gives, nullable)
    }
}

impl PhysicalExpr for Call {
    fn return_field(&self, _schema: &Schema) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name.as_ref(), self.gives.clone(), self.nullable)))
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let values = self.args.iter().map(|arg| arg.evaluate(batch)).collect::<Result<Vec<_>>>()?;
        let is_constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { batch.num_rows() };
        let result = (self.kernel)(&Args::new(&values, rows, &self.gives)).map_err(ExprError::carried)?;
        if result.len() != rows {
            return Err(DataFusionError::Internal(format!("`{}` gave another number of rows", self.name)));
        }
        let result = into_type(&result, &self.gives)?;
        if is_constant { Ok(ScalarValue::try_from_array(&result, 0)?.into()) } else { Ok(result.into()) }
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.args.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(Arc::new(Self { args: children, ..self.as_ref().clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args: Vec<_> = self.args.iter().map(ToString::to_string).collect();
        write!(f, "{}({})", self.name, args.join(", "))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("name", &self.name)
            .field("args", &self.args)
            .field("gives", &self.gives)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.gives == other.gives && self.args == other.args
    }
}

impl Eq for Call {}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.gives.hash(state);
        self.args.hash(state);
    }
}
