//! The docked layout: which panel lies where. Every panel can be dragged elsewhere, and the layout is remembered.

use eframe::egui::{self, Margin, Stroke, WidgetText};
use egui_tiles::{
    Behavior, Container, EditAction, Linear, LinearDir, SimplificationOptions, Tile, TileId, Tiles, Tree,
};
use serde::{Deserialize, Serialize};

use super::{batches, problems};
use crate::action::Actions;
use crate::app::Views;
use crate::i18n::{tr, trf};
use crate::state::AppState;
use crate::theme::Theme;

/// A panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pane {
    /// The kinds of nodes.
    Palette,
    /// The graph as a list.
    Outline,
    /// The graph.
    Canvas,
    /// The selected node.
    Inspector,
    /// Measures over time.
    Plots,
    /// One line per batch.
    Batches,
    /// Rows.
    Data,
    /// Event time against arrival.
    Timeline,
    /// What is wrong.
    Problems,
    /// What happened.
    Log,
}

impl Pane {
    const ALL: [Self; 10] = [
        Self::Palette,
        Self::Outline,
        Self::Canvas,
        Self::Inspector,
        Self::Plots,
        Self::Batches,
        Self::Data,
        Self::Timeline,
        Self::Problems,
        Self::Log,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Palette => tr("pane.palette"),
            Self::Outline => tr("pane.outline"),
            Self::Canvas => tr("pane.canvas"),
            Self::Inspector => tr("pane.inspector"),
            Self::Plots => tr("pane.plots"),
            Self::Batches => tr("pane.batches"),
            Self::Data => tr("pane.data"),
            Self::Timeline => tr("pane.timeline"),
            Self::Problems => tr("pane.problems"),
            Self::Log => tr("pane.log"),
        }
    }

    /// Panels that paint to their very edges.
    fn is_edge_to_edge(self) -> bool {
        match self {
            Self::Canvas => true,
            Self::Palette
            | Self::Outline
            | Self::Inspector
            | Self::Plots
            | Self::Batches
            | Self::Data
            | Self::Timeline
            | Self::Problems
            | Self::Log => false,
        }
    }
}

/// The layout.
pub(crate) struct Dock {
    tree: Tree<Pane>,
}

/// What the panels are drawn from.
pub(crate) struct DockContext<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) views: &'a mut Views,
    pub(crate) actions: &'a mut Actions,
}

impl Dock {
    /// The remembered layout, or the usual one where it is missing, damaged or lacks a panel.
    pub(crate) fn new(remembered: Option<&serde_json::Value>) -> Self {
        let tree = remembered
            .and_then(|value| serde_json::from_value::<Tree<Pane>>(value.clone()).ok())
            .filter(is_complete)
            .unwrap_or_else(usual);
        Self { tree }
    }

    /// The layout as the settings keep it.
    pub(crate) fn to_value(&self) -> Option<serde_json::Value> {
        serde_json::to_value(&self.tree).ok()
    }

    /// Brings a panel to the front.
    pub(crate) fn show(&mut self, pane: Pane) {
        self.tree.make_active(|_, tile| matches!(tile, Tile::Pane(other) if *other == pane));
    }

    /// Draws all panels; `true` if the layout was changed by hand.
    pub(crate) fn ui(&mut self, ui: &mut egui::Ui, context: &mut DockContext<'_>) -> bool {
        let theme = context.state.theme.clone();
        let canvas = self.tree.tiles.find_pane(&Pane::Canvas);
        let mut behavior = Docking { context, theme, canvas, was_edited: false };
        egui::CentralPanel::default().frame(egui::Frame::NONE.fill(behavior.theme.border)).show(ui, |ui| {
            self.tree.ui(&mut behavior, ui);
        });
        behavior.was_edited
    }
}

/// Palette | canvas over tabs | inspector.
fn usual() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let mut tab = |pane: Pane| {
        let pane = tiles.insert_pane(pane);
        tiles.insert_tab_tile(vec![pane])
    };
    let (canvas, inspector) = (tab(Pane::Canvas), tab(Pane::Inspector));
    let left = [Pane::Palette, Pane::Outline].map(|pane| tiles.insert_pane(pane));
    let palette = tiles.insert_tab_tile(left.to_vec());
    let lower = [Pane::Plots, Pane::Batches, Pane::Data, Pane::Timeline, Pane::Problems, Pane::Log];
    let lower = lower.map(|pane| tiles.insert_pane(pane));
    let lower = tiles.insert_tab_tile(lower.to_vec());
    let mut middle = Linear::new(LinearDir::Vertical, vec![canvas, lower]);
    middle.shares.set_share(canvas, 0.54);
    middle.shares.set_share(lower, 0.46);
    let middle = tiles.insert_container(Container::Linear(middle));
    let mut all = Linear::new(LinearDir::Horizontal, vec![palette, middle, inspector]);
    all.shares.set_share(palette, 0.15);
    all.shares.set_share(middle, 0.63);
    all.shares.set_share(inspector, 0.22);
    let root = tiles.insert_container(Container::Linear(all));
    Tree::new(tree_id(), root, tiles)
}

