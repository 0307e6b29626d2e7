//! What people type who are new here, and the sentence they get: each says what to do, and points at the place.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};

use super::*;
use crate::expr::Expression;
use crate::expr::types::{list_of, timestamp};

fn refusal(source: &str) -> Result<ExprError, String> {
    let user = DataType::Struct(vec![Field::new("name", DataType::Utf8View, true)].into());
    let fields = vec![
        Field::new("word", DataType::Utf8View, true),
        Field::new("amount", DataType::Int32, true),
        Field::new("ok", DataType::Boolean, true),
        Field::new("at", timestamp(), true),
        Field::new("items", list_of(DataType::Int32), true),
        Field::new("user", user, true),
    ];
    match Expression::compile(source, &Arc::new(Schema::new(fields))) {
        Err(error) => Ok(error),
        Ok(_) => Err(format!("{source} is taken")),
    }
}

/// The source, a part of the sentence, and what it points at.
const TYPED: &[(&str, &str, &str)] = &[
    ("wrod", "did you mean `word`?", "wrod"),
    ("lenght(word)", "did you mean `length`?", "lenght"),
    ("now", "is a function; call it: `now()`", "now"),
    ("user.nam", "did you mean `name`?", "nam"),
    ("word.length", "call the function: `length(text)`", "length"),
    ("word.length()", "so `length(word)`", "word"),
    ("toLowerCase(word)", "here it is `lower(text)`", "toLowerCase"),
    ("iif(ok, 1, 2)", "`if(condition, then, otherwise)`", "iif"),
    ("uuid()", "left out: a batch that is computed again", "uuid"),
    ("to_char(amount, '999')", "`format_number(x, 2)`", "to_char"),
    ("sum(amount)", "use a group or an aggregate node", "sum"),
    ("regr_slope(amount, amount)", "summarises many rows", "regr_slope"),
    ("substring(word)", "takes two to three arguments: `substring(text, start[, length])`", ""),
    ("ok && ok", "`&&` is written `AND`", "&&"),
    ("amount ** 2", "`power(base, exponent)`", "*"),
    ("amount ≥ 3", "`≥` is written `>=`", "≥"),
    ("word = “a”", "texts stand in straight quotes", "“"),
    ("amount => 3", "greater or equal is written `>=`", "=>"),
    ("word ~ 'a'", "patterns are compared with `RLIKE`", ""),
    ("word contains 'a'", "its values stand in parentheses behind it: `contains(", "contains"),
    ("word matches 'a'", "`RLIKE`", "matches"),
    ("if ok then 1 else 0", "write `if(condition, then, otherwise)`", "ok"),
    ("select word", "a whole query belongs into an SQL node", "word"),
    ("word, amount", "a column of its own", ","),
    ("word as w", "has no `AS`", "as"),
    ("word;", "leave the `;` out", ";"),
    ("upper(word))", "a `)` too many", ")"),
    ("upper(word", "`)` is missing at the end", ""),
    ("amount +", "the expression ends too early", ""),
    ("amount between 1", "`AND` is missing at the end", ""),
    ("'word", "does not end; close it", ""),
    ("at - 1 day", "a span of time is written `INTERVAL 1 DAY`", "day"),
    ("at + interval 1 fortnight", "no unit of time; there are year, month", "fortnight"),
    ("at + 1", "times move by spans: `INTERVAL 1 DAY`", "at"),
    ("'a' + 'b'", "texts are joined with `||`", "'a'"),
    ("at > 2026-01-01", "TIMESTAMP '2026-01-31 10:00:00'", ""),
    ("items.0", "written with brackets: `[0]`", ".0"),
    ("amount and ok", "compare it with something", "amount"),
    ("CAST(word AS INTEGR)", "`INTEGR` is no type of Spark; there are boolean", ""),
    ("CAST(word INT)", "`AS` is expected instead of `INT`", "INT"),
    ("transform(items, amount + 1)", "a function is expected here: `x -> x + 1`", ""),
    ("struct(1, 2).col3", "no field `col3`", "col3"),
];

#[test]
fn what_is_typed_wrongly_is_answered_with_what_to_write_and_in_its_place() {
    let mut wrong = Vec::new();
    for (source, words, place) in TYPED {
        let error = match refusal(source) {
            Ok(error) => error,
            Err(taken) => {
                wrong.push(taken);
                continue;
            }
        };
        let at = error.at.clone().map_or("", |at| &source[at]);
        if !error.message.contains(words) || !place.is_empty() && at != *place {
            wrong.push(format!("{source}: {} at `{at}`", error.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_called_otherwise_elsewhere_is_not_there_under_that_name() {
    for (names, here) in FOREIGN {
        for name in *names {
            assert!(find(name).is_none(), "{name} is there");
        }
        let called = here.trim_matches('`').split_once('(').map(|(name, _)| name.to_lowercase());
        let is_there = called.is_none_or(|name| name == "cast" || find(&name).is_some());
        assert!(is_there || here.contains(' '), "{here} is not there");
    }
}
