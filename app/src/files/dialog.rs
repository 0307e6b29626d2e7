//! The desktop's own file dialog, through rfd. Its future runs on a thread of its own: a portal may take as long as the
//! person does.

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::task::{Context, Poll, Wake as TaskWake, Waker};
use std::thread::Thread;

use super::desktop::Wake;
use super::{Ask, FileEvent};

/// Opens the dialog; the answer arrives on `answers`. Where no dialog can be opened the answer is `None` at once.
pub(super) fn pick(ask: Ask, ticket: u64, parent: Option<&eframe::Frame>, answers: SyncSender<FileEvent>, wake: Wake) {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(ask.purpose.title()).set_directory(ask.folder);
    if !ask.purpose.extensions().is_empty() {
        dialog = dialog.add_filter(ask.purpose.filter(), ask.purpose.extensions());
    }
    if let Some(parent) = parent {
        dialog = dialog.set_parent(parent);
    }
    let (is_save, name) = (ask.purpose.is_save(), ask.name);
    let (failed, wake_failed) = (answers.clone(), Arc::clone(&wake));
    let spawned = std::thread::Builder::new().name("weir-dialog".to_owned()).spawn(move || {
        let chosen =
            if is_save { block_on(dialog.set_file_name(name).save_file()) } else { block_on(dialog.pick_file()) };
        let answer: Option<PathBuf> = chosen.map(|file| file.path().to_path_buf());
        let _ = answers.send(FileEvent::Picked { ticket, answer });
        wake();
    });
    if spawned.is_err() {
        let _ = failed.try_send(FileEvent::Picked { ticket, answer: None });
        wake_failed();
    }
}

/// Wakes the thread that waits for a future.
struct Unpark(Thread);

impl TaskWake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs one future to its end on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_is_woken_by_another_thread_ends() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let mut asked = false;
        let future = std::future::poll_fn(move |context| {
            if let Ok(value) = receiver.try_recv() {
                return Poll::Ready(value);
            }
            if !asked {
                asked = true;
                let (sender, waker) = (sender.clone(), context.waker().clone());
                std::thread::Builder::new()
                    .name("waker".to_owned())
                    .spawn(move || {
                        sender.send(42).unwrap();
                        waker.wake();
                    })
                    .unwrap();
            }
            Poll::Pending
        });
        assert_eq!(block_on(future), 42);
    }
}
