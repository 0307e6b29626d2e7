//! Writes the parcels of one queue to one connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;
use tokio::sync::mpsc;

use super::outlets::{Parcel, Queued};
use crate::nodes::net::reason_of;

/// What it means that the other side sends nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HalfClosed {
    /// It has gone: a server that is only written to would lose rows without anybody noticing.
    IsGone,
    /// It still listens.
    Listens,
}

/// Sends until the queue is closed (`Ok`) or the connection breaks, for this reason. What was not sent whole is left in
/// `held`.
pub(super) async fn send(
    mut stream: TcpStream,
    queue: &mut mpsc::Receiver<Queued>,
    held: &mut Option<Queued>,
    half_closed: HalfClosed,
) -> Result<(), String> {
    let (mut input, mut output) = stream.split();
    let mut end = std::pin::pin!(end_of(&mut input, half_closed));
    loop {
        if held.is_none() {
            tokio::select! {
                biased;
                reason = &mut end => return Err(reason),
                next = queue.recv() => match next {
                    Some(next) => *held = Some(next),
                    None => return output.shutdown().await.map_err(|error| reason_of(&error)),
                },
            }
        }
        let Some(next) = held else { continue };
        tokio::select! {
            written = write(&mut output, &next.parcel) => written.map_err(|error| reason_of(&error))?,
            reason = &mut end => return Err(reason),
        }
        *held = None;
    }
}

async fn write(output: &mut (impl AsyncWriteExt + Unpin), parcel: &Parcel) -> Result<(), std::io::Error> {
    for piece in parcel.pieces.iter() {
        output.write_all(piece).await?;
    }
    output.flush().await
}

/// Reads away what the other side sends, until it has gone.
async fn end_of(input: &mut ReadHalf<'_>, half_closed: HalfClosed) -> String {
    let mut ignored = vec![0; 4_096];
    loop {
        match input.read(&mut ignored).await {
            Ok(0) if half_closed == HalfClosed::IsGone => return "the other side closed it".to_owned(),
            Ok(0) => std::future::pending().await,
            Ok(_) => {}
            Err(error) => return reason_of(&error),
        }
    }
}
