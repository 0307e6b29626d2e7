//! Renaming in place: a text field over the name of a node or subflow, or a frame's title.

use eframe::egui::{self, Key, Rect, TextEdit, vec2};
use weir_engine::pipeline::{Edit, FrameId, Pipeline, SubflowId};
use weir_engine::spec::NodeId;

use super::access::Focus;
use super::boxes::TEXT_LEFT;
use super::edits;
use super::measure::TITLE_SIZE;
use super::scene::BoxId;
use super::text::{proportional, stepped};
use super::widget::Canvas;
use crate::action::Actions;
use crate::i18n::{tr, trf};
use crate::state::AppState;

/// A name being edited.
#[derive(Debug)]
pub(crate) struct Rename {
    target: Target,
    text: String,
    /// Whether the field already took the focus.
    is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Node(NodeId),
    Frame(FrameId),
    Subflow(SubflowId),
}

impl Rename {
    /// Of a node.
    pub(crate) fn node(pipeline: &Pipeline, id: NodeId) -> Option<Self> {
        let text = pipeline.node(id)?.name.clone();
        Some(Self { target: Target::Node(id), text, is_open: false })
    }

    /// Of a subflow.
    pub(crate) fn subflow(pipeline: &Pipeline, id: SubflowId) -> Option<Self> {
        let text = pipeline.subflow(id)?.name.clone();
        Some(Self { target: Target::Subflow(id), text, is_open: false })
    }

    /// Of a frame.
    pub(crate) fn frame(pipeline: &Pipeline, id: FrameId) -> Option<Self> {
        let text = pipeline.frame(id)?.title.clone();
        Some(Self { target: Target::Frame(id), text, is_open: false })
    }
}

impl Canvas {
    /// Draws the field. Enter and clicking elsewhere keep the name, Escape does not.
    pub(super) fn rename_ui(&mut self, ui: &mut egui::Ui, state: &AppState, actions: &mut Actions) {
        let Some(mut rename) = self.rename.take() else { return };
        let Some(rect) = self.rename_rect(rename.target) else { return };
        let taken = is_taken(state, &rename);
        let size = stepped(TITLE_SIZE, self.view.zoom()).max(12.0);
        let color = if taken { state.theme.error } else { state.theme.text };
        let edit = TextEdit::singleline(&mut rename.text)
            .id(egui::Id::unique("weir canvas rename"))
            .font(proportional(size))
            .text_color(color)
            .background_color(state.theme.surface_raised)
            .desired_width(rect.width());
        let response = ui.put(rect, edit);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(tr("canvas.rename")));
        if !rename.is_open {
            rename.is_open = true;
            response.request_focus();
            select_all(ui.ctx(), response.id, rename.text.chars().count());
        }
        if taken {
            response.show_tooltip_text(trf("canvas.name_taken", &[("name", rename.text.trim())]));
        }
        let (is_escape, is_enter) = ui.input(|input| (input.key_pressed(Key::Escape), input.key_pressed(Key::Enter)));
        if is_escape {
            self.focus_wanted = Some(rename.focus());
        } else if response.lost_focus() || is_enter {
            if taken && is_enter {
                rename.is_open = false;
                self.rename = Some(rename);
                return;
            }
            self.focus_wanted = Some(rename.focus());
            if let Some((label, edit)) = rename.edit(state).filter(|_| !taken) {
                actions.edit(label, edit);
            }
        } else {
            self.rename = Some(rename);
        }
    }

    fn rename_rect(&self, target: Target) -> Option<Rect> {
        let zoom = self.view.zoom();
        let rect = match target {
            Target::Node(_) | Target::Subflow(_) => {
                let head = self.view.rect_to_screen(self.scene.part(target.part()?)?.head());
                let left = head.left() + (TEXT_LEFT - 6.0) * zoom;
                Rect::from_min_size(egui::pos2(left, head.top() + 4.0 * zoom), vec2(head.right() - left, 24.0 * zoom))
            }
            Target::Frame(id) => self.view.rect_to_screen(self.scene.frame(id)?.title_rect()).shrink(3.0),
        };
        Some(Rect::from_min_size(rect.min, rect.size().max(vec2(120.0, 22.0))))
    }
}

impl Target {
    fn part(self) -> Option<BoxId> {
        match self {
            Self::Node(id) => Some(BoxId::Node(id)),
            Self::Subflow(id) => Some(BoxId::Subflow(id)),
            Self::Frame(_) => None,
        }
    }
}

impl Rename {
    fn focus(&self) -> Focus {
        match self.target {
            Target::Node(id) => Focus::Box(BoxId::Node(id)),
            Target::Subflow(id) => Focus::Box(BoxId::Subflow(id)),
            Target::Frame(_) => Focus::Canvas,
        }
    }

    fn edit(&self, state: &AppState) -> Option<(String, Edit)> {
        let pipeline = state.document.pipeline();
        let text = self.text.trim();
        match self.target {
            Target::Node(node) => {
                let former = &pipeline.node(node)?.name;
                (!text.is_empty() && text != former).then(|| {
                    (trf("canvas.step.rename", &[("name", former)]), Edit::Rename { node, name: text.to_owned() })
                })
            }
            Target::Subflow(id) => {
                let former = &pipeline.subflow(id)?.name;
                let edit = edits::name_subflow(pipeline, id, text).filter(|_| text != former)?;
                Some((trf("canvas.step.rename", &[("name", former)]), edit))
            }
            Target::Frame(id) => {
                let former = &pipeline.frame(id)?.title;
                let edit = edits::title_frame(pipeline, id, text).filter(|_| text != former)?;
                Some((trf("canvas.step.rename", &[("name", former)]), edit))
            }
        }
    }
}

fn is_taken(state: &AppState, rename: &Rename) -> bool {
    let Target::Node(id) = rename.target else { return false };
    state.document.pipeline().node_by_name(rename.text.trim()).is_some_and(|other| other.id != id)
}

fn select_all(context: &egui::Context, id: egui::Id, length: usize) {
    use egui::text::{CCursor, CCursorRange, CharIndex};
    let mut edit = TextEdit::load_state(context, id).unwrap_or_default();
    edit.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(CharIndex(length)))));
    TextEdit::store_state(context, id, edit);
}
