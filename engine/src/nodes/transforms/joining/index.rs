//! Rows laid out key after key.

use super::NONE;

/// The rows of one side by the number of their key, those of one key in their order.
#[derive(Debug, Default)]
pub(in crate::nodes::transforms) struct Index {
    /// Where each key's rows start; one more entry than there are keys.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Index {
    /// Lays rows out by their keys, which are numbered below `keys`. Rows with the key [`NONE`] are left out.
    pub(in crate::nodes::transforms) fn new(groups: &[u32], keys: usize) -> Self {
        let mut starts = vec![0u32; keys.saturating_add(1)];
        // A counting sort: count behind each key, sum up, then place.
        for group in groups {
            if let Some(count) = starts.get_mut((*group as usize).saturating_add(1)) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; total as usize];
        for (row, group) in (0u32..).zip(groups) {
            if *group == NONE {
                continue;
            }
            if let Some(place) = next.get_mut(*group as usize) {
                if let Some(slot) = rows.get_mut(*place as usize) {
                    *slot = row;
                }
                *place += 1;
            }
        }
        Self { starts, rows }
    }

    /// The rows of a key.
    pub(in crate::nodes::transforms) fn rows_of(&self, group: u32) -> &[u32] {
        let at = group as usize;
        let bounds = self.starts.get(at).zip(self.starts.get(at.saturating_add(1)));
        bounds.and_then(|(start, end)| self.rows.get(*start as usize..*end as usize)).unwrap_or_default()
    }

    /// All rows, key after key.
    pub(in crate::nodes::transforms) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Where each key's rows start, and the end of the last.
    pub(in crate::nodes::transforms) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Bytes.
    pub(in crate::nodes::transforms) fn size(&self) -> usize {
        (self.starts.capacity() + self.rows.capacity()) * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_key_keep_their_order_and_rows_without_key_are_nowhere() {
        let index = Index::new(&[1, 0, NONE, 1, 3, 1], 4);
        assert_eq!(index.rows_of(0), [1]);
        assert_eq!(index.rows_of(1), [0, 3, 5]);
        assert!(index.rows_of(2).is_empty());
        assert_eq!(index.rows_of(3), [4]);
        assert!(index.rows_of(4).is_empty() && index.rows_of(NONE).is_empty());
        assert!(Index::new(&[], 0).rows_of(0).is_empty());
    }
}
