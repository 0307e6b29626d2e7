//! What rows are joined on: pairs of columns as a person enters them, checked against both sides.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use super::KeyTable;
use crate::aggregate::{AggregateError, normalised};
use crate::expr::type_name;
use crate::nodes::transforms::refusal::find_column;
use crate::nodes::transforms::widening::wider;
use crate::plan::{LinkType, NodeError, WINDOW_END, WINDOW_START};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec};

/// The parameter `null_keys`.
pub(in crate::nodes::transforms) const NULL_KEYS: ParamSpec = ParamSpec::new(
    "null_keys",
    "Null keys",
    "Whether rows without a key find each other.",
    ParamKind::Choice {
        options: &[
            Choice::new("never", "never match", "A null equals nothing, as in SQL's joins."),
            Choice::new("equal", "are equal", "A null equals another null, as in DStream joins and SQL's `<=>`."),
        ],
    },
)
.default(Default::Text("never"));

/// What a person chose for [`NULL_KEYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::nodes::transforms) enum NullKeys {
    /// A null equals nothing.
    Never,
    /// A null equals another.
    Equal,
}

/// One row of a parameter `on`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::nodes::transforms) struct OnRow {
    left: String,
    /// Absent: called as the left one.
    right: Option<String>,
}

/// What is joined.
#[derive(Debug, Clone, Copy)]
pub(in crate::nodes::transforms) struct Sides<'a> {
    /// The columns of the left side.
    pub(in crate::nodes::transforms) left: &'a SchemaRef,
    /// The columns of the right side.
    pub(in crate::nodes::transforms) right: &'a SchemaRef,
    /// What sentences call the right side.
    pub(in crate::nodes::transforms) right_name: &'static str,
    /// Whether windows meet windows where both sides carry them.
    pub(in crate::nodes::transforms) meets_windows: bool,
}

/// Two columns that must be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes::transforms) struct KeyPair {
    /// The left column.
    pub(in crate::nodes::transforms) left: usize,
    /// The right column.
    pub(in crate::nodes::transforms) right: usize,
    /// The type in which they meet.
    pub(in crate::nodes::transforms) data_type: DataType,
    /// Whether both are called the same, so that the result has the column once.
    pub(in crate::nodes::transforms) is_shared: bool,
}

/// The checked keys of a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes::transforms) struct JoinKeys {
    /// The pairs; that of the windows' ends comes first.
    pub(in crate::nodes::transforms) pairs: Vec<KeyPair>,
    /// Where both sides carry windows: the columns of their starts.
    pub(in crate::nodes::transforms) window_start: Option<(usize, usize)>,
    nulls: NullKeys,
    schema: SchemaRef,
}

