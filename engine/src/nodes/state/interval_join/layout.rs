//! The columns of a join: what is compared, and what a pair of rows looks like.

use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::params::{How, OnRow};
use crate::aggregate::comparable;
use crate::expr::type_name;
use crate::nodes::grouping::{find, missing};
use crate::plan::NodeError;
use crate::spec::Diagnostic;

/// Where a column of a pair comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Left(usize),
    Right(usize),
    /// Both are equal; the side that is there counts.
    Shared(usize, usize),
}

/// The checked columns of a join.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) how: How,
    inputs: [SchemaRef; 2],
    on: [Vec<usize>; 2],
    keys: SchemaRef,
    pairs: SchemaRef,
    output: SchemaRef,
    origins: Vec<Origin>,
}

impl Layout {
    /// Checks the keys against both sides. As in Spark, shared keys come first, then the left side, then the right.
    pub(super) fn new(on: &[OnRow], left: &SchemaRef, right: &SchemaRef, how: How) -> Result<Self, Vec<Diagnostic>> {
        if on.is_empty() {
            let sentence = "without keys every row would be compared with every other; add the columns that must be \
                            equal";
            return Err(vec![Diagnostic::error(sentence).param("on")]);
        }
        let mut problems = Vec::new();
        let mut keys = Vec::new();
        for (index, row) in on.iter().enumerate() {
            match pair(row, left, right) {
                Ok(key) => keys.push(key),
                Err((field, sentence)) => {
                    problems.push(Diagnostic::error(sentence).param(format!("on[{index}].{field}")));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let fields = keys.iter().map(|(l, r, data_type)| {
            let nullable = left.field(*l).is_nullable() || right.field(*r).is_nullable();
            Field::new(left.field(*l).name(), data_type.clone(), nullable)
        });
        let key_schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let (pairs, origins) = pair_columns(&keys, left, right, how);
        let output = if how == How::LeftSemi { Arc::clone(left) } else { Arc::clone(&pairs) };
        let on = [keys.iter().map(|key| key.0).collect(), keys.iter().map(|key| key.1).collect()];
        let inputs = [Arc::clone(left), Arc::clone(right)];
        Ok(Self { how, inputs, on, keys: key_schema, pairs, output, origins })
    }

    /// The columns of a pair.
    pub(super) fn pairs(&self) -> &SchemaRef {
        &self.pairs
    }

    /// What comes out.
    pub(super) fn output(&self) -> &SchemaRef {
        &self.output
    }

    /// The columns that are compared, in the types in which both sides meet.
    pub(super) fn keys(&self) -> &SchemaRef {
        &self.keys
    }

    /// Whether a join laid out so can go on with what another remembers.
    pub(super) fn remembers_like(&self, other: &Self) -> bool {
        let is_semi = |how: How| how == How::LeftSemi;
        self.inputs == other.inputs
            && self.on == other.on
            && self.keys == other.keys
            && is_semi(self.how) == is_semi(other.how)
    }

    /// The keys of rows of a side, as they are compared.
    pub(super) fn keys_of(&self, side: usize, rows: &RecordBatch) -> Result<Vec<ArrayRef>, NodeError> {
        let key = |(&at, field): (&usize, &Arc<Field>)| converted(rows.column(at), field.data_type());
        let keys = self.on[side].iter().zip(self.keys.fields()).map(key).collect::<Result<Vec<_>, _>>()?;
        Ok(comparable(&keys))
    }

    /// Rows of both sides, side by side. A side that is absent gives nulls.
    pub(super) fn pair_rows(&self, sides: [Option<&[ArrayRef]>; 2], rows: usize) -> Result<RecordBatch, NodeError> {
        self.arrange(sides, rows, &self.pairs)
    }

    /// The same in another schema of the same columns.
    pub(super) fn arrange(
        &self,
        [left, right]: [Option<&[ArrayRef]>; 2],
        rows: usize,
        schema: &SchemaRef,
    ) -> Result<RecordBatch, NodeError> {
        let column = |(origin, field): (&Origin, &Arc<Field>)| {
            let source = match *origin {
                Origin::Left(at) => left.and_then(|left| left.get(at)),
                Origin::Right(at) => right.and_then(|right| right.get(at)),
                Origin::Shared(l, r) => {
                    left.and_then(|left| left.get(l)).or_else(|| right.and_then(|right| right.get(r)))
                }
            };
            match source {
                Some(source) => converted(source, field.data_type()),
                None => Ok(new_null_array(field.data_type(), rows)),
            }
        };
        let columns = self.origins.iter().zip(self.pairs.fields()).map(column).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
    }

    /// Left rows as they are, for a semi join.
    pub(super) fn left_rows(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, NodeError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.output), columns, &options)?)
    }
}

