//! From the text to a physical expression: tokens, syntax tree, lowering.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use datafusion_expr::sqlparser::ast;
use datafusion_expr::sqlparser::parser::{Parser, ParserError};
use datafusion_expr::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Column;

use super::dialect::Spark;
use super::hints::{self, sentence};
use super::lower::Lowering;
use super::tokens::joined;
use super::types::type_name;
use super::{ExprError, limits, link_type, place};

/// Longest expression, in tokens, that is compiled on the caller's thread: so few cannot nest deep enough to matter.
const SHORT_TOKENS: usize = 16;
/// The stack of the thread that compiles the others. It is reserved, not used: a usual expression touches little of it.
const STACK_BYTES: usize = 64 << 20;

/// The most nodes of a computation.
const MAX_NODES: usize = 100_000;

/// What an expression became.
#[derive(Debug, Clone)]
pub(super) enum Program {
    /// A bare column.
    Column(usize),
    /// A computation; the hidden columns of the batch stand behind the input's.
    Computed(Arc<dyn PhysicalExpr>),
}

/// What compiling gives.
pub(super) struct Compiled {
    /// What to run.
    pub program: Program,
    /// The result's column.
    pub field: Field,
    /// The result's type by Spark's name.
    pub spark_type: String,
}

/// Compiles an expression over this input.
pub(super) fn compile(source: &str, input: &Schema) -> Result<Compiled, ExprError> {
    limits::check_source(source)?;
    if source.trim().is_empty() {
        return Err(ExprError::new("an expression is missing; write a column's name or a computation"));
    }
    let tokens = tokenize(source)?;
    limits::check_depth(&tokens)?;
    hints::check_signs(source, &tokens)?;
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
fn guarded(source: &str, tokens: Vec<TokenWithSpan>, input: &Schema) -> Result<Compiled, ExprError> {
    catch_unwind(AssertUnwindSafe(|| compile_tokens(source, tokens, input))).unwrap_or_else(|_| Err(internal_failure()))
}

fn internal_failure() -> ExprError {
    ExprError::new("the expression cannot be compiled: the planner failed on it; write it in another way")
}

fn compile_tokens(source: &str, tokens: Vec<TokenWithSpan>, input: &Schema) -> Result<Compiled, ExprError> {
    let tree = parse(source, tokens)?;
    let typed = Lowering::new(source, input).lower(&tree)?;
    check_size(&typed.expr)?;
    let mut bare = &tree;
    while let ast::Expr::Nested(inner) = bare {
        bare = inner;
    }
    if matches!(bare, ast::Expr::Interval(_)) {
        // Its unit would be lost: Spark tells an interval of days from one of seconds.
        return Err(ExprError::new("an interval stands alone; add it to a time: `ts + INTERVAL 1 DAY`"));
    }
    let name = source.trim();
    let spark_type = type_name(&typed.data_type);
    if let Some(column) = typed.expr.downcast_ref::<Column>()
        && column.index() < input.fields().len()
    {
        let field = Field::new(name, typed.data_type, typed.nullable);
        return Ok(Compiled { program: Program::Column(column.index()), field, spark_type });
    }
    let nullable = typed.nullable || typed.data_type.is_null();
    let field = Field::new(name, link_type(&typed.data_type), nullable);
    Ok(Compiled { program: Program::Computed(typed.expr), field, spark_type })
}

/// Refuses a computation that has grown beyond all measure: what stands once in the source may be computed several
/// times, as the middle of a `BETWEEN` is, and nested that doubles at every level.
fn check_size(root: &Arc<dyn PhysicalExpr>) -> Result<(), ExprError> {
    let (mut waiting, mut seen) = (vec![root], 0);
    while let Some(expr) = waiting.pop() {
        seen += 1;
        if seen > MAX_NODES {
            return Err(ExprError::new("the expression nests too deep; split it over several columns"));
        }
        waiting.extend(expr.children());
    }
    Ok(())
}

fn tokenize(source: &str) -> Result<Vec<TokenWithSpan>, ExprError> {
    let tokens = Tokenizer::new(&Spark, source).tokenize_with_location();
    tokens.map(joined).map_err(|error| {
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
        unexpected => {
            let at = place::range(source, next.span);
            let before = at.as_ref().map_or(source, |at| &source[..at.start]);
            Err(ExprError::new(hints::left_over(unexpected, before)).at(at))
        }
    }
}

/// The parser's error in its place.
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