impl JoinKeys {
    /// Checks `on` against both sides.
    ///
    /// Where both sides carry a window's bounds and `on` names none of them, windows meet that end at the same time:
    /// what slides together ends together, however long it is.
    pub(in crate::nodes::transforms) fn resolve(
        on: &[OnRow],
        nulls: NullKeys,
        sides: &Sides<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let Sides { left, right, right_name, meets_windows } = *sides;
        let mut pairs: Vec<KeyPair> = Vec::with_capacity(on.len());
        let mut problems = Vec::new();
        for (index, row) in on.iter().enumerate() {
            match row.resolve(left, right, right_name) {
                Err((param, sentence)) => {
                    problems.push(Diagnostic::error(sentence).param(format!("on[{index}].{param}")));
                }
                Ok(pair) if pairs.contains(&pair) => {
                    let sentence = format!("`{}` is compared twice; remove this line", row.left);
                    problems.push(Diagnostic::error(sentence).param(format!("on[{index}].left")));
                }
                Ok(pair) => pairs.push(pair),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let bounds = window_bounds(left).zip(window_bounds(right));
        let names_bounds = |(left, right): &([usize; 2], [usize; 2])| {
            pairs.iter().any(|pair| left.contains(&pair.left) || right.contains(&pair.right))
        };
        let implied = bounds.filter(|bounds| meets_windows && !names_bounds(bounds));
        if let Some(([_, left_end], [_, right_end])) = implied {
            let data_type = left.field(left_end).data_type().clone();
            pairs.insert(0, KeyPair { left: left_end, right: right_end, data_type, is_shared: true });
        }
        let window_start = implied.map(|([left, _], [right, _])| (left, right));
        let field = |pair: &KeyPair| {
            let (left, right) = (left.field(pair.left), right.field(pair.right));
            Field::new(left.name(), pair.data_type.clone(), left.is_nullable() || right.is_nullable())
        };
        let schema = Arc::new(Schema::new(pairs.iter().map(field).collect::<Vec<_>>()));
        let keys = Self { pairs, window_start, nulls, schema };
        match keys.table() {
            Ok(_) => Ok(keys),
            Err(error) => {
                Err(vec![Diagnostic::error(format!("these columns cannot be compared: {error}")).param("on")])
            }
        }
    }

    /// The key columns: named as on the left, of the type in which both sides meet.
    pub(in crate::nodes::transforms) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether nulls equal each other.
    pub(in crate::nodes::transforms) fn nulls(&self) -> NullKeys {
        self.nulls
    }

    /// An empty table for these keys.
    pub(in crate::nodes::transforms) fn table(&self) -> Result<KeyTable, AggregateError> {
        KeyTable::new(&self.schema, self.nulls)
    }

    /// The keys of left rows.
    pub(in crate::nodes::transforms) fn of_left(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, NodeError> {
        self.pairs.iter().map(|pair| key(rows, pair.left, &pair.data_type)).collect()
    }

    /// The keys of right rows.
    pub(in crate::nodes::transforms) fn of_right(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>, NodeError> {
        self.pairs.iter().map(|pair| key(rows, pair.right, &pair.data_type)).collect()
    }
}

impl OnRow {
    /// The pair, or which of the two fields is wrong and why.
    fn resolve(
        &self,
        left: &SchemaRef,
        right: &SchemaRef,
        right_name: &str,
    ) -> Result<KeyPair, (&'static str, String)> {
        let name = self.right.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.left);
        let left_at = find_column(left, self.left.trim()).map_err(|sentence| ("left", sentence))?;
        let right_at = find_column(right, name.trim())
            .map_err(|sentence| ("right", format!("in {right_name} there is {sentence}")))?;
        let (ours, theirs) = (left.field(left_at), right.field(right_at));
        let Some(data_type) = wider(ours.data_type(), theirs.data_type()) else {
            let sentence = format!(
                "`{}` is {}, but `{}` in {right_name} is {}; cast one in a map node before",
                ours.name(),
                type_name(ours.data_type()),
                theirs.name(),
                type_name(theirs.data_type())
            );
            return Err(("left", sentence));
        };
        let is_shared = ours.name().to_lowercase() == theirs.name().to_lowercase();
        Ok(KeyPair { left: left_at, right: right_at, data_type, is_shared })
    }
}

fn key(rows: &RecordBatch, column: usize, data_type: &DataType) -> Result<ArrayRef, NodeError> {
    let column = rows.columns().get(column).ok_or_else(|| NodeError::weir("a key column is missing"))?;
    Ok(normalised(&cast(column, data_type)?))
}

/// Where a window's bounds stand: its start and its end.
pub(in crate::nodes::transforms) fn window_bounds(schema: &Schema) -> Option<[usize; 2]> {
    let place = |name: &str| {
        let at = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(name))?;
        (*schema.field(at).data_type() == LinkType::timestamp()).then_some(at)
    };
    Some([place(WINDOW_START)?, place(WINDOW_END)?])
}

/// The name with as many suffixes as it takes to be none of these (in lower case).
pub(in crate::nodes::transforms) fn unique_name(name: &str, suffix: &str, taken: &[String]) -> String {
    let mut unique = name.to_owned();
    while taken.contains(&unique.to_lowercase()) {
        unique.push_str(suffix);
    }
    unique
}
