//! The graph as a standalone SVG picture, made from the document alone: no window, no graphics card. One level is drawn:
//! the pipeline with its subflows as boxes, or one subflow from within.
//!
//! It is always the light theme, because pictures end up on paper and in pages. Sizes follow from the text by an
//! estimate of its width, so the picture is the same on every machine whatever fonts it has.

mod measure;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eframe::egui::{Color32, Pos2, Rect, Vec2, pos2, vec2};
use weir_engine::analysis::Analysis;
use weir_engine::nodes;
use weir_engine::pipeline::{Frame, NodeEntry, NodeMode, Pipeline, Position, Subflow, SubflowId, Tint};
use weir_engine::spec::{NodeId, PortRef, Severity, WireKey};

use crate::theme::Theme;
use measure::{SMALL, TITLE, fitted, text_width, wrapped};

/// Around everything.
const MARGIN: f32 = 24.0;
const FONT: &str = "Inter, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
/// Height of the part with name and kind.
const HEADER: f32 = 46.0;
/// Height of one port's line.
const PORT_LINE: f32 = 20.0;
const MIN_WIDTH: f32 = 180.0;
const MAX_WIDTH: f32 = 280.0;
/// Between a card's edge and its text.
const PADDING: f32 = 14.0;

/// The picture of a level: of the pipeline itself, or of a subflow.
pub fn svg(pipeline: &Pipeline, analysis: &Analysis, level: Option<SubflowId>) -> String {
    let theme = Theme::light();
    let nodes = pipeline.nodes_in(level).map(|node| Card::node(pipeline, node, &theme));
    let subflows = pipeline.subflows_in(level).map(|subflow| Card::subflow(pipeline, subflow, &theme));
    let cards = Cards::new(nodes.chain(subflows).collect());
    let frames: Vec<_> = pipeline.frames_in(level).collect();
    let bounds = bounds(&cards, &frames);
    let mut picture = Picture { text: String::new(), theme, pipeline };
    picture.open(bounds);
    for frame in frames {
        picture.frame(frame);
    }
    for wire in pipeline.wires() {
        picture.wire(&wire, &cards, analysis);
    }
    for card in &cards.list {
        picture.card(card, analysis);
    }
    picture.text.push_str("</svg>\n");
    picture.text
}

/// The cards of a level, and which of them stands for a node.
struct Cards {
    list: Vec<Card>,
    index: BTreeMap<NodeId, usize>,
}

impl Cards {
    fn new(list: Vec<Card>) -> Self {
        let pairs = list.iter().enumerate().flat_map(|(at, card)| card.nodes.iter().map(move |id| (*id, at)));
        Self { index: pairs.collect(), list }
    }

    fn of(&self, node: NodeId) -> Option<&Card> {
        self.index.get(&node).and_then(|at| self.list.get(*at))
    }
}

/// One node, or one subflow, measured.
struct Card {
    /// The nodes it stands for.
    nodes: Vec<NodeId>,
    name: String,
    /// What its kind is called.
    kind: String,
    color: Color32,
    /// Its ports with what is written beside them.
    inputs: Vec<(PortRef, String)>,
    outputs: Vec<(PortRef, String)>,
    mode: NodeMode,
    is_stack: bool,
    rect: Rect,
}

impl Card {
    fn node(pipeline: &Pipeline, node: &NodeEntry, theme: &Theme) -> Self {
        let known = nodes::kind(&node.kind);
        let (inputs, outputs) = ports_of(pipeline, node);
        let kind = known.map_or_else(|| format!("{} ?", node.kind), |kind| kind.title.to_owned());
        let kind = match node.mode {
            NodeMode::On => kind,
            NodeMode::Muted => format!("{kind}, muted"),
            NodeMode::Bypassed => format!("{kind}, bypassed"),
        };
        let named = |ports: Vec<PortRef>| ports.into_iter().map(|port| (port.clone(), port.port)).collect();
        let color = known.map_or(theme.text_weak, |kind| theme.category(kind.category));
        Self {
            mode: node.mode,
            ..Self::measured(vec![node.id], &node.name, kind, color, named(inputs), named(outputs))
        }
        .at(node.position)
    }

