//! The keys of windows that every key has for itself: whose window it is, and the groups within the window.
//!
//! Usually both are the same. Where the window is per user and the groups are per user and page, a group's columns
//! hold the window's: every group belongs to one window key.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Schema, SchemaRef};

use crate::aggregate::{AggregateError, Registry};

/// The groups seen, and to which window key each belongs.
pub(super) struct Keys {
    groups: Registry,
    /// Where the windows' keys are fewer than the groups.
    owners: Option<Owners>,
}

struct Owners {
    columns: Vec<usize>,
    registry: Registry,
    /// Per group its window key.
    of_group: Vec<u32>,
}

impl Keys {
    /// For groups by the columns of `schema`, in windows by those at the positions `per`; none: by all.
    pub(super) fn new(schema: &SchemaRef, per: &[usize]) -> Result<Self, AggregateError> {
        let is_same = per.is_empty() || (0..schema.fields().len()).all(|column| per.contains(&column));
        let owners = if is_same {
            None
        } else {
            let fields: Vec<_> = per.iter().filter_map(|&column| schema.fields().get(column).cloned()).collect();
            let registry = Registry::new(&Arc::new(Schema::new(fields)))?;
            Some(Owners { columns: per.to_vec(), registry, of_group: Vec::new() })
        };
        Ok(Self { groups: Registry::new(schema)?, owners })
    }

    /// Numbers the groups of rows.
    pub(super) fn intern(&mut self, keys: &[ArrayRef], rows: usize) -> Result<Vec<u32>, AggregateError> {
        let groups = self.groups.intern(keys, rows)?;
        if let Some(owners) = &mut self.owners {
            let fresh: Vec<u32> = (0u32..).take(self.groups.len()).skip(owners.of_group.len()).collect();
            if !fresh.is_empty() {
                let columns = self.groups.keys(&fresh)?;
                let columns: Vec<_> = owners.columns.iter().filter_map(|&column| columns.get(column).cloned()).collect();
                owners.of_group.extend(owners.registry.intern(&columns, fresh.len())?);
            }
        }
        Ok(groups)
    }

    /// Whether every group is a window key of its own.
    pub(super) fn are_groups(&self) -> bool {
        self.owners.is_none()
    }

    /// The window key of a group.
    pub(super) fn owner(&self, group: u32) -> u32 {
        match &self.owners {
            None => group,
            Some(owners) => owners.of_group.get(group as usize).copied().unwrap_or_default(),
        }
    }

    /// How many window keys there are.
    pub(super) fn owner_count(&self) -> usize {
        self.owners.as_ref().map_or(self.groups.len(), |owners| owners.registry.len())
    }

    /// How many groups there are.
    pub(super) fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// The key columns of these groups.
    pub(super) fn columns(&self, groups: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        self.groups.keys(groups)
    }

    /// Keeps only these groups and window keys (both ascending) and numbers them anew, in this order.
    pub(super) fn retain(&mut self, groups: &[u32], owners: &[u32]) -> Result<(), AggregateError> {
        if let Some(held) = &mut self.owners {
            let mut renumbered = vec![0; held.registry.len()];
            for (&old, new) in owners.iter().zip(held.registry.retain(owners)?) {
                renumbered[old as usize] = new;
            }
            held.of_group = groups.iter().map(|&group| renumbered[held.of_group[group as usize] as usize]).collect();
        }
        self.groups.retain(groups)?;
        Ok(())
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let owners = self.owners.as_ref();
        let owners = owners.map_or(0, |owners| owners.registry.size() + owners.of_group.capacity() * size_of::<u32>());
        self.groups.size() + owners
    }
}
