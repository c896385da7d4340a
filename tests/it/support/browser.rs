//! A browser without scripts: cookies, forms, redirects.

use reqwest::header::HOST;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use std::sync::Arc;
use tokio::sync::Mutex;

use super::answer::{Answer, TOKEN_FIELD, is_of_the_session};
use super::secrets::Secrets;

/// A browser that shares nothing with others.
#[derive(Clone)]
pub struct Browser {
    pub origin: String,
    pub client: Client,
    /// The token in the pages' forms, since the session last changed.
    token: Arc<Mutex<Option<String>>>,
    /// Collects what must stay secret.
    secrets: Secrets,
}

impl Browser {
    /// A new browser for the service at `origin`.
    pub fn new(origin: &str) -> Self {
        Self::under(origin, origin)
    }

    /// A new browser for the service at `origin`, which people reach at `base_url`.
    pub fn under(origin: &str, base_url: &str) -> Self {
        let (_, host) = base_url.split_once("://").unwrap();
        let host = [(HOST, host.parse().unwrap())].into_iter().collect();
        let client = Client::builder()
            .default_headers(host)
            .cookie_store(true)
            .redirect(Policy::none())
            .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
            .build()
            .unwrap();
        Self {
            origin: origin.to_owned(),
            client,
            token: Arc::default(),
            secrets: Secrets::default(),
        }
    }

    /// This browser, collecting the secrets that it sees in `secrets`.
    pub fn noting(self, secrets: Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// This browser, for a service that has moved to `origin`.
    pub fn at(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// The token for forms, from a page that costs no statement.
    pub async fn token(&self) -> String {
        let mut token = self.token.lock().await;
        if token.is_none() {
            // Without mail, the first has no form; people who are signed in are redirected away
            // from the second.
            for path in ["/password/forgot", "/login", "/account"] {
                let form = self.request("GET", path).send().await.unwrap();
                let page = form.text().await.unwrap();
                if page.contains(TOKEN_FIELD) {
                    *token = Some(token_in(&page));
                    break;
                }
            }
        }
        token.clone().expect("a page with a form")
    }

    /// Makes the next form fetch a new token.
    pub async fn forget_token(&self) {
        *self.token.lock().await = None;
    }

    /// Sends a request and reads the whole answer. A server error fails the test, whatever it
    /// tests.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = self.send_whatever_comes(request).await;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.path);
        answer
    }

    /// Sends a request for a test that expects a server error. A request that may change something
    /// carries the token like htmx, unless the form contains it.
    pub async fn send_whatever_comes(&self, request: RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let mut request = request.unwrap();
        let form = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        let in_form = String::from_utf8_lossy(form).contains("csrf=");
        if request.method() == "POST" && !in_form && !request.headers().contains_key(TOKEN) {
            request.headers_mut().insert(TOKEN, self.token().await.parse().unwrap());
        }
        self.send_as_it_is(RequestBuilder::from_parts(client, request)).await
    }

    /// Sends a request without adding a token.
    pub async fn send_as_it_is(&self, request: RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let form = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        self.secrets.note_request(request.url().path(), form);
        let response = client.execute(request).await.unwrap();
        let cookies = response.headers().get_all("set-cookie");
        if cookies.iter().any(|cookie| cookie.to_str().is_ok_and(is_of_the_session)) {
            *self.token.lock().await = None;
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let path = response.url().path().to_owned();
        let answer = Answer::new(status, headers, response.text().await.unwrap(), path);
        self.secrets.note_answer(&answer.headers, &answer.body);
        answer
    }

    /// A request that can still be changed.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.origin))
    }

    /// `GET path`; follows a link from an email to its page.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send(self.request("GET", path)).await;
        match answer.location().filter(|location| location.contains("/link/")) {
            Some(page) if is_mailed(path) => self.send(self.request("GET", &page)).await,
            _ => answer,
        }
    }

