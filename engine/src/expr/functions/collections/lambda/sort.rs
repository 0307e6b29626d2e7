//! `array_sort` with an order of one's own: `array_sort(array, (a, b) -> ...)`.
//!
//! All lists of a batch are sorted by merging, in step: each round every list that is not in order yet asks about one
//! pair of its items, and all pairs are compared at once. So the function runs once per round, not once per pair.

use std::sync::Arc;

use arrow::array::UInt64Array;
use arrow::compute::take;

use super::super::list::{Lists, Picks};
use super::super::unify::item_type;
use super::function::Lambda;
use crate::expr::call::Call;
use crate::expr::functions::prelude::*;
use crate::expr::lower::{Lowering, Site, convert};
use crate::expr::types::type_name;

pub(in super::super) const ENTRIES: &[Entry] = &[Entry::written(
    "array_sort",
    "array_sort(array[, (a, b) -> order])",
    "The items in rising order, nulls last; or in the order of a function that gives a negative number where `a` comes first, a positive one where `b` does.",
    Takes::these(&[Param::Any]).or(&[Param::Any]),
    array_sort,
)];

fn array_sort(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Result<Typed, ExprError> {
    let (list, written) = match site.args {
        [list] => {
            let list = lowering.lower(list)?;
            return lowering.call("array_risen", vec![list]);
        }
        [list, written] => (lowering.lower(list)?, *written),
        _ => return Err(ExprError::new("an array is expected, and perhaps a function")),
    };
    let item = item_type(&list)?;
    let lambda = Lambda::lower(lowering, written, &[item.clone(), item], 2, |body| {
        convert::silent(&body, &DataType::Int32).ok_or_else(|| {
            let name = type_name(&body.data_type);
            body.refuse(format!("the function gives an int: -1, 0 or 1; this is {name}"))
        })
    })?;
    let (gives, name) = (list.data_type.clone(), format!("array_sort[{}]", lambda.text()));
    let args: Vec<Typed> = std::iter::once(list).chain(lambda.captures.iter().cloned()).collect();
    Ok(Call::typed(name, &args, gives, true, Arc::new(move |args: &Args<'_>| sorted(args, &lambda))))
}

/// A list that is being sorted: runs of `width` items are in order, and pairs of runs are merged from `from` into `to`.
struct Merging {
    parent: u64,
    from: Vec<u64>,
    to: Vec<u64>,
    width: usize,
    start: usize,
    left: usize,
    right: usize,
}

impl Merging {
    fn new(parent: usize, items: impl Iterator<Item = usize>) -> Self {
        let from: Vec<u64> = items.map(|item| item as u64).collect();
        let to = Vec::with_capacity(from.len());
        Self { parent: parent as u64, from, to, width: 1, start: 0, left: 0, right: 1 }
    }

    /// The next two items of which the order must be known; none once all are in order.
    fn question(&mut self) -> Option<(u64, u64)> {
        let len = self.from.len();
        while self.width < len {
            let middle = (self.start + self.width).min(len);
            let end = (self.start + 2 * self.width).min(len);
            if self.left < middle && self.right < end {
                return Some((self.from[self.left], self.from[self.right]));
            }
            self.to.extend_from_slice(&self.from[self.left..middle]);
            self.to.extend_from_slice(&self.from[self.right.min(end)..end]);
            self.start = end;
            if self.start == len {
                std::mem::swap(&mut self.from, &mut self.to);
                self.to.clear();
                self.width *= 2;
                self.start = 0;
            }
            self.left = self.start;
            self.right = (self.start + self.width).min(len);
        }
        None
    }

    /// Equal items keep their order.
    fn answer(&mut self, order: i32) {
        let next = if order > 0 { &mut self.right } else { &mut self.left };
        self.to.push(self.from[*next]);
        *next += 1;
    }
}

fn sorted(args: &Args<'_>, lambda: &Lambda) -> Result<ArrayRef, ExprError> {
    let lists = Lists::new(args, 0)?;
    let mut all: Vec<Merging> =
        (0..args.rows()).filter_map(|row| lists.range(row).map(|range| Merging::new(row, range))).collect();
    loop {
        let asked: Vec<_> = all.iter_mut().filter_map(|list| list.question().map(|pair| (list, pair))).collect();
        if asked.is_empty() {
            break;
        }
        let parents: UInt64Array = asked.iter().map(|(list, _)| Some(list.parent)).collect();
        let first: UInt64Array = asked.iter().map(|(_, (a, _))| Some(*a)).collect();
        let second: UInt64Array = asked.iter().map(|(_, (_, b))| Some(*b)).collect();
        let pairs = vec![take(lists.values(), &first, None)?, take(lists.values(), &second, None)?];
        let orders = lambda.evaluate(args, 1, &parents, pairs)?;
        let orders = orders.as_primitive::<Int32Type>();
        if orders.null_count() > 0 {
            return Err(ExprError::new(
                "the function that orders the items gave null; give 0 where neither comes first",
            ));
        }
        for ((list, _), order) in asked.into_iter().zip(orders.values()) {
            list.answer(*order);
        }
    }
    let (mut picks, mut all) = (Picks::default(), all.into_iter());
    for row in 0..args.rows() {
        if lists.range(row).is_none() {
            picks.end_null()?;
            continue;
        }
        if let Some(list) = all.next() {
            picks.extend(list.from.iter().map(|item| usize::try_from(*item).unwrap_or(usize::MAX)));
        }
        picks.end()?;
    }
    picks.into_lists(lists.values(), args.gives())
}
