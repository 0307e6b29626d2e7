//! The dialect expressions are written in: Spark SQL's, with Unicode names as in Spark 4.

use datafusion_sql::sqlparser::ast::{BinaryOperator, Expr};
use datafusion_sql::sqlparser::dialect::Dialect;
use datafusion_sql::sqlparser::keywords::Keyword;
use datafusion_sql::sqlparser::parser::{Parser, ParserError};

/// Spark's way of writing: names in backticks, text in single or double quotes with backslash escapes, `DIV`,
/// `RLIKE`, `BIGINT` also called `LONG`.
#[derive(Debug)]
pub(super) struct Spark;

impl Dialect for Spark {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch == '_' || ch.is_alphabetic()
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch == '_' || ch.is_alphanumeric()
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_long_type_as_bigint(&self) -> bool {
        true
    }

    fn supports_bang_not_operator(&self) -> bool {
        true
    }

    /// Words that begin a form of their own. The parser reads what follows such a word a second time, as if it were a
    /// name, unless the word is reserved: nested and unfinished, that doubles its work at every level.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::CASE
                | Keyword::CAST
                | Keyword::TRY_CAST
                | Keyword::SAFE_CAST
                | Keyword::CONVERT
                | Keyword::NOT
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::CEIL
                | Keyword::FLOOR
                | Keyword::SUBSTR
                | Keyword::SUBSTRING
                | Keyword::OVERLAY
                | Keyword::TRIM
                | Keyword::INTERVAL
                | Keyword::STRUCT
                | Keyword::ARRAY
        )
    }

    /// `DIV` binds like `*`, and to the left.
    fn parse_infix(&self, parser: &mut Parser, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        if !parser.parse_keyword(Keyword::DIV) {
            return None;
        }
        let left = Box::new(expr.clone());
        let divided = |right| Expr::BinaryOp { left, op: BinaryOperator::MyIntegerDivide, right: Box::new(right) };
        Some(parser.parse_subexpr(precedence).map(divided))
    }
}
