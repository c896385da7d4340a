//! What a service manager is told that started the program with `NOTIFY_SOCKET` (`Type=notify` of
//! systemd): when it serves, and when it stops.

/// That requests are answered from here on.
pub const READY: &str = "READY=1";

/// That it was asked to stop, and lets running requests end.
pub const STOPPING: &str = "STOPPING=1";

/// Tells the service manager `state`, if one wants to know. One that does not listen is no reason to
/// fail: it draws its own conclusions.
#[cfg(unix)]
pub fn tell(state: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else {
        return;
    };
    if let Err(error) = send(socket.as_encoded_bytes(), state) {
        tracing::warn!(%error, "could not notify the service manager");
    }
}

/// Nobody wants to know.
#[cfg(not(unix))]
pub fn tell(_: &str) {}

#[cfg(unix)]
fn send(socket: &[u8], state: &str) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let address = match socket.strip_prefix(b"@") {
        // A name that stands in no folder.
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::linux::net::SocketAddrExt;
            SocketAddr::from_abstract_name(name)?
        }
        _ => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(socket))?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}
