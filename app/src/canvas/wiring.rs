//! A wire in hand: which pins would take it, what a drop does, and the sentence when it is refused.

use std::collections::HashMap;

use eframe::egui::Pos2;
use weir_engine::analysis::check_wire;
use weir_engine::nodes;
use weir_engine::pipeline::{Edit, Pipeline};
use weir_engine::spec::{Arity, PortRef, WireKey};

use super::edits::upstream_part;
use super::hit::{PIN_CATCH, PIN_CLICK, nearest_pin, node_under};
use super::scene::{NodeBox, Scene, Side};
use super::view::View;
use crate::action::Selection;
use crate::i18n::tr;

/// Pins asked about per frame.
const ASKED_PER_FRAME: usize = 12;

/// A wire being drawn, or an end of one being moved.
#[derive(Debug)]
pub(crate) struct Wiring {
    /// The end that stays.
    pub(crate) fixed: PortRef,
    /// Its side.
    pub(crate) side: Side,
    /// The wire whose other end is moved.
    pub(crate) moved: Option<WireKey>,
    /// Whether it follows the pointer without a button being held.
    pub(crate) is_in_hand: bool,
    /// What a drop here would do.
    pub(crate) aim: Aim,
    /// The last refusal: where, in the world, and why.
    pub(crate) refusal: Option<(Pos2, String)>,
    /// What is offered since a drop on an input that has its one wire.
    pub(crate) offer: Option<Offer>,
    /// The pipeline without the moved wire: what drops are checked against.
    pipeline: Pipeline,
    /// Asked once per port and drag.
    answers: HashMap<PortRef, Result<(), String>>,
}

/// What a drop would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Nothing is there: a new node is offered.
    #[default]
    Void,
    /// It is where it came from: the wire is let go.
    Home,
    /// It connects to this port.
    Port(PortRef),
    /// The port would take it but for the one wire it has already; the sentence says so.
    Taken(PortRef, String),
    /// It is refused.
    Refused(String),
}

/// What can be done with a second wire to an input that takes one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    /// The input.
    pub(crate) to: PortRef,
    /// The wire in hand instead of the one that is there; the sentence says why not.
    pub(crate) replace: Result<Edit, String>,
}

/// What a drop led to.
#[derive(Debug, PartialEq)]
pub(crate) enum Drop {
    /// The wire is let go.
    Nothing,
    /// This change, with the key of its name.
    Edit(&'static str, Edit),
    /// A new node is asked for.
    Void,
    /// It stays in hand.
    Refused,
}

impl Side {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Input => Self::Output,
            Self::Output => Self::Input,
        }
    }
}

impl Wiring {
    /// A new wire from this port, from either side.
    pub(crate) fn new(pipeline: &Pipeline, side: Side, fixed: PortRef) -> Self {
        Self {
            fixed,
            side,
            moved: None,
            is_in_hand: false,
            aim: Aim::Home,
            refusal: None,
            offer: None,
            pipeline: pipeline.clone(),
            answers: HashMap::new(),
        }
    }

    /// The end of a wire at `side` is taken off its port.
    pub(crate) fn moving_end(pipeline: &Pipeline, wire: &WireKey, side: Side) -> Self {
        let fixed = match side {
            Side::Input => wire.from.clone(),
            Side::Output => wire.to.clone(),
        };
        let mut wiring = Self::new(pipeline, side.other(), fixed);
        // Without its old place the wire is checked as if it were new. If it is gone already, there is nothing to take.
        let _ = wiring.pipeline.apply(&Edit::Disconnect(wire.clone()));
        wiring.moved = Some(wire.clone());
        wiring
    }

    /// The wire it would become.
    fn key(&self, other: &PortRef) -> WireKey {
        match self.side {
            Side::Output => WireKey::new(self.fixed.clone(), other.clone()),
            Side::Input => WireKey::new(other.clone(), self.fixed.clone()),
        }
    }

