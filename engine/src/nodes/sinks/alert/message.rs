//! Messages with places for a row's values: `{sensor} is at {temperature} degrees`.

use arrow::array::StringViewArray;
use arrow::array::builder::StringViewBuilder;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::nodes::sinks::encode::Cells;
use crate::nodes::transforms::refusal::find_column;
use crate::spec::Diagnostic;

/// What stands for no value.
const NULL: &str = "null";

/// A message, its places found among the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The value of the column at this position.
    Column(usize),
}

impl Template {
    /// Reads a message; all that is wrong with it, each at its place.
    pub(super) fn parse(text: &str, schema: &Schema) -> Result<Self, Vec<Diagnostic>> {
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            literal.push_str(before);
            let start = text.len() - brace.len();
            let doubled = ["{{", "}}"].into_iter().find(|doubled| brace.starts_with(doubled));
            if let Some(doubled) = doubled {
                literal.push_str(&doubled[1..]);
                rest = &brace[2..];
                continue;
            }
            let inner = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((name, after)) = inner.filter(|(name, _)| !name.contains('{')) else {
                let sentence = "a brace stands alone; write `{column}` for a value, or `{{` and `}}` for braces";
                problems.push(Diagnostic::error(sentence).param("message").at(start..start + 1));
                rest = &brace[1..];
                continue;
            };
            match find_column(schema, name.trim()) {
                Ok(column) => {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                    parts.push(Part::Column(column));
                }
                Err(missing) => {
                    problems.push(Diagnostic::error(missing).param("message").at(start + 1..start + 1 + name.len()));
                }
            }
            rest = after;
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        parts.retain(|part| *part != Part::Text(String::new()));
        if problems.is_empty() { Ok(Self { parts }) } else { Err(problems) }
    }

    /// The message of each row.
    pub(super) fn fill(&self, rows: &RecordBatch) -> Result<StringViewArray, ArrowError> {
        let cells = Cells::new(rows, NULL)?;
        let mut messages = StringViewBuilder::with_capacity(rows.num_rows());
        let mut message = Vec::new();
        for row in 0..rows.num_rows() {
            message.clear();
            for part in &self.parts {
                match part {
                    Part::Text(text) => message.extend_from_slice(text.as_bytes()),
                    Part::Column(column) => cells.write(*column, row, &mut message)?,
                }
            }
            messages.append_value(String::from_utf8_lossy(&message));
        }
        Ok(messages.finish())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nodes::testing::{batch, int, text};

    fn rows() -> RecordBatch {
        batch(vec![("sensor", text([Some("s1"), None])), ("n", int([Some(7), None]))])
    }

    fn fill(template: &str) -> Vec<String> {
        let rows = rows();
        let messages = Template::parse(template, &rows.schema()).unwrap().fill(&rows).unwrap();
        messages.iter().flatten().map(str::to_owned).collect()
    }

    #[test]
    fn places_take_the_rows_values() {
        assert_eq!(fill("{sensor}: { N }{n}!"), ["s1: 77!", "null: nullnull!"]);
        assert_eq!(fill("{{sensor}} {{{n}}}"), ["{sensor} {7}", "{sensor} {null}"]);
        assert_eq!(fill(""), ["", ""]);
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_stands() {
        let wrong = |text: &str| Template::parse(text, &rows().schema()).unwrap_err();
        let found = wrong("ä {sensro} and { and }");
        let places: Vec<_> = found.iter().map(|problem| problem.at.clone().unwrap()).collect();
        assert_eq!(places, [4..10, 17..22], "{found:?}");
        assert!(found[0].message.contains("did you mean `sensor`?"), "{found:?}");
        let found = wrong("{ {n} }");
        assert_eq!(found.iter().map(|problem| problem.at.clone().unwrap()).collect::<Vec<_>>(), [0..1, 6..7]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_text_without_braces_is_itself(text in "[{}nä ]{0,12}") {
            let parsed = Template::parse(&text, &rows().schema());
            if !text.contains(['{', '}']) {
                let messages = parsed.unwrap().fill(&rows()).unwrap();
                prop_assert_eq!(messages.value(0), text);
            }
        }
    }
}
