//! `a.b`, `a[0]` and `m['key']`: parts of structures, lists and maps.

use arrow::datatypes::DataType;
use datafusion_expr::sqlparser::ast::{AccessExpr, Expr, Ident, Subscript};

use super::Lowering;
use crate::expr::functions::find;
use crate::expr::typed::Typed;
use crate::expr::types::type_name;
use crate::expr::{ExprError, nearest, place};

impl Lowering<'_> {
    /// `a.b.c`: a column whose name holds the dots is not meant, that is written in backticks.
    pub(super) fn compound(&mut self, idents: &[Ident]) -> Result<Typed, ExprError> {
        let Some((first, rest)) = idents.split_first() else { return Err(ExprError::new("a name is missing")) };
        let mut value = self.column(first)?;
        for ident in rest {
            value = self.field(value, ident)?;
        }
        Ok(value)
    }

    /// What follows a value: `[0]`, `['key']`, `.name`.
    pub(super) fn chain(&mut self, root: &Expr, chain: &[AccessExpr]) -> Result<Typed, ExprError> {
        let mut value = self.lower(root)?;
        for access in chain {
            value = match access {
                AccessExpr::Dot(Expr::Identifier(ident)) => self.field(value, ident)?,
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    let index = self.lower(index)?;
                    self.call("get_item", vec![value, index])?
                }
                AccessExpr::Dot(_) | AccessExpr::Subscript(Subscript::Slice { .. }) => {
                    return Err(ExprError::new("a part of a value is written `a.name`, `a[0]` or `a['key']`"));
                }
            };
        }
        Ok(value)
    }

    /// A field of a structure, or the value of a map's key.
    fn field(&mut self, value: Typed, ident: &Ident) -> Result<Typed, ExprError> {
        let at = place::range(self.source, ident.span);
        match &value.data_type {
            DataType::Map(_, _) => self.call("get_item", vec![value, Typed::text(ident.value.clone())]),
            DataType::Struct(fields) => {
                let wanted = ident.value.to_lowercase();
                let Some(field) = fields.iter().find(|field| field.name().to_lowercase() == wanted) else {
                    let names = fields.iter().map(|field| field.name().as_str());
                    let message = match nearest(&ident.value, names.clone()) {
                        Some(near) => format!("no field `{}`; did you mean `{near}`?", ident.value),
                        None => {
                            let list: Vec<_> = names.map(|name| format!("`{name}`")).collect();
                            format!("no field `{}`; there are {}", ident.value, list.join(", "))
                        }
                    };
                    return Err(ExprError::new(message).at(at));
                };
                let name = Typed::text(field.name().clone());
                self.call("get_item", vec![value, name])
            }
            other => {
                let (name, kind) = (&ident.value, type_name(other));
                let advice = match find(&name.to_lowercase()).filter(|entry| !entry.doc.is_empty()) {
                    Some(entry) => format!("call the function: `{}`", entry.form),
                    None => "only structures and maps have parts with names".to_owned(),
                };
                Err(ExprError::new(format!("`.{name}` asks for a part of a value that is {kind}; {advice}")).at(at))
            }
        }
    }
}
