//! From the text to a physical expression: parse, resolve names, plan, type literals, coerce, simplify.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{DFSchema, DataFusionError};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::simplify::SimplifyContext;
use datafusion_expr::{Expr, Operator};
use datafusion_optimizer::simplify_expressions::ExprSimplifier;
use datafusion_physical_expr::expressions::BinaryExpr;
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion_sql::planner::{ParserOptions, PlannerContext, SqlToRel};
use datafusion_sql::sqlparser::ast;
use datafusion_sql::sqlparser::parser::{Parser, ParserError};
use datafusion_sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::bounded::bound_lengths;
use super::context::Context;
use super::dialect::Spark;
use super::literals::type_literals;
use super::scope::hidden_fields;
use super::{ExprError, limits, link_type, names, place};

/// Longest expression, in tokens, that is compiled on the caller's thread: so few cannot nest deep enough to matter.
const SHORT_TOKENS: usize = 16;
/// The stack of the thread that compiles the others. It is reserved, not used: a usual expression touches little of it.
const STACK_BYTES: usize = 64 << 20;

/// What an expression became.
#[derive(Debug, Clone)]
pub(super) enum Program {
    /// A bare column.
    Column(usize),
    /// A computation; the hidden columns of the batch stand behind the input's.
    Computed(Arc<dyn PhysicalExpr>),
}

/// The program and its result's column.
pub(super) fn compile(source: &str, input: &Schema) -> Result<(Program, Field), ExprError> {
    limits::check_source(source)?;
    if source.trim().is_empty() {
        return Err(ExprError::new("an expression is missing; write a column's name or a computation"));
    }
    let tokens = tokenize(source)?;
    limits::check_depth(&tokens)?;
    if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count() <= SHORT_TOKENS {
        return guarded(source, tokens, input);
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("weir-expr".to_owned()).stack_size(STACK_BYTES);
        let compiling = builder.spawn_scoped(scope, || guarded(source, tokens, input));
        let compiled = compiling.map(std::thread::ScopedJoinHandle::join);
        match compiled {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(internal_failure()),
            Err(error) => Err(ExprError::new(format!("no thread could be started to compile the expression: {error}"))),
        }
    })
}

/// The planner must not take the process down, whatever it is fed.
fn guarded(source: &str, tokens: Vec<TokenWithSpan>, input: &Schema) -> Result<(Program, Field), ExprError> {
    catch_unwind(AssertUnwindSafe(|| compile_tokens(source, tokens, input))).unwrap_or_else(|_| Err(internal_failure()))
}

fn internal_failure() -> ExprError {
    ExprError::new("the expression cannot be compiled: the planner failed on it; write it in another way")
}

fn compile_tokens(source: &str, tokens: Vec<TokenWithSpan>, input: &Schema) -> Result<(Program, Field), ExprError> {
    let mut tree = parse(source, tokens)?;
    names::resolve(&mut tree, source, input)?;
    let name = source.trim();
    if let ast::Expr::Identifier(ident) = &tree
        && let Some((index, field)) = input.column_with_name(&ident.value)
        && link_type(field.data_type()) == *field.data_type()
    {
        let field = Field::new(name, field.data_type().clone(), field.is_nullable());
        return Ok((Program::Column(index), field));
    }
    let fields = input.fields().iter().map(|field| field.as_ref().clone()).chain(hidden_fields());
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let physical = plan(tree, &schema)?;
    let described = physical.data_type(&schema).and_then(|data_type| Ok((data_type, physical.nullable(&schema)?)));
    let (data_type, nullable) = described.map_err(|error| ExprError::from_datafusion(&error))?;
    Ok((Program::Computed(physical), Field::new(name, link_type(&data_type), nullable || data_type.is_null())))
}

fn tokenize(source: &str) -> Result<Vec<TokenWithSpan>, ExprError> {
    Tokenizer::new(&Spark, source).tokenize_with_location().map_err(|error| {
        let at = place::offset(source, error.location).map(|start| start..source.len());
        ExprError::new(sentence(&error.message)).at(at)
    })
}

