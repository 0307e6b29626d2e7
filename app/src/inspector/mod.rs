//! The inspector: the selected node's parameters, generated from its kind's specs; never one kind by name.
//!
//! Each [`weir_engine::spec::ParamKind`] has one editor in a file of its own. An editor reads a `field::Field` and
//! answers with a `touch::Touch`: the new raw value, and which widget the change is still held by, so that typing a
//! word or dragging a slider is one undo step. [`param::param_ui`] turns that into edits of the document.

mod choice;
mod code;
mod column;
mod columns;
mod completion;
mod duration;
mod expression;
mod file;
mod integer;
mod number;
mod numeric;
mod rows;
mod secret;
mod text;
mod toggle;

mod draft;
mod field;
mod gesture;
mod param;
mod path;
mod problems;
mod squiggle;
mod staged;
mod subflow;
mod touch;

mod docs;
mod facts;
mod figures;
mod frame;
mod header;
mod multi;
mod node;
mod ports;
mod preview;
mod schema;
mod section;
mod settings;
mod signs;
mod view;
mod wire;

pub use completion::{Candidate, Column, completions};
pub use field::EditorContext;
pub use param::param_ui;
pub use path::set_at;
pub use preview::Sample;
pub(crate) use staged::loss_sentence;
pub use view::Inspector;
