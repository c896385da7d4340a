//! How it stops when it is asked to, and who is told.

use std::io::Write;

use crate::support::service::Service;

#[test]
fn it_stops_in_time_whatever_clients_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(folder.path(), &[], None);
    let address = service.origin.strip_prefix("http://").unwrap().to_owned();
    let half_a_form = format!(
        "POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-length: 20\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\nemail=somebody"
    );
    let mut held = Vec::new();
    for nth in 0..200 {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let text = [half_a_form.as_str(), "GET /login HTTP/1.1\r\nhost: loc", ""][nth % 3];
        stream.write_all(text.as_bytes()).unwrap();
        held.push(stream);
    }
    let began = std::time::Instant::now();
    assert!(service.terminate().success());
    // Its own limits end it after 28 seconds; the rest allows for a busy machine.
    assert!(began.elapsed() < std::time::Duration::from_secs(45), "{:?}", began.elapsed());
    drop(held);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test waits for what the program hears")]
fn a_second_request_to_stop_is_not_kept_waiting() {
    for signals in [["-TERM", "-TERM"], ["-INT", "-INT"], ["-TERM", "-INT"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut service = Service::start(folder.path(), &[], None);
        let address = service.origin.strip_prefix("http://").unwrap().to_owned();
        // A request that stays open for as long as a body may take.
        let mut held = std::net::TcpStream::connect(&address).unwrap();
        let text =
            format!("POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-length: 20\r\n\r\ne");
        held.write_all(text.as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        service.signal(signals[0]);
        for _ in 0..100 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            // Once it accepts no new connections, it has handled the first signal.
            if std::net::TcpStream::connect(&address).is_err() {
                break;
            }
        }
        assert!(service.child.try_wait().unwrap().is_none(), "it lets the request end");
        service.signal(signals[1]);
        assert_eq!(service.child.wait().unwrap().code(), Some(130), "{signals:?}");
    }
}

#[test]
fn a_service_that_is_asked_to_stop_as_soon_as_it_says_where_it_is_ends_in_order() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        assert!(Service::start(folder.path(), &[], None).terminate().success());
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_service_manager_is_told_when_it_serves_and_when_it_stops() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::process::Stdio;

    use crate::support::service::command;

    for is_abstract in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("tenantry-{}", std::process::id());
        let (manager, name) = if is_abstract {
            let address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
            (UnixDatagram::bind_addr(&address).unwrap(), format!("@{abstract_name}"))
        } else {
            (UnixDatagram::bind(&path).unwrap(), path.to_str().unwrap().to_owned())
        };
        let mut command = command(folder.path(), &[], None);
        command.env("NOTIFY_SOCKET", name).stderr(Stdio::null());
        let mut service = Service::start_as(command);
        let heard = || {
            let mut buffer = [0; 100];
            let length = manager.recv(&mut buffer).unwrap();
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        assert_eq!(heard(), "READY=1");
        service.browser().get("/healthz").await.expect(200);
        assert!(service.terminate().success());
        assert_eq!(heard(), "STOPPING=1");
    }
    // A missing socket stops nothing.
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[], None);
    command.env("NOTIFY_SOCKET", "/nowhere/notify").stderr(Stdio::null());
    let mut service = Service::start_as(command);
    service.browser().get("/healthz").await.expect(200);
    assert!(service.terminate().success());
}
