//! Columns by id that are written in place.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryViewArray, BooleanArray, PrimitiveArray, StringViewArray,
    downcast_primitive,
};
use arrow::buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::DataType;

use crate::aggregate::AggregateError;
use crate::aggregate::views::{Blocks, outside};

/// Bytes of texts that may be out of date before they are worth a copy of the others.
const WORTH_CLEARING: usize = 1 << 16;

/// Columns whose types can all be written in place.
pub(super) struct Dense {
    columns: Vec<Box<dyn Column>>,
    is_present: Vec<bool>,
}

/// One column. Ids are within what [`Column::grow`] made room for.
trait Column: Send + Sync {
    fn grow(&mut self, rows: usize);
    fn put(&mut self, ids: &[u32], values: &ArrayRef) -> Result<(), AggregateError>;
    fn gather(&self, ids: &[u32]) -> Result<ArrayRef, AggregateError>;
    /// What these rows hold is not needed any more.
    fn clear(&mut self, ids: &[u32]);
    fn size(&self) -> usize;
}

impl Dense {
    /// For columns like these; `None` if one of them cannot be written in place.
    pub(super) fn like(columns: &[ArrayRef]) -> Option<Self> {
        let columns = columns.iter().map(|column| column_of(column.data_type())).collect::<Option<_>>()?;
        Some(Self { columns, is_present: Vec::new() })
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        self.is_present.get(id as usize).copied().unwrap_or_default()
    }

    pub(super) fn put(&mut self, ids: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let rows = ids.iter().max().map_or(0, |&highest| highest as usize + 1);
        if rows > self.is_present.len() {
            grow(&mut self.is_present, rows, false);
            self.columns.iter_mut().for_each(|column| column.grow(rows));
        }
        for (column, values) in self.columns.iter_mut().zip(columns) {
            column.put(ids, values)?;
        }
        for &id in ids {
            self.is_present[id as usize] = true;
        }
        Ok(())
    }

    pub(super) fn gather(&self, ids: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        if let Some(id) = ids.iter().find(|&&id| !self.contains(id)) {
            return Err(super::missing(*id));
        }
        self.columns.iter().map(|column| column.gather(ids)).collect()
    }

    pub(super) fn remove(&mut self, ids: &[u32]) -> usize {
        let mut removed = Vec::with_capacity(ids.len());
        for &id in ids {
            if let Some(is_present) = self.is_present.get_mut(id as usize)
                && std::mem::take(is_present)
            {
                removed.push(id);
            }
        }
        self.columns.iter_mut().for_each(|column| column.clear(&removed));
        removed.len()
    }

    /// The ids that have a row.
    pub(super) fn ids(&self) -> Vec<u32> {
        (0u32..).zip(&self.is_present).filter(|(_, is_present)| **is_present).map(|(id, _)| id).collect()
    }

    pub(super) fn size(&self) -> usize {
        self.columns.iter().map(|column| column.size()).sum::<usize>() + self.is_present.capacity()
    }
}

fn column_of(data_type: &DataType) -> Option<Box<dyn Column>> {
    macro_rules! numbers {
        ($primitive:ty, $data_type:ident) => {
            return Some(Box::new(Numbers::<$primitive>::new($data_type)))
        };
    }
    downcast_primitive! {
        data_type => (numbers, data_type),
        DataType::Boolean => Some(Box::new(Booleans::default())),
        DataType::Utf8View => Some(Box::new(Texts::new(true))),
        DataType::BinaryView => Some(Box::new(Texts::new(false))),
        _ => None
    }
}

/// Makes a list longer. A long one grows by a quarter, so that millions of keys do not hold twice what they need.
fn grow<T: Clone>(list: &mut Vec<T>, len: usize, fill: T) {
    if len > list.capacity() {
        let wanted = len.max(list.capacity() + list.capacity() / 4);
        list.reserve_exact(wanted - list.len());
    }
    list.resize(len, fill);
}

/// Which rows are null; nothing as long as none ever was.
#[derive(Default)]
struct Nulls {
    is_null: Vec<bool>,
    rows: usize,
}

impl Nulls {
    fn grow(&mut self, rows: usize) {
        self.rows = rows;
        if !self.is_null.is_empty() {
            grow(&mut self.is_null, rows, false);
        }
    }

    fn put(&mut self, ids: &[u32], nulls: Option<&NullBuffer>) {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        if self.is_null.is_empty() {
            if nulls.is_none() {
                return;
            }
            self.is_null.resize(self.rows, false);
        }
        for (row, &id) in ids.iter().enumerate() {
            self.is_null[id as usize] = nulls.is_some_and(|nulls| nulls.is_null(row));
        }
    }

    fn gather(&self, ids: &[u32]) -> Option<NullBuffer> {
        if self.is_null.is_empty() {
            return None;
        }
        let nulls: NullBuffer = ids.iter().map(|&id| !self.is_null[id as usize]).collect();
        Some(nulls).filter(|nulls| nulls.null_count() > 0)
    }
}

struct Numbers<T: ArrowPrimitiveType> {
    data_type: DataType,
    values: Vec<T::Native>,
    nulls: Nulls,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    fn new(data_type: &DataType) -> Self {
        Self { data_type: data_type.clone(), values: Vec::new(), nulls: Nulls::default() }
    }
}

