//! Lines to rows of the declared fields; a line that does not fit is left out with its reason.

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde_json::Value;

use super::csv::{CsvDialect, CsvValue};
use super::{Content, Format};
use crate::nodes::sources::lines::TextBlock;
use crate::nodes::sources::rows::{Cell, FieldParam, RowBuilder};
use crate::plan::LinkType;

/// Turns lines into rows.
#[derive(Debug)]
pub(in crate::nodes::sources) enum Decoder {
    /// Each line is a row.
    Text,
    /// Each line holds delimited values; `positions` says where each field's is.
    Csv { fields: Vec<FieldParam>, positions: Vec<usize>, dialect: CsvDialect },
    /// Each line is a JSON object.
    JsonLines { fields: Vec<FieldParam> },
}

/// What was left out of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::nodes::sources) struct Rejected {
    /// Values of fields that are not declared.
    pub(in crate::nodes::sources) ignored: u64,
    /// Lines that did not fit.
    pub(in crate::nodes::sources) count: u64,
    /// Why the last one did not, with its place.
    pub(in crate::nodes::sources) last: Option<String>,
}

impl Rejected {
    /// Counts one.
    pub(in crate::nodes::sources) fn add(&mut self, reason: String) {
        self.count += 1;
        self.last = Some(reason);
    }

    /// Counts several at once, that are lost for one reason.
    pub(in crate::nodes::sources) fn add_many(&mut self, count: u64, reason: String) {
        self.count += count;
        self.last = Some(reason);
    }

    /// Adds those of what was read later.
    pub(in crate::nodes::sources) fn append(&mut self, later: Self) {
        self.ignored += later.ignored;
        self.count += later.count;
        self.last = later.last.or(self.last.take());
    }
}

impl Decoder {
    /// For content without a header. (Below a header, [`Self::below`] finds the columns.)
    pub(in crate::nodes::sources) fn new(content: &Content) -> Self {
        let fields = content.fields.clone();
        match &content.format {
            // (Columns are not made of lines; nobody asks for their decoder.)
            Format::Text | Format::Parquet | Format::Arrow => Self::Text,
            Format::JsonLines => Self::JsonLines { fields },
            Format::Csv(dialect) => {
                Self::Csv { positions: (0..fields.len()).collect(), fields, dialect: dialect.clone() }
            }
        }
    }

    /// For content whose first line is this header, or the sentence that says what is wrong with it: `the header of
    /// x.csv ...`.
    pub(in crate::nodes::sources) fn below(header: &str, content: &Content, name: &str) -> Result<Self, String> {
        let mut decoder = Self::new(content);
        if let Self::Csv { fields, positions, dialect } = &mut decoder {
            let header = header.strip_prefix('\u{FEFF}').unwrap_or(header);
            let names = dialect
                .split(header)
                .map_err(|wrong| format!("the header of {name} cannot be read: {wrong}; correct it"))?;
            let found: Result<_, _> = fields.iter().map(|field| position(field, &names, name)).collect();
            *positions = found?;
        }
        Ok(decoder)
    }

    /// The rows of these lines, of which the first has the number `first_line`. Empty lines are no rows, except in
    /// text.
    pub(in crate::nodes::sources) fn decode(
        &self,
        lines: TextBlock,
        first_line: u64,
        rejected: &mut Rejected,
    ) -> Result<RecordBatch, ArrowError> {
        let (Self::Csv { fields, .. } | Self::JsonLines { fields }) = self else {
            return RecordBatch::try_new(LinkType::lines().schema, vec![lines.into_column()?]);
        };
        let mut builder = RowBuilder::new(fields);
        for (number, line) in (first_line..).zip(lines.iter()).filter(|(_, line)| self.is_row(line)) {
            match self.push_row(line, &mut builder) {
                Ok(ignored) => rejected.ignored += ignored as u64,
                Err(reason) => rejected.add(format!("line {number}: {reason}")),
            }
        }
        builder.finish()
    }

    /// Whether a line is meant to be a row.
    fn is_row(&self, line: &str) -> bool {
        match self {
            Self::Csv { dialect, .. } => dialect.is_row(line),
            Self::Text | Self::JsonLines { .. } => !line.trim().is_empty(),
        }
    }

    /// Adds a line's row, and tells how many of its values belong to no declared field.
    fn push_row(&self, line: &str, builder: &mut RowBuilder) -> Result<usize, String> {
        match self {
            Self::Text => Ok(0),
            Self::Csv { fields, positions, dialect } => {
                let values = dialect.split(line)?;
                let cells = fields.iter().zip(positions).map(|(field, at)| csv_cell(dialect, field, &values, *at));
                builder.push(cells.collect::<Result<_, _>>()?);
                Ok((0..values.len()).filter(|at| !positions.contains(at)).count())
            }
            Self::JsonLines { fields } => {
                let value: Value = serde_json::from_str(line).map_err(|error| format!("no valid JSON: {error}"))?;
                let Some(object) = value.as_object() else {
                    return Err("no JSON object".to_owned());
                };
                let cells = fields.iter().map(|field| match find(&value, field.path()) {
                    Some(found) => Cell::from_json(field.kind, found).map_err(|wrong| misfit(field, &wrong)),
                    None => Ok(Cell::Null),
                });
                builder.push(cells.collect::<Result<_, _>>()?);
                Ok(object.keys().filter(|key| !fields.iter().any(|field| reads(field, key))).count())
            }
        }
    }
}

/// Where the header has the field's name, whatever its case.
fn position(field: &FieldParam, names: &[CsvValue<'_>], file: &str) -> Result<usize, String> {
    let wanted = field.path().trim().to_lowercase();
    names.iter().position(|name| name.text.trim().to_lowercase() == wanted).ok_or_else(|| {
        let list: Vec<_> = names.iter().map(|name| format!("`{}`", name.text.trim())).collect();
        format!(
            "the header of {file} has no column `{}`; it has {}. Correct the field, or switch the header off",
            field.path(),
            list.join(", ")
        )
    })
}

/// Whether a field's value is under this key of the object, or below it.
fn reads(field: &FieldParam, key: &str) -> bool {
    let path = field.path();
    path == key || path.split_once('.').is_some_and(|(first, _)| first == key)
}

fn csv_cell<'a>(
    dialect: &CsvDialect,
    field: &FieldParam,
    values: &'a [CsvValue<'_>],
    at: usize,
) -> Result<Cell<'a>, String> {
    let value = values.get(at).ok_or_else(|| {
        format!("it has {} values, but the field `{}` is number {}", values.len(), field.name, at + 1)
    })?;
    if dialect.is_null(value) {
        return Ok(Cell::Null);
    }
    Cell::from_text(field.kind, &value.text).map_err(|wrong| misfit(field, &wrong))
}

fn misfit(field: &FieldParam, wrong: &str) -> String {
    format!("{wrong}, as the field `{}` is declared", field.name)
}

/// The value at a path: the key itself where there is one, else key by key (or by index) along its dots.
pub(super) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    value.get(path).or_else(|| {
        path.split('.').try_fold(value, |value, step| match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            Value::Object(fields) => fields.get(step),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    })
}
