//! The one table of commands: menus, shortcuts, toolbar, palette and their help all read it.

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
    /// Opens the command palette.
    CommandPalette,
    /// Lists the shortcuts.
    Shortcuts,
    /// Other colours.
    ToggleTheme,
    /// Other language.
    ToggleLanguage,
    /// What this is.
    About,
}
