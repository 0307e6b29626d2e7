//! The mean of whole numbers and decimals with an exact state.
//!
//! DataFusion sums integers as doubles. A sliding window subtracts the panes that leave it, and doubles would keep
//! the rounding of rows long gone. So the sum is kept in 128 bits and divided only when read.

use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, UInt64Array};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type, UInt64Type};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{EmitTo, GroupsAccumulator};

/// Digits of the sum: any i128 that can come together from 64-bit values fits.
const SUM_PRECISION: u8 = 38;

/// The least number with more digits.
const TOO_LARGE: u128 = 10_u128.pow(SUM_PRECISION as u32);

/// Digits the mean of decimals has more behind the point.
const MORE_DIGITS: u8 = 4;

fn too_large() -> DataFusionError {
    DataFusionError::Execution("the sum behind a mean grew too large; cast to double first".to_owned())
}

/// The quotient, rounded half away from zero.
fn half_up(sum: i128, count: i128) -> i128 {
    let (quotient, rest) = (sum / count, sum % count);
    if rest.unsigned_abs() * 2 >= count.unsigned_abs() { quotient + sum.signum() } else { quotient }
}

/// Per group the count and the sum of the values seen; null where nothing was seen. Takes `Int64` and gives `Float64`,
/// or takes decimals and gives a decimal with four more digits, rounded half up.
#[derive(Debug, Default)]
pub(super) struct IntegerAverage {
    counts: Vec<u64>,
    sums: Vec<i128>,
    /// The precision and scale of the decimals it takes.
    decimal: Option<(u8, i8)>,
    /// Which groups had a sum of decimals that did not fit; `None` where that is an error.
    burst: Option<Vec<bool>>,
}

impl IntegerAverage {
    /// Of decimals of this precision and scale.
    pub(super) fn of_decimals(precision: u8, scale: i8) -> Self {
        Self { decimal: Some((precision, scale)), ..Self::default() }
    }

    /// The same, where a sum that does not fit gives null.
    pub(super) fn or_null(self) -> Self {
        Self { burst: Some(Vec::new()), ..self }
    }

    /// What it gives.
    pub(super) fn result_type(&self) -> DataType {
        match self.decimal {
            None => DataType::Float64,
            Some((precision, scale)) => {
                let precision = (precision + MORE_DIGITS).min(SUM_PRECISION);
                DataType::Decimal128(precision, (scale + MORE_DIGITS.cast_signed()).min(precision.cast_signed()))
            }
        }
    }

    /// The state columns.
    pub(super) fn state_fields(name: &str) -> Vec<FieldRef> {
        vec![
            Arc::new(Field::new(format!("{name}[count]"), DataType::UInt64, false)),
            Arc::new(Field::new(format!("{name}[sum]"), DataType::Decimal128(SUM_PRECISION, 0), false)),
        ]
    }

    /// One more where a sum that does not fit gives null.
    pub(super) fn burst_field(name: &str) -> FieldRef {
        Arc::new(Field::new(format!("{name}[burst]"), DataType::Boolean, false))
    }

    fn grow(&mut self, groups: usize) {
        self.counts.resize(groups.max(self.counts.len()), 0);
        self.sums.resize(groups.max(self.sums.len()), 0);
        if let Some(burst) = &mut self.burst {
            burst.resize(groups.max(burst.len()), false);
        }
    }

    fn emit(&mut self, emit_to: EmitTo) -> (Vec<u64>, Vec<i128>, Option<Vec<bool>>) {
        let burst = self.burst.as_mut().map(|burst| emit_to.take_needed(burst));
        (emit_to.take_needed(&mut self.counts), emit_to.take_needed(&mut self.sums), burst)
    }

