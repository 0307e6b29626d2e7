//! State columns that an edit took away, kept for undo: per key the value it had then.
//!
//! They lie beside the state, so that a batch costs nothing for them. A key that leaves takes its values along, and a
//! key that comes anew has none.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{Field, FieldRef};

use crate::aggregate::{AggregateError, ColumnStore, KeyedStore, Renumbered, compact};
use crate::expr::type_name;
use crate::metrics::ParkedColumn;
use crate::plan::{Migration, StateFate};

/// More columns than this are not kept.
const MAX_PARKED: usize = 8;

/// The columns set aside, by the number of the key.
#[derive(Default)]
pub(super) struct Parked {
    fields: Vec<FieldRef>,
    rows: ColumnStore,
    /// What a report says is set aside, in a rehearsal: nothing but the word of it.
    ghosts: Vec<ParkedColumn>,
}

/// Where a column of the new state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// From the column of this position in the old state.
    Live(usize),
    /// From what was set aside.
    Parked,
    /// It is new.
    Nowhere,
}

impl Parked {
    /// For reports.
    pub(super) fn columns(&self) -> Vec<ParkedColumn> {
        self.fields.iter().map(|field| column_of(field)).collect()
    }

    /// Takes these columns to be set aside, for a rehearsal.
    pub(super) fn imagine(&mut self, columns: &[ParkedColumn]) {
        self.ghosts = columns.to_vec();
    }

    /// These keys have left.
    pub(super) fn remove(&mut self, ids: &[u32]) {
        self.rows.remove(ids);
    }

    /// The keys have other numbers now.
    pub(super) fn renumber(&mut self, renumbered: &Renumbered) -> Result<(), AggregateError> {
        let held = renumbered.kept.iter().zip(&renumbered.numbers).filter(|(old, _)| self.rows.contains(**old));
        let (old, new): (Vec<u32>, Vec<u32>) = held.unzip();
        let columns = if old.is_empty() { Vec::new() } else { self.rows.gather(&old)? };
        self.rows = ColumnStore::default();
        self.rows.put(&new, columns.iter().map(compact).collect())
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        (self.fields, self.rows) = (Vec::new(), ColumnStore::default());
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.rows.size()
    }

    /// Brings the state's columns into the form of `new`, and sets aside here what it lacks. Columns are matched by name
    /// and type: those there are first, then those that `former` had set aside.
    pub(super) fn convert(
        &mut self,
        store: &mut KeyedStore,
        old: &[FieldRef],
        former: &Self,
        new: &[FieldRef],
    ) -> Result<StateFate, AggregateError> {
        let origin = |field: &FieldRef| match old.iter().position(|other| is_same(other, field)) {
            Some(at) => Origin::Live(at),
            None if former.holds(field) => Origin::Parked,
            None => Origin::Nowhere,
        };
        let origins: Vec<Origin> = new.iter().map(origin).collect();
        let lacks = |field: &&FieldRef| !new.iter().any(|other| is_same(other, field));
        let taken: Vec<FieldRef> = old.iter().filter(lacks).take(MAX_PARKED).cloned().collect();
        self.fields = taken.iter().chain(former.fields.iter().filter(lacks)).take(MAX_PARKED).cloned().collect();
        let ids = store.ids();
        let mut aside = Vec::new();
        store.convert(|columns, rows| {
            let value = |field: &FieldRef| match old.iter().position(|other| is_same(other, field)) {
                Some(at) => Ok(Arc::clone(&columns[at])),
                None => former.values(field, &ids),
            };
            aside = self.fields.iter().map(value).collect::<Result<Vec<_>, _>>()?;
            let given = |(field, origin): (&FieldRef, &Origin)| match origin {
                Origin::Live(at) => Ok(Arc::clone(&columns[*at])),
                Origin::Parked => former.values(field, &ids),
                Origin::Nowhere => Ok(new_null_array(field.data_type(), rows)),
            };
            new.iter().zip(&origins).map(given).collect()
        })?;
        if !aside.is_empty() {
            self.rows.put(&ids, aside.iter().map(compact).collect())?;
        }
        Ok(fate(new, &origins, &taken))
    }

    fn holds(&self, field: &Field) -> bool {
        let ghost = column_of(field);
        self.fields.iter().any(|own| is_same(own, field)) || self.ghosts.contains(&ghost)
    }

    /// Per key the value that was set aside; null where there is none.
    fn values(&self, field: &Field, ids: &[u32]) -> Result<ArrayRef, AggregateError> {
        let held: Vec<u32> = ids.iter().copied().filter(|&id| self.rows.contains(id)).collect();
        let Some(at) = self.fields.iter().position(|own| is_same(own, field)).filter(|_| !held.is_empty()) else {
            return Ok(new_null_array(field.data_type(), ids.len()));
        };
        let columns = self.rows.gather(&held)?;
        let mut next = 0u32..;
        let place = |&id: &u32| if self.rows.contains(id) { next.next() } else { None };
        Ok(take(&columns[at], &ids.iter().map(place).collect::<UInt32Array>(), None)?)
    }
}

fn column_of(field: &Field) -> ParkedColumn {
    let fingerprint = format!("{} {}", field.name(), type_name(field.data_type()));
    ParkedColumn { name: field.name().clone(), fingerprint }
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.name() == other.name() && one.data_type() == other.data_type()
}

fn fate(new: &[FieldRef], origins: &[Origin], taken: &[FieldRef]) -> StateFate {
    let of = |wanted: fn(&Origin) -> bool| {
        let fields = new.iter().zip(origins).filter(|(_, origin)| wanted(origin));
        fields.map(|(field, _)| field.name().clone()).collect::<Vec<_>>()
    };
    let begun: Vec<String> = of(|origin| *origin == Origin::Nowhere).iter().map(|name| format!("`{name}`")).collect();
    let note = (!begun.is_empty()).then(|| format!("{} is null for the keys that are there", begun.join(", ")));
    let resumed = of(|origin| *origin == Origin::Parked);
    let parked: Vec<String> = taken.iter().map(|field| field.name().clone()).collect();
    match note {
        None if resumed.is_empty() && parked.is_empty() => StateFate::Kept,
        Some(note) if resumed.is_empty() && parked.is_empty() => StateFate::Partly(format!("{note}; the rest goes on")),
        note => {
            let kept = of(|origin| matches!(origin, Origin::Live(_)));
            StateFate::Migrated(Migration { kept, begun: Vec::new(), resumed, parked, note, coverage: None })
        }
    }
}
