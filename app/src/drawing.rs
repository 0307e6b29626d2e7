//! A drawing of egui's as pixels, without a graphics card: what is exported as PNG.
//!
//! The shapes are tessellated as for the screen; here the triangles are filled by the rules graphics cards follow: a
//! pixel belongs to a triangle if its centre lies inside, of two that share an edge to exactly one, colours are
//! premultiplied and blended in gamma space, textures are sampled linearly.

use eframe::egui::epaint::{ClippedPrimitive, Mesh, Primitive, Vertex};
use eframe::egui::{Color32, ColorImage, Context, Pos2, Rect, TextureId};

use crate::files::Progress;

/// The glyphs known so far, as the drawings of this context refer to them.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is not general enough over lifetimes")]
pub fn glyphs(context: &Context) -> ColorImage {
    context.fonts(|fonts| fonts.image())
}

/// Red, green, blue and opacity, premultiplied.
type Pixel = [u8; 4];

/// Triangles waiting to become pixels.
pub struct Drawing {
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Pixels per point.
    pub pixels_per_point: f32,
    /// What is not drawn on.
    pub background: Color32,
    /// The triangles, in order.
    pub primitives: Vec<ClippedPrimitive>,
    /// The glyphs.
    pub glyphs: ColorImage,
}

/// Two are the same only if they are one.
impl PartialEq for Drawing {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [width, height] = self.size;
        write!(f, "Drawing of {width} x {height}")
    }
}

impl Drawing {
    /// The picture as the bytes of a PNG file. Large ones take a while: `progress` is told of it.
    pub fn png(&self, progress: &Progress) -> Result<Vec<u8>, String> {
        let [width, height] = self.size;
        // The background is opaque, so every pixel is, and premultiplied is the same as not.
        let drawn = self.pixels(progress).ok_or_else(|| crate::i18n::tr("progress.cancelled").to_owned())?;
        let pixels: Vec<u8> = drawn.into_iter().flatten().collect();
        let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
        let image = size.and_then(|(width, height)| image::RgbaImage::from_raw(width, height, pixels));
        let image = image.ok_or_else(|| crate::i18n::tr("file.picture_too_large").to_owned())?;
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| error.to_string())?;
        Ok(bytes.into_inner())
    }

    /// The pixels, line after line; `None` if they are not wanted any more.
    pub fn pixels(&self, progress: &Progress) -> Option<Vec<[u8; 4]>> {
        let [width, height] = self.size;
        let mut canvas = Canvas { width, height, pixels: vec![self.background.to_opaque().to_array(); width * height] };
        for (done, primitive) in (0u64..).zip(&self.primitives) {
            if !progress.tell(done, self.primitives.len() as u64) {
                return None;
            }
            match &primitive.primitive {
                Primitive::Mesh(mesh) if mesh.texture_id == TextureId::default() => {
                    canvas.mesh(mesh, self.clip(primitive.clip_rect), self.pixels_per_point, &self.glyphs);
                }
                // Pictures and callbacks need a graphics card; nothing that is exported has any.
                Primitive::Mesh(_) | Primitive::Callback(_) => {}
            }
        }
        Some(canvas.pixels)
    }

    /// A clip rectangle in whole pixels: left, top, right, bottom.
    fn clip(&self, rect: Rect) -> [usize; 4] {
        let [width, height] = self.size;
        let scaled = |value: f32| value * self.pixels_per_point;
        [
            whole(scaled(rect.left()), width),
            whole(scaled(rect.top()), height),
            whole(scaled(rect.right()), width),
            whole(scaled(rect.bottom()), height),
        ]
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the size of the picture")]
fn whole(value: f32, limit: usize) -> usize {
    if value.is_nan() { 0 } else { (value.round().clamp(0.0, limit as f32)) as usize }
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Pixel>,
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, clip: [usize; 4], scale: f32, texture: &ColorImage) {
        for triangle in mesh.indices.chunks_exact(3) {
            let corner = |at: usize| {
                let index = usize::try_from(*triangle.get(at)?).ok()?;
                mesh.vertices
                    .get(index)
                    .map(|vertex| Vertex { pos: (vertex.pos.to_vec2() * scale).to_pos2(), ..*vertex })
            };
            if let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) {
                self.triangle(&a, &b, &c, clip, texture);
            }
        }
    }

    fn triangle(&mut self, a: &Vertex, b: &Vertex, c: &Vertex, clip: [usize; 4], texture: &ColorImage) {
        let area = edge(a.pos, b.pos, c.pos);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        // From here on the corners go round clockwise on the screen.
        let (b, c, area) = if area < 0.0 { (c, b, -area) } else { (b, c, area) };
        let [left, top, right, bottom] = bounds([a.pos, b.pos, c.pos], clip, self.width, self.height);
        let is_plain = a.uv == b.uv && b.uv == c.uv && a.color == b.color && b.color == c.color;
        let plain = is_plain.then(|| multiplied(a.color.to_array(), sample(texture, a.uv)));
        for y in top..bottom {
            for x in left..right {
                let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let weights = [edge(b.pos, c.pos, at), edge(c.pos, a.pos, at), edge(a.pos, b.pos, at)];
                let owned = [(b.pos, c.pos), (c.pos, a.pos), (a.pos, b.pos)];
                if !weights.iter().zip(owned).all(|(weight, (from, to))| is_inside(*weight, from, to)) {
                    continue;
                }
                let color = plain.unwrap_or_else(|| {
                    let [wa, wb, wc] = weights.map(|weight| weight / area);
                    let uv = a.uv.to_vec2() * wa + b.uv.to_vec2() * wb + c.uv.to_vec2() * wc;
                    multiplied(mixed([(a.color, wa), (b.color, wb), (c.color, wc)]), sample(texture, uv.to_pos2()))
                });
                if let Some(pixel) = self.pixels.get_mut(y * self.width + x) {
                    *pixel = blended(*pixel, color);
                }
            }
        }
    }
}

