//! Pictures of a part of the window: asked of the window system, which answers a frame later, then cut out and offered
//! for saving.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use eframe::egui::{self, ColorImage, Rect};

use super::WeirApp;
use super::documents::file_name;
use crate::action::Action;
use crate::command::Command;
use crate::files::{Content, Export, Purpose};
use crate::i18n::trf;
use crate::panels::{Pane, Tone};

/// Frames a panel that was brought to the front gets to draw itself.
const SETTLE_FRAMES: u8 = 3;

/// Pictures that are wanted.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// A panel that was just brought to the front, and the frames until it is there.
    coming: Option<(Command, u8)>,
    /// The picture asked for: which part of it, its name, and where it comes in.
    asked: Option<(Rect, &'static str, Receiver<Arc<ColorImage>>)>,
}

impl WeirApp {
    /// The plots' values as a table.
    pub(super) fn export_csv(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        let content = Content::Csv(Arc::new(self.state.live.history.table()));
        let name = format!("{}-batches", self.state.title());
        self.ask_for_file(context, window, Purpose::Export(Export { name, content }));
    }

    /// Tells what came of writing a file.
    pub(super) fn written(&mut self, context: &egui::Context, path: &Path, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                let told = trf("file.written", &[("name", &file_name(path))]);
                self.toasts.add(context, Tone::Plain, told);
            }
            Err(why) => {
                self.log(why.clone(), true);
                self.toasts.add(context, Tone::Error, why);
            }
        }
    }

    /// A picture of a panel: brings it to the front first.
    pub(super) fn export_panel(&mut self, context: &egui::Context, command: Command) {
        self.dock.show(if command == Command::ExportTimeline { Pane::Timeline } else { Pane::Plots });
        self.pictures.coming = Some((command, SETTLE_FRAMES));
        context.request_repaint();
    }

    /// Asks the window for a picture.
    pub(super) fn take_picture(&mut self, context: &egui::Context, rect: Rect, name: &'static str) {
        let (sender, receiver) = sync_channel(1);
        let wake = context.clone();
        context.request_screenshot(move |picture| {
            // Nobody waits any more when another one was asked for meanwhile.
            let _ = sender.try_send(picture);
            wake.request_repaint();
        });
        self.pictures.asked = Some((rect, name, receiver));
        context.request_repaint();
    }

    /// Goes on with pictures under way.
    pub(super) fn watch_pictures(&mut self, context: &egui::Context, window: Option<&eframe::Frame>) {
        if let Some((command, frames)) = self.pictures.coming.take() {
            if frames > 0 {
                self.pictures.coming = Some((command, frames - 1));
                context.request_repaint();
            } else {
                let (area, name) = if command == Command::ExportTimeline {
                    (self.views.timeline.area(), "timeline")
                } else {
                    (self.views.plots.area(), "plots")
                };
                if let Some(rect) = area {
                    self.pending.push(Action::Picture { rect, name });
                    context.request_repaint();
                }
            }
        }
        let picture = self.pictures.asked.as_ref().and_then(|(_, _, receiver)| receiver.try_recv().ok());
        if let Some(picture) = picture
            && let Some((rect, name, _)) = self.pictures.asked.take()
        {
            let cut = cut_out(&picture, rect, context.pixels_per_point());
            let name = format!("{}-{name}", self.state.title());
            let content = Content::Picture(Arc::new(cut));
            self.ask_for_file(context, window, Purpose::Export(Export { name, content }));
        }
    }
}

/// A part of a picture, given in points.
fn cut_out(picture: &ColorImage, rect: Rect, pixels_per_point: f32) -> ColorImage {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off at the picture's bounds")]
    let pixel = |points: f32, most: usize| ((points * pixels_per_point).round().max(0.0) as usize).min(most);
    let [width, height] = picture.size;
    let (left, right) = (pixel(rect.left(), width), pixel(rect.right(), width));
    let (top, bottom) = (pixel(rect.top(), height), pixel(rect.bottom(), height));
    let rows = picture.pixels.chunks(width.max(1)).take(bottom).skip(top);
    let pixels: Vec<_> = rows.flat_map(|row| row.get(left..right).unwrap_or_default()).copied().collect();
    ColorImage::new([right - left, bottom - top], pixels)
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Color32, pos2};

    use super::*;

    #[test]
    fn the_part_is_cut_out_in_pixels_and_never_beyond_the_picture() {
        let mut picture = ColorImage::filled([8, 6], Color32::BLACK);
        picture.pixels[2 * 8 + 4] = Color32::WHITE;
        let part = cut_out(&picture, Rect::from_min_max(pos2(2.0, 1.0), pos2(3.0, 2.0)), 2.0);
        assert_eq!((part.size, part.pixels[0]), ([2, 2], Color32::WHITE));
        assert_eq!(cut_out(&picture, Rect::from_min_max(pos2(-5.0, -5.0), pos2(99.0, 99.0)), 1.0).size, [8, 6]);
    }
}
