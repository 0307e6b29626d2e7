//! What an editor answers: the change a person made in this frame, if any.

use eframe::egui::Id;
use serde_json::Value;

use crate::action::Action;

/// A change, or none.
#[derive(Debug, Default)]
pub(super) struct Touch {
    /// The new raw value; `Some(None)` takes the parameter away.
    #[expect(clippy::option_option, reason = "the outer says whether there is a change, the inner is the edit's own")]
    pub(super) value: Option<Option<Value>>,
    /// The widget that goes on changing it: all changes until it lets go are one undo step.
    pub(super) held_by: Option<Id>,
    /// Something to ask of the app besides.
    pub(super) ask: Option<Action>,
}

impl Touch {
    /// Nothing happened.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// One change, done at once.
    pub(super) fn set(value: impl Into<Value>) -> Self {
        Self { value: Some(Some(value.into())), ..Self::default() }
    }

    /// Back to the default.
    pub(super) fn clear() -> Self {
        Self { value: Some(None), ..Self::default() }
    }

    /// A change by a widget that may go on.
    pub(super) fn held(id: Id, value: impl Into<Value>) -> Self {
        Self { held_by: Some(id), ..Self::set(value) }
    }

    /// Typed text; no text takes the parameter away, so that the default holds.
    pub(super) fn typed(id: Id, text: String) -> Self {
        let value = if text.is_empty() { None } else { Some(Value::String(text)) };
        Self { value: Some(value), held_by: Some(id), ask: None }
    }

    /// This, unless nothing happened; then the other.
    pub(super) fn or(self, other: Self) -> Self {
        if self.value.is_some() || self.ask.is_some() { self } else { other }
    }
}
