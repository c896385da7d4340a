//! A connection's stream. It tracks when data arrives and is sent, and replaces the answers that
//! the HTTP library itself gives to unreadable heads by ours.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::{Phase, Progress};
use super::heads::Heads;
use crate::platform::web::bare::BareAnswers;

/// A watched stream.
pub struct Watched {
    stream: TcpStream,
    state: Progress,
    bare: Arc<BareAnswers>,
    heads: Heads,
    /// Whether an answer is partly sent: what is written next is not the beginning of one.
    is_half_out: bool,
    /// What is sent instead of the library's answer, and the length of the latter in bytes.
    instead: Option<(Vec<u8>, usize)>,
}

impl Watched {
    /// Watches `stream`.
    pub fn new(stream: TcpStream, state: Progress, bare: Arc<BareAnswers>) -> Self {
        Self { stream, state, bare, heads: Heads::default(), is_half_out: false, instead: None }
    }

    /// The stream itself, for use without being watched.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends what replaces `bytes`, if anything does; the library is told that its own bytes were
    /// sent.
    fn poll_instead(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Option<io::Result<usize>>> {
        if self.instead.is_none() && !self.is_half_out {
            self.instead = self.bare.instead_of(bytes).map(|answer| (answer, bytes.len()));
            if self.instead.is_some() {
                self.state.leave_unread();
            }
        }
        while let Some((answer, length)) = &mut self.instead {
            match ready!(Pin::new(&mut self.stream).poll_write(context, answer)) {
                Ok(written) if written < answer.len() && written > 0 => {
                    drop(answer.drain(..written))
                }
                Ok(0) => return Poll::Ready(Some(Ok(0))),
                Ok(_) => {
                    let length = *length;
                    self.instead = None;
                    return Poll::Ready(Some(Ok(length)));
                }
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        Poll::Ready(None)
    }

    /// Tracks what was sent.
    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.is_half_out = true;
            self.state.change(|phase| (phase == Phase::Quiet).then_some(phase));
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heads.look_at(&mut buffer.filled_mut()[before..]);
            // The first byte after an answer begins the next head; later ones do not extend the
            // time.
            self.state.change(|phase| (phase == Phase::Quiet).then_some(Phase::Head));
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match ready!(self.poll_instead(context, bytes)) {
            Some(written) => Poll::Ready(written),
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
        };
        self.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library flushes when it has nothing left to write.
        self.is_half_out = false;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let instead = match parts {
            [bytes] => ready!(self.poll_instead(context, bytes)),
            _ => None,
        };
        let written = match instead {
            Some(written) => Poll::Ready(written),
            None => Pin::new(&mut self.stream).poll_write_vectored(context, parts),
        };
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
