//! The one table of commands: menus, shortcuts, toolbar, palette and their help all read it.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};
use weir_engine::runtime::RunState;

use crate::i18n::{tr, trf};
use crate::state::AppState;

/// Everything a person can ask for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// A new, empty pipeline.
    New,
    /// Opens a file by dialog.
    Open,
    /// Saves.
    Save,
    /// Saves under another name.
    SaveAs,
    /// Shows the welcome view.
    Welcome,
    /// Leaves the program.
    Quit,
    /// Takes the last step back.
    Undo,
    /// Performs it again.
    Redo,
    /// Copies the selection as text.
    Copy,
    /// Copies and removes it.
    Cut,
    /// Inserts copied nodes.
    Paste,
    /// Copies and inserts at once.
    Duplicate,
    /// Removes the selection.
    Delete,
    /// Removes the selected nodes and joins what they stood between.
    DeleteAndHeal,
    /// Selects everything.
    SelectAll,
    /// Adds a node by searching.
    QuickAdd,
    /// Puts a frame around the selection.
    Frame,
    /// Adds a note.
    Note,
    /// Renames what is selected.
    Rename,
    /// Lets the selected nodes rest, or work again.
    Mute,
    /// Lets rows pass the selected nodes by, or not.
    Bypass,
    /// Selects everything rows of the selection come from.
    SelectUpstream,
    /// Selects everything rows of the selection reach.
    SelectDownstream,
    /// Folds the selection into a subflow.
    Group,
    /// Opens the selected subflow.
    OpenSubflow,
    /// Goes to the level around the open subflow.
    LeaveSubflow,
    /// Puts what a subflow holds where the subflow was.
    Unpack,
    /// Left edges on one line.
    AlignLeft,
    /// Centres on one line, from left to right.
    AlignCenter,
    /// Right edges on one line.
    AlignRight,
    /// Upper edges on one line.
    AlignTop,
    /// Middles on one line, from top to bottom.
    AlignMiddle,
    /// Lower edges on one line.
    AlignBottom,
    /// Equal gaps from left to right.
    DistributeAcross,
    /// Equal gaps from top to bottom.
    DistributeDown,
    /// Writes the graph as a vector picture.
    ExportSvg,
    /// Writes the graph as a picture of pixels.
    ExportPng,
    /// Curved wires, or angular ones.
    ToggleWires,
    /// Shows the graph as a list.
    Outline,
    /// Arranges all nodes.
    AutoLayout,
    /// Brings the whole graph into view.
    Fit,
    /// Zooms in.
    ZoomIn,
    /// Zooms out.
    ZoomOut,
    /// 100 %.
    ZoomReset,
    /// Starts or resumes the run.
    Run,
    /// Holds it.
    Pause,
    /// One batch.
    Step,
    /// Ends it.
    Stop,
    /// Back to the newest batch.
    Live,
    /// Brings the node that limits the run into view.
    ShowCulprit,
    /// The virtual clock instead of the wall clock, or back.
    ToggleClock,
    /// Records what the selected source gives, or ends that.
    Record,
    /// Puts the recording of the selected source in its place.
    ReplayRecording,
    /// Takes all probes away.
    ClearProbes,
    /// Writes the plots' values to a file.
    ExportCsv,
    /// Writes a picture of the plots to a file.
    ExportPlots,
    /// Writes a picture of the window timeline to a file.
    ExportTimeline,
    /// Opens the command palette.
    CommandPalette,
    /// Lists the shortcuts.
    Shortcuts,
    /// Other colours.
    ToggleTheme,
    /// Other language.
    ToggleLanguage,
    /// The program's settings.
    Settings,
    /// What this is.
    About,
}

/// The menus of the menu bar, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Documents.
    File,
    /// Changes.
    Edit,
    /// How nodes lie and what holds them together.
    Arrange,
    /// What is seen.
    View,
    /// The engine.
    Run,
    /// Words about the program.
    Help,
}

impl Menu {
    /// All, from left to right.
    pub const ALL: [Self; 6] = [Self::File, Self::Edit, Self::Arrange, Self::View, Self::Run, Self::Help];

    /// Its title in the language in force.
    pub fn title(self) -> &'static str {
        match self {
            Self::File => tr("menu.file"),
            Self::Edit => tr("menu.edit"),
            Self::Arrange => tr("menu.arrange"),
            Self::View => tr("menu.view"),
            Self::Run => tr("menu.run"),
            Self::Help => tr("menu.help"),
        }
    }
}

