//! Gathers typed rows into a record batch.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int32Builder, Int64Builder, ListArray,
    StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::{Cell, FieldParam, FieldType, schema_of};

/// Collects rows of declared fields.
#[derive(Debug)]
pub(in crate::nodes) struct RowBuilder {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Debug)]
enum Column {
    Text(StringViewBuilder),
    Int(Int32Builder),
    Bigint(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Timestamp(TimestampMicrosecondBuilder),
    Date(Date32Builder),
    Decimal(Decimal128Builder),
    /// The items of all lists, and per list how many are its own and whether it is there.
    List {
        items: Box<Column>,
        lengths: Vec<usize>,
        valid: Vec<bool>,
        data_type: DataType,
    },
}

impl RowBuilder {
    /// Without rows.
    pub(in crate::nodes) fn new(fields: &[FieldParam]) -> Self {
        let columns = fields.iter().map(|field| Column::new(field.kind)).collect();
        Self { schema: schema_of(fields), columns, rows: 0 }
    }

    /// Adds a row: one cell per field, each read as the field's type.
    pub(in crate::nodes) fn push(&mut self, row: Vec<Cell<'_>>) {
        let cells = row.into_iter().chain(std::iter::repeat_with(|| Cell::Null));
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
    }

    /// Rows so far.
    pub(in crate::nodes) fn row_count(&self) -> usize {
        self.rows
    }

    /// The rows, and none are left.
    pub(in crate::nodes) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect::<Result<_, _>>()?;
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

impl Column {
    fn new(kind: FieldType) -> Self {
        match kind {
            FieldType::String => Self::Text(StringViewBuilder::new()),
            FieldType::Int => Self::Int(Int32Builder::new()),
            FieldType::Bigint => Self::Bigint(Int64Builder::new()),
            FieldType::Double => Self::Double(Float64Builder::new()),
            FieldType::Boolean => Self::Boolean(BooleanBuilder::new()),
            FieldType::Timestamp => {
                Self::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type()))
            }
            FieldType::Date => Self::Date(Date32Builder::new()),
            FieldType::Decimal(_, _) => Self::Decimal(Decimal128Builder::new().with_data_type(kind.data_type())),
            FieldType::Array(items) => Self::List {
                items: Box::new(Self::new(*items)),
                lengths: Vec::new(),
                valid: Vec::new(),
                data_type: kind.data_type(),
            },
        }
    }

    /// A cell of another type counts as null; [`Cell`] is read by the field's type, so there is none.
    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(column), Cell::Text(text)) => column.append_value(text),
            (Self::Int(column), Cell::Int(number)) => column.append_value(number),
            (Self::Bigint(column), Cell::Bigint(number)) => column.append_value(number),
            (Self::Double(column), Cell::Double(number)) => column.append_value(number),
            (Self::Boolean(column), Cell::Boolean(is)) => column.append_value(is),
            (Self::Timestamp(column), Cell::Timestamp(micros)) => column.append_value(micros),
            (Self::Date(column), Cell::Date(days)) => column.append_value(days),
            (Self::Decimal(column), Cell::Decimal(unscaled)) => column.append_value(unscaled),
            (Self::List { items, lengths, valid, .. }, Cell::List(cells)) => {
                lengths.push(cells.len());
                valid.push(true);
                cells.into_iter().for_each(|cell| items.push(cell));
            }
            (column, _) => column.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(column) => column.append_null(),
            Self::Int(column) => column.append_null(),
            Self::Bigint(column) => column.append_null(),
            Self::Double(column) => column.append_null(),
            Self::Boolean(column) => column.append_null(),
            Self::Timestamp(column) => column.append_null(),
            Self::Date(column) => column.append_null(),
            Self::Decimal(column) => column.append_null(),
            Self::List { lengths, valid, .. } => {
                lengths.push(0);
                valid.push(false);
            }
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Bigint(column) => Arc::new(column.finish()),
            Self::Double(column) => Arc::new(column.finish()),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Timestamp(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Decimal(column) => Arc::new(column.finish()),
            Self::List { items, lengths, valid, data_type } => {
                let DataType::List(field) = &*data_type else {
                    return Err(ArrowError::SchemaError("a list of no type".to_owned()));
                };
                let offsets = OffsetBuffer::from_lengths(std::mem::take(lengths));
                let nulls = NullBuffer::from(std::mem::take(valid));
                Arc::new(ListArray::try_new(Arc::clone(field), offsets, items.finish()?, Some(nulls))?)
            }
        })
    }
}
