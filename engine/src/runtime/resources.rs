//! What a run computes and communicates with: one compute pool, one IO runtime, both with named threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The pools of one engine.
#[derive(Clone)]
pub struct Resources {
    /// For computing.
    pub pool: Arc<rayon::ThreadPool>,
    /// For sockets and timers.
    pub io: Arc<tokio::runtime::Runtime>,
}

impl Resources {
    /// Starts the threads; `None`: one compute thread per core.
    pub fn start(threads: Option<usize>) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.unwrap_or(cores).clamp(1, 256))
            .thread_name(|index| format!("weir-compute-{index}"))
            .build()
            .map_err(std::io::Error::other)?;
        let next = AtomicUsize::new(0);
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name_fn(move || format!("weir-io-{}", next.fetch_add(1, Ordering::Relaxed)))
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self { pool: Arc::new(pool), io: Arc::new(io) })
    }
}
