//! Determines where a request comes from.
//!
//! Anybody can set a header. `X-Forwarded-For` counts only for as many proxies as the operator has
//! declared (`TENANTRY_TRUSTED_PROXIES`), each of which appends the address of its own client. No
//! other forwarding header counts.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;

use crate::platform::App;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client, as far as it can be known.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Stores the client's address in the request.
pub async fn note(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let address = address(peer.ip(), request.headers(), app.config.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(address));
    }
    next.run(request).await
}

/// The address at position `proxies` from the end, or the first one if there are fewer, because one
/// of our proxies wrote that, too. If there is none or it is invalid: the peer.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let entries: Vec<&str> = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let believed = entries.len().min(proxies);
    let entry = believed.checked_sub(1).and_then(|back| entries.iter().rev().nth(back));
    entry.and_then(|entry| parse(entry.trim())).unwrap_or(peer)
}

/// Parses an address, with or without a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.trim_matches(['[', ']']).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(forwarded: &[&str], proxies: usize) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, value.parse().unwrap());
        }
        address(IpAddr::from([10, 0, 0, 9]), &headers, proxies).to_string()
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let forged = ["6.6.6.6, 203.0.113.7"];
        assert_eq!(from(&forged, 0), "10.0.0.9");
        assert_eq!(from(&forged, 1), "203.0.113.7");
        assert_eq!(from(&["6.6.6.6, 203.0.113.7, 10.0.0.8"], 2), "203.0.113.7");
        assert_eq!(from(&["6.6.6.6", "203.0.113.7", "10.0.0.8"], 2), "203.0.113.7");
        assert_eq!(from(&["203.0.113.7"], 2), "203.0.113.7");
        assert_eq!(from(&["6.6.6.6, rubbish"], 1), "10.0.0.9");
        assert_eq!(from(&[], 1), "10.0.0.9");
        assert_eq!(from(&["[2001:db8::1]:443"], 1), "2001:db8::1");
        assert_eq!(from(&["203.0.113.7:5000"], 1), "203.0.113.7");
    }
}
