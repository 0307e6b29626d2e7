//! Keeps hostile expressions away from recursive code: nothing that reaches the parser can exhaust the stack.
//!
//! Parser, planner and evaluator walk the syntax tree recursively, and a stack that overflows aborts the process. The
//! depth of the tree is bounded here from the tokens alone: a comma-free run of `n` tokens gives at most `n` levels,
//! plus the deepest pair of parentheses inside it. What nests without parentheses (`CASE` in `CASE`) is bounded by the
//! parser's own count, for which the compiling thread has stack enough.

use datafusion_expr::sqlparser::keywords::Keyword;
use datafusion_expr::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::ExprError;

/// Longest source.
pub(super) const MAX_SOURCE_BYTES: usize = 16 << 10;

/// Greatest bound of the depth: about 300 operators in one chain.
const MAX_DEPTH: usize = 600;

/// Deepest nesting of parentheses: what the parser itself takes.
pub(super) const MAX_NESTING: usize = 50;

/// How often words may stand in an expression that the parser reads in two ways, one after the other: nested and
/// unfinished, each one doubles its work.
const MAX_TWOFOLD: usize = 8;

/// One level of parentheses while it is open.
#[derive(Default)]
struct Level {
    run: usize,
    deepest_child: usize,
    deepest_run: usize,
}

impl Level {
    /// A comma: what follows is beside what was, not below.
    fn separate(&mut self) {
        self.deepest_run = self.depth();
        self.run = 0;
        self.deepest_child = 0;
    }

    fn depth(&self) -> usize {
        self.deepest_run.max(self.run + self.deepest_child)
    }
}

/// Refuses a source that is too long to look at.
pub(super) fn check_source(source: &str) -> Result<(), ExprError> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(ExprError::new("the expression is longer than 16 KiB; split it over several columns"));
    }
    Ok(())
}

/// Refuses tokens that go too deep.
pub(super) fn check_depth(tokens: &[TokenWithSpan]) -> Result<(), ExprError> {
    if tokens.iter().filter(|token| is_twofold(&token.token)).count() > MAX_TWOFOLD {
        let message = "the expression uses `INTERVAL` or `position` too often; split it over several columns";
        return Err(ExprError::new(message));
    }
    let mut levels = vec![Level::default()];
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::LParen | Token::LBracket | Token::LBrace => {
                if let Some(level) = levels.last_mut() {
                    level.run += 1;
                }
                levels.push(Level::default());
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                let closed = if levels.len() > 1 { levels.pop() } else { None };
                if let (Some(closed), Some(level)) = (closed, levels.last_mut()) {
                    level.deepest_child = level.deepest_child.max(closed.depth());
                }
            }
            Token::Comma => separate(&mut levels),
            Token::Word(word) if matches!(word.keyword, Keyword::WHEN | Keyword::THEN | Keyword::ELSE) => {
                separate(&mut levels);
            }
            _ => {
                if let Some(level) = levels.last_mut() {
                    level.run += 1;
                }
            }
        }
        if levels.len() > MAX_NESTING {
            return Err(ExprError::new(format!(
                "the expression nests deeper than {MAX_NESTING} levels; split it over several columns"
            )));
        }
    }
    // Parentheses still open are the parser's to complain about; their depth counts all the same.
    let bound: usize = levels.iter().map(Level::depth).sum();
    if bound > MAX_DEPTH {
        return Err(ExprError::new("the expression chains too many operators; split it over several columns"));
    }
    Ok(())
}

fn is_twofold(token: &Token) -> bool {
    matches!(token, Token::Word(word) if matches!(word.keyword, Keyword::INTERVAL | Keyword::POSITION))
}

fn separate(levels: &mut [Level]) {
    if let Some(level) = levels.last_mut() {
        level.separate();
    }
}
