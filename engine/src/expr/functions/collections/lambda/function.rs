//! A function written as `x -> ...` or `(x, y) -> ...`, ready to be evaluated.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_expr::sqlparser::ast::Expr;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Column;
use datafusion_physical_expr::utils::collect_columns;

use crate::expr::functions::prelude::*;
use crate::expr::lower::Lowering;

/// A function.
#[derive(Clone)]
pub(super) struct Lambda {
    body: Arc<dyn PhysicalExpr>,
    /// What it gives.
    pub gives: DataType,
    /// The columns it reads beside its variables: arguments of the call it is part of.
    pub captures: Vec<Typed>,
    /// The captured columns, then its variables.
    schema: SchemaRef,
}

impl Lambda {
    /// Lowers what was written; the variables are of these types, of which `least` must be named.
    pub(super) fn lower(
        lowering: &mut Lowering<'_>,
        written: &Expr,
        types: &[DataType],
        least: usize,
        change: impl FnOnce(Typed) -> Result<Typed, ExprError>,
    ) -> Result<Self, ExprError> {
        let at = lowering.place(written);
        let refused = |message: String| Err(ExprError::new(message).at(at.clone()));
        let Expr::Lambda(lambda) = written else {
            return refused("a function is expected here: `x -> x + 1`".to_owned());
        };
        let names: Vec<String> = lambda.params.iter().map(|param| param.name.value.clone()).collect();
        if !(least..=types.len()).contains(&names.len()) {
            let wanted = if least == types.len() { least.to_string() } else { format!("{least} to {}", types.len()) };
            return refused(format!(
                "the function takes {wanted} variables, {} are named before the `->`",
                names.len()
            ));
        }
        if names
            .iter()
            .enumerate()
            .any(|(index, name)| names[..index].iter().any(|other| other.eq_ignore_ascii_case(name)))
        {
            return refused("two variables of the function have the same name".to_owned());
        }
        let variables: Vec<(&str, DataType)> = names.iter().map(String::as_str).zip(types.iter().cloned()).collect();
        lowering.with_variables(&variables, |lowering, first| {
            let body = change(lowering.lower(&lambda.body)?)?;
            Self::detached(lowering, body, first, &variables)
        })
    }

    /// The body over its own small batch: the columns it reads, then its variables.
    fn detached(
        lowering: &Lowering<'_>,
        body: Typed,
        first: usize,
        variables: &[(&str, DataType)],
    ) -> Result<Self, ExprError> {
        let mut captured: Vec<usize> =
            collect_columns(&body.expr).iter().map(Column::index).filter(|index| *index < first).collect();
        captured.sort_unstable();
        captured.dedup();
        let columns: Vec<Field> = captured.iter().filter_map(|index| lowering.columns().get(*index).cloned()).collect();
        let moved = body.expr.transform_up(|node| {
            let Some(column) = node.downcast_ref::<Column>() else { return Ok(Transformed::no(node)) };
            let index = match captured.iter().position(|index| *index == column.index()) {
                Some(place) => place,
                None => captured.len() + column.index().saturating_sub(first),
            };
            Ok(Transformed::yes(Arc::new(Column::new(column.name(), index)) as Arc<dyn PhysicalExpr>))
        });
        let moved = moved.map_err(|error| ExprError::from_datafusion(&error))?.data;
        let captures = captured.iter().zip(&columns).map(|(index, field)| {
            Typed::new(Arc::new(Column::new(field.name(), *index)), field.data_type().clone(), field.is_nullable())
        });
        let captures = captures.collect();
        // Variables may be null, whatever they are made of.
        let nullable = columns.into_iter().map(|column| column.with_nullable(true));
        let variables = variables.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), true));
        let schema = Arc::new(Schema::new(nullable.chain(variables).collect::<Vec<_>>()));
        Ok(Self { body: moved, gives: body.data_type, captures, schema })
    }

    /// The body as text, which tells one call from another.
    pub(super) fn text(&self) -> String {
        self.body.to_string()
    }

    /// Evaluates the body once for each of `parents`: the row whose captured columns it sees. The captured columns are
    /// the call's arguments from `first` on.
    pub(super) fn evaluate(
        &self,
        args: &Args<'_>,
        first: usize,
        parents: &UInt64Array,
        variables: Vec<ArrayRef>,
    ) -> Result<ArrayRef, ExprError> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for index in first..first + self.captures.len() {
            columns.push(take(&args.array(index)?, parents, None)?);
        }
        columns.extend(variables.into_iter().take(self.schema.fields().len() - columns.len()));
        let options = RecordBatchOptions::new().with_row_count(Some(parents.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let value = self.body.evaluate(&batch).and_then(|value| value.into_array(parents.len()));
        value.map_err(|error| ExprError::from_datafusion(&error))
    }
}

/// A function that answers yes or no.
pub(super) fn condition(body: Typed) -> Result<Typed, ExprError> {
    if matches!(body.data_type, DataType::Boolean | DataType::Null) {
        return Ok(crate::expr::lower::convert::to_type(&body, &DataType::Boolean));
    }
    let name = crate::expr::types::type_name(&body.data_type);
    Err(body.refuse(format!("the function answers yes or no, this is {name}; compare it with something")))
}