impl<T: ArrowPrimitiveType> Column for Numbers<T> {
    fn grow(&mut self, rows: usize) {
        grow(&mut self.values, rows, T::Native::default());
        self.nulls.grow(rows);
    }

    fn put(&mut self, ids: &[u32], values: &ArrayRef) -> Result<(), AggregateError> {
        let values = values.as_primitive_opt::<T>().ok_or_else(|| mismatch(&self.data_type, values))?;
        for (&id, &value) in ids.iter().zip(values.values()) {
            self.values[id as usize] = value;
        }
        self.nulls.put(ids, values.nulls());
        Ok(())
    }

    fn gather(&self, ids: &[u32]) -> Result<ArrayRef, AggregateError> {
        let values: Vec<T::Native> = ids.iter().map(|&id| self.values[id as usize]).collect();
        let column = PrimitiveArray::<T>::try_new(ScalarBuffer::from(values), self.nulls.gather(ids))?;
        Ok(Arc::new(column.with_data_type(self.data_type.clone())))
    }

    fn clear(&mut self, _: &[u32]) {}

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<T::Native>() + self.nulls.is_null.capacity()
    }
}

#[derive(Default)]
struct Booleans {
    values: Vec<bool>,
    nulls: Nulls,
}

impl Column for Booleans {
    fn grow(&mut self, rows: usize) {
        grow(&mut self.values, rows, false);
        self.nulls.grow(rows);
    }

    fn put(&mut self, ids: &[u32], values: &ArrayRef) -> Result<(), AggregateError> {
        let values = values.as_boolean_opt().ok_or_else(|| mismatch(&DataType::Boolean, values))?;
        for (&id, value) in ids.iter().zip(values.values()) {
            self.values[id as usize] = value;
        }
        self.nulls.put(ids, values.nulls());
        Ok(())
    }

    fn gather(&self, ids: &[u32]) -> Result<ArrayRef, AggregateError> {
        let values = ids.iter().map(|&id| self.values[id as usize]).collect();
        Ok(Arc::new(BooleanArray::new(values, self.nulls.gather(ids))))
    }

    fn clear(&mut self, _: &[u32]) {}

    fn size(&self) -> usize {
        self.values.capacity() + self.nulls.is_null.capacity()
    }
}

/// Texts or bytes: views into blocks of the column's own.
struct Texts {
    is_text: bool,
    views: Vec<u128>,
    blocks: Blocks,
    /// Bytes in the blocks that a row points to.
    live: usize,
    nulls: Nulls,
}

impl Texts {
    fn new(is_text: bool) -> Self {
        Self { is_text, views: Vec::new(), blocks: Blocks::default(), live: 0, nulls: Nulls::default() }
    }

    fn set(&mut self, id: u32, view: u128) {
        let old = std::mem::replace(&mut self.views[id as usize], view);
        self.live = self.live + outside(view) - outside(old);
    }

    /// Copies what is up to date once most is not.
    fn tidy(&mut self) -> Result<(), AggregateError> {
        if self.blocks.bytes() < 2 * self.live + WORTH_CLEARING {
            return Ok(());
        }
        let old = std::mem::take(&mut self.blocks);
        for view in &mut self.views {
            *view = self.blocks.adopt(*view, old.blocks())?;
        }
        Ok(())
    }
}

impl Column for Texts {
    fn grow(&mut self, rows: usize) {
        grow(&mut self.views, rows, 0);
        self.nulls.grow(rows);
    }

    fn put(&mut self, ids: &[u32], values: &ArrayRef) -> Result<(), AggregateError> {
        let (views, buffers): (&[u128], &[Buffer]) = match (values.as_string_view_opt(), values.as_binary_view_opt()) {
            (Some(texts), _) => (&texts.views()[..], texts.data_buffers()),
            (None, Some(bytes)) => (&bytes.views()[..], bytes.data_buffers()),
            (None, None) => return Err(mismatch(&DataType::Utf8View, values)),
        };
        let nulls = values.nulls().filter(|nulls| nulls.null_count() > 0);
        for (row, (&id, &view)) in ids.iter().zip(views).enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            let own = if is_null { 0 } else { self.blocks.adopt(view, buffers)? };
            self.set(id, own);
        }
        self.nulls.put(ids, values.nulls());
        self.tidy()
    }

    fn gather(&self, ids: &[u32]) -> Result<ArrayRef, AggregateError> {
        let mut blocks = Blocks::default();
        let view = |&id: &u32| blocks.adopt(self.views[id as usize], self.blocks.blocks());
        let views: Vec<u128> = ids.iter().map(view).collect::<Result<_, _>>()?;
        let (views, buffers, nulls) = (ScalarBuffer::from(views), blocks.into_buffers(), self.nulls.gather(ids));
        Ok(if self.is_text {
            Arc::new(StringViewArray::try_new(views, buffers, nulls)?)
        } else {
            Arc::new(BinaryViewArray::try_new(views, buffers, nulls)?)
        })
    }

    fn clear(&mut self, ids: &[u32]) {
        ids.iter().for_each(|&id| self.set(id, 0));
    }

    fn size(&self) -> usize {
        self.views.capacity() * size_of::<u128>() + self.blocks.size() + self.nulls.is_null.capacity()
    }
}

fn mismatch(wanted: &DataType, given: &ArrayRef) -> AggregateError {
    AggregateError(format!("{} came where {wanted} is remembered; this is a bug in Weir", given.data_type()))
}
