//! Looks rows up, chunk by chunk, and keeps an eye on the file.

use std::any::Any;
use std::ops::Range;
use std::time::Duration;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::origin::Origin;
use super::reload::Reload;
use super::table::Table;
use crate::nodes::transforms::joining::{Index, JoinKeys, Pairs, Shape, cut, keep_rows};
use crate::plan::{BatchContext, Chunk, Flow, Inputs, NodeError, Operator, Outputs, StateFate, StateSize};
use crate::spec::{Span, Timestamp};

/// What comes out.
pub(super) enum Wanted {
    /// The rows with the file's columns.
    Pairs {
        /// The columns.
        shape: Shape,
        /// Whether rows whose key the file lacks come out as well.
        keeps_left: bool,
    },
    /// The rows as they are.
    Left {
        /// Those whose key the file has, or those whose key it lacks.
        with_partner: bool,
    },
}

/// How long a batch waits for a changed file to be read; what takes longer is taken up by a later batch. (Tests wait
/// for it, so that what they see does not depend on the machine.)
const PATIENCE: Duration = if cfg!(test) { Duration::from_mins(1) } else { Duration::from_millis(20) };

/// When the file is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reloading {
    /// How often to look whether it has changed.
    pub(super) every: Option<Span>,
    /// Read again when this number changes.
    pub(super) edition: i64,
}

/// The operator.
pub(super) struct LookupOperator {
    origin: Origin,
    keys: JoinKeys,
    wanted: Wanted,
    reloading: Reloading,
    table: Option<Table>,
    /// The table that is to follow.
    next: Option<Reload>,
    /// Whether a person asked for the table to be read again.
    is_asked: bool,
    pub(super) patience: Duration,
    /// When the file was last looked at.
    checked: Timestamp,
    failed_reloads: u64,
}

/// Rows of a chunk to work on, with the numbers of their keys.
struct Piece<'a> {
    chunk: &'a Chunk,
    groups: &'a [u32],
    rows: Range<usize>,
}

impl LookupOperator {
    /// For this file.
    pub(super) fn new(origin: Origin, keys: JoinKeys, wanted: Wanted, reloading: Reloading) -> Self {
        Self {
            origin,
            keys,
            wanted,
            reloading,
            table: None,
            next: None,
            is_asked: false,
            patience: PATIENCE,
            checked: Timestamp(i64::MIN),
            failed_reloads: 0,
        }
    }

    /// Reads the file if that has not been done, or begins to if it has changed.
    fn refresh(&mut self, now: Timestamp) -> Result<(), NodeError> {
        self.failed_reloads = 0;
        let Some(table) = &self.table else {
            let (rows, stamps) = self.origin.read()?;
            self.table = Some(Table::new(rows, stamps, &self.keys)?);
            self.checked = now;
            return Ok(());
        };
        let is_due = self.reloading.every.is_some_and(|every| now.since(self.checked) >= every);
        if self.next.is_none() && (is_due || self.is_asked) {
            self.checked = now;
            let is_asked = std::mem::take(&mut self.is_asked);
            match self.origin.stamp() {
                Ok(stamps) if stamps == table.stamps() && !is_asked => {}
                Ok(_) => match Reload::start(&self.origin, &self.keys) {
                    Ok(next) => self.next = Some(next),
                    Err(_) => self.failed_reloads = 1,
                },
                // What was read before still serves; the next look may find the file again.
                Err(_) => self.failed_reloads = 1,
            }
        }
        match self.next.as_ref().and_then(|next| next.wait(self.patience)) {
            None => {}
            Some(read) => {
                self.next = None;
                match read {
                    Ok(table) => self.table = Some(table),
                    Err(_) => self.failed_reloads = 1,
                }
            }
        }
        Ok(())
    }

    fn look_up(&mut self, chunks: &[Chunk], context: &BatchContext) -> Result<Vec<Chunk>, NodeError> {
        self.refresh(context.time)?;
        let Some(table) = &mut self.table else { return Ok(Vec::new()) };
        let mut groups = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            groups.push(table.groups(&chunk.rows, &self.keys)?);
        }
        let (rows, index) = (table.rows(), table.index());
        let mut pieces = Vec::new();
        let mut total = 0;
        for (chunk, groups) in chunks.iter().zip(&groups) {
            match &self.wanted {
                Wanted::Left { .. } => pieces.push(Piece { chunk, groups, rows: 0..groups.len() }),
                Wanted::Pairs { .. } => {
                    let ranges = cut(groups, index, &mut total)?;
                    pieces.extend(ranges.into_iter().map(|rows| Piece { chunk, groups, rows }));
                }
            }
        }
        let work = |piece: &Piece<'_>| self.wanted.rows_of(piece, rows, index);
        let results: Vec<_> = match pieces.as_slice() {
            [single] => vec![work(single)],
            pieces => context.pool.install(|| pieces.par_iter().map(work).collect()),
        };
        let found: Vec<Option<Chunk>> = results.into_iter().collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Wanted {
    fn rows_of(&self, piece: &Piece<'_>, file: &RecordBatch, index: &Index) -> Result<Option<Chunk>, NodeError> {
        match self {
            Self::Left { with_partner } => {
                let is_kept = |group: &u32| Some(index.rows_of(*group).is_empty() != *with_partner);
                let mask: BooleanArray = piece.groups.iter().map(is_kept).collect();
                keep_rows(piece.chunk, &mask)
            }
            Self::Pairs { shape, keeps_left } => {
                let mut pairs = Pairs::of(piece.rows.clone(), piece.groups, index);
                if *keeps_left {
                    pairs = pairs.with_alone(&piece.rows);
                }
                if pairs.len() == 0 {
                    return Ok(None);
                }
                let rows = shape.pairs(&piece.chunk.rows, file, &pairs)?;
                Ok(Some(Chunk::new(rows, piece.chunk.arrived)))
            }
        }
    }
}

impl Operator for LookupOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle]) };
        Ok(vec![Flow::Fired(self.look_up(&chunks, context)?)])
    }

    fn state_size(&self) -> StateSize {
        self.table.as_ref().map(Table::size).unwrap_or_default()
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        let unreadable = self.table.as_ref().map_or(0, Table::rejected);
        let all = [("unreadable_rows", unreadable), ("failed_reloads", self.failed_reloads)];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The file need not be read again as long as it is the same; other keys lay its rows out anew.
    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        if old.origin == self.origin {
            self.checked = old.checked;
            self.is_asked = old.is_asked || old.reloading.edition != self.reloading.edition;
            self.table = match old.table {
                Some(table) if old.keys == self.keys => {
                    self.next = old.next;
                    Some(table)
                }
                Some(table) => table.with_keys(&self.keys).ok(),
                None => None,
            };
        }
        StateFate::Kept
    }
}
