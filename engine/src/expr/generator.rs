//! Expressions that make several rows of one: `explode(list)`, `posexplode(list)`, `inline(structures)`,
//! `stack(2, ...)`, `json_tuple(json, 'a', 'b')` and their `_outer` forms.
//!
//! A generator stands alone, as the whole of an expression. It is compiled to a list per row, whose items are the rows,
//! so that an [`Expression`] computes it and a failing row is found as always; who unfolds the list adds the place where
//! it is asked for and takes structures apart.

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, UInt32Array, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::error::ArrowError;

use super::{ExprError, Expression};

/// A generator's name and what it is made of.
struct Form {
    name: &'static str,
    /// The function that gives the list.
    list: Of,
    has_place: bool,
    is_outer: bool,
}

/// What a generator is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A list or a map.
    Collection,
    /// A list of structures.
    Structures,
    /// Values, to be cut into rows.
    Values,
    /// A JSON text and names.
    Json,
}

const FORMS: [Form; 8] = [
    Form { name: "explode", list: Of::Collection, has_place: false, is_outer: false },
    Form { name: "explode_outer", list: Of::Collection, has_place: false, is_outer: true },
    Form { name: "posexplode", list: Of::Collection, has_place: true, is_outer: false },
    Form { name: "posexplode_outer", list: Of::Collection, has_place: true, is_outer: true },
    Form { name: "inline", list: Of::Structures, has_place: false, is_outer: false },
    Form { name: "inline_outer", list: Of::Structures, has_place: false, is_outer: true },
    Form { name: "stack", list: Of::Values, has_place: false, is_outer: false },
    Form { name: "json_tuple", list: Of::Json, has_place: false, is_outer: false },
];

/// An expression that makes several rows of one.
#[derive(Debug, Clone)]
pub struct Generator {
    list: Expression,
    columns: Vec<Field>,
    has_place: bool,
    is_outer: bool,
    /// Whether the items are structures to be taken apart.
    is_wide: bool,
}

/// What a generator makes of a batch: its columns, and the row each of their rows comes from.
#[derive(Debug)]
pub struct Generated {
    /// The columns of [`Generator::columns`].
    pub columns: Vec<ArrayRef>,
    /// For each row the row it was made of.
    pub parents: UInt32Array,
}

impl Generator {
    /// Compiles a generator; `None` where the text does not begin with the name of one.
    pub fn compile(source: &str, input: &SchemaRef) -> Option<Result<Self, ExprError>> {
        let (name, rest) = source.trim().split_once('(')?;
        let name = name.trim().to_lowercase();
        let form = FORMS.iter().find(|form| form.name == name)?;
        Some(Self::of(form, rest, source, input))
    }

    fn of(form: &Form, rest: &str, source: &str, input: &SchemaRef) -> Result<Self, ExprError> {
        let function = match form.list {
            Of::Collection => "\u{1}explode",
            Of::Structures => "\u{1}inline",
            Of::Values => "\u{1}stack",
            Of::Json => "\u{1}json_tuple",
        };
        // Places in the text are told from its beginning, the name in it has another length.
        let begins = source.len() - rest.len();
        let moved = |error: ExprError| {
            let shift = |at: usize| (at + begins).saturating_sub(function.len() + 3).min(source.len());
            let at = error.at.clone().filter(|at| at.start > function.len()).map(|at| shift(at.start)..shift(at.end));
            error.at(at)
        };
        let list = Expression::compile(&format!("`{function}`({rest}"), input).map_err(moved)?;
        let DataType::List(item) = list.field().data_type().clone() else {
            let message = format!("`{}` stands alone: what is computed of its rows goes into the next node", form.name);
            return Err(ExprError::new(message));
        };
        let is_map =
            form.list == Of::Collection && list.type_name().starts_with("array<struct<key:") && is_map(rest, input);
        let is_wide = form.list != Of::Collection || is_map;
        let mut columns: Vec<Field> = match item.data_type() {
            DataType::Struct(fields) if is_wide => {
                fields.iter().map(|field| field.as_ref().clone().with_nullable(true)).collect()
            }
            data_type => vec![Field::new("col", data_type.clone(), true)],
        };
        if form.has_place {
            columns.insert(0, Field::new("pos", DataType::Int32, form.is_outer));
        }
        Ok(Self { list, columns, has_place: form.has_place, is_outer: form.is_outer, is_wide })
    }

    /// The expression that gives a row's list.
    pub fn list(&self) -> &Expression {
        &self.list
    }

    /// The columns it makes, by the names Spark gives them.
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Unfolds the lists its expression gave.
    pub fn unfold(&self, lists: &ArrayRef) -> Result<Generated, ArrowError> {
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| ArrowError::InvalidArgumentError("a generator gives lists".to_owned()))?;
        let (mut parents, mut items, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (row, window) in lists.value_offsets().windows(2).enumerate() {
            let row_number = u32::try_from(row).unwrap_or(u32::MAX);
            let range = window[0].unsigned_abs()..window[1].unsigned_abs();
            if lists.is_null(row) || range.is_empty() {
                if self.is_outer {
                    parents.push(row_number);
                    items.push(None);
                    places.push(None);
                }
                continue;
            }
            for (place, item) in range.enumerate() {
                parents.push(row_number);
                items.push(Some(u64::from(item)));
                places.push(i32::try_from(place).ok());
            }
        }
        let values = take(lists.values(), &UInt64Array::from(items), None)?;
        let mut columns = Vec::with_capacity(self.columns.len());
        if self.has_place {
            columns.push(std::sync::Arc::new(Int32Array::from(places)) as ArrayRef);
        }
        if self.is_wide {
            let structures = values.as_struct();
            // A structure that is null has null fields.
            let whole =
                UInt64Array::from_iter((0..structures.len()).map(|row| structures.is_valid(row).then_some(row as u64)));
            for column in structures.columns() {
                columns.push(take(column, &whole, None)?);
            }
        } else {
            columns.push(values);
        }
        Ok(Generated { columns, parents: UInt32Array::from(parents) })
    }
}

/// Whether the argument is a map, whose entries become two columns.
fn is_map(rest: &str, input: &SchemaRef) -> bool {
    let argument = rest.trim_end().strip_suffix(')').unwrap_or(rest);
    Expression::compile(argument, input)
        .is_ok_and(|argument| matches!(argument.field().data_type(), DataType::Map(_, _)))
}
