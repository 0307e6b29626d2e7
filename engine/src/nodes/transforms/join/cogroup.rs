//! Groups two batches by key: one row for each key of either side, with the lists of both sides' values.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int8Array, ListArray, StructArray, TimestampMicrosecondArray, UInt32Array};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;

use super::operator::{both, unpaired, whole};
use crate::nodes::grouping::arrival;
use crate::nodes::transforms::joining::{Index, JoinKeys, KeyPair, KeyTable, NullKeys, null_rows, unique_name};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs};

/// The operator of a cogroup.
pub(super) struct CogroupOperator {
    keys: JoinKeys,
    left: Side,
    right: Side,
    schema: SchemaRef,
    unpaired: u64,
}

/// One input and what its lists hold.
struct Side {
    schema: SchemaRef,
    values: Values,
    /// What tells its null keys from the other side's.
    mark: i8,
}

/// What an entry of a list is.
enum Values {
    /// The value of this column.
    One(usize),
    /// A struct of these columns.
    Several(Vec<usize>, Fields),
}

impl CogroupOperator {
    /// For these inputs.
    pub(super) fn new(keys: JoinKeys, left: &SchemaRef, right: &SchemaRef) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        if let Some((start, other)) = keys.window_start {
            let start = left.field(start).clone();
            let is_nullable = start.is_nullable() || right.field(other).is_nullable();
            fields.push(start.with_nullable(is_nullable));
        }
        fields.extend(keys.schema().fields().iter().map(|field| field.as_ref().clone()));
        // Two keys may be called alike on the left: once compared with this, once with that.
        let mut taken: Vec<String> = Vec::new();
        for field in &mut fields {
            let name = unique_name(field.name(), "_right", &taken);
            taken.push(name.to_lowercase());
            field.set_name(name);
        }
        let (left_start, right_start) = keys.window_start.unzip();
        let used = |start: Option<usize>, key: fn(&KeyPair) -> usize| -> Vec<usize> {
            keys.pairs.iter().map(key).chain(start).collect()
        };
        let left_keys = used(left_start, |pair| pair.left);
        let right_keys = used(right_start, |pair| pair.right);
        let (left, left_list) = Side::new(left, &left_keys, "left", 1, &mut taken);
        let (right, right_list) = Side::new(right, &right_keys, "right", 2, &mut taken);
        fields.extend([left_list, right_list]);
        Self { keys, left, right, schema: Arc::new(Schema::new(fields)), unpaired: 0 }
    }

    /// The result's columns.
    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn cogroup(&self, left: &RecordBatch, right: &RecordBatch) -> Result<RecordBatch, NodeError> {
        let (mut left_keys, mut right_keys) = (self.keys.of_left(left)?, self.keys.of_right(right)?);
        let has_nulls = null_rows(&left_keys).is_some() || null_rows(&right_keys).is_some();
        let keeps_apart = self.keys.nulls() == NullKeys::Never && has_nulls;
        let mut fields: Vec<Arc<Field>> = self.keys.schema().fields().iter().cloned().collect();
        if keeps_apart {
            // Null keys of the two sides differ in one more key column, so that they stay groups of their own.
            fields.push(Arc::new(Field::new("side", DataType::Int8, false)));
            left_keys.push(self.left.marks(&left_keys, left.num_rows()));
            right_keys.push(self.right.marks(&right_keys, right.num_rows()));
        }
        let mut table = KeyTable::new(&Arc::new(Schema::new(fields)), NullKeys::Equal)?;
        let left_groups = table.groups(&left_keys, left.num_rows())?;
        let right_groups = table.groups(&right_keys, right.num_rows())?;
        let count = table.len();
        let mut columns = table.take()?;
        columns.truncate(self.keys.pairs.len());
        if let Some((left_start, right_start)) = self.keys.window_start {
            let mut starts = vec![i64::MAX; count];
            earliest(&mut starts, &left_groups, left.column(left_start));
            earliest(&mut starts, &right_groups, right.column(right_start));
            let starts = starts.into_iter().map(|start| (start != i64::MAX).then_some(start));
            columns.insert(0, Arc::new(TimestampMicrosecondArray::from_iter(starts).with_timezone("UTC")));
        }
        columns.push(self.left.lists(left, &Index::new(&left_groups, count))?);
        columns.push(self.right.lists(right, &Index::new(&right_groups, count))?);
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Side {
    /// The side and its list's column. A side that has nothing but keys lists its keys, so that their number shows.
    fn new(schema: &SchemaRef, keys: &[usize], name: &str, mark: i8, taken: &mut Vec<String>) -> (Self, Field) {
        let mut columns: Vec<usize> = (0..schema.fields().len()).filter(|at| !keys.contains(at)).collect();
        let has_values = !columns.is_empty();
        if !has_values {
            columns = keys.to_vec();
            columns.sort_unstable();
            columns.dedup();
        }
        let (values, data_type, title) = match columns.as_slice() {
            [one] => {
                let field = schema.field(*one);
                let title = if has_values { field.name().as_str() } else { name };
                (Values::One(*one), field.data_type().clone(), title)
            }
            several => {
                let fields: Fields = several.iter().map(|at| Arc::clone(&schema.fields()[*at])).collect();
                let data_type = DataType::Struct(fields.clone());
                (Values::Several(several.to_vec(), fields), data_type, name)
            }
        };
        let title = unique_name(title, &format!("_{name}"), taken);
        taken.push(title.to_lowercase());
        let item = Arc::new(Field::new("item", data_type, true));
        let list = Field::new(title, DataType::List(item), false);
        (Self { schema: Arc::clone(schema), values, mark }, list)
    }

    /// This side's mark for rows with a null key, 0 for all others.
    fn marks(&self, keys: &[ArrayRef], rows: usize) -> ArrayRef {
        let nulls = null_rows(keys);
        let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        Arc::new(Int8Array::from_iter_values((0..rows).map(|row| if is_null(row) { self.mark } else { 0 })))
    }

    /// Per key the list of its values.
    fn lists(&self, rows: &RecordBatch, index: &Index) -> Result<ArrayRef, NodeError> {
        let order = UInt32Array::from(index.rows().to_vec());
        let values: ArrayRef = match &self.values {
            Values::One(at) => take(rows.column(*at), &order, None)?,
            Values::Several(columns, fields) => {
                let columns: Vec<ArrayRef> =
                    columns.iter().map(|at| take(rows.column(*at), &order, None)).collect::<Result<_, _>>()?;
                Arc::new(StructArray::try_new(fields.clone(), columns, None)?)
            }
        };
        let offsets: Result<Vec<i32>, _> = index.starts().iter().map(|start| i32::try_from(*start)).collect();
        let offsets = offsets.map_err(|_| {
            NodeError::data("more than 2 billion rows cannot be put into lists; shorten the batch or the window")
        })?;
        let item = Arc::new(Field::new("item", values.data_type().clone(), true));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        Ok(Arc::new(ListArray::try_new(item, offsets, values, None)?))
    }
}

/// Lowers each key's time to the earliest of its rows.
fn earliest(starts: &mut [i64], groups: &[u32], times: &ArrayRef) {
    for (group, time) in groups.iter().zip(times.as_primitive::<TimestampMicrosecondType>()) {
        if let (Some(start), Some(time)) = (starts.get_mut(*group as usize), time) {
            *start = (*start).min(time);
        }
    }
}

impl Operator for CogroupOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.unpaired = unpaired(&inputs);
        let Some((left, right)) = both(&inputs) else { return Ok(vec![Flow::Idle]) };
        let left = whole(&self.left.schema, left)?;
        let right = whole(&self.right.schema, right)?;
        if left.num_rows() + right.num_rows() == 0 {
            return Ok(vec![Flow::Fired(Vec::new())]);
        }
        let rows = self.cogroup(&left, &right)?;
        Ok(vec![Flow::Fired(vec![Chunk::new(rows, arrival(&inputs, context))])])
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        if self.unpaired == 0 { Vec::new() } else { vec![("unpaired", self.unpaired)] }
    }
}
