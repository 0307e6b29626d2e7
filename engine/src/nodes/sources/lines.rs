//! Bytes to lines: shared by everything that reads text.
//!
//! Bytes come in pieces cut anywhere. [`LineAssembler`] puts lines together from them at bounded memory, [`TextBlock`]
//! holds many lines in one buffer and becomes a view array without copying, [`LineBuffer`] keeps blocks in the order of
//! arrival until a batch takes them, and [`Inbox`] is where readers and batches meet.

mod assembler;
mod block;
mod buffer;
mod frame;
mod inbox;

pub(super) use assembler::{LineAssembler, LineFaults, within_lines};
pub(super) use block::TextBlock;
pub(super) use buffer::LineBuffer;
pub use frame::{Framed, frame};
#[cfg(test)]
pub(super) use inbox::Standing;
pub(super) use inbox::{Inbox, Room};