    /// Whether a port would take it.
    pub(crate) fn check(&mut self, other: &PortRef) -> Result<(), String> {
        if let Some(answer) = self.answers.get(other) {
            return answer.clone();
        }
        let key = self.key(other);
        let answer = if other.node == self.fixed.node {
            Err(tr("canvas.refused.same_node").to_owned())
        } else {
            let part = upstream_part(&self.pipeline, &[key.from.node, key.to.node]);
            check_wire(&part, &key.from, &key.to)
        };
        self.answers.insert(other.clone(), answer.clone());
        answer
    }

    /// Whether a port would take it, as far as it was asked.
    pub(crate) fn takes(&self, other: &PortRef) -> Option<bool> {
        self.answers.get(other).map(Result::is_ok)
    }

    /// Asks about pins in view, so that those that would refuse can be dimmed: a few per frame, as an answer analyses
    /// part of the pipeline. Returns whether there are more to ask about.
    pub(crate) fn ask_visible(&mut self, scene: &Scene, view: View) -> bool {
        let visible = view.visible();
        let shown = scene.nodes.iter().filter(|node| visible.intersects(node.rect));
        let pins = shown.flat_map(|node| node.side(self.side.other()));
        let open: Vec<_> =
            pins.filter(|pin| !self.answers.contains_key(&pin.port)).map(|pin| pin.port.clone()).collect();
        for port in open.iter().take(ASKED_PER_FRAME) {
            // The answer is kept; here it is only asked for.
            let _ = self.check(port);
        }
        open.len() > ASKED_PER_FRAME
    }

    /// Finds out what a drop at a screen point would do.
    pub(crate) fn aim_at(&mut self, scene: &Scene, view: View, selection: &Selection, at: Pos2) {
        self.offer = None;
        self.aim = self.aim_of(scene, view, selection, at);
        if matches!(self.aim, Aim::Port(_)) {
            self.refusal = None;
        }
    }

    fn aim_of(&mut self, scene: &Scene, view: View, selection: &Selection, at: Pos2) -> Aim {
        let other = self.side.other();
        if let Some((_, port, _)) = nearest_pin(scene, view, at, Some(other), |_| PIN_CATCH) {
            return match self.check(&port) {
                Ok(()) => Aim::Port(port),
                // A little further, but within reach, there may be one that takes it.
                Err(_) => self.nearest_willing(scene, view, at).map_or_else(|| self.aim_at_port(port), Aim::Port),
            };
        }
        if let Some((_, port, _)) = nearest_pin(scene, view, at, Some(self.side), |_| PIN_CLICK) {
            return if port == self.fixed { Aim::Home } else { Aim::Refused(self.same_side().to_owned()) };
        }
        match node_under(scene, view, selection, at) {
            None => Aim::Void,
            Some(node) if node.nodes().contains(&self.fixed.node) => Aim::Home,
            Some(node) => self.aim_at_body(scene, node),
        }
    }

    fn nearest_willing(&mut self, scene: &Scene, view: View, at: Pos2) -> Option<PortRef> {
        let other = self.side.other();
        let mut near: Vec<(f32, PortRef)> = scene
            .nodes
            .iter()
            .filter(|node| view.rect_to_screen(node.rect).expand(PIN_CATCH).contains(at))
            .flat_map(|node| node.side(other).map(|pin| (view.to_screen(node.pin_at(pin)).distance(at), pin)))
            .filter(|(distance, _)| *distance <= PIN_CATCH)
            .map(|(distance, pin)| (distance, pin.port.clone()))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.into_iter().map(|(_, port)| port).find(|port| self.check(port).is_ok())
    }

    /// What a drop right on this port would do.
    pub(crate) fn aim_at_port(&mut self, port: PortRef) -> Aim {
        match self.check(&port) {
            Ok(()) => Aim::Port(port),
            Err(sentence) if self.is_taken(&port) => Aim::Taken(port, sentence),
            Err(sentence) => Aim::Refused(sentence),
        }
    }

    /// Whether only the one wire an input has keeps it from taking this one too.
    fn is_taken(&self, port: &PortRef) -> bool {
        let is_second = self.pipeline.wires_into(port.node).iter().any(|wire| wire.to == *port);
        let closes_cycle = self.pipeline.reaches(port.node, self.fixed.node);
        self.side == Side::Output && is_second && !closes_cycle && !takes_many(&self.pipeline, port)
    }

