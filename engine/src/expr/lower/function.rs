//! Calls of functions: only those of the registry, with as many arguments as they take, of the types they take.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_expr::sqlparser::ast::{
    CeilFloorKind, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
    TrimWhereField,
};

use super::{Lowering, convert, fold, literal};
use crate::expr::call::Call;
use crate::expr::functions::{Entry, Gives, Param, Run, TimePattern, find};
use crate::expr::hints::no_function;
use crate::expr::java_regex::Pattern as Regex;
use crate::expr::typed::Typed;
use crate::expr::types::{self, type_name};
use crate::expr::{ExprError, place};

/// A call as it is written.
pub(in crate::expr) struct Site<'a> {
    /// The name as it was written.
    pub name: &'a str,
    /// The arguments as they were written; none where the call stands for an operator.
    pub args: &'a [&'a Expr],
}

impl Lowering<'_> {
    /// A call as it is written.
    pub(super) fn function(&mut self, function: &Function) -> Result<Typed, ExprError> {
        let written = function.name.to_string().replace('`', "");
        let at = function.name.0.first().and_then(|part| place::range(self.source, part.span()));
        let name = written.to_lowercase();
        let fail = |message: String| Err(ExprError::new(message).at(at.clone()));
        if function.over.is_some() {
            return fail(format!(
                "`{written}` looks at other rows (`OVER`), an expression sees one row; use a window or a group node"
            ));
        }
        let Some(entry) = find(&name).filter(|entry| !entry.doc.is_empty() || name.starts_with('\u{1}')) else {
            return fail(no_function(&written));
        };
        let args = arguments(function).map_err(|error| error.at(at.clone()))?;
        if let Some(wanted) = entry.takes.refuses(args.len()) {
            return fail(format!("`{written}` takes {wanted}: `{}`", entry.form));
        }
        let site = Site { name: &written, args: &args };
        if let Run::Written(make) = entry.run {
            return make(self, &site);
        }
        let mut values = Vec::with_capacity(args.len());
        for arg in &args {
            values.push(self.lower(arg)?);
        }
        self.apply(entry, values, &site)
    }

    /// A call of a function of the registry that the syntax stands for.
    pub(in crate::expr) fn call(&mut self, name: &str, args: Vec<Typed>) -> Result<Typed, ExprError> {
        let Some(entry) = find(name) else {
            return Err(ExprError::new(format!("this form stands for the function `{name}`, which is not there yet")));
        };
        if let Some(wanted) = entry.takes.refuses(args.len()) {
            return Err(ExprError::new(format!("`{name}` takes {wanted}: `{}`", entry.form)));
        }
        self.apply(entry, args, &Site { name, args: &[] })
    }

    /// The arguments converted to what a call takes.
    pub(in crate::expr) fn accepted(&self, params: &[Param], args: Vec<Typed>) -> Result<Vec<Typed>, ExprError> {
        let taken = args.into_iter().zip(params).map(|(arg, param)| {
            let message = format!("{} is expected here, this is {}", param.word(), type_name(&arg.data_type));
            take(&arg, *param).ok_or_else(|| arg.refuse(message))
        });
        taken.collect()
    }

    fn apply(&mut self, entry: &Entry, args: Vec<Typed>, site: &Site<'_>) -> Result<Typed, ExprError> {
        let args = accept(entry, args)?;
        let nullable = entry.may_be_null || args.iter().any(|arg| arg.nullable);
        let typed = match entry.run {
            Run::Own(kernel) => Call::typed(entry.name, &args, gives(entry, &args)?, nullable, Arc::new(kernel)),
            Run::Form(make) => make(self, args, site)?,
            Run::Written(_) => {
                return Err(ExprError::new(format!("`{}` is called by its name only", entry.name)));
            }
        };
        Ok(fold::folded(typed))
    }

    /// Forms with a syntax of their own, as calls.
    pub(super) fn special(&mut self, expr: &Expr) -> Result<Typed, ExprError> {
        match expr {
            Expr::Extract { field, expr, .. } => {
                let value = self.lower(expr)?;
                self.call("date_part", vec![Typed::text(field.to_string().to_lowercase()), value])
            }
            Expr::Ceil { expr, field } => self.rounding("ceil", expr, field),
            Expr::Floor { expr, field } => self.rounding("floor", expr, field),
            Expr::Position { expr, r#in } => {
                let args = vec![self.lower(expr)?, self.lower(r#in)?];
                self.call("position", args)
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let mut args = vec![self.lower(expr)?];
                for part in [substring_from, substring_for].into_iter().flatten() {
                    args.push(self.lower(part)?);
                }
                self.call("substring", args)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters: None } => {
                let name = match trim_where {
                    None | Some(TrimWhereField::Both) => "trim",
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                };
                let text = self.lower(expr)?;
                // The functions `ltrim` and `rtrim` take the characters first, `trim` the text only.
                match trim_what {
                    Some(what) => {
                        let what = self.lower(what)?;
                        self.call(&format!("{name}_of"), vec![what, text])
                    }
                    None => self.call(name, vec![text]),
                }
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                let mut args = vec![self.lower(expr)?, self.lower(overlay_what)?, self.lower(overlay_from)?];
                if let Some(length) = overlay_for {
                    args.push(self.lower(length)?);
                }
                self.call("overlay", args)
            }
            Expr::Struct { values, fields } if fields.is_empty() => {
                let written: Vec<&Expr> = values.iter().collect();
                match find("struct").map(|entry| entry.run) {
                    Some(Run::Written(make)) => make(self, &Site { name: "struct", args: &written }),
                    _ => {
                        let args = values.iter().map(|value| self.lower(value)).collect::<Result<_, _>>()?;
                        self.call("struct", args)
                    }
                }
            }
            other => Err(ExprError::new(format!("`{other}` is not taken; write it as a call of a function"))),
        }
    }

    fn rounding(&mut self, name: &str, expr: &Expr, kind: &CeilFloorKind) -> Result<Typed, ExprError> {
        let mut args = vec![self.lower(expr)?];
        match kind {
            CeilFloorKind::Scale(scale) => args.push(literal::value(&scale.value)?),
            CeilFloorKind::DateTimeField(datafusion_expr::sqlparser::ast::DateTimeField::NoDateTime) => {}
            CeilFloorKind::DateTimeField(_) => {
                return Err(ExprError::new(format!("`{name}` works on numbers; times are cut by `date_trunc`")));
            }
        }
        self.call(name, args)
    }
}

/// The plain arguments of a call.
fn arguments(function: &Function) -> Result<Vec<&Expr>, ExprError> {
    let list = match &function.args {
        FunctionArguments::None => return Ok(Vec::new()),
        FunctionArguments::Subquery(_) => {
            return Err(ExprError::new("an expression cannot hold a subquery; join the other stream before"));
        }
        FunctionArguments::List(list) => list,
    };
    let has_more = function.filter.is_some() || function.null_treatment.is_some() || !function.within_group.is_empty();
    if has_more || !list.clauses.is_empty() || list.duplicate_treatment == Some(DuplicateTreatment::Distinct) {
        return Err(ExprError::new(format!("`{}` takes nothing but values in its parentheses", function.name)));
    }
    let args = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr),
        FunctionArg::Unnamed(FunctionArgExpr::Wildcard | FunctionArgExpr::QualifiedWildcard(_)) => {
            Err(ExprError::new("`*` stands for all columns; name the one that is meant"))
        }
        _ => Err(ExprError::new("arguments are given by their place, not by name")),
    });
    args.collect()
}

