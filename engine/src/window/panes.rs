//! Panes by start: what is held of the recent past, cut small enough that every window is a run of whole panes.

use std::collections::BTreeMap;

use super::Window;
use crate::spec::Timestamp;

/// Contents by pane. Only panes that hold something exist.
#[derive(Debug)]
pub struct Panes<T> {
    panes: BTreeMap<Timestamp, Pane<T>>,
}

#[derive(Debug)]
struct Pane<T> {
    end: Timestamp,
    content: T,
}

impl<T> Default for Panes<T> {
    fn default() -> Self {
        Self { panes: BTreeMap::new() }
    }
}

impl<T> Panes<T> {
    /// The content of this pane, empty if it is new.
    pub fn content_mut(&mut self, pane: Window) -> &mut T
    where
        T: Default,
    {
        let held = self.panes.entry(pane.start).or_insert_with(|| Pane { end: pane.end, content: T::default() });
        held.end = held.end.max(pane.end);
        &mut held.content
    }

    /// The panes that start in the window, in order of time.
    pub fn within(&self, window: Window) -> impl DoubleEndedIterator<Item = (Timestamp, &T)> {
        let bounded = if window.start < window.end { Some(window.start..window.end) } else { None };
        bounded.into_iter().flat_map(|range| self.panes.range(range)).map(|(start, pane)| (*start, &pane.content))
    }

    /// The content of the pane of this start.
    pub fn get_mut(&mut self, start: Timestamp) -> Option<&mut T> {
        self.panes.get_mut(&start).map(|pane| &mut pane.content)
    }

    /// The oldest pane.
    pub fn oldest(&self) -> Option<Window> {
        self.panes.first_key_value().map(|(start, pane)| Window { start: *start, end: pane.end })
    }

    /// Where the panes start that start at or after this, in order.
    pub fn starts_from(&self, first: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.panes.range(first..).map(|(start, _)| *start)
    }

    /// Where the youngest pane ends.
    pub fn end(&self) -> Option<Timestamp> {
        self.panes.last_key_value().map(|(_, pane)| pane.end)
    }

    /// All contents, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.panes.values().map(|pane| &pane.content)
    }

    /// All contents, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.panes.values_mut().map(|pane| &mut pane.content)
    }

    /// Takes out the panes that start before the horizon.
    pub fn evict(&mut self, horizon: Timestamp) -> Vec<T> {
        if self.panes.first_key_value().is_none_or(|(oldest, _)| *oldest >= horizon) {
            return Vec::new();
        }
        let kept = self.panes.split_off(&horizon);
        let gone = std::mem::replace(&mut self.panes, kept);
        gone.into_values().map(|pane| pane.content).collect()
    }

    /// Whether a pane lies on both sides of one of the window's bounds.
    pub fn are_cut_by(&self, window: Window) -> bool {
        let cut = |bound: Timestamp| self.panes.range(..bound).next_back().is_some_and(|(_, pane)| pane.end > bound);
        cut(window.start) || cut(window.end)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.panes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.panes.is_empty()
    }
}