    /// Adds decimals up.
    fn add(&mut self, group: usize, count: u64, sum: i128) -> Result<()> {
        self.counts[group] += count;
        match (self.sums[group].checked_add(sum).filter(|sum| sum.unsigned_abs() < TOO_LARGE), &mut self.burst) {
            (Some(sum), _) => self.sums[group] = sum,
            (None, Some(burst)) => burst[group] = true,
            (None, None) => return Err(too_large()),
        }
        Ok(())
    }
}

impl GroupsAccumulator for IntegerAverage {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let Some(values) = values.first() else { return Ok(()) };
        if self.decimal.is_some() {
            let values = values.as_primitive::<Decimal128Type>();
            for (row, &group) in group_indices.iter().enumerate() {
                let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
                if passes && values.is_valid(row) {
                    self.add(group, 1, values.value(row))?;
                }
            }
            return Ok(());
        }
        let values = values.as_primitive::<Int64Type>();
        if values.null_count() == 0 && opt_filter.is_none() {
            for (&group, &value) in group_indices.iter().zip(values.values()) {
                self.counts[group] += 1;
                self.sums[group] += i128::from(value);
            }
            return Ok(());
        }
        for (row, &group) in group_indices.iter().enumerate() {
            let passes = opt_filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
            if passes && values.is_valid(row) {
                self.counts[group] += 1;
                self.sums[group] += i128::from(values.value(row));
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let result = self.result_type();
        let (counts, sums, burst) = self.emit(emit_to);
        if let (Some((_, scale)), DataType::Decimal128(precision, given)) = (self.decimal, &result) {
            let power = 10_i128.pow(u32::from(given.abs_diff(scale)));
            let mut means = Vec::with_capacity(counts.len());
            for (group, (&count, sum)) in counts.iter().zip(sums).enumerate() {
                let fits = burst.as_ref().is_none_or(|burst| !burst[group]);
                let mean = sum.checked_mul(power).map(|scaled| half_up(scaled, i128::from(count.max(1))));
                match mean.filter(|mean| mean.unsigned_abs() < 10_u128.pow(u32::from(*precision)) && fits) {
                    Some(mean) => means.push((count > 0).then_some(mean)),
                    None if burst.is_some() => means.push(None),
                    None => return Err(too_large()),
                }
            }
            let means = means.into_iter().collect::<Decimal128Array>();
            return Ok(Arc::new(means.with_precision_and_scale(*precision, *given)?));
        }
        let means = counts.iter().zip(sums).map(|(&count, sum)| (count > 0).then(|| sum as f64 / count as f64));
        Ok(Arc::new(means.collect::<Float64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (counts, sums, burst) = self.emit(emit_to);
        let sums = Decimal128Array::from_iter_values(sums).with_precision_and_scale(SUM_PRECISION, 0)?;
        let state: [ArrayRef; 2] = [Arc::new(UInt64Array::from(counts)), Arc::new(sums)];
        let burst = burst.map(|burst| Arc::new(BooleanArray::from(burst)) as ArrayRef);
        Ok(state.into_iter().chain(burst).collect())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        let [counts, sums, bursts @ ..] = values else { return Ok(()) };
        let counts = counts.as_primitive::<UInt64Type>();
        let sums = sums.as_primitive::<Decimal128Type>();
        for (row, &group) in group_indices.iter().enumerate() {
            if counts.is_valid(row) && sums.is_valid(row) {
                self.add(group, counts.value(row), sums.value(row))?;
            }
        }
        if let (Some(burst), Some(bursts)) =
            (&mut self.burst, bursts.first().and_then(|bursts| bursts.as_boolean_opt()))
        {
            for (row, &group) in group_indices.iter().enumerate() {
                burst[group] |= bursts.is_valid(row) && bursts.value(row);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let burst = self.burst.as_ref().map(|_| Vec::new());
        let mut each = Self { decimal: self.decimal, burst, ..Self::default() };
        let own: Vec<usize> = (0..rows).collect();
        each.update_batch(values, &own, opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.counts.capacity() * size_of::<u64>() + self.sums.capacity() * size_of::<i128>()
    }
}
