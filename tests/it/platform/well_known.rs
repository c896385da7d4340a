//! What browsers and robots ask for at addresses that are the same on every site.

use crate::support::{Answer, Browser, TestApp};

const A_DAY: &str = "public, max-age=86400";

/// The content of a file that is no text.
async fn bytes(browser: &Browser, path: &str) -> Vec<u8> {
    let answer = browser.request("GET", path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

/// The width and height of a PNG file.
fn size_of_png(file: &[u8]) -> [u32; 2] {
    assert!(file.starts_with(b"\x89PNG\r\n\x1a\n"), "no PNG");
    [16, 20].map(|at| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()))
}

/// The directives of a text file, such as `Allow: /`, in their order.
fn lines(answer: &Answer) -> Vec<(&str, &str)> {
    answer.body.lines().map(|line| line.split_once(": ").unwrap()).collect()
}

#[tokio::test]
async fn each_answers_to_head_as_to_get_and_is_kept_for_a_day() {
    let app = TestApp::spawn_with(with_contact).await;
    for browser in [app.browser(), app.founder("Ada Lovelace", "Acme").await] {
        for (path, kind) in [
            ("/favicon.ico", "image/vnd.microsoft.icon"),
            ("/apple-touch-icon.png", "image/png"),
            ("/manifest.webmanifest", "application/manifest+json; charset=utf-8"),
            ("/robots.txt", "text/plain; charset=utf-8"),
            ("/.well-known/security.txt", "text/plain; charset=utf-8"),
        ] {
            let get = browser.request("GET", path).send().await.unwrap();
            let head = browser.request("HEAD", path).send().await.unwrap();
            for name in ["content-type", "cache-control", "content-length"] {
                assert_eq!(get.headers().get(name), head.headers().get(name), "{path}: {name}");
            }
            assert_eq!((get.status(), head.status()), (200.try_into().unwrap(), get.status()));
            assert_eq!(get.headers()["content-type"], kind, "{path}");
            assert_eq!(get.headers()["cache-control"], A_DAY, "{path}");
            assert!(!get.headers().contains_key("set-cookie"), "{path}");
            assert!(!get.bytes().await.unwrap().is_empty(), "{path}");
            assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_names_its_icons_and_each_has_the_size_that_is_said() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/login").await.expect(200);
    assert_eq!(
        page.attributes("link[rel=icon]", "href")[0],
        "/favicon.ico",
        "browsers that know SVG take the last one that they can draw"
    );
    let icon = bytes(&browser, "/favicon.ico").await;
    assert_eq!(icon[..8], [0, 0, 1, 0, 1, 0, 32, 32], "an icon file with one picture of 32 pixels");
    assert_eq!(size_of_png(&icon[22..]), [32, 32]);
    let vector = page.attribute("link[rel=icon][type='image/svg+xml']", "href");
    browser.get(&vector).await.expect(200);
    let touched = page.attribute("link[rel=apple-touch-icon]", "href");
    for path in [touched.as_str(), "/apple-touch-icon.png"] {
        assert_eq!(size_of_png(&bytes(&browser, path).await), [180, 180], "{path}");
    }

    let manifest = page.attribute("link[rel=manifest]", "href");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("; manifest-src 'self'; "), "{policy}");
    let manifest = browser.get(&manifest).await.expect(200);
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["name"], "Tenantry");
    let icons = manifest["icons"].as_array().unwrap();
    assert_eq!(icons.len(), 3);
    for icon in icons {
        let path = icon["src"].as_str().unwrap();
        if icon["sizes"] == "any" {
            assert_eq!(path, vector);
        } else {
            let [width, height] = size_of_png(&bytes(&browser, path).await);
            assert_eq!(icon["sizes"], format!("{width}x{height}"), "{path}");
        }
    }
}

#[tokio::test]
async fn the_colours_of_the_browsers_bars_are_those_beside_the_page() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/login").await.expect(200);
    let styles = browser.get("/static/app.css").await.expect(200);
    let token = |name: &str| {
        let (_, rest) = styles.body.split_once(&format!("{name}: light-dark(")).unwrap();
        let (light, rest) = rest.split_once(", ").unwrap();
        [light, rest.split(')').next().unwrap()].map(str::to_owned)
    };
    let [light, dark] = token("--bg-side");
    for (scheme, colour) in [("light", &light), ("dark", &dark)] {
        let tag = format!("meta[name=theme-color][media='(prefers-color-scheme: {scheme})']");
        assert_eq!(page.attribute(&tag, "content"), *colour, "{scheme}");
    }
    let manifest = browser.get("/manifest.webmanifest").await.expect(200);
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["theme_color"], light);
    assert_eq!(manifest["background_color"], token("--bg")[0]);
}

#[tokio::test]
async fn robots_may_see_how_one_signs_in_and_nothing_else() {
    let app = TestApp::spawn().await;
    let robots = app.browser().get("/robots.txt").await.expect(200);
    let lines = lines(&robots);
    assert_eq!(lines[0], ("User-agent", "*"));
    assert_eq!(lines.last(), Some(&("Disallow", "/")));
    for path in ["/", "/login", "/signup"] {
        assert!(lines.contains(&("Allow", &format!("{path}$"))), "{path}");
        let page = app.browser().get(path).await;
        if path != "/" {
            assert!(!page.expect(200).attribute("meta[name=description]", "content").is_empty());
        }
    }
}

#[tokio::test]
async fn a_password_manager_is_led_to_the_page_that_changes_the_password() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for method in ["GET", "HEAD"] {
        let answer = ada.send(ada.request(method, "/.well-known/change-password")).await;
        answer.expect(303).expect_redirect("/account/password");
    }
    ada.get("/account/password").await.expect(200);
    let nobody = app.browser();
    nobody.get("/.well-known/change-password").await.expect_redirect("/account/password");
    let missing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    nobody.get(missing).await.expect(404);
}

fn with_contact(config: tenantry::platform::config::Config) -> tenantry::platform::config::Config {
    let contact = "mailto:security@example.test".parse().unwrap();
    config.with_settings(|settings| settings.security_contact = Some(contact))
}

#[tokio::test]
async fn a_contact_for_security_is_published_if_there_is_one_and_counts_for_half_a_year() {
    const PATH: &str = "/.well-known/security.txt";
    let without = TestApp::spawn().await;
    without.browser().get(PATH).await.expect(404);
    let app = TestApp::spawn_with(with_contact).await;
    let canonical = app.app.config.link(PATH);
    let mut before = String::new();
    for _ in 0..2 {
        let answer = app.browser().get(PATH).await.expect(200);
        let expires = app.app.clock.now().plus(time::Duration::days(180)).to_day();
        let expires = format!("{expires}T00:00:00Z");
        assert_eq!(
            lines(&answer),
            [
                ("Contact", "mailto:security@example.test"),
                ("Expires", expires.as_str()),
                ("Canonical", canonical.as_str()),
            ]
        );
        assert_ne!(answer.body, before, "it has moved on with the clock");
        before = answer.body;
        app.advance(time::Duration::days(400));
    }
}
