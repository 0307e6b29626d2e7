//! Columns of a file as the declared fields: found by name or path, brought to the types of links. A value that is none
//! of its field's type takes its row out, with the reason; it never becomes null.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, StructArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::{CastOptions, cast_with_options, filter_record_batch};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::Rejected;
use crate::expr::{decimal_of_text, nearest, type_name};
use crate::nodes::json_text::json_text;
use crate::nodes::sources::rows::{FieldParam, FieldType, schema_of};

/// Where each field's values are.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    schema: SchemaRef,
    fields: Vec<FieldParam>,
    places: Vec<Place>,
    /// Columns of the file that no field reads.
    unread: usize,
}

/// A column and the way into its structures.
#[derive(Debug, Clone)]
struct Place {
    root: usize,
    steps: Vec<usize>,
}

impl Columns {
    /// Finds the fields among a file's columns. The error goes on after `the file x`.
    pub(super) fn new(fields: &[FieldParam], file: &Schema) -> Result<Self, String> {
        let places = fields.iter().map(|field| place(field, file)).collect::<Result<Vec<_>, _>>()?;
        let is_read = |root: usize| places.iter().any(|place| place.root == root);
        let unread = (0..file.fields().len()).filter(|root| !is_read(*root)).count();
        Ok(Self { schema: schema_of(fields), fields: fields.to_vec(), places, unread })
    }

    /// All columns of a file, for those who only look at what it says of itself.
    pub(super) fn all(file: &Schema) -> Self {
        let places = (0..file.fields().len()).map(|root| Place { root, steps: Vec::new() }).collect();
        Self { schema: schema_of(&[]), fields: Vec::new(), places, unread: 0 }
    }

    /// The file's columns that are read, ascending.
    pub(super) fn roots(&self) -> Vec<usize> {
        let mut roots: Vec<_> = self.places.iter().map(|place| place.root).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// The same where only these columns are left.
    pub(super) fn within(mut self, roots: &[usize]) -> Self {
        for place in &mut self.places {
            place.root = roots.iter().position(|root| *root == place.root).unwrap_or(place.root);
        }
        self
    }

    /// The fields of these rows, of which the first has the number `first`.
    pub(super) fn shape(
        &self,
        rows: &RecordBatch,
        first: u64,
        rejected: &mut Rejected,
    ) -> Result<RecordBatch, ArrowError> {
        let mut columns = Vec::with_capacity(self.places.len());
        let mut fits: Option<BooleanBuffer> = None;
        for (place, field) in self.places.iter().zip(&self.fields) {
            let source = place.take(rows)?;
            let column = read_as(field.kind, &source)?;
            let lost = lost_values(&source, &column);
            if let Some(lost) = lost {
                let row = lost.set_indices().next().unwrap_or(0);
                let value = shown(&source, row);
                let kind = field.kind.name();
                let reason = format!("`{value}` is no {kind}, as the field `{}` is declared", field.name);
                rejected.last = Some(format!("row {}: {reason}", first + row as u64 + 1));
                fits = Some(fits.map_or_else(|| !&lost, |fits| &fits & &!&lost));
            }
            columns.push(column);
        }
        let shaped = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        let kept = match fits {
            None => shaped,
            Some(fits) => filter_record_batch(&shaped, &BooleanArray::new(fits, None))?,
        };
        rejected.count += (rows.num_rows() - kept.num_rows()) as u64;
        rejected.ignored += (self.unread * kept.num_rows()) as u64;
        Ok(kept)
    }
}

impl Place {
    fn take(&self, rows: &RecordBatch) -> Result<ArrayRef, ArrowError> {
        let missing = || ArrowError::SchemaError("a column is missing".to_owned());
        let mut column = Arc::clone(rows.columns().get(self.root).ok_or_else(missing)?);
        for step in &self.steps {
            let within = column.as_struct_opt().ok_or_else(missing)?;
            column = child(within, *step).ok_or_else(missing)?;
        }
        Ok(column)
    }
}

/// A field of structures; null where the structure is.
fn child(within: &StructArray, at: usize) -> Option<ArrayRef> {
    let column = within.columns().get(at)?;
    let nulls = NullBuffer::union(within.nulls(), column.nulls());
    let data = column.to_data().into_builder().nulls(nulls).build().ok()?;
    Some(arrow::array::make_array(data))
}

fn place(field: &FieldParam, file: &Schema) -> Result<Place, String> {
    let path = field.path();
    let (found, steps) = match find(file.fields(), path) {
        Some(root) => (Some(root), Vec::new()),
        None => descend(file, path),
    };
    let Some(root) = found else {
        let names = || file.fields().iter().map(|field| field.name().as_str());
        let list: Vec<_> = names().take(12).map(|name| format!("`{name}`")).collect();
        return Err(match nearest(path, names()) {
            Some(near) => format!("has no column `{path}`; did you mean `{near}`?"),
            None => format!("has no column `{path}`; it has {}", list.join(", ")),
        });
    };
    let mut data_type = file.field(root).data_type();
    for step in &steps {
        if let DataType::Struct(fields) = data_type {
            data_type = fields.get(*step).map_or(data_type, |field| field.data_type());
        }
    }
    if can_read(field.kind, data_type) {
        return Ok(Place { root, steps });
    }
    Err(format!(
        "has the column `{path}` as {}, which cannot be read as {}; declare the field `{}` as {}",
        type_name(data_type),
        field.kind.name(),
        field.name,
        FieldType::nearest(data_type).name()
    ))
}

fn find(fields: &arrow::datatypes::Fields, name: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| field.name() == name);
    exact.or_else(|| fields.iter().position(|field| field.name().to_lowercase() == name.to_lowercase()))
}

