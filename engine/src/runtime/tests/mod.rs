//! The runtime without threads and without real time: ticks, queue, session and controllers over made-up costs.

mod bounds;
mod driving;
mod overload;
mod panics;
