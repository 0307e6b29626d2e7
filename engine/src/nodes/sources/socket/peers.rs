//! The tasks that keep the connections: connecting again and again, or listening for peers.

use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::nodes::net::{Backoff, CONNECT_TIMEOUT, MAX_PEERS, Target, is_about_one_peer, reason_of};
use crate::nodes::sources::lines::{Inbox, LineAssembler, LineFaults, Room, TextBlock, within_lines};
use crate::plan::Clock;
use crate::spec::duration;

/// One call to the operating system reads at most so much.
const READ_BYTES: usize = 64 << 10;
/// What arrives at once is gathered up to this size before it is handed over.
const GATHER_BYTES: usize = 1 << 20;

/// Receives until it is aborted.
pub(super) async fn receive_forever(target: Target, inbox: Arc<Inbox>, clock: Arc<dyn Clock>) {
    match &target {
        Target::Server { host, port } => stay_connected(&target, (host, *port), &inbox, &*clock).await,
        Target::Peers { address, port } => keep_listening(&target, (address, *port), &inbox, &clock).await,
    }
}

async fn stay_connected(target: &Target, server: (&str, u16), inbox: &Inbox, clock: &dyn Clock) {
    let mut backoff = Backoff::new();
    inbox.set_waiting(format!("connecting to {target}"));
    loop {
        let reason = match timeout(CONNECT_TIMEOUT, TcpStream::connect(server)).await {
            Ok(Ok(stream)) => {
                inbox.set_connected(target.to_string());
                let before = inbox.standing().received;
                let end = receive_lines(&stream, inbox, clock).await;
                if inbox.standing().received > before {
                    backoff.reset();
                }
                end.map_or_else(|error| reason_of(&error), |()| "the other side closed it".to_owned())
            }
            Ok(Err(error)) => reason_of(&error),
            Err(_) => "no answer".to_owned(),
        };
        let wait = backoff.after_failure();
        let next = duration::format(wait.into());
        inbox.set_waiting(format!("no connection to {target} ({reason}); trying again in {next}"));
        sleep(wait).await;
    }
}

async fn keep_listening(target: &Target, own: (&str, u16), inbox: &Arc<Inbox>, clock: &Arc<dyn Clock>) {
    let mut backoff = Backoff::new();
    loop {
        let reason = match TcpListener::bind(own).await {
            Ok(listener) => {
                backoff.reset();
                accept_peers(&listener, target, inbox, clock).await
            }
            Err(error) => error,
        };
        let wait = backoff.after_failure();
        let next = duration::format(wait.into());
        let reason = reason_of(&reason);
        inbox.set_waiting(format!("cannot listen on {target} ({reason}); trying again in {next}"));
        sleep(wait).await;
    }
}

/// Ends with the error that makes listening impossible.
async fn accept_peers(listener: &TcpListener, target: &Target, inbox: &Arc<Inbox>, clock: &Arc<dyn Clock>) -> Error {
    let own = listener.local_addr().map_or_else(|_| target.to_string(), |address| address.to_string());
    let mut peers = JoinSet::new();
    loop {
        inbox.set_connected(match peers.len() {
            0 => format!("listening on {own}, nobody is connected"),
            1 => format!("listening on {own}, 1 peer is connected"),
            count => format!("listening on {own}, {count} peers are connected"),
        });
        tokio::select! {
            accepted = listener.accept(), if peers.len() < MAX_PEERS => match accepted {
                Ok((stream, _)) => {
                    let (inbox, clock) = (Arc::clone(inbox), Arc::clone(clock));
                    peers.spawn(async move { receive_lines(&stream, &inbox, &*clock).await });
                }
                Err(error) if is_about_one_peer(&error) => {}
                Err(error) => return error,
            },
            // A peer that broke off is no reason to complain: what it sent has been handed over.
            Some(_) = peers.join_next() => {}
        }
    }
}

/// Reads lines until the peer closes; the last one need not end with a newline.
async fn receive_lines(stream: &TcpStream, inbox: &Inbox, clock: &dyn Clock) -> Result<(), Error> {
    let mut reader = Reader::new();
    loop {
        inbox.room().await;
        if reader.unread.is_empty() {
            stream.readable().await?;
        }
        match reader.receive(stream, inbox, clock)? {
            Gathered::More => tokio::task::yield_now().await,
            Gathered::Closed => return Ok(()),
        }
    }
}

enum Gathered {
    /// The stream goes on.
    More,
    /// The peer closed it.
    Closed,
}

/// What is between a connection and the inbox.
struct Reader {
    bytes: Vec<u8>,
    /// Which of the bytes were read but belong to lines that did not fit into the inbox any more.
    unread: Range<usize>,
    assembler: LineAssembler,
    lines: TextBlock,
}

impl Reader {
    fn new() -> Self {
        Self {
            bytes: vec![0; READ_BYTES],
            unread: 0..0,
            assembler: LineAssembler::default(),
            lines: TextBlock::default(),
        }
    }

    /// Hands over what has arrived and fits, without waiting.
    fn receive(&mut self, stream: &TcpStream, inbox: &Inbox, clock: &dyn Clock) -> Result<Gathered, Error> {
        let _turn = inbox.turn();
        let (end, mut faults) = self.gather(stream, inbox.free(), inbox.max_line_bytes());
        // The end is only seen while there is room, so that the last line has its place too.
        if !matches!(end, Ok(Gathered::More)) {
            faults += self.assembler.finish(inbox.max_line_bytes(), &mut self.lines);
        }
        inbox.push(&mut self.lines, faults, clock).map_err(Error::other)?;
        end
    }

    /// Lines of what has arrived, as many as there is room for.
    fn gather(
        &mut self,
        stream: &TcpStream,
        room: Room,
        max_line_bytes: usize,
    ) -> (Result<Gathered, Error>, LineFaults) {
        let (mut faults, mut taken) = (LineFaults::default(), 0);
        let most_bytes = room.bytes.min(GATHER_BYTES);
        loop {
            let rows = room.rows.saturating_sub(self.lines.line_count());
            let bytes = most_bytes.saturating_sub(self.lines.size_bytes());
            if rows == 0 || bytes == 0 || taken >= GATHER_BYTES {
                return (Ok(Gathered::More), faults);
            }
            if self.unread.is_empty() {
                match stream.try_read(&mut self.bytes) {
                    Ok(0) => return (Ok(Gathered::Closed), faults),
                    Ok(count) => self.unread = 0..count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return (Ok(Gathered::More), faults),
                    Err(error) => return (Err(error), faults),
                }
            }
            let arrived = self.bytes.get(self.unread.clone()).unwrap_or_default();
            let piece = arrived.get(..bytes).unwrap_or(arrived);
            let piece = piece.get(..within_lines(piece, rows)).unwrap_or(piece);
            faults += self.assembler.push(piece, max_line_bytes, &mut self.lines);
            taken += piece.len();
            self.unread.start += piece.len();
        }
    }
}