    /// A subflow has the ports that wires cross its border by.
    fn subflow(pipeline: &Pipeline, subflow: &Subflow, theme: &Theme) -> Self {
        let inside = pipeline.nodes().filter(|node| pipeline.lies_within(node.subflow, subflow.id));
        let members: Vec<_> = inside.map(|node| node.id).collect();
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let label = |port: &PortRef| pipeline.node(port.node).map(|node| node.name.clone()).unwrap_or_default();
        for wire in pipeline.wires() {
            match (members.contains(&wire.from.node), members.contains(&wire.to.node)) {
                (false, true) => push_new(&mut inputs, (wire.to.clone(), label(&wire.to))),
                (true, false) => push_new(&mut outputs, (wire.from.clone(), label(&wire.from))),
                (true, true) | (false, false) => {}
            }
        }
        let kind = format!("{} nodes", members.len());
        let card = Self::measured(members, &subflow.name, kind, theme.text_weak, inputs, outputs);
        Self { is_stack: true, ..card }.at(subflow.position)
    }

    fn measured(
        nodes: Vec<NodeId>,
        name: &str,
        kind: String,
        color: Color32,
        inputs: Vec<(PortRef, String)>,
        outputs: Vec<(PortRef, String)>,
    ) -> Self {
        let ports = inputs.len().max(outputs.len());
        let widest_ports = (0..ports)
            .map(|line| {
                let width =
                    |list: &[(PortRef, String)]| list.get(line).map_or(0.0, |(_, name)| text_width(name, SMALL));
                width(&inputs) + width(&outputs) + PADDING
            })
            .fold(0.0, f32::max);
        let widest = text_width(name, TITLE).max(text_width(&kind, SMALL)).max(widest_ports);
        #[expect(clippy::cast_precision_loss, reason = "a handful of ports")]
        let height = HEADER + PORT_LINE * ports.max(1) as f32 + 8.0;
        let size = vec2((widest + 2.0 * PADDING).clamp(MIN_WIDTH, MAX_WIDTH).ceil(), height);
        let rect = Rect::from_min_size(Pos2::ZERO, size);
        let name = name.to_owned();
        Self { nodes, name, kind, color, inputs, outputs, mode: NodeMode::On, is_stack: false, rect }
    }

    fn at(self, position: Position) -> Self {
        Self { rect: Rect::from_min_size(pos2(position.x, position.y), self.rect.size()), ..self }
    }

    fn port_y(&self, line: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a handful of ports")]
        let line = line as f32;
        self.rect.top() + HEADER + PORT_LINE * (line + 0.5)
    }

    fn input(&self, port: &PortRef) -> Pos2 {
        let line = self.inputs.iter().position(|(known, _)| known == port).unwrap_or_default();
        pos2(self.rect.left(), self.port_y(line))
    }

    fn output(&self, port: &PortRef) -> Pos2 {
        let line = self.outputs.iter().position(|(known, _)| known == port).unwrap_or_default();
        pos2(self.rect.right(), self.port_y(line))
    }
}

/// A node's ports; of an unknown kind the wires tell them.
fn ports_of(pipeline: &Pipeline, node: &NodeEntry) -> (Vec<PortRef>, Vec<PortRef>) {
    let known = nodes::kind(&node.kind);
    let declared = |ports: &[weir_engine::spec::PortSpec]| -> Vec<PortRef> {
        ports.iter().map(|port| PortRef::new(node.id, port.name)).collect()
    };
    let mut inputs = known.map(|kind| declared(kind.inputs)).unwrap_or_default();
    let mut outputs = known.map(|kind| declared(kind.outputs)).unwrap_or_default();
    for wire in pipeline.wires_into(node.id) {
        push_new(&mut inputs, wire.to);
    }
    for wire in pipeline.wires_out_of(node.id) {
        push_new(&mut outputs, wire.from);
    }
    (inputs, outputs)
}