/// One row of the table.
pub struct CommandInfo {
    /// What is performed.
    pub command: Command,
    /// A name that never changes: `file.save`.
    pub id: &'static str,
    /// The translation key of its title.
    pub title: &'static str,
    /// Keys that trigger it; help shows the first.
    pub shortcuts: &'static [KeyboardShortcut],
    /// Where the menu bar lists it.
    pub menu: Menu,
    /// Commands of one menu with different groups are set apart by a line.
    pub group: u8,
    /// Whether its keys also count while text is being typed.
    pub while_typing: bool,
    /// Whether it makes sense now.
    pub is_enabled: fn(&AppState) -> bool,
}

impl CommandInfo {
    const fn new(command: Command, id: &'static str, title: &'static str, menu: Menu, group: u8) -> Self {
        Self { command, id, title, shortcuts: &[], menu, group, while_typing: false, is_enabled: always }
    }

    /// With keys that count everywhere but in text fields.
    const fn keys(mut self, shortcuts: &'static [KeyboardShortcut]) -> Self {
        self.shortcuts = shortcuts;
        self
    }

    /// With keys that count everywhere: no text field has a use for them.
    const fn global_keys(mut self, shortcuts: &'static [KeyboardShortcut]) -> Self {
        self.shortcuts = shortcuts;
        self.while_typing = true;
        self
    }

    const fn when(mut self, is_enabled: fn(&AppState) -> bool) -> Self {
        self.is_enabled = is_enabled;
        self
    }

    /// The title in the language in force; undo and redo say what they would do.
    pub fn label(&self, state: &AppState) -> String {
        let step = if self.command == Command::Undo {
            state.document.undo_label().map(|what| trf("command.undo_what", &[("what", what)]))
        } else if self.command == Command::Redo {
            state.document.redo_label().map(|what| trf("command.redo_what", &[("what", what)]))
        } else {
            None
        };
        step.unwrap_or_else(|| tr(self.title).to_owned())
    }
}

/// The row of a command. Every command has one (a test holds it).
pub fn info(command: Command) -> Option<&'static CommandInfo> {
    COMMANDS.iter().find(|info| info.command == command)
}