    /// The path of the form for `path`: a link from an email is opened first, as people do. If the
    /// link leads to no form, returns the answer.
    async fn opened(&self, path: &str) -> Result<String, Answer> {
        let parts: Vec<&str> = path.split('/').collect();
        let Some(at) = parts.iter().position(|part| part.len() == 43) else {
            return Ok(path.to_owned());
        };
        let (link, rest) = (parts[..=at].join("/"), &parts[at + 1..]);
        if !is_mailed(&link) {
            return Ok(path.to_owned());
        }
        let answer = self.send(self.request("GET", &link)).await;
        match answer.location() {
            Some(page) => Ok([&[page.as_str()], rest].concat().join("/")),
            None => Err(answer),
        }
    }

    /// `GET path`, following redirects.
    pub async fn visit(&self, path: &str) -> Answer {
        self.follow(self.get(path).await).await
    }

    /// `GET path` as htmx sends it.
    pub async fn htmx_get(&self, path: &str) -> Answer {
        self.send(htmx(self.request("GET", path))).await
    }

    /// `POST path` with the fields of a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let path = match self.opened(path).await {
            Ok(path) => path,
            Err(answer) => return answer,
        };
        let token = self.token().await;
        let fields = [fields, &[("csrf", &token)]].concat();
        self.send(self.request("POST", &path).form(&fields)).await
    }

    /// `POST path` with a file in a form, as a browser sends it.
    pub async fn upload(&self, path: &str, file: &[u8]) -> Answer {
        let form = file_form(&[("csrf", self.token().await.as_bytes()), ("file", file)]);
        let answer = self.send_as_it_is(self.request_with_file(path, form)).await;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.path);
        answer
    }

    /// A request with a form that contains a file.
    pub fn request_with_file(&self, path: &str, form: Vec<u8>) -> RequestBuilder {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.request("POST", path).header("content-type", kind).body(form)
    }

    /// `POST path` with `cookie` instead of this browser's own cookies.
    pub async fn post_with(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = self.request("POST", path);
        for header in form_headers(&self.origin, cookie).await.lines() {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        self.send(request.form(fields)).await
    }

    /// `POST path` with the fields of a form, as htmx sends it.
    pub async fn htmx_post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(htmx(self.request("POST", path)).form(fields)).await
    }

    /// `POST path`, following redirects.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.follow(self.post(path, fields).await).await
    }

    /// Follows redirects to the final page.
    pub async fn follow(&self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            match answer.location() {
                Some(path) => answer = self.get(&path).await,
                None => return answer,
            }
        }
        panic!("a circle of redirects at {}", answer.path);
    }
}

/// Whether `path` is the path of a link in an email.
fn is_mailed(path: &str) -> bool {
    let starts = [
        "/verify/",
        "/email/",
        "/not-me/",
        "/help/",
        "/signup/",
        "/first/",
        "/invitations/",
        "/join/",
    ];
    starts.iter().any(|start| path.starts_with(start))
}

const BOUNDARY: &str = "----the-boundary-of-a-form";

/// A multipart form with these fields, of which `file` is a file.
pub fn file_form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, value) in fields {
        let file = match *name {
            "file" => "; filename=\"<script>.html\"\r\ncontent-type: text/html",
            _ => "",
        };
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
        );
        form.extend([head.as_bytes(), value, b"\r\n"].concat());
    }
    form.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    form
}

/// The headers with which a browser of this session sends a form, for tests that write bytes.
pub async fn form_headers(origin: &str, session: &str) -> String {
    let page = Client::new().get(format!("{origin}/password/forgot")).header("cookie", session);
    let page = page.send().await.unwrap();
    let secret = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let secret = secret.to_owned();
    let token = token_in(&page.text().await.unwrap());
    format!("cookie: {session}; {secret}\r\n{TOKEN}: {token}\r\n")
}

fn token_in(page: &str) -> String {
    let (_, field) = page.split_once(TOKEN_FIELD).expect("a form with a token");
    field.split('"').next().unwrap().to_owned()
}

/// The header in which htmx sends the token.
const TOKEN: &str = "x-csrf-token";

fn htmx(request: RequestBuilder) -> RequestBuilder {
    request.header("hx-request", "true").header("hx-request-type", "partial")
}