/// The SVG being written.
struct Picture<'a> {
    text: String,
    theme: Theme,
    pipeline: &'a Pipeline,
}

impl Picture<'_> {
    fn open(&mut self, bounds: Rect) {
        let (x, y, width, height) = (n(bounds.left()), n(bounds.top()), n(bounds.width()), n(bounds.height()));
        let canvas = hex(self.theme.canvas);
        let _ = write!(
            self.text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x} {y} {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"{FONT}\">\n\
             <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{canvas}\"/>\n"
        );
    }

    fn frame(&mut self, frame: &Frame) {
        let rect = frame_rect(frame);
        let (fill, border) = match tint_color(frame.tint, &self.theme) {
            Some(color) => (Theme::mix(self.theme.canvas, color, 0.10), Theme::mix(self.theme.border, color, 0.55)),
            None => (self.theme.surface_raised, self.theme.border),
        };
        self.rect(rect, 12.0, fill, border, 1.0);
        let left = rect.left() + PADDING;
        let width = rect.width() - 2.0 * PADDING;
        let (text, weak) = (self.theme.text, self.theme.text_weak);
        self.words(pos2(left, rect.top() + 24.0), TITLE, text, "600", "start", &fitted(&frame.title, TITLE, width));
        let mut y = rect.top() + 46.0;
        for line in wrapped(&frame.note, SMALL, width) {
            if y > rect.bottom() - 6.0 {
                break;
            }
            self.words(pos2(left, y), SMALL, weak, "400", "start", &line);
            y += 18.0;
        }
    }

    fn wire(&mut self, wire: &WireKey, cards: &Cards, analysis: &Analysis) {
        let (Some(from), Some(to)) = (cards.of(wire.from.node), cards.of(wire.to.node)) else { return };
        if std::ptr::eq(from, to) {
            return;
        }
        let (start, end) = (from.output(&wire.from), to.input(&wire.to));
        let reach = ((end.x - start.x).abs() * 0.5).max(40.0);
        let color = hex(self.theme.wire);
        let _ = write!(
            self.text,
            "<path d=\"M{} {} C{} {} {} {} {} {}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\">",
            n(start.x),
            n(start.y),
            n(start.x + reach),
            n(start.y),
            n(end.x - reach),
            n(end.y),
            n(end.x),
            n(end.y)
        );
        if let Some(columns) = columns(self.pipeline, wire, analysis) {
            let _ = write!(self.text, "<title>{}</title>", escaped(&columns));
        }
        self.text.push_str("</path>\n");
    }

    fn card(&mut self, card: &Card, analysis: &Analysis) {
        let problems = || card.nodes.iter().flat_map(|id| analysis.problems_of(*id));
        let worst = problems().map(|problem| problem.severity).min();
        let (border, width) = match worst {
            Some(Severity::Error) => (self.theme.error, 2.0),
            Some(Severity::Warning) => (self.theme.warning, 2.0),
            Some(Severity::Info) | None => (self.theme.border, 1.0),
        };
        let rect = card.rect;
        self.text.push_str("<g>\n");
        let sentences: Vec<_> =
            problems().map(|problem| escaped(&crate::sentences::spoken(&problem.message))).collect();
        if !sentences.is_empty() {
            let _ = writeln!(self.text, "<title>{}</title>", sentences.join(" "));
        }
        if card.is_stack {
            for step in [7.0, 3.5] {
                let (fill, edge) = (self.theme.surface_raised, self.theme.border);
                self.rect(rect.translate(vec2(step, step)), 8.0, fill, edge, 1.0);
            }
        }
        let rests = card.mode != NodeMode::On;
        let fill = if rests { self.theme.background } else { self.theme.surface };
        self.rect(rect, 8.0, fill, border, width);
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 8.0), vec2(4.0, rect.height() - 16.0));
        self.rect(bar, 2.0, card.color, card.color, 0.0);
        let room = rect.width() - 2.0 * PADDING;
        let left = rect.left() + PADDING;
        let weak = self.theme.text_weak;
        let text = if rests { weak } else { self.theme.text };
        let name = fitted(&card.name, TITLE, room);
        self.words(pos2(left, rect.top() + 22.0), TITLE, text, "600", "start", &name);
        self.words(pos2(left, rect.top() + 40.0), SMALL, card.color, "400", "start", &fitted(&card.kind, SMALL, room));
        for (line, (_, port)) in card.inputs.iter().enumerate() {
            let at = pos2(rect.left(), card.port_y(line));
            self.pin(at, card.color);
            self.words(at + vec2(PADDING, 4.0), SMALL, weak, "400", "start", &fitted(port, SMALL, room / 2.0));
        }
        for (line, (_, port)) in card.outputs.iter().enumerate() {
            let at = pos2(rect.right(), card.port_y(line));
            self.pin(at, card.color);
            self.words(at + vec2(-PADDING, 4.0), SMALL, weak, "400", "end", &fitted(port, SMALL, room / 2.0));
        }
        self.text.push_str("</g>\n");
    }

    fn rect(&mut self, rect: Rect, radius: f32, fill: Color32, border: Color32, border_width: f32) {
        let _ = writeln!(
            self.text,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"/>",
            n(rect.left()),
            n(rect.top()),
            n(rect.width()),
            n(rect.height()),
            n(radius),
            hex(fill),
            hex(border),
            n(border_width)
        );
    }

    fn pin(&mut self, at: Pos2, color: Color32) {
        let (surface, color) = (hex(self.theme.surface), hex(color));
        let _ = writeln!(
            self.text,
            "<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{surface}\" stroke=\"{color}\" stroke-width=\"2\"/>",
            n(at.x),
            n(at.y)
        );
    }

    fn words(&mut self, at: Pos2, size: f32, color: Color32, weight: &str, anchor: &str, words: &str) {
        let _ = writeln!(
            self.text,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" font-weight=\"{weight}\" text-anchor=\"{anchor}\">{}</text>",
            n(at.x),
            n(at.y),
            n(size),
            hex(color),
            escaped(words)
        );
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The colour of a tint; none for the plain one.
pub(crate) fn tint_color(tint: Tint, theme: &Theme) -> Option<Color32> {
    let [red, amber, green, blue, violet] = theme.tints;
    match tint {
        Tint::Plain => None,
        Tint::Red => Some(red),
        Tint::Amber => Some(amber),
        Tint::Green => Some(green),
        Tint::Blue => Some(blue),
        Tint::Violet => Some(violet),
    }
}

fn frame_rect(frame: &Frame) -> Rect {
    Rect::from_min_size(pos2(frame.position.x, frame.position.y), vec2(frame.size.x.max(40.0), frame.size.y.max(30.0)))
}

/// Everything with its margin; a small empty picture where there is nothing.
fn bounds(cards: &Cards, frames: &[&Frame]) -> Rect {
    let rects = cards.list.iter().map(|card| card.rect).chain(frames.iter().map(|frame| frame_rect(frame)));
    rects.reduce(Rect::union).unwrap_or(Rect::from_min_size(Pos2::ZERO, Vec2::new(320.0, 120.0))).expand(MARGIN)
}

/// The columns that flow on a wire, as far as they are known.
fn columns(pipeline: &Pipeline, wire: &WireKey, analysis: &Analysis) -> Option<String> {
    let kind = nodes::kind(&pipeline.node(wire.from.node)?.kind)?;
    let place = kind.outputs.iter().position(|output| output.name == wire.from.port)?;
    let link = analysis.nodes.get(&wire.from.node)?.outputs.get(place)?;
    let columns: Vec<_> = link.schema.fields().iter().map(|field| field.name().as_str()).collect();
    Some(columns.join(", "))
}

/// A number as SVG takes it: one digit behind the point at most.
fn n(number: f32) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn hex(color: Color32) -> String {
    format!("#{:02x}{:02x}{:02x}", color.r(), color.g(), color.b())
}

/// Text as XML takes it; what XML cannot hold at all becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
