//! Connections over TCP: what the source and the sink that speak it share.

mod backoff;
mod reason;
mod target;

use std::time::Duration;

pub(super) use backoff::Backoff;
pub(super) use reason::{is_about_one_peer, reason_of};
pub(super) use target::{Target, check_host, is_public};

/// A server that does not answer for so long is taken to be away.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// More peers than these wait in the operating system's queue.
pub(super) const MAX_PEERS: usize = 1_024;
