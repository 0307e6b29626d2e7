//! The runtime without threads and without real time: ticks, queue, session and controllers over made-up costs.

mod bounds;
mod driving;
mod guilty;
mod overload;
mod panics;
mod probing;
