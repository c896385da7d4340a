//! A browser without scripts: cookies, forms, redirects.

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use scraper::{Html, Selector};

/// A browser of its own: nothing is shared with another.
#[derive(Clone)]
pub struct Browser {
    pub origin: String,
    pub client: Client,
}

/// An answer, with what a person sees of it.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The path that gave it.
    pub path: String,
}

impl Browser {
    /// A fresh browser for the service at `origin`.
    pub fn new(origin: &str) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
            .build()
            .unwrap();
        Self { origin: origin.to_owned(), client }
    }

    /// Sends a request and reads the whole answer. A fault of the server's fails the test,
    /// whatever else it looks for.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = self.send_whatever_comes(request).await;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.path);
        answer
    }

    /// The same where a fault is what the test is about.
    pub async fn send_whatever_comes(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            path: response.url().path().to_owned(),
            body: response.text().await.unwrap(),
        }
    }

    /// A request that can still be changed.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.origin))
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// `GET path` and wherever it leads.
    pub async fn visit(&self, path: &str) -> Answer {
        self.follow(self.get(path).await).await
    }

    /// `GET path` as htmx sends it.
    pub async fn htmx_get(&self, path: &str) -> Answer {
        self.send(htmx(self.request("GET", path))).await
    }

    /// `POST path` with the fields of a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request("POST", path).form(fields)).await
    }

    /// The same as htmx sends it.
    pub async fn htmx_post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(htmx(self.request("POST", path)).form(fields)).await
    }

    /// `POST path` and wherever it leads.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.follow(self.post(path, fields).await).await
    }

    /// Follows redirects to the page at their end.
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

fn htmx(request: RequestBuilder) -> RequestBuilder {
    request.header("hx-request", "true").header("hx-request-type", "partial")
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> Option<String> {
        let location = self.headers.get("location")?.to_str().unwrap();
        self.status.is_redirection().then(|| location.to_owned())
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The page.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// The texts of what `selector` finds, with white space folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.html()
            .select(&selector)
            .map(|element| {
                element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The text of the first thing that `selector` finds; empty when there is none.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    /// The values of an attribute of what `selector` finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.html()
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// An attribute of the first thing that `selector` finds.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        self.attributes(selector, name).into_iter().next().unwrap_or_default()
    }

    /// How many things `selector` finds.
    pub fn count(&self, selector: &str) -> usize {
        self.html().select(&Selector::parse(selector).unwrap()).count()
    }

    /// Fails the test unless the status is `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.body);
        self
    }

    /// Fails the test unless it leads to `path`.
    #[track_caller]
    pub fn expect_redirect(self, path: &str) -> Self {
        assert_eq!(self.location().as_deref(), Some(path), "{}: {}", self.status, self.body);
        self
    }
}
