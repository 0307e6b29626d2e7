//! Suggests the fields of a file from its beginning: asked for by a person, never by opening a document.

use std::collections::BTreeSet;
use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Fields};
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::decode::find;
use super::file::{bounded, open};
use super::line_rows::LineRows;
use super::table_rows::open_blocks;
use super::{Content, CsvDialect, Format};
use crate::nodes::sources::rows::{Cell, FieldType};
use crate::plan::NodeError;

/// Rows that are looked at.
const SAMPLED_ROWS: usize = 1_000;
/// Fields that are suggested at most.
const MAX_FIELDS: usize = 500;
/// How deep objects are looked into.
const MAX_DEPTH: usize = 4;
/// Lines longer than this are cut.
const MAX_LINE_BYTES: usize = 1 << 20;

/// A field that a file seems to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) struct InferredField {
    name: String,
    kind: FieldType,
    path: Option<String>,
}

impl InferredField {
    /// Under its own name.
    pub(in crate::nodes) fn new(name: &str, kind: FieldType) -> Self {
        Self { name: name.to_owned(), kind, path: None }
    }

    /// As a row of the parameter `fields`.
    pub(in crate::nodes) fn to_row(&self) -> Value {
        let mut row = Map::new();
        row.insert("name".to_owned(), json!(self.name));
        self.kind.put_into(&mut row);
        if let Some(path) = &self.path {
            row.insert("path".to_owned(), json!(path));
        }
        Value::Object(row)
    }
}

/// The fields of this file, read in this format.
pub(in crate::nodes::sources) fn fields_of(path: &Path, format: &Format) -> Result<Vec<InferredField>, NodeError> {
    let fields = match format {
        Format::Text => return Err(NodeError::pipeline("a text file has the one column `value`; it needs no fields")),
        Format::Csv(dialect) => csv_fields(&sampled(path)?, dialect),
        Format::JsonLines => json_fields(&sampled(path)?),
        Format::Parquet | Format::Arrow => {
            let file = bounded(open(path)?, None, path)?;
            let mut found = Vec::new();
            let wanted = |schema: &arrow::datatypes::SchemaRef| Ok(Columns::all(schema));
            let (blocks, _) = open_blocks(file, path, format, &wanted)?;
            nested(blocks.schema().fields(), &mut Vec::new(), &mut found);
            found
        }
    };
    if fields.is_empty() {
        let sentence = format!("nothing in {} tells what its fields are; declare them by hand", path.display());
        return Err(NodeError::data(sentence));
    }
    Ok(distinct(fields))
}

/// The same, for those outside of the sources.
pub(in crate::nodes) fn infer_fields(file: &super::WholeFile) -> Result<Vec<InferredField>, NodeError> {
    fields_of(file.path(), file.format())
}

/// The first lines of a file.
fn sampled(path: &Path) -> Result<Vec<String>, NodeError> {
    let content = Content { format: Format::Text, fields: Vec::new(), max_line_bytes: MAX_LINE_BYTES };
    let mut rows = LineRows::new(std::io::Read::take(open(path)?, u64::MAX), path, &content)?;
    let mut lines = Vec::new();
    while lines.len() < SAMPLED_ROWS
        && let Some(block) = rows.next_block()?
    {
        let texts = block.columns().first().and_then(|column| column.as_string_view_opt());
        lines.extend(texts.into_iter().flatten().flatten().map(str::to_owned));
    }
    lines.truncate(SAMPLED_ROWS);
    Ok(lines)
}

fn csv_fields(lines: &[String], dialect: &CsvDialect) -> Vec<InferredField> {
    let is_row = |line: &&String| dialect.is_row(line);
    let mut rows = lines.iter().filter(is_row).filter_map(|line| dialect.split(line).ok());
    let names: Vec<String> = if dialect.has_header {
        let header = rows.next().unwrap_or_default();
        header.iter().map(|name| name.text.trim().to_owned()).collect()
    } else {
        let first = lines.iter().find(is_row).and_then(|line| dialect.split(line).ok()).unwrap_or_default();
        (1..=first.len()).map(|number| format!("column_{number}")).collect()
    };
    let mut guesses = vec![Guess::default(); names.len()];
    for row in rows {
        for (guess, value) in guesses.iter_mut().zip(&row) {
            if !dialect.is_null(value) {
                guess.see_text(&value.text);
            }
        }
    }
    let field = |(name, guess): (String, Guess)| InferredField { name, kind: guess.kind(), path: None };
    names.into_iter().zip(guesses).map(field).collect()
}

