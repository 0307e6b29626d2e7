//! Colours and sizes; the only place that makes colours.
//!
//! The colours come from `assets/theme/{light,dark}.json`, and [`Theme::install`] derives egui's whole style from them,
//! so that no widget shows a colour of egui's own. A test holds the contrast of every text to 4.5:1.

use std::collections::BTreeMap;

use eframe::egui::{self, Color32, CornerRadius, FontId, Margin, Shadow, Stroke, TextStyle, vec2};
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
    /// Under what floats.
    pub shadow: Color32,
    /// Per category, its colour: source, transform, window, state, sink.
    pub categories: [Color32; 5],
    /// Frames: red, amber, green, blue, violet.
    pub tints: [Color32; 5],
    /// Curves in plots, in order.
    pub series: [Color32; 6],
}

const DARK: &str = include_str!("../../assets/theme/dark.json");
const LIGHT: &str = include_str!("../../assets/theme/light.json");

/// Shown where a token is missing, so that nobody overlooks it.
const MISSING: Color32 = Color32::from_rgb(0xff, 0x00, 0xff);

/// Corners of buttons, cards and popups.
const ROUNDING: u8 = 6;

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
        Self::from_tokens(true, DARK)
    }

    /// The light theme.
    pub fn light() -> Self {
        Self::from_tokens(false, LIGHT)
    }

    fn from_tokens(is_dark: bool, text: &str) -> Self {
        let tokens = Tokens::parse(text);
        Self {
            is_dark,
            background: tokens.color("background"),
            canvas: tokens.color("canvas"),
            grid: tokens.color("grid"),
            surface: tokens.color("surface"),
            surface_raised: tokens.color("surface_raised"),
            border: tokens.color("border"),
            text: tokens.color("text"),
            text_weak: tokens.color("text_weak"),
            accent: tokens.color("accent"),
            on_accent: tokens.color("on_accent"),
            good: tokens.color("good"),
            warning: tokens.color("warning"),
            error: tokens.color("error"),
            wire: tokens.color("wire"),
            interval: tokens.color("interval"),
            shadow: tokens.color("shadow"),
            categories: tokens.colors("categories"),
            tints: tokens.colors("tints"),
            series: tokens.colors("series"),
        }
    }

    /// A colour between two others; 0 is the first, 1 the second.
    pub fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
        from.lerp_to_gamma(to, share)
    }

    /// What can be seen on a filled shape of this colour: black on bright ones, white on dark ones.
    pub fn upon(color: Color32) -> Color32 {
        if color.intensity() > 0.45 { Color32::BLACK } else { Color32::WHITE }
    }

    /// The accent as a quiet background, such as behind a selected row.
    pub fn accent_quiet(&self) -> Color32 {
        Self::mix(self.surface, self.accent, 0.22)
    }

    /// Sets egui's own style from the tokens.
    pub fn install(&self, context: &egui::Context) {
        let theme = if self.is_dark { egui::Theme::Dark } else { egui::Theme::Light };
        let mut style = egui::Style { visuals: self.visuals(), ..egui::Style::default() };
        set_text(&mut style);
        set_spacing(&mut style.spacing);
        style.interaction.tooltip_delay = 0.4;
        style.interaction.selectable_labels = false;
        style.animation_time = 0.1;
        context.set_style_of(theme, style);
        context.set_theme(theme);
        context.options_mut(|options| options.zoom_with_keyboard = false);
    }

    fn visuals(&self) -> egui::Visuals {
        let mut visuals = if self.is_dark { egui::Visuals::dark() } else { egui::Visuals::light() };
        visuals.weak_text_color = Some(self.text_weak);
        visuals.widgets = self.widgets();
        visuals.selection.bg_fill = self.accent_quiet();
        visuals.selection.stroke = Stroke::new(1.0, self.text);
        visuals.hyperlink_color = self.accent;
        visuals.faint_bg_color = Self::mix(self.surface, self.text, 0.03);
        visuals.extreme_bg_color = self.background;
        visuals.text_edit_bg_color = Some(self.background);
        visuals.code_bg_color = self.background;
        visuals.warn_fg_color = self.warning;
        visuals.error_fg_color = self.error;
        visuals.window_corner_radius = CornerRadius::same(10);
        visuals.menu_corner_radius = CornerRadius::same(ROUNDING);
        visuals.window_fill = self.surface;
        visuals.window_stroke = Stroke::new(1.0, self.border);
        visuals.window_shadow = Shadow { offset: [0, 8], blur: 32, spread: 0, color: self.shadow };
        visuals.popup_shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: self.shadow };
        visuals.panel_fill = self.surface;
        visuals.text_cursor.stroke = Stroke::new(2.0, self.accent);
        visuals.slider_trailing_fill = true;
        visuals.handle_shape = egui::style::HandleShape::Circle;
        visuals.indent_has_left_vline = false;
        visuals.striped = false;
        visuals.disabled_alpha = 0.55;
        visuals
    }

    fn widgets(&self) -> egui::style::Widgets {
        let state = |fill: Color32, border: Stroke, text: Color32| egui::style::WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: border,
            corner_radius: CornerRadius::same(ROUNDING),
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        let hairline = Stroke::new(1.0, self.border);
        let hovered = Self::mix(self.surface_raised, self.text, 0.08);
        let pressed = Self::mix(self.surface_raised, self.text, 0.14);
        egui::style::Widgets {
            noninteractive: state(self.surface, hairline, self.text),
            inactive: state(self.surface_raised, hairline, self.text),
            hovered: state(hovered, Stroke::new(1.0, Self::mix(self.border, self.text, 0.35)), self.text),
            active: state(pressed, Stroke::new(1.5, self.accent), self.text),
            open: state(hovered, hairline, self.text),
        }
    }
}

