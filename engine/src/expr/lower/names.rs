//! Columns by name: found regardless of case, as in Spark; what is not found is answered with the nearest one.

use std::sync::Arc;

use datafusion_expr::sqlparser::ast::Ident;
use datafusion_physical_expr::expressions::Column;

use super::Lowering;
use crate::expr::functions::find;
use crate::expr::typed::Typed;
use crate::expr::{ExprError, link_type, nearest, place};

impl Lowering<'_> {
    /// The column of this name.
    pub(super) fn column(&self, ident: &Ident) -> Result<Typed, ExprError> {
        match self.find(ident)? {
            Some(index) => Ok(self.read(index)),
            None => match crate::expr::scope::hidden_column(&ident.value.to_lowercase()) {
                // `current_timestamp` and `current_date` are written without parentheses as well.
                Some(hidden) if ident.quote_style.is_none() && ident.value.to_lowercase().starts_with("current_") => {
                    Ok(self.hidden(hidden))
                }
                Some(_) | None => Err(self.no_column(ident)),
            },
        }
    }

    /// A hidden column of the batch.
    pub(in crate::expr) fn hidden(&self, name: &str) -> Typed {
        let index = self.columns.iter().position(|field| field.name() == name).unwrap_or_default();
        self.read(index)
    }

    /// The column at a position.
    pub(in crate::expr) fn read(&self, index: usize) -> Typed {
        let Some(field) = self.columns.get(index) else { return Typed::literal(datafusion_common::ScalarValue::Null) };
        let column =
            Typed::new(Arc::new(Column::new(field.name(), index)), field.data_type().clone(), field.is_nullable());
        let on_links = if index < self.fixed { link_type(field.data_type()) } else { field.data_type().clone() };
        super::convert::to_type(&column, &on_links)
    }

    /// The position of a column's name, `None` if there is none. Variables come first, the innermost before others.
    pub(super) fn find(&self, ident: &Ident) -> Result<Option<usize>, ExprError> {
        let wanted = ident.value.to_lowercase();
        let is_wanted = |index: &usize| self.columns[*index].name().to_lowercase() == wanted;
        if let Some(variable) = (self.fixed..self.columns.len()).rev().find(is_wanted) {
            return Ok(Some(variable));
        }
        if let Some(exact) = (0..self.width).find(|index| *self.columns[*index].name() == ident.value) {
            return Ok(Some(exact));
        }
        let mut alike = (0..self.width).filter(is_wanted);
        match (alike.next(), alike.next()) {
            (Some(one), Some(other)) => {
                let (one, other) = (self.columns[one].name(), self.columns[other].name());
                let name = &ident.value;
                Err(ExprError::new(format!("`{name}` could be `{one}` or `{other}`; write it with the right capitals"))
                    .at(place::range(self.source, ident.span)))
            }
            (found, _) => Ok(found),
        }
    }

    /// There is no such column; which one is meant?
    pub(super) fn no_column(&self, ident: &Ident) -> ExprError {
        let variables = self.columns[self.fixed..].iter();
        let names = || variables.clone().chain(&self.columns[..self.width]).map(|field| field.name().as_str());
        let name = &ident.value;
        let function = find(&name.to_lowercase()).filter(|entry| !entry.doc.is_empty() && ident.quote_style.is_none());
        let message = if let Some(entry) = function {
            format!("`{name}` is a function; call it: `{}`", entry.form)
        } else if let Some(near) = nearest(name, names()) {
            format!("no column `{name}`; did you mean `{near}`?")
        } else {
            let list: Vec<_> = names().take(8).map(|name| format!("`{name}`")).collect();
            let has = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
            format!("no column `{name}`; the input has {has}")
        };
        ExprError::new(message).at(place::range(self.source, ident.span))
    }
}
