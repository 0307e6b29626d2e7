//! The graph as a picture: the level that is open, without selection or focus.

use std::sync::Arc;

use eframe::egui;

use super::WeirApp;
use crate::files::{Content, Export, Purpose};
use crate::i18n::tr;
use crate::panels::Tone;

impl WeirApp {
    /// The graph as vectors, written where the person says.
    pub(super) fn export_svg(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        let svg = crate::draw::svg(self.state.document.pipeline(), &self.state.analysis, self.state.level);
        self.export_picture(context, window, Content::Svg(svg.into()));
    }

    /// The graph as pixels, which are computed where they are written.
    pub(super) fn export_png(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        let selection = std::mem::take(&mut self.state.selection);
        let drawn = self.views.canvas.picture(context, &self.state);
        self.state.selection = selection;
        match drawn {
            Some(drawing) => self.export_picture(context, window, Content::Drawing(Arc::new(drawing))),
            None => self.toasts.queue(Tone::Plain, tr("file.nothing_to_draw").to_owned()),
        }
        context.request_repaint();
    }

    fn export_picture(&mut self, context: &egui::Context, window: Option<&eframe::Frame>, content: Content) {
        let name = self.state.title();
        self.ask_for_file(context, window, Purpose::Export(Export { name, content }));
    }
}
