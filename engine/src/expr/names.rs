//! Resolves the names in an expression on its syntax tree, where every name still knows its place in the source.
//!
//! Columns are found regardless of case, as in Spark; what is not found gets the nearest name that exists. What a
//! row-wise expression cannot be (aggregates, windows, subqueries, lambdas) is refused here with the reason.

use std::ops::{ControlFlow, Range};

use arrow::datatypes::Schema;
use datafusion_sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion_sql::sqlparser::ast::{
    CaseWhen, CastKind, DataType, ExactNumberInfo, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, Query, UnaryOperator, Value, VisitMut, VisitorMut,
};

use super::context::Context;
use super::scope::{BATCH_FUNCTIONS, hidden_column};
use super::{ExprError, nearest, place};

/// How often constructs that the simplifier duplicates may nest: each level doubles the tree.
const MAX_DOUBLINGS: usize = 10;

/// Functions that are rewritten into a `CASE` naming an argument twice.
const DOUBLING: [&str; 5] = ["coalesce", "nvl", "ifnull", "nvl2", "nullif"];

/// Spark's names of functions that are called otherwise here.
const ALIASES: [(&str, &str); 12] = [
    ("len", "character_length"),
    ("ucase", "upper"),
    ("lcase", "lower"),
    ("startswith", "starts_with"),
    ("endswith", "ends_with"),
    ("ceiling", "ceil"),
    ("sign", "signum"),
    ("size", "array_length"),
    ("array_size", "array_length"),
    ("array", "make_array"),
    ("rlike", "regexp_like"),
    ("regexp", "regexp_like"),
];

/// Spark's functions for parts of a date.
const DATE_PARTS: [(&str, &str); 10] = [
    ("year", "year"),
    ("quarter", "quarter"),
    ("month", "month"),
    ("weekofyear", "week"),
    ("day", "day"),
    ("dayofmonth", "day"),
    ("dayofyear", "doy"),
    ("hour", "hour"),
    ("minute", "minute"),
    ("second", "second"),
];

/// All names that are no functions of the context but understood all the same.
pub(super) fn spark_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.into_iter().chain(DATE_PARTS.map(|(name, _)| (name, "date_part")))
}

/// Resolves all names in place.
pub(super) fn resolve(expr: &mut Expr, source: &str, input: &Schema) -> Result<(), ExprError> {
    let mut resolver = Resolver { source, input, doublings: 0 };
    match expr.visit(&mut resolver) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Resolver<'a> {
    source: &'a str,
    input: &'a Schema,
    doublings: usize,
}

