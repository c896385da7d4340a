//! A request in flight while something happens.

use std::future::Future;

use super::app::{PASSWORD, TestApp, email_of};
use super::browser::form_headers;

/// Sends a change in the name of `name` whose body only follows after `meanwhile`, so that what was
/// checked when the request arrived may not be true any more. Returns the head of the answer.
pub async fn slow_post<F: Future<Output = ()>>(
    app: &TestApp,
    name: &str,
    path: &str,
    body: &str,
    meanwhile: F,
) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let fields = [("email", email_of(name)), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let answer = app.browser().post("/login", &fields).await.expect(303);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let own = form_headers(&app.origin, &cookie).await;
    let address = app.origin.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\n{own}connection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{}",
        body.len(),
        &body[..4]
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    meanwhile.await;
    stream.write_all(&body.as_bytes()[4..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    head.to_owned()
}
