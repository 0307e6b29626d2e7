//! Reads the lines of a batch into columns and sets aside those that cannot be read.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array, StringViewArray, StringViewBuilder,
};
use arrow::compute::filter;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use regex::Regex;

use super::cells::{Cell, Column, ParsedField};
use super::json::Step;
use super::{access_log, csv, json, key_value, pattern};
use crate::nodes::transforms::rowwise;
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate};

/// How lines are read.
pub(super) enum Format {
    Json(Vec<Vec<Step>>),
    Csv(char),
    KeyValue,
    Pattern(Regex),
    AccessLog,
}

impl Format {
    /// Reads a line's cells, and tells how many of its values belong to no declared field.
    fn read<'a>(&self, line: &'a str, fields: &[ParsedField], cells: &mut Vec<Cell<'a>>) -> Result<usize, String> {
        match self {
            Self::Json(paths) => json::read(line, fields, paths, cells),
            Self::KeyValue => key_value::read(line, fields, cells),
            Self::Csv(delimiter) => csv::read(line, *delimiter, fields, cells).map(|()| 0),
            Self::Pattern(regex) => pattern::read(line, regex, fields, cells).map(|()| 0),
            Self::AccessLog => access_log::read(line, cells).map(|()| 0),
        }
    }
}

/// The running node.
pub(super) struct ParseOperator {
    pub(super) format: Format,
    pub(super) column: usize,
    pub(super) fields: Vec<ParsedField>,
    pub(super) keep_input: bool,
    pub(super) parsed: SchemaRef,
    pub(super) rejects: SchemaRef,
    pub(super) counts: Counts,
}

/// What the node has counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Lines of the batches before this one.
    lines: i64,
    rejected: u64,
    ignored: u64,
}

/// What a piece of a batch gave.
struct Part {
    parsed: Chunk,
    /// The lines that could not be read, where they stand in the piece, and why.
    refused: Vec<ArrayRef>,
    offsets: Vec<i64>,
    /// Values that belong to no declared field.
    ignored: u64,
    lines: i64,
}

impl ParseOperator {
    fn parse(&self, chunk: &Chunk) -> Result<Part, NodeError> {
        let lines: &StringViewArray = chunk.rows.column(self.column).as_string_view();
        let mut columns: Vec<Column> =
            self.fields.iter().map(|field| Column::new(field.field_type, lines.len())).collect();
        let mut is_read = BooleanBufferBuilder::new(lines.len());
        let mut reasons = StringViewBuilder::new();
        let mut cells = Vec::with_capacity(self.fields.len());
        let (mut ignored, mut offsets) = (0, Vec::new());
        for (offset, line) in (0i64..).zip(lines) {
            cells.clear();
            let read = match line {
                None => Err("the text is null".to_owned()),
                Some(line) => self.format.read(line, &self.fields, &mut cells),
            };
            is_read.append(read.is_ok());
            match read {
                Ok(undeclared) => {
                    ignored += undeclared as u64;
                    columns.iter_mut().zip(&cells).for_each(|(column, cell)| column.append(cell));
                }
                Err(reason) => {
                    reasons.append_value(reason);
                    offsets.push(offset);
                }
            }
        }
        let is_read = BooleanArray::from(is_read.finish());
        let parsed = self.parsed_rows(chunk, columns, &is_read)?;
        let refused = arrow::compute::not(&is_read)?;
        let refused = vec![filter(lines, &refused)?, Arc::new(reasons.finish()) as ArrayRef];
        let lines = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        Ok(Part { parsed: Chunk::new(parsed, chunk.arrived), refused, offsets, ignored, lines })
    }

    /// The lines that a piece behind so many others could not read.
    fn rejects(&self, part: &Part, before: i64) -> Result<Chunk, NodeError> {
        let offsets = Int64Array::from_iter_values(part.offsets.iter().map(|offset| before.saturating_add(*offset)));
        let mut columns = part.refused.clone();
        columns.insert(1, Arc::new(offsets));
        Ok(Chunk::new(RecordBatch::try_new(Arc::clone(&self.rejects), columns)?, part.parsed.arrived))
    }

    fn parsed_rows(
        &self,
        chunk: &Chunk,
        columns: Vec<Column>,
        is_read: &BooleanArray,
    ) -> Result<RecordBatch, NodeError> {
        let mut arrays = Vec::with_capacity(self.parsed.fields().len());
        if self.keep_input {
            let is_whole = is_read.true_count() == is_read.len();
            for column in chunk.rows.columns() {
                arrays.push(if is_whole { Arc::clone(column) } else { filter(column, is_read)? });
            }
        }
        arrays.extend(columns.into_iter().map(Column::finish));
        Ok(RecordBatch::try_new(Arc::clone(&self.parsed), arrays)?)
    }
}

impl Operator for ParseOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        (self.counts.rejected, self.counts.ignored) = (0, 0);
        let Some(parts) = rowwise::map_parts(inputs, context, |chunk| self.parse(chunk))? else {
            return Ok(vec![Flow::Idle, Flow::Idle]);
        };
        let (mut parsed, mut rejects) = (Vec::with_capacity(parts.len()), Vec::with_capacity(parts.len()));
        for part in parts {
            rejects.push(self.rejects(&part, self.counts.lines)?);
            self.counts.lines = self.counts.lines.saturating_add(part.lines);
            self.counts.ignored += part.ignored;
            parsed.push(part.parsed);
        }
        self.counts.rejected = rejects.iter().map(|chunk| chunk.rows.num_rows() as u64).sum();
        let filled =
            |chunks: Vec<Chunk>| Flow::Fired(chunks.into_iter().filter(|chunk| chunk.rows.num_rows() > 0).collect());
        Ok(vec![filled(parsed), filled(rejects)])
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![("rejected", self.counts.rejected), ("ignored", self.counts.ignored)]
    }

    /// Offsets go on.
    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() {
            self.counts.lines = old.counts.lines;
        }
        StateFate::Kept
    }
}