/// The arguments converted to what the function takes; the sentence points at the one that cannot be.
fn accept(entry: &Entry, mut args: Vec<Typed>) -> Result<Vec<Typed>, ExprError> {
    let is_common = |index: usize| entry.takes.at(index) == Some(Param::Common);
    let mut together: Vec<Typed> =
        args.iter().enumerate().filter(|(index, _)| is_common(*index)).map(|(_, arg)| arg.clone()).collect();
    convert::unify(&mut together, &format!("the values of `{}`", entry.name))?;
    let mut together = together.into_iter();
    for (index, arg) in args.iter_mut().enumerate() {
        let Some(param) = entry.takes.at(index) else { continue };
        let taken = if param == Param::Common { together.next() } else { take(arg, param) };
        let Some(taken) = taken else {
            let found = type_name(&arg.data_type);
            return Err(arg.refuse(format!(
                "`{}` takes {} here, but this is {found}; convert it with CAST: `{}`",
                entry.name,
                param.word(),
                entry.form
            )));
        };
        *arg = taken;
        check_constant(arg, param)?;
    }
    Ok(args)
}

/// What is wrong with a constant is said where it is written, not on the first row.
fn check_constant(arg: &Typed, param: Param) -> Result<(), ExprError> {
    let Some(text) = arg.constant_text() else { return Ok(()) };
    let read = match param {
        Param::Regex => Regex::new(text).map(|_| ()),
        Param::TimePattern => TimePattern::new(text).map(|_| ()),
        Param::Text
        | Param::TextOrBinary
        | Param::Int
        | Param::Long
        | Param::Double
        | Param::Number
        | Param::Whole
        | Param::Boolean
        | Param::Date
        | Param::Timestamp
        | Param::Binary
        | Param::Array
        | Param::Map
        | Param::Any
        | Param::Common => Ok(()),
    };
    read.map_err(|error| arg.refuse(error.message))
}

