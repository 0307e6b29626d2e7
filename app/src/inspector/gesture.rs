//! Typing and dragging as one undo step each.
//!
//! A gesture opens with the first change a widget makes and closes when the widget has neither the focus nor the
//! pointer any more. It opens with the change and not with the focus, so that merely clicking into a field does not
//! mark the document as changed. Which widget holds it is kept in egui's memory, because widgets that vanish (another
//! node is selected) cannot say goodbye themselves.

use eframe::egui::{self, Id};

use crate::action::{Action, Actions};

/// Which widget holds the open gesture.
#[derive(Debug, Clone, Copy)]
struct Holder(Id);

fn key() -> Id {
    Id::unique("inspector gesture")
}

/// To be called before an edit: opens the gesture of `held_by`, or closes another's.
///
/// `in_gesture` says whether the document still has one open: undo closes it while the widget keeps the focus.
pub(super) fn before_edit(
    context: &egui::Context,
    held_by: Option<Id>,
    in_gesture: bool,
    label: &str,
    actions: &mut Actions,
) {
    let open = context.data(|data| data.get_temp::<Holder>(key())).map(|holder| holder.0);
    match held_by {
        Some(id) if open == Some(id) && in_gesture => {}
        Some(id) => {
            actions.push(Action::BeginGesture(label.to_owned()));
            context.data_mut(|data| data.insert_temp(key(), Holder(id)));
        }
        None if open.is_some() => end(context, actions),
        None => {}
    }
}

/// To be called once per frame: closes the gesture whose widget has let go.
pub(super) fn settle(context: &egui::Context, actions: &mut Actions) {
    let Some(Holder(id)) = context.data(|data| data.get_temp(key())) else { return };
    let is_focused = context.memory(|memory| memory.has_focus(id));
    if !is_focused && !context.is_being_dragged(id) {
        end(context, actions);
    }
}

fn end(context: &egui::Context, actions: &mut Actions) {
    context.data_mut(|data| data.remove::<Holder>(key()));
    actions.push(Action::EndGesture);
}
