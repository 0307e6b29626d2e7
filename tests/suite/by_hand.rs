//! The engine for tests of the window: its own session on the virtual clock, driven batch by batch by hand, so that what
//! is edited, foreseen and told is the real thing and every test is reproducible.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use egui_kittest::Harness;
use weir::app::{Engine, StartEngine, WeirApp};
use weir_engine::pipeline::Pipeline;
use weir_engine::runtime::{Command as EngineCommand, Event, RunState};

use crate::support::VirtualRun;

/// The engine, run by hand: what was edited takes effect with the next batch, as it does in a run.
#[derive(Clone, Default)]
pub struct ByHand(Rc<RefCell<Hand>>);

#[derive(Default)]
struct Hand {
    run: Option<VirtualRun>,
    edited: Option<Arc<Pipeline>>,
    events: VecDeque<Event>,
}

impl Engine for ByHand {
    fn send(&self, command: EngineCommand) -> bool {
        let hand = &mut *self.0.borrow_mut();
        match command {
            EngineCommand::Run(pipeline) => {
                hand.run = Some(VirtualRun::start(&pipeline, 1));
                hand.events.push_back(Event::State(RunState::Running));
            }
            EngineCommand::Apply(pipeline) => hand.edited = Some(pipeline),
            EngineCommand::Stop => {
                hand.run = None;
                hand.events.push_back(Event::State(RunState::Stopped));
            }
            EngineCommand::Reset(nodes) => {
                if let Some(run) = &mut hand.run {
                    let change = run.reset(&nodes);
                    hand.events.push_back(Event::Applied(Arc::new(change)));
                }
            }
            EngineCommand::Retry(nodes) => {
                if let Some(run) = &mut hand.run {
                    run.retry(&nodes);
                }
            }
            EngineCommand::Pause
            | EngineCommand::Step(_)
            | EngineCommand::Select(_)
            | EngineCommand::Probe(_)
            | EngineCommand::Clock(_)
            | EngineCommand::Speed(_)
            | EngineCommand::Record(_) => {}
        }
        true
    }

    fn try_event(&self) -> Option<Event> {
        self.0.borrow_mut().events.pop_front()
    }
}

impl ByHand {
    /// What the designer starts its engine by.
    pub fn starts(&self) -> StartEngine {
        let engine = self.clone();
        Box::new(move |_, _| Ok(Box::new(engine.clone())))
    }

    /// What was told to take effect with the next batch.
    pub fn edited(&self) -> Option<Arc<Pipeline>> {
        self.0.borrow().edited.clone()
    }

    /// The same, and it does not.
    pub fn take_edited(&self) -> Option<Arc<Pipeline>> {
        self.0.borrow_mut().edited.take()
    }
}

/// One batch, after what was edited has taken effect.
pub fn batch(harness: &mut Harness<'static, WeirApp>, engine: &ByHand) {
    {
        let hand = &mut *engine.0.borrow_mut();
        let run = hand.run.as_mut().expect("it runs");
        if let Some(pipeline) = hand.edited.take() {
            hand.events.push_back(match run.replace(&pipeline) {
                Ok(change) => Event::Applied(Arc::new(change)),
                Err(problems) => Event::Refused(Arc::new(problems)),
            });
        }
        run.step();
        hand.events.extend(run.events.drain(..));
    }
    harness.run_steps(4);
}