type Key = (usize, usize, DataType);

/// Two columns that meet, or which of them is wrong and why.
fn pair(row: &OnRow, left: &SchemaRef, right: &SchemaRef) -> Result<Key, (&'static str, String)> {
    let left_name = row.left.trim();
    let right_name = row.right.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(left_name);
    let l = find(left, left_name).ok_or_else(|| ("left", missing(left, left_name)))?;
    let r = find(right, right_name).ok_or_else(|| ("right", format!("on the right {}", missing(right, right_name))))?;
    let (ours, theirs) = (left.field(l), right.field(r));
    let data_type = common(ours.data_type(), theirs.data_type()).ok_or_else(|| {
        let sentence = format!(
            "`{}` is {}, but `{}` on the right is {}; cast one in a map node before",
            ours.name(),
            type_name(ours.data_type()),
            theirs.name(),
            type_name(theirs.data_type())
        );
        ("left", sentence)
    })?;
    Ok((l, r, data_type))
}

/// The narrowest type that holds both, as Spark widens.
fn common(left: &DataType, right: &DataType) -> Option<DataType> {
    if left == right {
        return Some(left.clone());
    }
    if left.is_signed_integer() && right.is_signed_integer() {
        let is_wider = right.primitive_width() > left.primitive_width();
        return Some(if is_wider { right.clone() } else { left.clone() });
    }
    let is_plain = |data_type: &DataType| data_type.is_signed_integer() || data_type.is_floating();
    (is_plain(left) && is_plain(right)).then_some(DataType::Float64)
}

fn pair_columns(keys: &[Key], left: &SchemaRef, right: &SchemaRef, how: How) -> (SchemaRef, Vec<Origin>) {
    let mut fields: Vec<Field> = Vec::new();
    let mut origins = Vec::new();
    let is_same = |l: usize, r: usize| left.field(l).name().eq_ignore_ascii_case(right.field(r).name());
    let shared: Vec<&Key> = keys.iter().filter(|(l, r, _)| is_same(*l, *r)).collect();
    for (l, r, data_type) in &shared {
        let nullable = left.field(*l).is_nullable() || right.field(*r).is_nullable();
        fields.push(Field::new(left.field(*l).name(), data_type.clone(), nullable));
        origins.push(Origin::Shared(*l, *r));
    }
    for (at, field) in left.fields().iter().enumerate().filter(|(at, _)| !shared.iter().any(|key| key.0 == *at)) {
        fields.push(field.as_ref().clone().with_nullable(field.is_nullable() || how.keeps(1)));
        origins.push(Origin::Left(at));
    }
    for (at, field) in right.fields().iter().enumerate().filter(|(at, _)| !shared.iter().any(|key| key.1 == *at)) {
        let mut name = field.name().clone();
        let is_taken = |name: &str| {
            let left_or_before = fields.iter().any(|other| other.name().eq_ignore_ascii_case(name));
            let to_come = || {
                right.fields().iter().enumerate().any(|(other, field)| {
                    other != at && !shared.iter().any(|key| key.1 == other) && field.name().eq_ignore_ascii_case(name)
                })
            };
            left_or_before || (name != field.name() && to_come())
        };
        while is_taken(&name) {
            name.push_str("_right");
        }
        fields.push(Field::new(name, field.data_type().clone(), field.is_nullable() || how.keeps(0)));
        origins.push(Origin::Right(at));
    }
    (Arc::new(Schema::new(fields)), origins)
}

fn converted(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, NodeError> {
    Ok(if column.data_type() == data_type { Arc::clone(column) } else { cast(column, data_type)? })
}