/// Twice the area of a triangle; positive if the third point lies to the right of the way from the first to the second.
fn edge(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// A centre right on an edge belongs to the triangle whose upper or left edge it is.
fn is_inside(weight: f32, from: Pos2, to: Pos2) -> bool {
    let along = to - from;
    weight > 0.0 || (weight >= 0.0 && (along.y < 0.0 || (along.y <= 0.0 && along.x > 0.0)))
}

fn bounds(points: [Pos2; 3], clip: [usize; 4], width: usize, height: usize) -> [usize; 4] {
    let around = Rect::from_points(&points);
    let [left, top, right, bottom] = clip;
    [
        whole(around.left().floor(), width).max(left),
        whole(around.top().floor(), height).max(top),
        whole(around.right().ceil(), width).min(right),
        whole(around.bottom().ceil(), height).min(bottom),
    ]
}

fn mixed(parts: [(Color32, f32); 3]) -> Pixel {
    let mut sum = [0.0; 4];
    for (color, weight) in parts {
        for (sum, channel) in sum.iter_mut().zip(color.to_array()) {
            *sum += f32::from(channel) * weight;
        }
    }
    sum.map(byte)
}

fn multiplied(a: Pixel, b: Pixel) -> Pixel {
    if b == [u8::MAX; 4] {
        return a;
    }
    let mut product = a;
    for (channel, factor) in product.iter_mut().zip(b) {
        *channel = byte(f32::from(*channel) * f32::from(factor) / 255.0);
    }
    product
}

/// What is seen of `under` through `over`.
fn blended(under: Pixel, over: Pixel) -> Pixel {
    let [.., opacity] = over;
    let rest = f32::from(u8::MAX - opacity) / 255.0;
    let mut sum = over;
    for (channel, below) in sum.iter_mut().zip(under) {
        *channel = byte(f32::from(*channel) + f32::from(below) * rest);
    }
    sum
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(channel: f32) -> u8 {
    channel.round().clamp(0.0, 255.0) as u8
}

/// The texture at a point, mixed from the four texels around it.
fn sample(texture: &ColorImage, uv: Pos2) -> Pixel {
    let [width, height] = texture.size;
    let (x, y) = (uv.x * width as f32 - 0.5, uv.y * height as f32 - 0.5);
    let (left, top) = (whole(x.floor(), width.saturating_sub(1)), whole(y.floor(), height.saturating_sub(1)));
    let texel = |dx: usize, dy: usize| {
        let (x, y) = ((left + dx).min(width.saturating_sub(1)), (top + dy).min(height.saturating_sub(1)));
        texture.pixels.get(y * width + x).map_or([u8::MAX; 4], Color32::to_array)
    };
    let (tx, ty) = ((x - left as f32).clamp(0.0, 1.0), (y - top as f32).clamp(0.0, 1.0));
    let texels = [texel(0, 0), texel(1, 0), texel(0, 1), texel(1, 1)];
    let [first, rest @ ..] = texels;
    if rest.iter().all(|other| *other == first) {
        return first;
    }
    let shares = [(1.0 - tx) * (1.0 - ty), tx * (1.0 - ty), (1.0 - tx) * ty, tx * ty];
    let mut sum = [0.0; 4];
    for (texel, share) in texels.into_iter().zip(shares) {
        for (sum, channel) in sum.iter_mut().zip(texel) {
            *sum += f32::from(channel) * share;
        }
    }
    sum.map(byte)
}

#[cfg(test)]
mod tests {
    use eframe::egui::epaint::{ClippedShape, RectShape, Shape, StrokeKind};
    use eframe::egui::{Stroke, pos2, vec2};

    use super::*;

    fn drawn(shape: Shape) -> Drawing {
        let context = Context::default();
        let mut primitives = Vec::new();
        let mut glyphs = ColorImage::default();
        let mut output = context.run_ui(eframe::egui::RawInput::default(), |ui| {
            let all = Rect::from_min_size(Pos2::ZERO, vec2(40.0, 20.0));
            primitives = ui.ctx().tessellate(vec![ClippedShape::new(all, shape.clone())], 1.0);
            glyphs = super::glyphs(ui.ctx());
        });
        output.textures_delta.clear();
        let background = Color32::WHITE;
        Drawing { size: [40, 20], pixels_per_point: 1.0, background, primitives, glyphs }
    }

    #[test]
    fn a_rectangle_covers_its_pixels_once_and_no_others() {
        let half = Color32::BLACK.gamma_multiply(0.5);
        let rect = Rect::from_min_size(pos2(4.0, 5.0), vec2(10.0, 6.0));
        let drawing = drawn(Shape::Rect(RectShape::new(rect, 0.0, half, Stroke::NONE, StrokeKind::Inside)));
        let pixels = drawing.pixels(&Progress::default()).unwrap();
        let (white, once) = ([255; 4], [128, 128, 128, 255]);
        for (at, pixel) in pixels.iter().enumerate() {
            let (x, y) = (at % 40, at / 40);
            let is_inside = (5..13).contains(&x) && (6..10).contains(&y);
            let is_edge = (3..15).contains(&x) && (4..12).contains(&y) && !is_inside;
            if is_inside {
                assert!(pixel.iter().zip(once).all(|(a, b)| a.abs_diff(b) <= 1), "{x}, {y}: {pixel:?}");
            } else if !is_edge {
                assert_eq!(*pixel, white, "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_png_has_the_size_and_the_colours_of_the_drawing() {
        let drawing = drawn(Shape::circle_filled(pos2(20.0, 10.0), 6.0, Color32::RED));
        let image = image::load_from_memory(&drawing.png(&Progress::default()).unwrap()).unwrap().to_rgba8();
        assert_eq!(image.dimensions(), (40, 20));
        assert_eq!(image.get_pixel(20, 10).0, [255, 0, 0, 255]);
        assert_eq!(image.get_pixel(1, 1).0, [255, 255, 255, 255]);
    }
}
