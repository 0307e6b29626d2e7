//! Text that is being typed and cannot be read back from the value it stands for: `12.` stands for the number 12.
//!
//! The draft lives only while its field has the focus and the value is still the one it stands for; undo, or a change
//! from elsewhere, wins over it.

use eframe::egui::{Id, Ui};

/// A text and what it stands for.
#[derive(Debug, Clone)]
struct Draft<T> {
    text: String,
    stands_for: T,
}

/// The text to show: the draft if it still holds, else what `format` makes of the value.
pub(super) fn load<T>(ui: &Ui, id: Id, value: &T, format: impl FnOnce(&T) -> String) -> String
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let draft: Option<Draft<T>> = ui.data(|data| data.get_temp(id.with("draft")));
    match draft {
        Some(draft) if draft.stands_for == *value && ui.memory(|memory| memory.has_focus(id)) => draft.text,
        Some(_) | None => format(value),
    }
}

/// Remembers what was typed and what it stands for.
pub(super) fn store<T>(ui: &Ui, id: Id, text: String, stands_for: T)
where
    T: Clone + Send + Sync + 'static,
{
    ui.data_mut(|data| data.insert_temp(id.with("draft"), Draft { text, stands_for }));
}
