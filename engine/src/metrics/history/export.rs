//! The history as a table, for other programs.

use std::fmt::Write as _;

use super::{History, Measure};

impl History {
    /// All measures of all batches as CSV with a header, oldest first. A measure that a batch does not have is empty.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("batch");
        for measure in Measure::ALL {
            let _ = write!(text, ",{}", measure.column());
        }
        text.push_str("\r\n");
        for batch in self.batches() {
            let _ = write!(text, "{batch}");
            for measure in Measure::ALL {
                match self.value(measure, batch) {
                    Some(value) => {
                        let _ = write!(text, ",{value}");
                    }
                    None => text.push(','),
                }
            }
            text.push_str("\r\n");
        }
        text
    }
}