impl VisitorMut for Resolver<'_> {
    type Break = ExprError;

    fn pre_visit_query(&mut self, _query: &mut Query) -> ControlFlow<ExprError> {
        ControlFlow::Break(ExprError::new("an expression cannot hold a subquery; join the other stream before"))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<ExprError> {
        if is_doubling(expr) {
            self.doublings += 1;
        }
        let checked = if self.doublings > MAX_DOUBLINGS {
            Err(ExprError::new("the expression nests too deep; split it over several columns"))
        } else {
            self.rewrite(expr)
        };
        match checked {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<ExprError> {
        if is_doubling(expr) {
            self.doublings = self.doublings.saturating_sub(1);
        }
        ControlFlow::Continue(())
    }
}

impl Resolver<'_> {
    fn rewrite(&self, expr: &mut Expr) -> Result<(), ExprError> {
        match expr {
            Expr::Identifier(ident) => self.column(ident),
            Expr::CompoundIdentifier(idents) => match idents.first_mut() {
                Some(first) => self.column(first),
                None => Ok(()),
            },
            Expr::Function(function) => {
                self.check_function(function)?;
                if let Some(replacement) = replace_function(function) {
                    *expr = replacement;
                }
                Ok(())
            }
            Expr::RLike { .. } => {
                rewrite_rlike(expr);
                Ok(())
            }
            Expr::Value(value) => match &value.value {
                Value::Number(digits, true) => {
                    *expr = cast(Expr::value(Value::Number(digits.clone(), false)), DataType::BigInt(None));
                    Ok(())
                }
                // With an exponent it is a double in Spark, without one a decimal.
                Value::Number(digits, false) if digits.contains(['e', 'E']) => {
                    let text = Expr::value(Value::SingleQuotedString(digits.clone()));
                    *expr = cast(text, DataType::Double(ExactNumberInfo::None));
                    Ok(())
                }
                Value::Placeholder(name) => {
                    let at = place::range(self.source, value.span);
                    Err(ExprError::new(format!("`{name}` is a placeholder; write the value itself")).at(at))
                }
                _ => Ok(()),
            },
            Expr::Lambda(_) => Err(ExprError::new("functions with `->` are not supported in expressions")),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                Err(ExprError::new("an expression cannot hold a subquery; join the other stream before"))
            }
            Expr::Wildcard(_) | Expr::QualifiedWildcard(_, _) => {
                Err(ExprError::new("`*` stands for all columns; an expression gives one column, so name it"))
            }
            _ => Ok(()),
        }
    }

    /// Gives a column's name the case it has in the input.
    fn column(&self, ident: &mut Ident) -> Result<(), ExprError> {
        let names = || self.input.fields().iter().map(|field| field.name().as_str());
        let exact = names().find(|name| *name == ident.value);
        let wanted = ident.value.to_lowercase();
        let mut alike = names().filter(|name| name.to_lowercase() == wanted);
        let found = match (exact, alike.next(), alike.next()) {
            (Some(name), _, _) | (None, Some(name), None) => name,
            (None, Some(one), Some(other)) => {
                return Err(ExprError::new(format!(
                    "`{}` could be `{one}` or `{other}`; write it with the right capitals",
                    ident.value
                ))
                .at(place::range(self.source, ident.span)));
            }
            (None, None, _) => return Err(self.no_column(ident, names())),
        };
        found.clone_into(&mut ident.value);
        ident.quote_style = Some('`');
        Ok(())
    }

    fn no_column<'n>(&self, ident: &Ident, names: impl Iterator<Item = &'n str> + Clone) -> ExprError {
        let name = &ident.value;
        let message = if let Some(near) = nearest(name, names.clone()) {
            format!("no column `{name}`; did you mean `{near}`?")
        } else {
            let list: Vec<_> = names.take(8).map(|name| format!("`{name}`")).collect();
            format!(
                "no column `{name}`; the input has {}",
                if list.is_empty() { "none".to_owned() } else { list.join(", ") }
            )
        };
        ExprError::new(message).at(place::range(self.source, ident.span))
    }

    fn check_function(&self, function: &Function) -> Result<(), ExprError> {
        let at = self.name_range(function);
        let written = function.name.to_string();
        let name = lower_name(function);
        if function.over.is_some() {
            let message = "looks at other rows (`OVER`), an expression sees one row; use a window or a group node";
            return Err(ExprError::new(format!("`{written}` {message}")).at(at));
        }
        let context = Context::shared();
        if context.is_aggregate(&name) {
            let message = "summarises many rows, an expression sees one; use a group or an aggregate node";
            return Err(ExprError::new(format!("`{written}` {message}")).at(at));
        }
        if name == "unnest" || name == "explode" {
            let message = "makes several rows of one; use a flat map node";
            return Err(ExprError::new(format!("`{written}` {message}")).at(at));
        }
        let count = arguments(function).len();
        if hidden_column(&name).is_some() && count > 0 {
            return Err(ExprError::new(format!("`{written}` takes no arguments")).at(at));
        }
        if name == "if" && count != 3 {
            return Err(ExprError::new("`if` takes three arguments: `if(condition, then, otherwise)`").at(at));
        }
        let is_known = context.function(&name).is_some()
            || hidden_column(&name).is_some()
            || name == "if"
            || spark_names().any(|(spark, _)| spark == name);
        if is_known {
            return Ok(());
        }
        let names = context
            .function_names()
            .chain(spark_names().map(|(name, _)| name))
            .chain(BATCH_FUNCTIONS.map(|(name, _)| name));
        let message = match nearest(&name, names) {
            Some(near) => format!("no function `{written}`; did you mean `{near}`?"),
            None => format!("no function `{written}`; the completion lists all there are"),
        };
        Err(ExprError::new(message).at(at))
    }

    fn name_range(&self, function: &Function) -> Option<Range<usize>> {
        let first = function.name.0.first()?.as_ident()?;
        place::range(self.source, first.span)
    }
}

fn is_doubling(expr: &Expr) -> bool {
    match expr {
        Expr::Between { .. } => true,
        Expr::Function(function) => DOUBLING.contains(&lower_name(function).as_str()),
        _ => false,
    }
}

fn lower_name(function: &Function) -> String {
    match function.name.0.as_slice() {
        [one] => one.as_ident().map(|ident| ident.value.to_lowercase()).unwrap_or_default(),
        _ => function.name.to_string().to_lowercase(),
    }
}

/// What stands for a function that only Spark has: itself under another name, a column of the batch, a `CASE`.
fn replace_function(function: &mut Function) -> Option<Expr> {
    let name = lower_name(function);
    if let Some(column) = hidden_column(&name) {
        return Some(Expr::Identifier(Ident::with_quote('`', column)));
    }
    if let Some((_, part)) = DATE_PARTS.iter().find(|(spark, _)| *spark == name) {
        let mut args = arguments(function);
        args.insert(0, Expr::value(Value::SingleQuotedString((*part).to_owned())));
        return Some(cast(call("date_part", args), DataType::Int(None)));
    }
    if name == "if" {
        let args = arguments(function);
        let [condition, result, otherwise] = <[Expr; 3]>::try_from(args).ok()?;
        return Some(Expr::Case {
            case_token: AttachedToken::empty(),
            end_token: AttachedToken::empty(),
            operand: None,
            conditions: vec![CaseWhen { condition, result }],
            else_result: Some(Box::new(otherwise)),
        });
    }
    let name = ALIASES.iter().find(|(spark, _)| *spark == name).map_or(name.as_str(), |(_, own)| own);
    function.name = ObjectName::from(vec![Ident::with_quote('`', name)]);
    None
}

fn rewrite_rlike(expr: &mut Expr) {
    let taken = std::mem::replace(expr, Expr::value(Value::Null));
    if let Expr::RLike { negated, expr: text, pattern, .. } = taken {
        let like = call("regexp_like", vec![*text, *pattern]);
        *expr = if negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(like) } } else { like };
    }
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

fn call(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::with_quote('`', name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: vec![] }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

fn arguments(function: &Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
            _ => None,
        })
        .collect()
}
