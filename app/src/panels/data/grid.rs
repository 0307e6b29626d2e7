//! Rows as text: formatted, filtered and sorted once when they come, not in every frame.

use std::sync::Arc;

use weir_engine::arrow::array::Array;
use weir_engine::arrow::compute::{SortOptions, concat_batches, sort_to_indices};
use weir_engine::arrow::datatypes::DataType;
use weir_engine::arrow::record_batch::RecordBatch;
use weir_engine::arrow::util::display::{ArrayFormatter, FormatOptions};

/// Characters of one cell; longer text is cut, for the eye only.
const MAX_CELL: usize = 300;

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GridColumn {
    /// Its name.
    pub(super) name: String,
    /// Its type, in the words of SQL.
    pub(super) kind: String,
    is_number: bool,
}

/// Rows ready to be drawn.
#[derive(Debug, Default)]
pub(super) struct Grid {
    batches: Vec<RecordBatch>,
    columns: Vec<GridColumn>,
    /// Per row, per column; `None` is null.
    cells: Vec<Vec<Option<String>>>,
    /// The rows on screen, in order.
    order: Vec<usize>,
    /// The column's name and the direction, kept while other rows with such a column come.
    sort: Option<(String, Direction)>,
    filter: String,
}

impl Grid {
    /// Takes in rows; what is already laid out is not laid out again.
    pub(super) fn set(&mut self, batches: &[RecordBatch], filter: &str) {
        let same_rows = self.batches.len() == batches.len()
            && self.batches.iter().zip(batches).all(|(old, new)| {
                old.num_rows() == new.num_rows()
                    && old
                        .columns()
                        .iter()
                        .zip(new.columns())
                        .all(|(old, new)| std::ptr::addr_eq(Arc::as_ptr(old), Arc::as_ptr(new)))
                    && old.num_columns() == new.num_columns()
            });
        if !same_rows {
            self.batches = batches.to_vec();
            self.format();
        }
        if !same_rows || self.filter != filter {
            filter.clone_into(&mut self.filter);
            self.arrange();
        }
    }

    /// The columns.
    pub(super) fn columns(&self) -> &[GridColumn] {
        &self.columns
    }

    /// A number that differs where the columns do: tables remember their widths by it.
    pub(super) fn shape(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("\u{1f}")
    }

    /// Rows that pass the filter.
    pub(super) fn row_count(&self) -> usize {
        self.order.len()
    }

