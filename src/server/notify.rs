//! Tells the service manager that started the program with `NOTIFY_SOCKET` (systemd's
//! `Type=notify`) when it is ready and when it stops.

/// The service answers requests from now on.
pub const READY: &str = "READY=1";

/// The service was asked to stop, and waits for running requests.
pub const STOPPING: &str = "STOPPING=1";

/// Tells the service manager `state`, if there is one. A failure is ignored: the manager draws its
/// own conclusions.
#[cfg(unix)]
pub fn tell(state: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else {
        return;
    };
    if let Err(error) = send(socket.as_encoded_bytes(), state) {
        tracing::warn!(%error, "could not notify the service manager");
    }
}

/// There is no service manager.
#[cfg(not(unix))]
pub fn tell(_: &str) {}

#[cfg(unix)]
fn send(socket: &[u8], state: &str) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let address = match socket.strip_prefix(b"@") {
        // A name in the abstract namespace, which is not a file.
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