    /// What is offered for a port that has its one wire.
    fn offer_for(&self, port: &PortRef) -> Offer {
        let held = self.pipeline.wires_into(port.node).into_iter().filter(|wire| wire.to == *port);
        let mut edits: Vec<_> = self.moved.iter().cloned().chain(held.clone()).map(Edit::Disconnect).collect();
        let mut rest = self.pipeline.clone();
        for wire in held {
            // It is there: it was just listed.
            let _ = rest.apply(&Edit::Disconnect(wire));
        }
        let key = self.key(port);
        let part = upstream_part(&rest, &[key.from.node, key.to.node]);
        let replace = check_wire(&part, &key.from, &key.to).map(|()| {
            edits.push(Edit::Connect(key));
            Edit::Many(edits)
        });
        Offer { to: port.clone(), replace }
    }

    /// The first free port of a node that takes it; else one that merely has its one wire.
    fn aim_at_body(&mut self, scene: &Scene, node: &NodeBox) -> Aim {
        let other = self.side.other();
        let mut refused = None;
        let mut taken = None;
        for pin in node.side(other) {
            if taken.is_none() && self.is_taken(&pin.port) {
                taken = Some(pin.port.clone());
            }
            match self.check(&pin.port) {
                Ok(()) if self.is_free(scene, other, &pin.port) => {
                    return Aim::Port(pin.port.clone());
                }
                Ok(()) => refused = refused.or_else(|| Some(tr("canvas.refused.taken").to_owned())),
                Err(sentence) => refused = refused.or(Some(sentence)),
            }
        }
        if let Some(port) = taken {
            return self.aim_at_port(port);
        }
        let none = match other {
            Side::Input => tr("canvas.refused.no_input"),
            Side::Output => tr("canvas.refused.no_output"),
        };
        Aim::Refused(refused.unwrap_or_else(|| none.to_owned()))
    }

    fn is_free(&self, scene: &Scene, side: Side, port: &PortRef) -> bool {
        side == Side::Output
            || takes_many(&self.pipeline, port)
            || self.moved.as_ref().is_some_and(|wire| wire.to == *port)
            || !scene.is_wired(side, port)
    }

    fn same_side(&self) -> &'static str {
        match self.side {
            Side::Output => tr("canvas.refused.both_outputs"),
            Side::Input => tr("canvas.refused.both_inputs"),
        }
    }

    /// Lets go at a world point. A refused wire stays in hand.
    pub(crate) fn drop_at(&mut self, at: Pos2) -> Drop {
        match (&self.aim, &self.moved) {
            (Aim::Home, _) => Drop::Nothing,
            (Aim::Port(port), None) => Drop::Edit("canvas.step.connect", Edit::Connect(self.key(port))),
            (Aim::Port(port), Some(moved)) => {
                let key = self.key(port);
                if key == *moved {
                    return Drop::Nothing;
                }
                let edits = vec![Edit::Disconnect(moved.clone()), Edit::Connect(key)];
                Drop::Edit("canvas.step.rewire", Edit::Many(edits))
            }
            (Aim::Taken(port, sentence), _) => {
                self.offer = Some(self.offer_for(port));
                self.refusal = Some((at, sentence.clone()));
                self.is_in_hand = true;
                Drop::Refused
            }
            (Aim::Refused(sentence), _) => {
                self.refusal = Some((at, sentence.clone()));
                self.is_in_hand = true;
                Drop::Refused
            }
            (Aim::Void, None) => Drop::Void,
            (Aim::Void, Some(moved)) => Drop::Edit("canvas.step.disconnect", Edit::Disconnect(moved.clone())),
        }
    }
}

/// Whether an input takes several wires.
fn takes_many(pipeline: &Pipeline, port: &PortRef) -> bool {
    let kind = pipeline.node(port.node).and_then(|node| nodes::kind(&node.kind));
    let spec = kind.and_then(|kind| kind.inputs.iter().find(|spec| spec.name == port.port));
    spec.is_some_and(|spec| spec.arity == Arity::Many)
}
