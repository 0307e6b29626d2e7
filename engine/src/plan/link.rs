//! The type of a link: a schema, and whether it carries the current batch or a window.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::spec::Diagnostic;
use crate::window::{EventTime, LinkWindow};

/// The column that says where a result's window starts.
pub const WINDOW_START: &str = "window_start";
/// The column that says where a result's window ends (exclusive).
pub const WINDOW_END: &str = crate::window::WINDOW_END;

/// What flows on a link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkType {
    /// The columns.
    pub schema: SchemaRef,
    /// `Some` for a windowed stream: it means all rows of the current window at every slide. (The rows that travel are
    /// still the batch's own; the node that ends the windowed stream keeps the panes.)
    pub window: Option<LinkWindow>,
    /// Where rows say when they happened, behind a watermark. The plan hands it on along the wires for as long as the
    /// column is there.
    pub event_time: Option<EventTime>,
    /// Whether what comes later may take the place of what came before: running results, and windows that give theirs
    /// on change. Whoever adds such rows up counts them again. The plan hands it on along the wires.
    pub is_revised: bool,
}

impl LinkType {
    /// A plain stream of these columns.
    pub fn plain(schema: SchemaRef) -> Self {
        Self { schema, window: None, event_time: None, is_revised: false }
    }

    /// The type of all text on links.
    pub const TEXT: DataType = DataType::Utf8View;

    /// The type of all timestamps on links.
    pub fn timestamp() -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
    }

    /// A plain stream of one text column `value`, as line sources give.
    pub fn lines() -> Self {
        Self::plain(std::sync::Arc::new(Schema::new(vec![Field::new("value", Self::TEXT, true)])))
    }

    /// The same, but with rows that take the place of earlier ones.
    #[must_use]
    pub fn revised(self) -> Self {
        Self { is_revised: true, ..self }
    }

    /// What to tell where a node that adds rows up is fed by this link; `None` where it may.
    pub fn counted_again(&self) -> Option<Diagnostic> {
        self.is_revised.then(|| {
            Diagnostic::warning(
                "its input gives results again when they change, and each time they are counted anew; let the node that \
                 gives them do so once (emit on close), or connect this node before it",
            )
            .port("in")
        })
    }

    /// The columns that results of a window carry in front.
    pub fn window_fields() -> [Field; 2] {
        [Field::new(WINDOW_START, Self::timestamp(), false), Field::new(WINDOW_END, Self::timestamp(), false)]
    }
}