/// All commands, in the order of the menus.
pub const COMMANDS: &[CommandInfo] = &[
    CommandInfo::new(Command::New, "file.new", "command.new", Menu::File, 0).global_keys(&[ctrl(Key::N)]),
    CommandInfo::new(Command::Open, "file.open", "command.open", Menu::File, 0).global_keys(&[ctrl(Key::O)]),
    CommandInfo::new(Command::Save, "file.save", "command.save", Menu::File, 1).global_keys(&[ctrl(Key::S)]),
    CommandInfo::new(Command::SaveAs, "file.save_as", "command.save_as", Menu::File, 1)
        .global_keys(&[ctrl_shift(Key::S)]),
    CommandInfo::new(Command::Settings, "file.settings", "command.settings", Menu::File, 2)
        .global_keys(&[ctrl(Key::Comma)]),
    CommandInfo::new(Command::ExportSvg, "file.export_svg", "command.export_svg", Menu::File, 2).when(has_any_node),
    CommandInfo::new(Command::ExportPng, "file.export_png", "command.export_png", Menu::File, 2).when(has_any_node),
    CommandInfo::new(Command::Quit, "file.quit", "command.quit", Menu::File, 3).global_keys(&[ctrl(Key::Q)]),
    CommandInfo::new(Command::Undo, "edit.undo", "command.undo", Menu::Edit, 0).keys(&[ctrl(Key::Z)]).when(can_undo),
    CommandInfo::new(Command::Redo, "edit.redo", "command.redo", Menu::Edit, 0)
        .keys(&[ctrl_shift(Key::Z), ctrl(Key::Y)])
        .when(can_redo),
    CommandInfo::new(Command::Cut, "edit.cut", "command.cut", Menu::Edit, 1).keys(&[ctrl(Key::X)]).when(has_parts),
    CommandInfo::new(Command::Copy, "edit.copy", "command.copy", Menu::Edit, 1).keys(&[ctrl(Key::C)]).when(has_parts),
    CommandInfo::new(Command::Paste, "edit.paste", "command.paste", Menu::Edit, 1).keys(&[ctrl(Key::V)]),
    CommandInfo::new(Command::Duplicate, "edit.duplicate", "command.duplicate", Menu::Edit, 1)
        .keys(&[ctrl(Key::D)])
        .when(has_parts),
    CommandInfo::new(Command::Delete, "edit.delete", "command.delete", Menu::Edit, 2)
        .keys(&[plain(Key::Delete), plain(Key::Backspace)])
        .when(has_selection),
    CommandInfo::new(Command::DeleteAndHeal, "edit.delete_and_heal", "command.delete_and_heal", Menu::Edit, 2)
        .keys(&[ctrl(Key::Delete)])
        .when(has_boxes),
    CommandInfo::new(Command::SelectAll, "edit.select_all", "command.select_all", Menu::Edit, 2)
        .keys(&[ctrl(Key::A)])
        .when(has_any_node),
    CommandInfo::new(Command::QuickAdd, "edit.quick_add", "command.quick_add", Menu::Edit, 3)
        .keys(&[plain(Key::Space)]),
    CommandInfo::new(Command::Rename, "edit.rename", "command.rename", Menu::Edit, 3)
        .keys(&[plain(Key::F2)])
        .when(has_selection),
    CommandInfo::new(Command::SelectUpstream, "edit.select_upstream", "command.select_upstream", Menu::Edit, 4)
        .keys(&[ctrl(Key::OpenBracket)])
        .when(has_boxes),
    CommandInfo::new(Command::SelectDownstream, "edit.select_downstream", "command.select_downstream", Menu::Edit, 4)
        .keys(&[ctrl(Key::CloseBracket)])
        .when(has_boxes),
    CommandInfo::new(Command::Mute, "edit.mute", "command.mute", Menu::Edit, 5).keys(&[ctrl(Key::M)]).when(has_boxes),
    CommandInfo::new(Command::Bypass, "edit.bypass", "command.bypass", Menu::Edit, 5)
        .keys(&[ctrl(Key::B)])
        .when(has_boxes),
    CommandInfo::new(Command::Frame, "edit.frame", "command.frame", Menu::Arrange, 0).keys(&[ctrl(Key::G)]),
    CommandInfo::new(Command::Note, "edit.note", "command.note", Menu::Arrange, 0).keys(&[ctrl_shift(Key::N)]),
    CommandInfo::new(Command::Group, "edit.group", "command.group", Menu::Arrange, 1)
        .keys(&[ctrl_shift(Key::G)])
        .when(has_boxes),
    CommandInfo::new(Command::OpenSubflow, "edit.open_subflow", "command.open_subflow", Menu::Arrange, 1)
        .keys(&[alt(Key::ArrowDown)])
        .when(has_subflow),
    CommandInfo::new(Command::LeaveSubflow, "edit.leave_subflow", "command.leave_subflow", Menu::Arrange, 1)
        .keys(&[alt(Key::ArrowUp)])
        .when(|state| state.level.is_some()),
    CommandInfo::new(Command::Unpack, "edit.unpack", "command.unpack", Menu::Arrange, 1)
        .keys(&[ctrl_shift(Key::U)])
        .when(has_subflow),
    CommandInfo::new(Command::AlignLeft, "arrange.left", "canvas.align.left", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::AlignCenter, "arrange.center", "canvas.align.center", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::AlignRight, "arrange.right", "canvas.align.right", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::AlignTop, "arrange.top", "canvas.align.top", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::AlignMiddle, "arrange.middle", "canvas.align.middle", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::AlignBottom, "arrange.bottom", "canvas.align.bottom", Menu::Arrange, 2).when(has_several),
    CommandInfo::new(Command::DistributeAcross, "arrange.across", "canvas.align.across", Menu::Arrange, 3)
        .when(has_three),
    CommandInfo::new(Command::DistributeDown, "arrange.down", "canvas.align.down", Menu::Arrange, 3).when(has_three),
    CommandInfo::new(Command::AutoLayout, "edit.auto_layout", "command.auto_layout", Menu::Arrange, 4)
        .keys(&[ctrl_shift(Key::L)])
        .when(has_any_node),
    CommandInfo::new(Command::Fit, "view.fit", "command.fit", Menu::View, 0).keys(&[plain(Key::F)]),
    CommandInfo::new(Command::ZoomIn, "view.zoom_in", "command.zoom_in", Menu::View, 0)
        .global_keys(&[ctrl(Key::Plus), ctrl(Key::Equals)]),
    CommandInfo::new(Command::ZoomOut, "view.zoom_out", "command.zoom_out", Menu::View, 0)
        .global_keys(&[ctrl(Key::Minus)]),
    CommandInfo::new(Command::ZoomReset, "view.zoom_reset", "command.zoom_reset", Menu::View, 0)
        .global_keys(&[ctrl(Key::Num0)]),
    CommandInfo::new(Command::ToggleWires, "view.toggle_wires", "command.toggle_wires", Menu::View, 1),
    CommandInfo::new(Command::Outline, "view.outline", "command.outline", Menu::View, 1)
        .global_keys(&[ctrl_shift(Key::O)]),
    CommandInfo::new(Command::ToggleTheme, "view.toggle_theme", "command.toggle_theme", Menu::View, 1),
    CommandInfo::new(Command::ToggleLanguage, "view.toggle_language", "command.toggle_language", Menu::View, 1),
    CommandInfo::new(Command::Run, "run.run", "command.run", Menu::Run, 0)
        .global_keys(&[plain(Key::F5)])
        .when(|state| matches!(state.live.state, RunState::Stopped | RunState::Paused)),
    CommandInfo::new(Command::Pause, "run.pause", "command.pause", Menu::Run, 0)
        .global_keys(&[plain(Key::F6)])
        .when(|state| state.live.state == RunState::Running),
    CommandInfo::new(Command::Step, "run.step", "command.step", Menu::Run, 0)
        .global_keys(&[plain(Key::F10)])
        .when(|state| matches!(state.live.state, RunState::Stopped | RunState::Paused)),
    CommandInfo::new(Command::Stop, "run.stop", "command.stop", Menu::Run, 0)
        .global_keys(&[shift(Key::F5)])
        .when(|state| state.live.is_active()),
    CommandInfo::new(Command::Live, "run.live", "command.live", Menu::Run, 1)
        .keys(&[plain(Key::End)])
        .when(|state| state.live.shown_batch.is_some()),
    CommandInfo::new(Command::ShowCulprit, "run.show_culprit", "command.show_culprit", Menu::Run, 1)
        .keys(&[plain(Key::L)])
        .when(|state| state.live.culprit.is_some() || state.live.held.is_some()),
    CommandInfo::new(Command::ToggleClock, "run.toggle_clock", "command.toggle_clock", Menu::Run, 2)
        .when(|state| !state.live.is_active()),
    CommandInfo::new(Command::Record, "run.record", "command.record", Menu::Run, 3)
        .when(|state| state.recording.is_some() || selected_source(state)),
    CommandInfo::new(Command::ReplayRecording, "run.replay_recording", "command.replay_recording", Menu::Run, 3)
        .when(has_recording),
    CommandInfo::new(Command::ClearProbes, "run.clear_probes", "command.clear_probes", Menu::Run, 4)
        .when(|state| !state.probes.is_empty()),
    CommandInfo::new(Command::ExportCsv, "run.export_csv", "command.export_csv", Menu::Run, 5).when(has_history),
    CommandInfo::new(Command::ExportPlots, "run.export_plots", "command.export_plots", Menu::Run, 5).when(has_history),
    CommandInfo::new(Command::ExportTimeline, "run.export_timeline", "command.export_timeline", Menu::Run, 5)
        .when(|state| !state.live.traced.is_empty()),
    CommandInfo::new(Command::Welcome, "help.welcome", "command.welcome", Menu::Help, 0),
    CommandInfo::new(Command::CommandPalette, "help.command_palette", "command.command_palette", Menu::Help, 0)
        .global_keys(&[ctrl_shift(Key::P)]),
    CommandInfo::new(Command::Shortcuts, "help.shortcuts", "command.shortcuts", Menu::Help, 0)
        .global_keys(&[plain(Key::F1), ctrl(Key::Slash)]),
    CommandInfo::new(Command::About, "help.about", "command.about", Menu::Help, 1),
];

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