/// The column that a path with dots begins with, and the steps into it.
fn descend(file: &Schema, path: &str) -> (Option<usize>, Vec<usize>) {
    let mut names = path.split('.');
    let Some(root) = names.next().and_then(|name| find(file.fields(), name)) else { return (None, Vec::new()) };
    let mut steps = Vec::new();
    let mut data_type = file.field(root).data_type();
    for name in names {
        let DataType::Struct(fields) = data_type else { return (None, Vec::new()) };
        let Some(step) = find(fields, name) else { return (None, Vec::new()) };
        steps.push(step);
        data_type = fields.get(step).map_or(data_type, |field| field.data_type());
    }
    (Some(root), steps)
}

/// The values behind what only saves space.
fn plain(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        other => other,
    }
}

/// Whether values of this type may be a field's. What would lose digits or guess a unit may not.
fn can_read(kind: FieldType, data_type: &DataType) -> bool {
    let data_type = plain(data_type);
    let is_text = data_type.is_string() || data_type.is_null();
    match kind {
        FieldType::String => !matches!(data_type, DataType::Union(_, _)),
        FieldType::Int | FieldType::Bigint => is_text || data_type.is_integer(),
        FieldType::Double => is_text || data_type.is_numeric(),
        FieldType::Boolean => is_text || *data_type == DataType::Boolean,
        FieldType::Timestamp => is_text || matches!(data_type, DataType::Timestamp(_, _) | DataType::Date32),
        FieldType::Date => is_text || matches!(data_type, DataType::Date32 | DataType::Date64),
        FieldType::Decimal(_, scale) => {
            let is_kept =
                matches!(data_type, DataType::Decimal128(_, own) | DataType::Decimal256(_, own) if *own <= scale);
            is_text || data_type.is_integer() || is_kept
        }
        FieldType::Array(items) => match data_type {
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                always_reads(*items, item.data_type())
            }
            _ => data_type.is_null(),
        },
    }
}

/// Whether every value of this type is one of the field's: an item of a list cannot be left out for itself.
fn always_reads(kind: FieldType, data_type: &DataType) -> bool {
    let data_type = plain(data_type);
    let is_short =
        matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16);
    data_type.is_null()
        || match kind {
            FieldType::String => data_type.is_string(),
            FieldType::Int => is_short,
            FieldType::Bigint => is_short || matches!(data_type, DataType::Int64 | DataType::UInt32),
            FieldType::Double => is_short || data_type.is_floating() || *data_type == DataType::UInt32,
            FieldType::Boolean => *data_type == DataType::Boolean,
            FieldType::Timestamp | FieldType::Date | FieldType::Decimal(_, _) | FieldType::Array(_) => {
                *data_type == kind.data_type()
            }
        }
}

/// The column as a field's type; what does not fit becomes null here, and is found by [`lost_values`].
fn read_as(kind: FieldType, source: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let target = kind.data_type();
    if *source.data_type() == target {
        return Ok(Arc::clone(source));
    }
    let is_plain = !source.data_type().is_nested() && !matches!(source.data_type(), DataType::Map(_, _));
    if kind == FieldType::String && !is_plain {
        return json_text(source);
    }
    if let (FieldType::Decimal(precision, scale), true) = (kind, source.data_type().is_string()) {
        let texts = cast_with_options(source, &DataType::Utf8View, &CastOptions::default())?;
        let unscaled = |text: Option<&str>| decimal_of_text(text?.trim(), precision, scale).ok().flatten();
        let column: Decimal128Array = texts.as_string_view().iter().map(unscaled).collect();
        return Ok(Arc::new(column.with_precision_and_scale(precision, scale)?));
    }
    let options = CastOptions { safe: true, format_options: FormatOptions::default() };
    cast_with_options(source, &target, &options)
}

/// The rows whose value was there and is not any more; `None` if there are none.
fn lost_values(source: &ArrayRef, column: &ArrayRef) -> Option<BooleanBuffer> {
    let after = column.logical_nulls()?;
    let lost = !after.inner();
    let lost = match source.logical_nulls() {
        Some(before) => &lost & before.inner(),
        None => lost,
    };
    (lost.count_set_bits() > 0).then_some(lost)
}

fn shown(source: &ArrayRef, row: usize) -> String {
    let options = FormatOptions::default();
    let text = ArrayFormatter::try_new(source.as_ref(), &options).map(|values| values.value(row).to_string());
    let text = text.unwrap_or_default();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
