//! The tasks that keep the connections: connecting again and again, or listening for peers.

use std::io::Error;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::outlets::{Outlets, Queued, Standing};
use super::sender::{HalfClosed, send};
use crate::nodes::net::{Backoff, CONNECT_TIMEOUT, MAX_PEERS, Target, is_about_one_peer, reason_of};
use crate::spec::duration;

/// Serves until the sink closes and what waits has been sent, or cannot be.
pub(super) async fn serve(target: Target, outlets: Arc<Outlets>) {
    match &target {
        Target::Server { host, port } => {
            let mut queue = outlets.add(0);
            stay_connected(&target, (host, *port), &outlets, &mut queue).await;
        }
        Target::Peers { address, port } => keep_listening(&target, (address, *port), &outlets).await,
    }
}

async fn stay_connected(target: &Target, server: (&str, u16), outlets: &Outlets, queue: &mut mpsc::Receiver<Queued>) {
    let mut backoff = Backoff::new();
    let mut held = None;
    loop {
        let connecting = timeout(CONNECT_TIMEOUT, TcpStream::connect(server));
        let reason = tokio::select! {
            biased;
            connected = connecting => match connected {
                Ok(Ok(stream)) => {
                    outlets.say(Standing::Ready(target.to_string()));
                    match send(stream, queue, &mut held, HalfClosed::IsGone).await {
                        Ok(()) => return,
                        Err(reason) => reason,
                    }
                }
                Ok(Err(error)) => reason_of(&error),
                Err(_) => "no answer".to_owned(),
            },
            () = outlets.closed() => return,
        };
        let wait = backoff.after_failure();
        let next = duration::format(wait.into());
        outlets.say(Standing::Waiting(format!("no connection to {target} ({reason}); trying again in {next}")));
        tokio::select! {
            () = sleep(wait) => {}
            () = outlets.closed() => return,
        }
    }
}

async fn keep_listening(target: &Target, own: (&str, u16), outlets: &Arc<Outlets>) {
    let mut backoff = Backoff::new();
    loop {
        let failed = match TcpListener::bind(own).await {
            Ok(listener) => match accept_peers(&listener, target, outlets).await {
                Some(error) => {
                    backoff.reset();
                    outlets.remove_all();
                    error
                }
                None => return,
            },
            Err(error) => error,
        };
        let wait = backoff.after_failure();
        let (reason, next) = (reason_of(&failed), duration::format(wait.into()));
        outlets.say(Standing::Waiting(format!("cannot listen on {target} ({reason}); trying again in {next}")));
        tokio::select! {
            () = sleep(wait) => {}
            () = outlets.closed() => return,
        }
    }
}

/// Ends with the error that makes listening impossible, or with none once the sink has closed and every peer has taken
/// what waited for it.
async fn accept_peers(listener: &TcpListener, target: &Target, outlets: &Arc<Outlets>) -> Option<Error> {
    let own = listener.local_addr().map_or_else(|_| target.to_string(), |address| address.to_string());
    let mut peers = JoinSet::new();
    let mut next_id = 0;
    loop {
        outlets.say(Standing::Ready(match peers.len() {
            0 => format!("listening on {own}, nobody is connected"),
            1 => format!("listening on {own}, 1 peer is connected"),
            count => format!("listening on {own}, {count} peers are connected"),
        }));
        tokio::select! {
            accepted = listener.accept(), if peers.len() < MAX_PEERS => match accepted {
                Ok((stream, _)) => {
                    next_id += 1;
                    // Before anyone is told of the peer: it hears all that is sent from then on.
                    let queue = outlets.add(next_id);
                    peers.spawn(serve_peer(stream, next_id, queue, Arc::clone(outlets)));
                }
                Err(error) if is_about_one_peer(&error) => {}
                Err(error) => return Some(error),
            },
            Some(_) = peers.join_next() => {}
            () = outlets.closed() => {
                while peers.join_next().await.is_some() {}
                return None;
            }
        }
    }
}

/// What a peer that broke off did not take is nobody's.
async fn serve_peer(stream: TcpStream, id: u64, mut queue: mpsc::Receiver<Queued>, outlets: Arc<Outlets>) {
    let mut held = None;
    let _ = send(stream, &mut queue, &mut held, HalfClosed::Listens).await;
    outlets.remove(id);
}
