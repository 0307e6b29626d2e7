//! Tokens the SQL tokenizer cuts in two: numbers with a letter behind them (`1.5D`, `1S`), and `>>>`.

use datafusion_expr::sqlparser::keywords::Keyword;
use datafusion_expr::sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// The letters a number may end with; `L` the tokenizer knows itself.
const SUFFIXES: [&str; 5] = ["D", "F", "S", "Y", "BD"];

/// The tokens with those joined that belong together: nothing stands between them.
pub(super) fn joined(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let whole = out.last().filter(|last| last.span.end == token.span.start).and_then(|last| one(last, &token));
        match (whole, out.last_mut()) {
            (Some(whole), Some(last)) => {
                let span = Span::new(last.span.start, token.span.end);
                *last = TokenWithSpan::new(whole, span);
            }
            _ => out.push(token),
        }
    }
    plain_functions(&mut out);
    out
}

/// What two neighbours are together, if they are one.
fn one(left: &TokenWithSpan, right: &TokenWithSpan) -> Option<Token> {
    match (&left.token, &right.token) {
        (Token::Number(digits, false), Token::Word(word)) if word.quote_style.is_none() => {
            let is_suffix = SUFFIXES.contains(&word.value.to_uppercase().as_str())
                && !digits.ends_with(|c: char| c.is_ascii_alphabetic());
            is_suffix.then(|| Token::Number(format!("{digits}{}", word.value), false))
        }
        (Token::ShiftRight, Token::Gt) => Some(Token::CustomBinaryOperator(">>>".to_owned())),
        _ => None,
    }
}

/// `exists(array, x -> ...)` and `array(1, 2)` are functions, unless a query follows: the parser only knows the latter.
/// So is `overlay(a, b, 3)`, unless it says `PLACING`.
fn plain_functions(tokens: &mut [TokenWithSpan]) {
    let is_meant: Vec<usize> = (0..tokens.len()).filter(|at| is_function(&tokens[*at..])).collect();
    for at in is_meant {
        if let Token::Word(word) = &tokens[at].token {
            tokens[at].token = Token::make_word(&word.value.to_lowercase(), Some('`'));
        }
    }
}

fn is_function(tokens: &[TokenWithSpan]) -> bool {
    let mut solid = tokens.iter().map(|token| &token.token).filter(|token| !matches!(token, Token::Whitespace(_)));
    let Some(name) = solid.next().and_then(keyword) else { return false };
    if solid.next() != Some(&Token::LParen) {
        return false;
    }
    match name {
        Keyword::EXISTS | Keyword::ARRAY => {
            !matches!(solid.next().and_then(keyword), Some(Keyword::SELECT | Keyword::WITH))
        }
        Keyword::OVERLAY => !is_within(solid, Keyword::PLACING),
        _ => false,
    }
}

fn keyword(token: &Token) -> Option<Keyword> {
    match token {
        Token::Word(word) => Some(word.keyword),
        _ => None,
    }
}

/// Whether a word stands before the parenthesis closes, and in no other one.
fn is_within<'a>(tokens: impl Iterator<Item = &'a Token>, wanted: Keyword) -> bool {
    let mut depth = 1_usize;
    for token in tokens {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            other if depth == 1 && keyword(other) == Some(wanted) => return true,
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}
