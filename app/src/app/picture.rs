//! Writing the graph as a picture: the level that is open, without selection or focus.

use std::path::PathBuf;

use eframe::egui;

use super::WeirApp;
use crate::files::{FileRequest, Picture, PictureKind};
use crate::i18n::tr;
use crate::panels::Tone;

impl WeirApp {
    /// Draws the picture and hands it to the thread that writes it.
    pub(super) fn write_picture(&mut self, context: &egui::Context, kind: PictureKind, path: PathBuf) {
        let picture = match kind {
            PictureKind::Svg => {
                let pipeline = self.state.document.pipeline();
                Some(Picture::Svg(crate::draw::svg(pipeline, &self.state.analysis, self.state.level)))
            }
            PictureKind::Png => {
                let selection = std::mem::take(&mut self.state.selection);
                let drawn = self.views.canvas.picture(context, &self.state);
                self.state.selection = selection;
                drawn.map(|drawn| Picture::Png(Box::new(drawn)))
            }
        };
        let Some(picture) = picture else {
            self.toasts.queue(Tone::Plain, tr("file.nothing_to_draw").to_owned());
            return;
        };
        if !self.files.send(FileRequest::Export { path, picture }) {
            self.toasts.queue(Tone::Error, tr("file.busy").to_owned());
        }
        context.request_repaint();
    }
}
