//! `greatest` and `least`: nulls are passed over, NaN is the greatest number.

use arrow::array::{Array, ArrayRef};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{is_not_null, is_null, or_kleene, prep_null_mask_filter};

use super::super::{Entry, Gives, Param, Takes};
use crate::expr::ExprError;
use crate::expr::args::Args;
use crate::expr::arithmetic::{Comparison, compare_arrays};

const VALUES: Takes = Takes::these(&[Param::Common, Param::Common]).more(Param::Common);

pub(super) const GREATEST: Entry = Entry::own(
    "greatest",
    "greatest(value, value, ...)",
    "The greatest of the arguments that are not null.",
    VALUES,
    Gives::Like(0),
    |args| extreme(args, Comparison::Gt),
);

pub(super) const LEAST: Entry = Entry::own(
    "least",
    "least(value, value, ...)",
    "The least of the arguments that are not null.",
    VALUES,
    Gives::Like(0),
    |args| extreme(args, Comparison::Lt),
);

fn extreme(args: &Args<'_>, is_further: Comparison) -> Result<ArrayRef, ExprError> {
    let mut found = args.array(0)?;
    if found.data_type().is_null() {
        return Ok(found);
    }
    for index in 1..args.len() {
        let next = args.array(index)?;
        let further = compare_arrays(is_further, &next, &found)?;
        let further = if further.null_count() > 0 { prep_null_mask_filter(&further) } else { further };
        let takes = or_kleene(&further, &is_null(&found)?)?;
        let takes = arrow::compute::and(&takes, &is_not_null(&next)?)?;
        found = zip(&takes, &next, &found)?;
    }
    Ok(found)
}