fn parse(source: &str, tokens: Vec<TokenWithSpan>) -> Result<ast::Expr, ExprError> {
    let parser = Parser::new(&Spark).with_recursion_limit(limits::MAX_NESTING);
    let mut parser = parser.with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| parse_error(source, &error))?;
    let next = parser.peek_token();
    match &next.token {
        Token::EOF => Ok(tree),
        Token::Word(word) if word.value.eq_ignore_ascii_case("as") => {
            let message = "an expression has no `AS`; the column's name stands in the field beside it";
            Err(ExprError::new(message).at(place::range(source, next.span)))
        }
        unexpected => Err(ExprError::new(format!("`{unexpected}` is not expected here; is an operator missing?"))
            .at(place::range(source, next.span))),
    }
}

pub(super) fn parse_error(source: &str, error: &ParserError) -> ExprError {
    match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let (message, location) = place::split_message(message);
            let at = location.and_then(|location| place::token_at(source, location));
            ExprError::new(sentence(message)).at(at)
        }
        ParserError::RecursionLimitExceeded => {
            ExprError::new("the expression nests too deep; split it over several columns")
        }
    }
}

/// `Expected: an expression, found: EOF` as people say it.
pub(super) fn sentence(message: &str) -> String {
    let Some(rest) = message.strip_prefix("Expected: ") else {
        let mut chars = message.chars();
        return chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect());
    };
    match rest.rsplit_once(", found: ") {
        Some((expected, "EOF")) => format!("{expected} is missing at the end"),
        Some((expected, found)) => format!("{expected} is expected instead of `{found}`"),
        None => format!("{rest} is expected"),
    }
}

fn plan(tree: ast::Expr, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>, ExprError> {
    let fail = |error: DataFusionError| ExprError::from_datafusion(&error);
    let context = Context::shared();
    let options = ParserOptions::new().with_parse_float_as_decimal(true);
    let schema = Arc::new(DFSchema::try_from(schema.clone()).map_err(fail)?);
    let planner = SqlToRel::new_with_options(context, options);
    let expr = planner.sql_to_expr(tree, &schema, &mut PlannerContext::new()).map_err(fail)?;
    refuse_foreign(&expr)?;
    let expr = bound_lengths(type_literals(expr)?)?;
    let simplify = SimplifyContext::builder()
        .with_schema(Arc::clone(&schema))
        .with_config_options(Arc::clone(context.config()))
        .build();
    let simplifier = ExprSimplifier::new(simplify);
    let expr = simplifier.coerce(expr, &schema).map_err(fail)?;
    let expr = simplifier.simplify(expr).map_err(fail)?;
    let mut props = ExecutionProps::new();
    props.mark_start_execution(Arc::clone(context.config()));
    let physical = create_physical_expr(&expr, &schema, &props, &PhysicalPlanningContext::default()).map_err(fail)?;
    check_overflow(physical)
}

/// The tree was checked before planning; what planning itself made of it is checked once more.
fn refuse_foreign(expr: &Expr) -> Result<(), ExprError> {
    let is_foreign = |expr: &Expr| {
        matches!(
            expr,
            Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
                | Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::Placeholder(_)
                | Expr::OuterReferenceColumn(_, _)
                | Expr::Unnest(_)
                | Expr::GroupingSet(_)
                | Expr::ScalarVariable(_, _)
        )
    };
    match expr.exists(|expr| Ok(is_foreign(expr))) {
        Ok(false) => Ok(()),
        Ok(true) => Err(ExprError::new("an expression sees one row only; use the node that is made for this")),
        Err(error) => Err(ExprError::from_datafusion(&error)),
    }
}

/// Arithmetic that overflows is an error, as in Spark's ANSI mode, never a wrapped number.
fn check_overflow(physical: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>, ExprError> {
    let checked = physical.transform_up(|node| {
        let checked = node.downcast_ref::<BinaryExpr>().and_then(|binary| {
            matches!(binary.op(), Operator::Plus | Operator::Minus | Operator::Multiply)
                .then(|| binary.clone().with_fail_on_overflow(true))
        });
        Ok(match checked {
            Some(checked) => Transformed::yes(Arc::new(checked) as Arc<dyn PhysicalExpr>),
            None => Transformed::no(node),
        })
    });
    checked.map(|checked| checked.data).map_err(|error| ExprError::from_datafusion(&error))
}
