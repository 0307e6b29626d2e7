//! Short messages that go away by themselves.

use std::collections::VecDeque;

use eframe::egui::{self, Align2, Id, RichText, vec2};

use crate::sentences::spoken;
use crate::theme::Theme;
use crate::widgets::Icon;

/// Seconds a message stays; an error stays longer, it is to be read.
const SECS: f64 = 4.0;
const ERROR_SECS: f64 = 9.0;
/// Messages shown at once.
const MAX_SHOWN: usize = 4;

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something was done.
    Plain,
    /// Something could not be done.
    Error,
}

#[derive(Debug)]
struct Toast {
    tone: Tone,
    text: String,
    /// When it goes away; set when it is first shown.
    until: Option<f64>,
}

/// The messages now on screen.
#[derive(Debug, Default)]
pub(crate) struct Toasts {
    shown: VecDeque<Toast>,
}

impl Toasts {
    /// Adds a message and sees that it is drawn.
    pub(crate) fn add(&mut self, context: &egui::Context, tone: Tone, text: String) {
        self.queue(tone, text);
        context.request_repaint();
    }

    /// Adds a message to the next frame. The same message twice is shown once, for as long as the newer.
    pub(crate) fn queue(&mut self, tone: Tone, text: String) {
        self.shown.retain(|toast| toast.text != text);
        self.shown.push_back(Toast { tone, text, until: None });
        while self.shown.len() > MAX_SHOWN {
            self.shown.pop_front();
        }
    }

    /// Draws the messages at the lower edge, the newest at the bottom.
    pub(crate) fn ui(&mut self, context: &egui::Context, theme: &Theme) {
        let now = context.time();
        self.shown.retain(|toast| toast.until.is_none_or(|until| until > now));
        if self.shown.is_empty() {
            return;
        }
        egui::Area::new(Id::unique("toasts"))
            .order(egui::Order::Tooltip)
            .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -24.0))
            .interactable(true)
            .show(context, |ui| {
                let mut dismissed = None;
                for (index, toast) in self.shown.iter_mut().enumerate() {
                    let stay = if toast.tone == Tone::Error { ERROR_SECS } else { SECS };
                    let until = *toast.until.get_or_insert(now + stay);
                    context.request_repaint_after(std::time::Duration::from_secs_f64((until - now).max(0.05)));
                    if toast_ui(ui, theme, toast) {
                        dismissed = Some(index);
                    }
                }
                if let Some(index) = dismissed {
                    self.shown.remove(index);
                }
            });
    }
}

/// Draws one; `true` if it was clicked away.
fn toast_ui(ui: &mut egui::Ui, theme: &Theme, toast: &Toast) -> bool {
    let edge = match toast.tone {
        Tone::Plain => theme.border,
        Tone::Error => theme.error,
    };
    let frame =
        egui::Frame::popup(ui.style()).stroke(egui::Stroke::new(1.0, edge)).inner_margin(12).fill(theme.surface);
    let response = frame
        .show(ui, |ui| {
            ui.set_max_width(480.0);
            ui.horizontal(|ui| {
                if toast.tone == Tone::Error {
                    let (spot, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
                    Icon::Error.paint(ui.painter(), spot, theme.error);
                }
                ui.add(egui::Label::new(RichText::new(spoken(&toast.text)).color(theme.text)).wrap());
            });
        })
        .response;
    response.interact(egui::Sense::click()).clicked()
}
