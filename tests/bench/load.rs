//! Sends as many requests as a server can answer, over connections that stay open.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::http::Client;
use crate::server::Server;

const CONNECTIONS: usize = 8;
const ROUND: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(1);

/// The results of one server in one round.
pub struct Round {
    pub per_second: f64,
    /// Half of the answers took at most this long.
    pub p50: Duration,
    /// 95 percent of the answers took at most this long.
    pub p95: Duration,
    /// The server's processor time for each answer.
    pub processor: Duration,
}

/// Fills the pools and the statement caches.
pub async fn warm_up(server: &Server, request: &[u8]) {
    send_for(WARM_UP, server, request).await;
}

pub async fn round(server: &Server, request: &[u8]) -> Round {
    let (began, worked) = (Instant::now(), server.processor_time());
    let mut answers = send_for(ROUND, server, request).await;
    let (took, worked) = (began.elapsed(), server.processor_time() - worked);
    answers.sort_unstable();
    let count = answers.len();
    Round {
        per_second: count as f64 / took.as_secs_f64(),
        p50: answers[count / 2],
        p95: answers[count * 19 / 20],
        processor: worked / u32::try_from(count).expect("fewer than four thousand million"),
    }
}

/// The time that each answer took.
async fn send_for(time: Duration, server: &Server, request: &[u8]) -> Vec<Duration> {
    let end = Instant::now() + time;
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (address, request) = (server.address, request.to_owned());
        connections.spawn(async move {
            let mut client = Client::connect(address).await;
            let mut answers = Vec::new();
            let mut now = Instant::now();
            while now < end {
                let answer = client.send(&request).await;
                assert_eq!(answer.status, 200);
                answers.push(now.elapsed());
                now = Instant::now();
            }
            answers
        });
    }
    connections.join_all().await.concat()
}
