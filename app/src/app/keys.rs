//! From keys to commands, by the one table.

use eframe::egui::{self, Event};

use crate::action::{Action, Actions};
use crate::command::{COMMANDS, Command, CommandInfo};
use crate::state::AppState;

/// Turns the pressed keys of this frame into commands.
pub(super) fn collect(context: &egui::Context, state: &AppState, actions: &mut Actions) {
    let is_typing = context.text_edit_focused();
    for (info, shortcut) in by_strictness() {
        let is_free = info.while_typing || !is_typing;
        if is_free && !is_of_others(info.command) && (info.is_enabled)(state) {
            let pressed = context.input_mut(|input| input.consume_shortcut(&shortcut));
            if pressed {
                actions.push(Action::Command(info.command));
            }
        }
    }
    if !is_typing {
        clipboard(context, state, actions);
    }
}

/// Shortcuts with more modifiers first: egui lets `Ctrl+Shift+Z` match `Ctrl+Z` too.
fn by_strictness() -> Vec<(&'static CommandInfo, egui::KeyboardShortcut)> {
    let mut list: Vec<_> =
        COMMANDS.iter().flat_map(|info| info.shortcuts.iter().map(move |shortcut| (info, *shortcut))).collect();
    list.sort_by_key(|(_, shortcut)| {
        let modifiers = shortcut.modifiers;
        std::cmp::Reverse(u8::from(modifiers.shift) + u8::from(modifiers.alt) + u8::from(modifiers.command))
    });
    list
}

/// Copy, cut and paste come from the system as events of their own, whatever keys the system has for them; and the
/// canvas reads the space bar itself, because held down it pans, and F2.
fn is_of_others(command: Command) -> bool {
    matches!(command, Command::Copy | Command::Cut | Command::Paste | Command::QuickAdd | Command::Rename)
}

fn clipboard(context: &egui::Context, state: &AppState, actions: &mut Actions) {
    let events = context.input(|input| input.events.clone());
    let is_enabled = |command| crate::command::info(command).is_some_and(|info| (info.is_enabled)(state));
    let has_nodes = is_enabled(Command::Copy);
    for event in events {
        if matches!(event, Event::Copy) && has_nodes {
            actions.push(Action::Command(Command::Copy));
        } else if matches!(event, Event::Cut) && has_nodes {
            actions.push(Action::Command(Command::Cut));
        } else if let Event::Paste(text) = event {
            actions.push(Action::PasteText(text));
        }
    }
}
