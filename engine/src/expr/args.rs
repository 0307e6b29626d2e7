//! The values a kernel is called with, and the arrays it makes.
//!
//! `args.text(0).get(row)` reads a column and a constant alike; `texts(rows, |row| ...)` makes the result row by row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, BooleanBuilder, Datum, PrimitiveArray,
    PrimitiveBuilder, Scalar, StringViewArray, StringViewBuilder,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::DataType;
use datafusion_expr::ColumnarValue;

use super::ExprError;

/// The values of a call's arguments.
pub(super) struct Args<'a> {
    values: &'a [ColumnarValue],
    rows: usize,
    gives: &'a DataType,
}

impl<'a> Args<'a> {
    pub(super) fn new(values: &'a [ColumnarValue], rows: usize, gives: &'a DataType) -> Self {
        Self { values, rows, gives }
    }

    /// How many rows the result has.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many arguments there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The type the result must have.
    pub(super) fn gives(&self) -> &DataType {
        self.gives
    }

    /// An argument as a full column.
    pub(super) fn array(&self, index: usize) -> Result<ArrayRef, ExprError> {
        self.value(index)?.to_array(self.rows).map_err(|error| ExprError::from_datafusion(&error))
    }

    /// A text argument.
    pub(super) fn text(&self, index: usize) -> Result<Texts, ExprError> {
        let Shortest { array, single } = self.shortest(index)?;
        match array.as_string_view_opt() {
            Some(array) => Ok(Texts { array: array.clone(), single }),
            None => Err(unexpected("text", array.data_type())),
        }
    }

    /// A numeric, date or timestamp argument.
    pub(super) fn numbers<T: ArrowPrimitiveType>(&self, index: usize) -> Result<Numbers<T>, ExprError> {
        let Shortest { array, single } = self.shortest(index)?;
        match array.as_primitive_opt::<T>() {
            Some(array) => Ok(Numbers { array: array.clone(), single }),
            None => Err(unexpected("a number", array.data_type())),
        }
    }

    /// A boolean argument.
    pub(super) fn booleans(&self, index: usize) -> Result<Booleans, ExprError> {
        let Shortest { array, single } = self.shortest(index)?;
        match array.as_boolean_opt() {
            Some(array) => Ok(Booleans { array: array.clone(), single }),
            None => Err(unexpected("a boolean", array.data_type())),
        }
    }

    /// An argument's type.
    pub(super) fn array_type(&self, index: usize) -> Result<DataType, ExprError> {
        self.value(index).map(ColumnarValue::data_type)
    }

    /// An argument for arrow's kernels, which know constants.
    pub(super) fn datum(&self, index: usize) -> Result<Box<dyn Datum>, ExprError> {
        let shortest = self.shortest(index)?;
        // Two constants are two columns of one row.
        let is_scalar = shortest.single && self.rows != 1;
        Ok(if is_scalar { Box::new(Scalar::new(shortest.array)) } else { Box::new(shortest.array) })
    }

    fn value(&self, index: usize) -> Result<&ColumnarValue, ExprError> {
        self.values.get(index).ok_or_else(|| ExprError::new("an argument is missing; this is a bug in Weir"))
    }

    /// The argument's column, or one row where it is constant.
    pub(super) fn shortest(&self, index: usize) -> Result<Shortest, ExprError> {
        Ok(match self.value(index)? {
            ColumnarValue::Array(array) => Shortest { array: Arc::clone(array), single: false },
            ColumnarValue::Scalar(value) => {
                let array = value.to_array().map_err(|error| ExprError::from_datafusion(&error))?;
                Shortest { array, single: true }
            }
        })
    }
}

fn unexpected(wanted: &str, found: &DataType) -> ExprError {
    ExprError::new(format!("{wanted} is expected where {found} came; this is a bug in Weir"))
}

/// An argument's column, or the one row that stands for all.
pub(super) struct Shortest {
    array: ArrayRef,
    single: bool,
}

impl Shortest {
    /// Whether one row stands for all.
    pub(super) fn is_single(&self) -> bool {
        self.single
    }

    /// The column, or the one row.
    pub(super) fn array(&self) -> &ArrayRef {
        &self.array
    }

    /// Which of so many rows are null.
    pub(super) fn nulls(&self, rows: usize) -> Option<NullBuffer> {
        let nulls = self.array.logical_nulls()?;
        if !self.single {
            return Some(nulls);
        }
        (nulls.null_count() > 0).then(|| NullBuffer::new_null(rows))
    }
}

/// A text argument: a column or one constant.
pub(super) struct Texts {
    array: StringViewArray,
    single: bool,
}

impl Texts {
    /// The text of a row, `None` where it is null.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        let row = if self.single { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }

    /// Per row whether its text is one of those; null where there is none.
    pub(super) fn matching(&self, rows: usize, holds: impl Fn(&str) -> bool) -> ArrayRef {
        let nulls = self.array.nulls().filter(|nulls| nulls.null_count() > 0);
        let holds = match nulls {
            _ if self.single => {
                let holds = self.get(0).map(holds);
                return Arc::new(std::iter::repeat_n(holds, rows).collect::<BooleanArray>());
            }
            None => BooleanBuffer::collect_bool(rows, |row| holds(self.array.value(row))),
            Some(nulls) => BooleanBuffer::collect_bool(rows, |row| nulls.is_valid(row) && holds(self.array.value(row))),
        };
        Arc::new(BooleanArray::new(holds, nulls.cloned()))
    }

    /// `Some` where it is the same text, or null, on every row.
    #[expect(clippy::option_option, reason = "no constant and a constant null are two things")]
    pub(super) fn constant(&self) -> Option<Option<&str>> {
        self.single.then(|| self.get(0))
    }
}

/// A numeric argument: a column or one constant.
pub(super) struct Numbers<T: ArrowPrimitiveType> {
    array: PrimitiveArray<T>,
    single: bool,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    /// The number of a row, `None` where it is null.
    pub(super) fn get(&self, row: usize) -> Option<T::Native> {
        let row = if self.single { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// A boolean argument: a column or one constant.
pub(super) struct Booleans {
    array: BooleanArray,
    single: bool,
}

impl Booleans {
    /// The truth of a row, `None` where it is null.
    pub(super) fn get(&self, row: usize) -> Option<bool> {
        let row = if self.single { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// A column of texts, made row by row.
pub(super) fn texts<S: AsRef<str>>(
    rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<S>, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    for index in 0..rows {
        match row(index)? {
            Some(text) => builder.append_value(text.as_ref()),
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A column of numbers, dates or timestamps, made row by row. The type's parameters (zone, precision) come from what
/// the call gives.
pub(super) fn numbers<T: ArrowPrimitiveType>(
    args: &Args<'_>,
    mut row: impl FnMut(usize) -> Result<Option<T::Native>, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(args.rows());
    for index in 0..args.rows() {
        builder.append_option(row(index)?);
    }
    let array = builder.finish();
    let fits = PrimitiveArray::<T>::is_compatible(args.gives());
    Ok(Arc::new(if fits { array.with_data_type(args.gives().clone()) } else { array }))
}

/// A column of booleans, made row by row.
pub(super) fn booleans(
    rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<bool>, ExprError>,
) -> Result<ArrayRef, ExprError> {
    let mut builder = BooleanBuilder::with_capacity(rows);
    for index in 0..rows {
        builder.append_option(row(index)?);
    }
    Ok(Arc::new(builder.finish()))
}
