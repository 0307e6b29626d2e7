//! Regular expressions: whether a text matches, and what the matches are. The patterns are Java's, see `java_regex`.

use crate::expr::functions::prelude::*;
use crate::expr::java_regex::{Pattern, Patterns};

const TWO: Takes = Takes::these(&[Param::Text, Param::Regex]);

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own("rlike", "rlike(text, pattern)", "Whether the regular expression matches anywhere in the text.", TWO,
        Gives::Boolean, rlike).also(&["regexp", "regexp_like"]).total(),
    Entry::own("regexp_extract", "regexp_extract(text, pattern[, group])",
        "What a group of the first match holds (group 1 if none is named, 0 is the whole); empty where nothing matches.",
        TWO.or(&[Param::Int]), Gives::Text, extract).total(),
    Entry::own("regexp_extract_all", "regexp_extract_all(text, pattern[, group])",
        "What a group (1 if none is named) holds in every match.",
        TWO.or(&[Param::Int]), Gives::By(list_of_texts), extract_all).total(),
    Entry::own("regexp_substr", "regexp_substr(text, pattern)", "The first match; null where nothing matches.", TWO,
        Gives::Text, substr),
    Entry::own("regexp_instr", "regexp_instr(text, pattern)", "The place of the first match, from 1; 0 where nothing matches.",
        TWO, Gives::Int, instr).total(),
    Entry::own("regexp_count", "regexp_count(text, pattern)", "How many matches there are.", TWO, Gives::Int, count).total(),
];

fn list_of_texts(_args: &[Typed]) -> Result<DataType, ExprError> {
    Ok(crate::expr::types::list_of(DataType::Utf8View))
}

fn rlike(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    booleans(args.rows(), |row| match text.get(row).zip(pattern.get(row)) {
        Some((text, pattern)) => patterns.get(pattern)?.is_in(text).map(Some),
        None => Ok(None),
    })
}

/// The group asked for, where the pattern has it.
fn group(pattern: &Pattern, number: i32) -> Result<usize, ExprError> {
    usize::try_from(number).ok().filter(|number| *number <= pattern.groups()).ok_or_else(|| {
        ExprError::new(format!(
            "the regular expression has {} groups, number {number} is none of them",
            pattern.groups()
        ))
    })
}

fn extract(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    let number = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    texts(args.rows(), |row| {
        let number = number.as_ref().map_or(Some(1), |number| number.get(row));
        let (Some(text), Some(pattern), Some(number)) = (text.get(row), pattern.get(row), number) else {
            return Ok(None);
        };
        let pattern = patterns.get(pattern)?;
        // Only a match shows that the group is missing, as in Spark.
        let Some(captures) = pattern.first_groups(text)? else { return Ok(Some("")) };
        let number = group(&pattern, number)?;
        Ok(Some(captures.get(number).map_or("", |found| found.as_str())))
    })
}

fn extract_all(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    let number = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    super::pieces::lists(args.rows(), |row, pieces| {
        let number = number.as_ref().map_or(Some(1), |number| number.get(row));
        let (Some(text), Some(pattern), Some(number)) = (text.get(row), pattern.get(row), number) else {
            return Ok(false);
        };
        let pattern = patterns.get(pattern)?;
        for captures in pattern.all_groups(text)? {
            let number = group(&pattern, number)?;
            pieces.append_value(captures.get(number).map_or("", |found| found.as_str()));
        }
        Ok(true)
    })
}

fn substr(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    texts(args.rows(), |row| {
        let Some((text, pattern)) = text.get(row).zip(pattern.get(row)) else { return Ok(None) };
        let found = patterns.get(pattern)?.first(text)?;
        Ok(found.and_then(|(start, end)| text.get(start..end)))
    })
}

fn instr(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    numbers::<Int32Type>(args, |row| {
        let Some((text, pattern)) = text.get(row).zip(pattern.get(row)) else { return Ok(None) };
        // Java counts in units of UTF-16.
        let units = |start: usize| text.get(..start).unwrap_or_default().encode_utf16().count();
        let place = patterns.get(pattern)?.first(text)?.map_or(0, |(start, _)| units(start) + 1);
        Ok(Some(i32::try_from(place).unwrap_or(i32::MAX)))
    })
}

fn count(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (text, pattern, mut patterns) = (args.text(0)?, args.text(1)?, Patterns::default());
    numbers::<Int32Type>(args, |row| {
        let Some((text, pattern)) = text.get(row).zip(pattern.get(row)) else { return Ok(None) };
        let count = patterns.get(pattern)?.all(text)?.count();
        Ok(Some(i32::try_from(count).unwrap_or(i32::MAX)))
    })
}
