//! Sends a request to this installation, as a browser would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::platform::secrets::Keyring;
use crate::platform::web::echo::{Challenge, Echo};

/// How long the whole answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes; ours has a few lines.
const LONGEST: usize = 4096;

/// Why there is no answer from this installation.
pub(super) enum Silence {
    /// Nothing can be reached there, for this reason.
    Unreachable(String),
    /// Another program answers, or this one with another key, with this status.
    Other(u16),
}

/// Asks the server at `url` how the request arrived.
pub(super) async fn ask(url: &Url, keyring: &Keyring) -> Result<Echo, Silence> {
    let challenge = Challenge::random();
    let asked = tokio::time::timeout(PATIENCE, get(url, &challenge.path())).await;
    let (status, body) = match asked {
        Ok(answer) => answer.map_err(|error| Silence::Unreachable(error.to_string()))?,
        Err(_) => {
            let words = format!("no answer within {} seconds", PATIENCE.as_secs());
            return Err(Silence::Unreachable(words));
        }
    };
    challenge.open(keyring, &body).ok_or(Silence::Other(status))
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The status and the beginning of the answer. It does not follow redirects.
async fn get(url: &Url, path: &str) -> Result<(u16, String), Fault> {
    let host = url.host().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().ok_or("the URL has no port")?;
    let stream = match &host {
        Host::Domain(name) => TcpStream::connect((*name, port)).await?,
        Host::Ipv4(address) => TcpStream::connect(SocketAddr::from((*address, port))).await?,
        Host::Ipv6(address) => TcpStream::connect(SocketAddr::from((*address, port))).await?,
    };
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    };
    let request = Request::get(path).header(header::HOST, authority).body(Body::empty())?;
    if url.scheme() != "https" {
        return exchange(stream, request).await;
    }
    let name = match &host {
        Host::Domain(name) => ServerName::try_from((*name).to_owned())?,
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
    };
    let connector = TlsConnector::from(Arc::new(trust()?));
    exchange(connector.connect(name, stream).await?, request).await
}

async fn exchange<S>(stream: S, request: Request<Body>) -> Result<(u16, String), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(Body::new(answer.into_body()), LONGEST).await;
    connection.abort();
    // An answer longer than ours comes from another program.
    let body = body.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    Ok((status, body))
}

/// Trusts the authorities that browsers trust and those of this machine: a proxy may have an
/// internal certificate.
fn trust() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
