//! What an expression gives on rows that have just passed: shown while it is typed, so that a mistake is seen before
//! it runs.

use eframe::egui::{self, RichText};
use weir_engine::arrow::array::Array;
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::arrow::util::display::{ArrayFormatter, FormatOptions};
use weir_engine::expr::{Expression, Scope, shorten};
use weir_engine::spec::Timestamp;

use super::field::Field;
use super::signs;
use crate::i18n::{tr, trf};
use crate::sentences::spoken;

/// Rows it is tried on.
const ROWS: usize = 3;

/// What came of trying one text on one sample.
#[derive(Clone, PartialEq, Eq)]
struct Tried {
    source: String,
    batch: u64,
    words: Option<Result<String, String>>,
}

/// The rows that passed lately, and in which batch.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The first rows.
    pub rows: &'a RecordBatch,
    /// The batch they passed in.
    pub batch: u64,
}

/// Draws the results of `source` on the first sampled rows, or why the first of them has none.
pub(super) fn preview_ui(ui: &mut egui::Ui, field: &Field<'_>, source: &str) {
    let Some(sample) = field.context.sample else { return };
    let id = field.id("preview");
    let known: Option<Tried> = ui.data(|data| data.get_temp(id));
    let tried = known.filter(|known| known.source == source && known.batch == sample.batch).unwrap_or_else(|| {
        let tried = Tried { source: source.to_owned(), batch: sample.batch, words: results(source, sample) };
        ui.data_mut(|data| data.insert_temp(id, tried.clone()));
        tried
    });
    let theme = field.theme();
    let (text, color) = match tried.words {
        None => return,
        Some(Ok(words)) => (trf("inspector.preview", &[("values", &words)]), theme.text_weak),
        Some(Err(why)) => (trf("inspector.preview.fails", &[("why", &spoken(&why))]), theme.warning),
    };
    let text = RichText::new(text).monospace().size(signs::SMALL).color(color);
    ui.add(egui::Label::new(text).truncate()).on_hover_text(tr("inspector.preview.hint"));
}

/// `None` where there is nothing to say: no rows, or an expression that does not compile, which is told elsewhere.
fn results(source: &str, sample: Sample<'_>) -> Option<Result<String, String>> {
    let rows = sample.rows.slice(0, sample.rows.num_rows().min(ROWS));
    if rows.num_rows() == 0 {
        return None;
    }
    let expression = Expression::compile(source, &rows.schema()).ok()?;
    let scope = Scope { batch: sample.batch, time: Timestamp::VIRTUAL_START };
    match expression.evaluate(&rows, &scope) {
        Ok(values) => in_words(values.as_ref()).map(Ok),
        Err(error) => Some(Err(error.to_string())),
    }
}

fn in_words(values: &dyn Array) -> Option<String> {
    let options = FormatOptions::default().with_null("NULL");
    let formatter = ArrayFormatter::try_new(values, &options).ok()?;
    let words: Vec<String> =
        (0..values.len()).map(|row| shorten(&formatter.value(row).try_to_string().unwrap_or_default())).collect();
    Some(words.join("  ·  "))
}

/// The first sampled value of a column, for the table of a port's columns.
pub(super) fn sample_value(rows: &RecordBatch, column: &str) -> Option<String> {
    let values = rows.column_by_name(column)?;
    in_words(values.slice(0, values.len().min(1)).as_ref()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use weir_engine::arrow::array::{Int64Array, StringViewArray};
    use weir_engine::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn rows() -> RecordBatch {
        let schema =
            Schema::new(vec![Field::new("word", DataType::Utf8View, true), Field::new("count", DataType::Int64, true)]);
        let words = StringViewArray::from(vec![Some("ab"), None, Some("中文"), Some("no more")]);
        let counts = Int64Array::from(vec![2, 1, 0, 7]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(words), Arc::new(counts)]).unwrap()
    }

    fn tried(source: &str) -> Option<Result<String, String>> {
        results(source, Sample { rows: &rows(), batch: 1 })
    }

    #[test]
    fn the_first_rows_show_what_comes_out() {
        assert_eq!(tried("upper(word)"), Some(Ok("AB  ·  NULL  ·  中文".to_owned())));
    }

    #[test]
    fn what_fails_on_a_row_says_why() {
        assert!(matches!(tried("10 / count"), Some(Err(why)) if !why.is_empty()));
    }

    #[test]
    fn what_does_not_compile_is_told_elsewhere() {
        assert_eq!(tried("upper(wrod)"), None);
    }

    #[test]
    fn a_column_shows_its_first_value() {
        assert_eq!(sample_value(&rows(), "word").as_deref(), Some("ab"));
        assert_eq!(sample_value(&rows(), "missing"), None);
    }
}
