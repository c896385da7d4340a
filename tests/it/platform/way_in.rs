//! How the doctor sees requests arrive: directly at the service, at its base URL, through a proxy.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::service::{Service, command};

/// Starts a proxy that adds the address of the client to each request, and returns its port.
async fn proxy_to(service: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(&service).await.unwrap();
            tokio::spawn(async move {
                let mut head = vec![0; 8192];
                let size = near.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..size]).into_owned();
                let (line, rest) = head.split_once("\r\n").unwrap();
                let passed = format!("{line}\r\nx-forwarded-for: 203.0.113.7\r\n{rest}");
                far.write_all(passed.as_bytes()).await.unwrap();
                let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    port
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a service at an address that the doctor knows, and returns that address.
async fn service(folder: &Path) -> (Service, String) {
    let address = format!("127.0.0.1:{}", free_port());
    let (folder, listen) = (folder.to_owned(), address.clone());
    let start = move || Service::start(&folder, &["--listen", &listen], None);
    (tokio::task::spawn_blocking(start).await.unwrap(), address)
}

async fn doctor(folder: &Path, listen: &str, base_url: &str, proxies: &str) -> String {
    let mut doctor = command(folder, &["doctor"], None);
    doctor.env("TENANTRY_LISTEN", listen).env("TENANTRY_BASE_URL", base_url);
    doctor.env("TENANTRY_TRUSTED_PROXIES", proxies);
    let output = tokio::task::spawn_blocking(move || doctor.output().unwrap()).await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_request_is_followed_from_the_base_url_to_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let (running, listen) = service(folder.path()).await;
    let said = doctor(folder.path(), &listen, &running.origin, "0").await;
    assert!(said.contains(&format!("ok    service: It answers at {listen}.")), "{said}");

    let base = format!("http://localhost:{}", proxy_to(listen.clone()).await);
    let said = doctor(folder.path(), &listen, &base, "0").await;
    assert!(said.contains(&format!("ok    way in: A request to {base} arrives here.")), "{said}");
    let words =
        "A request came in from 127.0.0.1 with 1 in X-Forwarded-For, of which 0 are trusted";
    assert!(said.contains(&format!("warn  proxies: {words}")), "{said}");
    assert!(said.contains("Set TENANTRY_TRUSTED_PROXIES=1"), "{said}");
    let said = doctor(folder.path(), &listen, &base, "1").await;
    assert!(said.contains("ok    proxies: "), "{said}");
    let said = doctor(folder.path(), &listen, &base, "2").await;
    assert!(said.contains("clients can choose their address"), "{said}");

    // The base URL leads to another installation, or to nothing.
    let other = tempfile::tempdir().unwrap();
    let (_other, elsewhere) = service(other.path()).await;
    let base = format!("http://localhost:{}", proxy_to(elsewhere.clone()).await);
    let said = doctor(folder.path(), &listen, &base, "1").await;
    assert!(said.contains(&format!("FAIL  way in: {base} leads elsewhere")), "{said}");
    let base = format!("http://localhost:{}", free_port());
    let said = doctor(folder.path(), &listen, &base, "1").await;
    let words = format!("warn  way in: {base} cannot be reached from this machine: ");
    assert!(said.contains(&words), "{said}");
    // Another installation answers at the address of this one.
    let said = doctor(folder.path(), &elsewhere, &base, "1").await;
    assert!(said.contains(&format!("FAIL  service: What answers at {elsewhere}")), "{said}");
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_how_a_request_came_in() {
    let folder = tempfile::tempdir().unwrap();
    let (running, _) = service(folder.path()).await;
    let browser = running.browser();
    let answer = browser.get("/healthz?challenge=who-are-you").await.expect(200);
    let (ok, sealed) = answer.body.split_once('\n').unwrap();
    assert_eq!(ok, "ok");
    assert!(!sealed.contains("127.0.0.1") && !sealed.contains("challenge"), "{sealed}");
    let again = browser.get("/healthz?challenge=who-are-you").await.expect(200);
    assert_ne!(answer.body, again.body, "it is sealed anew");
    for plain in
        ["/healthz", "/healthz?challenge=", &format!("/healthz?challenge={}", "x".repeat(65))]
    {
        assert_eq!(browser.get(plain).await.expect(200).body, "ok\n", "{plain}");
    }
}