    /// A cell of the row at this place on screen; `None` is null.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.order.get(row).and_then(|row| self.cells.get(*row)).and_then(|row| row.get(column)?.as_deref())
    }

    /// Whether a column is set flush right.
    pub(super) fn is_number(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.is_number)
    }

    /// How a column is sorted.
    pub(super) fn sorted_by(&self, column: usize) -> Option<Direction> {
        let (name, direction) = self.sort.as_ref()?;
        (self.columns.get(column)?.name == *name).then_some(*direction)
    }

    /// Sorts by a column: up, then down, then as the rows came.
    pub(super) fn toggle_sort(&mut self, column: usize) {
        let Some(name) = self.columns.get(column).map(|column| column.name.clone()) else { return };
        self.sort = match self.sorted_by(column) {
            None => Some((name, Direction::Up)),
            Some(Direction::Up) => Some((name, Direction::Down)),
            Some(Direction::Down) => None,
        };
        self.arrange();
    }

    /// The rows on screen as CSV with a header, as RFC 4180 has it.
    pub(super) fn to_csv(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            let quoted: Vec<String> = cells.map(quoted).collect();
            text.push_str(&quoted.join(","));
            text.push_str("\r\n");
        };
        line(&mut self.columns.iter().map(|column| column.name.as_str()));
        for row in self.order.iter().filter_map(|row| self.cells.get(*row)) {
            line(&mut row.iter().map(|cell| cell.as_deref().unwrap_or_default()));
        }
        text
    }

    fn format(&mut self) {
        self.columns.clear();
        self.cells.clear();
        let Some(first) = self.batches.first() else { return };
        self.columns = first
            .schema()
            .fields()
            .iter()
            .map(|field| GridColumn {
                name: field.name().clone(),
                kind: type_name(field.data_type()),
                is_number: field.data_type().is_numeric(),
            })
            .collect();
        for batch in &self.batches {
            let options = FormatOptions::default();
            let formatters: Vec<_> =
                batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options).ok()).collect();
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().zip(&formatters).map(|(column, formatter)| {
                    let formatter = formatter.as_ref().filter(|_| !column.is_null(row))?;
                    formatter.value(row).try_to_string().ok().map(cut)
                });
                self.cells.push(cells.collect());
            }
        }
    }

    fn arrange(&mut self) {
        let wanted = self.filter.trim().to_lowercase();
        let order = self.sorted().unwrap_or_else(|| (0..self.cells.len()).collect());
        let matches = |row: &usize| {
            wanted.is_empty()
                || self
                    .cells
                    .get(*row)
                    .is_some_and(|cells| cells.iter().flatten().any(|cell| cell.to_lowercase().contains(&wanted)))
        };
        self.order = order.into_iter().filter(matches).collect();
    }

    /// The rows sorted by value, not by how the value is written.
    fn sorted(&self) -> Option<Vec<usize>> {
        let (name, direction) = self.sort.as_ref()?;
        let schema = self.batches.first()?.schema();
        let all = concat_batches(&schema, &self.batches).ok()?;
        let column = all.column_by_name(name)?;
        let options = SortOptions { descending: *direction == Direction::Down, nulls_first: false };
        let indices = sort_to_indices(column.as_ref(), Some(options), None).ok()?;
        indices.values().iter().map(|index| usize::try_from(*index).ok()).collect()
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// The type as SQL calls it; what SQL has no short word for, as arrow does.
fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 => "tinyint".to_owned(),
        DataType::Int16 => "smallint".to_owned(),
        DataType::Int32 => "int".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::List(item) | DataType::LargeList(item) => format!("array<{}>", type_name(item.data_type())),
        other => other.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use weir_engine::arrow::array::{ArrayRef, Int64Array, StringViewArray};

    use super::*;

    fn batch(words: &[Option<&str>], counts: &[i64]) -> RecordBatch {
        let words: ArrayRef = Arc::new(StringViewArray::from(words.to_vec()));
        let counts: ArrayRef = Arc::new(Int64Array::from(counts.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("word", words, true), ("count", counts, false)]).unwrap()
    }

    fn grid(filter: &str) -> Grid {
        let mut grid = Grid::default();
        grid.set(&[batch(&[Some("a"), None], &[9, 10]), batch(&[Some("B,\"x")], &[100])], filter);
        grid
    }

    fn column(grid: &Grid, column: usize) -> Vec<Option<&str>> {
        (0..grid.row_count()).map(|row| grid.cell(row, column)).collect()
    }

    #[test]
    fn rows_of_several_chunks_are_one_table_with_types_and_nulls() {
        let grid = grid("");
        assert_eq!(column(&grid, 0), [Some("a"), None, Some("B,\"x")]);
        let kinds: Vec<_> = grid.columns().iter().map(|column| column.kind.as_str()).collect();
        assert_eq!(kinds, ["string", "bigint"]);
        assert!(grid.is_number(1) && !grid.is_number(0));
    }

    #[test]
    fn numbers_sort_as_numbers_and_a_third_click_gives_the_first_order_back() {
        let mut grid = grid("");
        grid.toggle_sort(1);
        assert_eq!(column(&grid, 1), [Some("9"), Some("10"), Some("100")]);
        grid.toggle_sort(1);
        assert_eq!(column(&grid, 1), [Some("100"), Some("10"), Some("9")]);
        grid.toggle_sort(1);
        assert_eq!(column(&grid, 0), [Some("a"), None, Some("B,\"x")]);
    }

    #[test]
    fn the_order_stays_when_the_next_batch_comes() {
        let mut grid = grid("");
        grid.toggle_sort(1);
        grid.set(&[batch(&[Some("z"), Some("y")], &[2, 1])], "");
        assert_eq!(column(&grid, 0), [Some("y"), Some("z")]);
    }

    #[test]
    fn the_filter_looks_into_every_column_and_ignores_case() {
        assert_eq!(column(&grid("b"), 1), [Some("100")]);
        assert_eq!(column(&grid("10"), 1), [Some("10"), Some("100")]);
        assert!(column(&grid("nothing"), 0).is_empty());
    }

    #[test]
    fn csv_quotes_what_must_be_quoted() {
        assert_eq!(grid("").to_csv(), "word,count\r\na,9\r\n,10\r\n\"B,\"\"x\",100\r\n");
    }

    #[test]
    fn a_huge_cell_is_cut_between_characters() {
        let long = "字".repeat(MAX_CELL + 5);
        assert_eq!(cut(long).chars().count(), MAX_CELL + 1);
    }
}