fn tree_id() -> egui::Id {
    egui::Id::unique("dock")
}

fn is_complete(tree: &Tree<Pane>) -> bool {
    tree.root().is_some()
        && Pane::ALL.iter().all(|pane| {
            tree.tiles.tiles().filter(|tile| matches!(tile, Tile::Pane(other) if other == pane)).count() == 1
        })
}

struct Docking<'a, 'b> {
    context: &'a mut DockContext<'b>,
    theme: Theme,
    canvas: Option<TileId>,
    was_edited: bool,
}

impl Docking<'_, '_> {
    fn content_ui(&mut self, ui: &mut egui::Ui, pane: Pane) {
        let DockContext { state, views, actions } = &mut *self.context;
        match pane {
            Pane::Palette => views.panels.palette.ui(ui, state, views.canvas.center(), actions),
            Pane::Outline => views.panels.outline.ui(ui, state, actions),
            Pane::Canvas => views.canvas.ui(ui, state, actions),
            Pane::Inspector => views.inspector.ui(ui, state, actions),
            Pane::Plots => views.plots.ui(ui, state, actions),
            Pane::Batches => batches::ui(ui, state, actions),
            Pane::Data => views.panels.data.ui(ui, state, actions),
            Pane::Timeline => views.timeline.ui(ui, state, actions),
            Pane::Problems => problems::ui(ui, state, actions),
            Pane::Log => views.panels.log.ui(ui, state, actions),
        }
    }
}

impl Behavior<Pane> for Docking<'_, '_> {
    fn pane_ui(&mut self, ui: &mut egui::Ui, _tile: TileId, pane: &mut Pane) -> egui_tiles::UiResponse {
        let margin = if pane.is_edge_to_edge() { Margin::ZERO } else { Margin::same(8) };
        let fill = if pane.is_edge_to_edge() { self.theme.canvas } else { self.theme.surface };
        egui::Frame::NONE.fill(fill).inner_margin(margin).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.push_id(*pane, |ui| self.content_ui(ui, *pane));
        });
        egui_tiles::UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        let problems = problems::count(self.context.state);
        if *pane == Pane::Problems && problems > 0 {
            trf("pane.problems_count", &[("count", &problems.to_string())]).into()
        } else {
            pane.title().into()
        }
    }

    /// The canvas speaks for itself.
    fn is_tab_bar_visible(&self, _tile: TileId, tabs: &egui_tiles::Tabs) -> bool {
        !matches!(tabs.children.as_slice(), [only] if Some(*only) == self.canvas)
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        32.0
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        120.0
    }

    fn tab_title_spacing(&self, _visuals: &egui::Visuals) -> f32 {
        12.0
    }

    fn tab_bar_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.theme.background
    }

    fn tab_bg_color(
        &self,
        _visuals: &egui::Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &egui_tiles::TabState,
    ) -> egui::Color32 {
        if state.active { self.theme.surface } else { self.theme.background }
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &egui::Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        _state: &egui_tiles::TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _visuals: &egui::Visuals) -> Stroke {
        Stroke::NONE
    }

    fn tab_text_color(
        &self,
        _visuals: &egui::Visuals,
        tiles: &Tiles<Pane>,
        tile: TileId,
        state: &egui_tiles::TabState,
    ) -> egui::Color32 {
        let is_problems = tiles.get_pane(&tile) == Some(&Pane::Problems);
        if is_problems && problems::has_errors(self.context.state) {
            self.theme.error
        } else if state.active {
            self.theme.text
        } else {
            self.theme.text_weak
        }
    }

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> Stroke {
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, self.theme.border),
            egui_tiles::ResizeState::Hovering | egui_tiles::ResizeState::Dragging => {
                Stroke::new(2.0, self.theme.accent)
            }
        }
    }

    fn drag_preview_stroke(&self, _visuals: &egui::Visuals) -> Stroke {
        Stroke::new(1.5, self.theme.accent)
    }

    fn drag_preview_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.theme.accent.gamma_multiply(0.15)
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn on_edit(&mut self, _action: EditAction) {
        self.was_edited = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_remembered() {
        let mut dock = Dock::new(None);
        dock.show(Pane::Log);
        let again = Dock::new(dock.to_value().as_ref());
        assert_eq!(again.to_value(), dock.to_value());
    }

    #[test]
    fn a_damaged_or_incomplete_layout_gives_the_usual_one() {
        let usual = Dock::new(None).to_value();
        for text in ["null", "{}", "[1, 2]", "\"tree\""] {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!(Dock::new(Some(&value)).to_value(), usual, "{text}");
        }
        let only_one = serde_json::to_value(Tree::new_tabs(tree_id(), vec![Pane::Canvas])).unwrap();
        assert_eq!(Dock::new(Some(&only_one)).to_value(), usual);
    }
}
