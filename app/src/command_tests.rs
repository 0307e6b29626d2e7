//! What must hold of the table of commands.

use std::collections::BTreeSet;

use super::*;

#[test]
fn no_two_commands_share_an_id_or_a_key() {
    let mut ids = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut commands = BTreeSet::new();
    for info in COMMANDS {
        assert!(ids.insert(info.id), "{} twice", info.id);
        assert!(commands.insert(info.command), "{:?} twice", info.command);
        for shortcut in info.shortcuts {
            assert!(keys.insert(format!("{shortcut:?}")), "{shortcut:?} is taken ({})", info.id);
        }
    }
}

#[test]
fn keys_that_write_text_never_act_while_typing() {
    for info in COMMANDS.iter().filter(|info| info.while_typing) {
        for shortcut in info.shortcuts {
            let is_function_key = shortcut.logical_key.name().starts_with('F') && shortcut.logical_key.name().len() > 1;
            assert!(shortcut.modifiers.command || is_function_key, "{} would swallow typed text", info.id);
        }
    }
}

#[test]
fn every_command_is_in_the_table() {
    // `About` is the last one of the enum, so its number tells how many there are.
    assert_eq!(COMMANDS.len(), Command::About as usize + 1);
}