fn set_text(style: &mut egui::Style) {
    style.text_styles = BTreeMap::from([
        (TextStyle::Small, FontId::proportional(12.0)),
        (TextStyle::Body, FontId::proportional(14.0)),
        (TextStyle::Button, FontId::proportional(14.0)),
        (TextStyle::Heading, FontId::proportional(20.0)),
        (TextStyle::Monospace, FontId::monospace(13.0)),
    ]);
    style.drag_value_text_style = TextStyle::Body;
}

/// Everything lies on a rhythm of eight points, halved inside of widgets.
fn set_spacing(spacing: &mut egui::style::Spacing) {
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = vec2(10.0, 4.0);
    spacing.interact_size = vec2(32.0, 28.0);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.indent = 16.0;
    spacing.slider_width = 160.0;
    spacing.combo_width = 96.0;
    spacing.text_edit_width = 240.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 8.0;
    spacing.tooltip_width = 360.0;
    spacing.menu_spacing = 4.0;
    spacing.scroll = egui::style::ScrollStyle::thin();
}

/// A token file, read.
struct Tokens {
    values: BTreeMap<String, serde_json::Value>,
}

impl Tokens {
    fn parse(text: &str) -> Self {
        Self { values: serde_json::from_str(text).unwrap_or_default() }
    }

    fn color(&self, name: &str) -> Color32 {
        self.values.get(name).and_then(parse_color).unwrap_or(MISSING)
    }

    fn colors<const N: usize>(&self, name: &str) -> [Color32; N] {
        let list = self.values.get(name).and_then(|value| value.as_array());
        std::array::from_fn(|index| list.and_then(|list| list.get(index)).and_then(parse_color).unwrap_or(MISSING))
    }
}

fn parse_color(value: &serde_json::Value) -> Option<Color32> {
    Color32::from_hex(value.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast as WCAG 2 defines it.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |color: Color32| {
            let [red, green, blue, _] = color.to_srgba_unmultiplied().map(|part| {
                let part = f64::from(part) / 255.0;
                if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn assert_readable(what: &str, text: Color32, ground: Color32) {
        let ratio = contrast(text, ground);
        assert!(ratio >= 4.5, "{what}: {ratio:.2}");
    }

    #[test]
    fn the_measure_itself_is_right() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::from_rgb(0x77, 0x77, 0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_text_can_be_read_on_every_ground() {
        for theme in [Theme::dark(), Theme::light()] {
            let name = if theme.is_dark { "dark" } else { "light" };
            let grounds = [theme.background, theme.surface, theme.surface_raised, theme.canvas, theme.accent_quiet()];
            for ground in grounds {
                assert_readable(&format!("{name} text on {ground:?}"), theme.text, ground);
                assert_readable(&format!("{name} weak text on {ground:?}"), theme.text_weak, ground);
            }
            let signals = [theme.accent, theme.good, theme.warning, theme.error, theme.interval];
            for signal in signals.into_iter().chain(theme.categories).chain(theme.series) {
                assert_readable(&format!("{name} signal {signal:?}"), signal, theme.surface);
            }
            assert_readable(&format!("{name} text on the accent"), theme.on_accent, theme.accent);
        }
    }

    #[test]
    fn every_token_is_in_both_files() {
        for theme in [Theme::dark(), Theme::light()] {
            assert!(!format!("{theme:?}").contains(&format!("{MISSING:?}")), "{theme:?}");
        }
    }

    #[test]
    fn egui_shows_our_colours_and_none_of_its_own() {
        let context = egui::Context::default();
        Theme::light().install(&context);
        let visuals = &context.style_of(egui::Theme::Light).visuals;
        assert_eq!(visuals.panel_fill, Theme::light().surface);
        assert_eq!(visuals.text_color(), Theme::light().text);
        assert_eq!(context.theme(), egui::Theme::Light);
    }
}
