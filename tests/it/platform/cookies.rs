//! Our cookies among those of other programs on the same host.

use reqwest::header::{HeaderValue, SET_COOKIE};

use crate::support::{Answer, PASSWORD, TestApp, email_of};

/// Cookies that other programs on a host cause browsers to send.
const FOREIGN: &[&[u8]] = &[
    "name=Müller".as_bytes(),
    b"latin=M\xfcller",
    b"broken=\xff\xfe\x80",
    b"tenantry-session=M\xfcller",
    b"=; ; ;;nothing",
    b"quoted=\"a,b c\"",
];

#[tokio::test]
async fn whatever_other_programs_keep_in_a_browser_decides_nothing() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    // A cookie with our name, as another program at another path of the host would set it.
    let port = app.origin.rsplit(':').next().unwrap();
    let names = ["", "-csrf", "-flash", "-device"];
    let doubles = names.map(|name| format!("tenantry.{port}{name}=zzz").into_bytes());
    let foreign = FOREIGN.iter().map(|bytes| bytes.to_vec()).chain(doubles);
    for foreign in foreign {
        let foreign = foreign.as_slice();
        for is_first in [true, false] {
            let mut ours: Vec<String> = Vec::new();
            let mut send = async |path: &str, fields: Option<&[(&str, &str)]>| {
                let own = ours.join("; ").into_bytes();
                let whole = match is_first {
                    true => [foreign, &b"; "[..], &own].concat(),
                    false => [&own, &b"; "[..], foreign].concat(),
                };
                let url = format!("{}{path}", app.origin);
                let request = match fields {
                    Some(fields) => client.post(url).form(fields),
                    None => client.get(url),
                };
                let cookie = HeaderValue::from_bytes(&whole).unwrap();
                let response = request.header("cookie", cookie).send().await.unwrap();
                for cookie in response.headers().get_all(SET_COOKIE) {
                    let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                    let name = pair.split_once('=').unwrap().0;
                    ours.retain(|known| !known.starts_with(&format!("{name}=")));
                    ours.push(pair.to_owned());
                }
                let status = response.status();
                let headers = response.headers().clone();
                let path = path.to_owned();
                Answer::new(status, headers, response.text().await.unwrap(), path)
            };
            let page = send("/login", None).await.expect(200);
            let token = page.attribute("form input[name=csrf]", "value");
            let email = email_of("Ada Lovelace");
            let fields = [("email", email.as_str()), ("password", PASSWORD), ("csrf", &token)];
            send("/login", Some(&fields)).await.expect_redirect("/");
            let page = send("/account", None).await.expect(200);
            let token = page.attribute("form[action=\"/account\"] input[name=csrf]", "value");
            let fields = [("name", "Ada Lovelace"), ("csrf", token.as_str())];
            send("/account", Some(&fields)).await.expect_redirect("/account");
            let page = send("/account", None).await.expect(200);
            assert!(page.text(".toast").contains("saved"), "{}", page.body);
        }
    }
    app.work().await;
}

/// Returns the names of the cookies that an answer sets.
fn names(answer: &Answer) -> Vec<String> {
    let cookies = answer.headers.get_all(SET_COOKIE).iter();
    cookies.map(|c| c.to_str().unwrap().split('=').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn two_installations_on_one_host_share_no_cookie_and_leave_each_others_alone() {
    let (one, other) = (TestApp::spawn().await, TestApp::spawn().await);
    let ada = one.founder("Ada Lovelace", "Acme").await;
    other.founder("Ada Lovelace", "Acme").await;
    // The same browser: it sends its cookies to every port.
    let there = ada.at(&other.origin);
    there.forget_token().await;
    let mut seen = [Vec::new(), Vec::new()];
    let email = email_of("Ada Lovelace");
    for (names_seen, browser) in seen.iter_mut().zip([&ada, &there]) {
        names_seen.extend(names(&browser.get("/login").await));
        browser.forget_token().await;
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        names_seen.extend(names(&browser.post("/login", &fields).await.expect(303)));
        names_seen.extend(names(&browser.post("/account", &[("name", "Ada")]).await.expect(303)));
        names_seen.extend(names(&browser.post("/password/forgot", &[("email", &email)]).await));
    }
    assert!(seen[0].iter().all(|name| !seen[1].contains(name)), "{seen:?}");
    for browser in [&ada, &there] {
        browser.get("/orgs/acme").await.expect(200);
    }
    ada.forget_token().await;
    let out = ada.post("/logout", &[]).await.expect(303);
    assert!(names(&out).iter().all(|name| !seen[1].contains(name)), "{:?}", out.headers);
    ada.get("/orgs/acme").await.expect(303);
    there.forget_token().await;
    there.get("/orgs/acme").await.expect(200);
    one.work().await;
    other.work().await;
}