fn always(_: &AppState) -> bool {
    true
}

fn can_undo(state: &AppState) -> bool {
    state.staged.is_some() || state.document.undo_label().is_some()
}

fn can_redo(state: &AppState) -> bool {
    state.document.redo_label().is_some()
}

fn has_selection(state: &AppState) -> bool {
    !state.selection.is_empty()
}

/// Nodes or subflows.
fn has_boxes(state: &AppState) -> bool {
    box_count(state) > 0
}

fn has_several(state: &AppState) -> bool {
    box_count(state) > 1
}

fn has_three(state: &AppState) -> bool {
    box_count(state) > 2
}

fn box_count(state: &AppState) -> usize {
    state.selection.nodes.len() + state.selection.subflows.len()
}

/// What can be copied.
fn has_parts(state: &AppState) -> bool {
    has_boxes(state) || !state.selection.frames.is_empty()
}

fn has_subflow(state: &AppState) -> bool {
    !state.selection.subflows.is_empty()
}

fn has_history(state: &AppState) -> bool {
    !state.live.history.is_empty()
}

/// Whether a source is selected, alone, while it runs.
fn selected_source(state: &AppState) -> bool {
    let kind = state.selection.single_node().and_then(|id| state.document.pipeline().node(id)).map(|node| &node.kind);
    let is_source = kind.and_then(|kind| weir_engine::nodes::kind(kind)).is_some_and(|kind| kind.inputs.is_empty());
    is_source && state.live.is_active()
}

fn has_recording(state: &AppState) -> bool {
    state.selection.single_node().is_some_and(|node| state.recordings.contains_key(&node))
}

fn has_any_node(state: &AppState) -> bool {
    state.document.pipeline().node_count() > 0
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
