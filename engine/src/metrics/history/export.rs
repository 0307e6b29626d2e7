//! The history as a table, for other programs.

use std::fmt::Write as _;

use super::{History, Measure};

/// The measures of all batches, apart from the history that goes on: written as text wherever there is time for it.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryTable {
    batches: Vec<u64>,
    /// Per batch all measures in their order.
    values: Vec<Option<f64>>,
}

impl History {
    /// The measures of all batches, oldest first.
    pub fn table(&self) -> HistoryTable {
        let batches: Vec<u64> = self.batches().collect();
        let of_batch = |batch: &u64| Measure::ALL.map(|measure| self.value(measure, *batch));
        let values = batches.iter().flat_map(of_batch).collect();
        HistoryTable { batches, values }
    }

    /// All measures of all batches as CSV with a header, oldest first. A measure that a batch does not have is empty.
    pub fn to_csv(&self) -> String {
        self.table().to_csv(&mut |_, _| true).unwrap_or_default()
    }
}

impl HistoryTable {
    /// The table as CSV with a header. `watch` is told how many lines of how many are done; where it says `false`, the
    /// work ends without a result.
    pub fn to_csv(&self, watch: &mut dyn FnMut(u64, u64) -> bool) -> Option<String> {
        let mut text = String::from("batch");
        for measure in Measure::ALL {
            let _ = write!(text, ",{}", measure.column());
        }
        text.push_str("\r\n");
        let lines = self.batches.iter().zip(self.values.chunks(Measure::ALL.len()));
        for (done, (batch, values)) in (0u64..).zip(lines) {
            if !watch(done, self.batches.len() as u64) {
                return None;
            }
            let _ = write!(text, "{batch}");
            for value in values {
                match value {
                    Some(value) => {
                        let _ = write!(text, ",{value}");
                    }
                    None => text.push(','),
                }
            }
            text.push_str("\r\n");
        }
        Some(text)
    }
}