/// An argument as a parameter takes it.
fn take(arg: &Typed, param: Param) -> Option<Typed> {
    let found = &arg.data_type;
    match param {
        Param::TextOrBinary if *found == DataType::Binary => Some(arg.clone()),
        Param::Text | Param::Regex | Param::TimePattern | Param::TextOrBinary => {
            convert::silent(arg, &DataType::Utf8View)
        }
        Param::Int => convert::silent(arg, &DataType::Int32),
        Param::Long => convert::silent(arg, &DataType::Int64),
        Param::Double => convert::silent(arg, &DataType::Float64),
        Param::Number if types::is_number(found) => Some(arg.clone()),
        Param::Number if types::is_text(found) || *found == DataType::Null => {
            Some(convert::to_type(arg, &DataType::Float64))
        }
        Param::Whole if types::is_whole(found) => Some(arg.clone()),
        Param::Whole if types::is_text(found) => Some(convert::to_type(arg, &DataType::Int64)),
        Param::Whole if *found == DataType::Null => Some(convert::to_type(arg, &DataType::Int32)),
        Param::Number | Param::Whole => None,
        Param::Boolean => convert::silent(arg, &DataType::Boolean),
        Param::Date => convert::silent(arg, &DataType::Date32),
        Param::Timestamp => convert::silent(arg, &types::timestamp()),
        Param::Binary => convert::silent(arg, &DataType::Binary),
        Param::Array if *found == DataType::Null => Some(convert::to_type(arg, &types::list_of(DataType::Null))),
        Param::Array => matches!(found, DataType::List(_)).then(|| arg.clone()),
        Param::Map => matches!(found, DataType::Map(_, _)).then(|| arg.clone()),
        Param::Any | Param::Common => Some(arg.clone()),
    }
}

fn gives(entry: &Entry, args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(match entry.gives {
        Gives::Text => DataType::Utf8View,
        Gives::Int => DataType::Int32,
        Gives::Long => DataType::Int64,
        Gives::Double => DataType::Float64,
        Gives::Boolean => DataType::Boolean,
        Gives::Date => DataType::Date32,
        Gives::Timestamp => types::timestamp(),
        Gives::Binary => DataType::Binary,
        Gives::Like(index) => args.get(index).map_or(DataType::Null, |arg| arg.data_type.clone()),
        Gives::By(rule) => rule(args)?,
        Gives::Itself => return Err(ExprError::new(format!("`{}` does not say what it gives", entry.name))),
    })
}
