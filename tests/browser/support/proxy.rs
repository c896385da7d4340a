//! A proxy in front of the program that can pretend that the program is being restarted.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What a proxy says while nobody answers behind it.
const BAD_GATEWAY: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\
    content-length: 24\r\nconnection: close\r\n\r\n<h1>502 Bad Gateway</h1>";

/// A running proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where browsers reach it.
    pub port: u16,
    is_down: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one in front of the program at `port`.
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().port();
        let is_down = Arc::<AtomicBool>::default();
        let proxy = Self { port: here, is_down: Arc::clone(&is_down) };
        thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                let is_down = Arc::clone(&is_down);
                thread::spawn(move || serve(&browser, port, &is_down));
            }
        });
        proxy
    }

    /// Answers every request with 502, or lets the program answer again.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }
}

/// Carries one connection. A request that arrives while the program is away gets the 502.
fn serve(mut browser: &TcpStream, port: u16, is_down: &AtomicBool) {
    let Ok(mut program) = TcpStream::connect(("127.0.0.1", port)) else { return };
    let (mut answers, mut back) = (program.try_clone().unwrap(), browser.try_clone().unwrap());
    thread::spawn(move || {
        // A connection that ends on either side is over.
        let _ended = std::io::copy(&mut answers, &mut back);
        let _closed = back.shutdown(Shutdown::Both);
    });
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = browser.read(&mut bytes) {
        if is_down.load(Ordering::SeqCst) {
            let _told = browser.write_all(BAD_GATEWAY);
            break;
        }
        if program.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _closed = (program.shutdown(Shutdown::Both), browser.shutdown(Shutdown::Write));
}
