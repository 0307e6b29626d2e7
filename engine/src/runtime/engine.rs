//! A running engine as the designer sees it: a thread of its own behind two bounded channels.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::driver::Driver;
use super::{Command, EngineOptions, Event};

/// Commands that may wait.
const MAX_COMMANDS: usize = 1_024;
/// Events that may wait to be fetched; beyond, the oldest are dropped.
const MAX_EVENTS: usize = 16_384;

/// Called from the engine's thread after an event was queued, so that the window can wake up.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// A running engine. Dropping it ends the run at once.
pub struct EngineHandle {
    commands: Sender<Command>,
    events: Receiver<Event>,
}

impl EngineHandle {
    /// Starts the engine's threads; nothing runs yet.
    pub fn start(options: EngineOptions, waker: Waker) -> std::io::Result<Self> {
        let (commands, inbox) = bounded(MAX_COMMANDS);
        let (outbox, events) = bounded(MAX_EVENTS);
        let spare = events.clone();
        let (started, start) = bounded(1);
        std::thread::Builder::new().name("weir-engine".to_owned()).spawn(move || {
            let mut emit = |event| {
                post(&outbox, &spare, event);
                waker();
            };
            match Driver::new(options, inbox, false, &mut emit) {
                Ok(driver) => {
                    // Nobody may wait for the answer any more; the loop then ends by itself.
                    let _ = started.send(Ok(()));
                    driver.drive();
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        })?;
        start.recv().map_err(std::io::Error::other)??;
        Ok(Self { commands, events })
    }

    /// Sends a command without waiting; `false` if the engine is so busy that its inbox is full.
    pub fn send(&self, command: Command) -> bool {
        match self.commands.try_send(command) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// The next event, without waiting.
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event, waiting at most so long: for programs without a window, and tests.
    pub fn next_event(&self, at_most: std::time::Duration) -> Option<Event> {
        self.events.recv_timeout(at_most).ok()
    }
}

/// Queues an event; when nobody has fetched any for very long, the oldest makes room.
fn post(outbox: &Sender<Event>, spare: &Receiver<Event>, event: Event) {
    let mut event = event;
    while let Err(TrySendError::Full(back)) = outbox.try_send(event) {
        event = back;
        let _ = spare.try_recv();
    }
}