fn json_fields(lines: &[String]) -> Vec<InferredField> {
    let rows: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut paths = Vec::new();
    for row in &rows {
        collect_paths(row, &mut Vec::new(), &mut paths);
    }
    let field = |path: Vec<String>| {
        let dotted = path.join(".");
        let mut guess = Guess::default();
        for value in rows.iter().filter_map(|row| find(row, &dotted)) {
            guess.see_json(value);
        }
        let name = path.join("_");
        let path = (name != dotted).then_some(dotted);
        InferredField { name, kind: guess.kind(), path }
    };
    paths.into_iter().map(field).collect()
}

/// The paths to all values that are no objects, in the order in which they are first seen.
fn collect_paths(value: &Value, path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields {
        path.push(name.clone());
        let is_inner = value.as_object().is_some_and(|inner| !inner.is_empty()) && path.len() < MAX_DEPTH;
        if is_inner {
            collect_paths(value, path, paths);
        } else if !paths.contains(path) && paths.len() < MAX_FIELDS {
            paths.push(path.clone());
        }
        path.pop();
    }
}

/// The columns of a schema, structures by their parts.
fn nested(fields: &Fields, path: &mut Vec<String>, found: &mut Vec<InferredField>) {
    for field in fields {
        path.push(field.name().clone());
        if let (DataType::Struct(inner), true) = (field.data_type(), path.len() < MAX_DEPTH) {
            nested(inner, path, found);
        } else if found.len() < MAX_FIELDS {
            let (name, dotted) = (path.join("_"), path.join("."));
            let kind = FieldType::nearest(field.data_type());
            found.push(InferredField { path: (name != dotted).then_some(dotted), name, kind });
        }
        path.pop();
    }
}

/// The same fields with names that differ also when case is ignored.
fn distinct(mut fields: Vec<InferredField>) -> Vec<InferredField> {
    let mut taken = BTreeSet::new();
    for field in &mut fields {
        if field.name.is_empty() {
            "column".clone_into(&mut field.name);
        }
        let own = field.name.clone();
        let mut number = 2;
        while !taken.insert(field.name.to_lowercase()) {
            field.path.get_or_insert_with(|| own.clone());
            field.name = format!("{own}_{number}");
            number += 1;
        }
    }
    fields
}

/// What all values seen of a column have in common.
#[derive(Debug, Clone)]
struct Guess {
    fits: Vec<FieldType>,
    has_seen: bool,
}

impl Default for Guess {
    /// The narrowest first; a string fits always.
    fn default() -> Self {
        let fits = vec![
            FieldType::Boolean,
            FieldType::Int,
            FieldType::Bigint,
            FieldType::Double,
            FieldType::Date,
            FieldType::Timestamp,
        ];
        Self { fits, has_seen: false }
    }
}

impl Guess {
    fn see_text(&mut self, text: &str) {
        self.has_seen = true;
        // A number that begins with a zero is a code: as a number it would lose it.
        let digits = text.trim().trim_start_matches(['-', '+']);
        let is_code = digits.starts_with('0') && digits.len() > 1 && !digits.starts_with("0.");
        let is_number = |kind: &FieldType| matches!(kind, FieldType::Int | FieldType::Bigint | FieldType::Double);
        self.fits.retain(|kind| !(is_code && is_number(kind)) && Cell::from_text(*kind, text).is_ok());
    }

    fn see_json(&mut self, value: &Value) {
        if !value.is_null() {
            self.has_seen = true;
            self.fits.retain(|kind| Cell::from_json(*kind, value).is_ok());
        }
    }

    fn kind(&self) -> FieldType {
        let kind = self.fits.first().copied().filter(|_| self.has_seen);
        // Counts grow: what fits 32 bits in the first rows need not in the next.
        kind.map_or(FieldType::String, |kind| if kind == FieldType::Int { FieldType::Bigint } else { kind })
    }
}
