//! The dialect expressions are written in: Spark SQL's, with Unicode names as in Spark 4.

use datafusion_expr::sqlparser::ast::{BinaryOperator, Expr};
use datafusion_expr::sqlparser::dialect::{Dialect, Precedence};
use datafusion_expr::sqlparser::keywords::Keyword;
use datafusion_expr::sqlparser::parser::{Parser, ParserError};
use datafusion_expr::sqlparser::tokenizer::Token;

/// How tight shifts bind: looser than `+`, tighter than `&`.
const SHIFT: u8 = 28;

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

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    /// `EXTRACT(DOW_ISO FROM ...)`: which parts there are is the function's to say.
    fn allow_extract_custom(&self) -> bool {
        true
    }

    /// `CAST(m AS MAP<STRING, INT>)`.
    fn supports_map_literal_with_angle_brackets(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    /// `||` binds like `+`; shifts bind tighter than `&`, and that tighter than `^`.
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::StringConcat => Some(Ok(self.prec_value(Precedence::PlusMinus))),
            Token::ShiftLeft | Token::ShiftRight => Some(Ok(SHIFT)),
            Token::CustomBinaryOperator(operator) if operator == ">>>" => Some(Ok(SHIFT)),
            _ => None,
        }
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
