//! Claims of docs/security.md that cover everything of one kind: every link, every cookie, every
//! part of the program, everything that is logged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use tenantry::platform::audit::Action;
use tenantry::platform::noun::actions::LifeActions;
use time::Duration;

use crate::support::world::World;
use crate::support::{Answer, Authenticator, PASSWORD, TestApp, email_of, files};

const ADA: &str = "Ada Lovelace";

#[tokio::test]
async fn asvs_1_2_2_a_clients_address_is_the_one_thing_typed_that_becomes_a_link() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    for (typed, link) in [
        ("Ada@Example.test", "mailto:ada@example.test"),
        ("o'brien+x@example.test", "mailto:o'brien+x@example.test"),
        ("a&b?c=d%e/f#g@example.test", "mailto:a%26b%3Fc%3Dd%25e%2Ff%23g@example.test"),
        ("ada@bücher.example", "mailto:ada@xn--bcher-kva.example"),
    ] {
        let fields = [("name", typed), ("email", typed)];
        let made = ada.post("/orgs/acme/clients", &fields).await.expect(303);
        let page = ada.get(&made.location().unwrap()).await.expect(200);
        assert_eq!(page.attribute("main a[href^='mailto:']", "href"), link);
    }
    for typed in ["javascript:alert(1)", "x@example.test?bcc=y@example.test", "https://x.test"] {
        let fields = [("name", "Evil"), ("email", typed)];
        ada.post("/orgs/acme/clients", &fields).await.expect(422);
    }
}

#[tokio::test]
async fn asvs_1_2_2_links_lead_nowhere_but_here_or_to_a_clients_address() {
    let world = World::new().await;
    let mut links = 0;
    for call in world.calls(&world.acme).iter().filter(|call| call.method == "GET") {
        let page = world.acme.owner.get(&call.path).await;
        for attribute in ["href", "src", "action", "formaction"] {
            for value in page.attributes(&format!("[{attribute}]"), attribute) {
                let is_here = value.is_empty() || value.starts_with(['/', '#', '?']);
                assert!(is_here && !value.starts_with("//"), "{}: {attribute} {value}", call.path);
                links += 1;
            }
        }
    }
    assert!(links > 1000, "{links} links");
}

/// Notes every cookie that an answer sets, by name without the handle of a link, with its lasting
/// attributes.
fn note(answer: &Answer, seen: &mut BTreeMap<String, BTreeSet<String>>) {
    for cookie in answer.headers.get_all("set-cookie") {
        let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
        let attributes: Vec<&str> = rest.split("; ").skip(1).collect();
        let lasting = attributes.iter().filter(|part| {
            !part.starts_with("Max-Age")
                && !part.starts_with("Expires")
                && !part.starts_with("Secure")
        });
        let mut lasting: Vec<&str> = lasting.copied().collect();
        lasting.sort_unstable();
        // Each opened link has a cookie of its own.
        let name =
            name.split_once("-link-").map_or(name.to_owned(), |(start, _)| format!("{start}-link"));
        seen.entry(name).or_default().insert(lasting.join("; "));
    }
}

#[tokio::test]
async fn asvs_3_3_2_every_cookie_is_lax_and_the_known_browsers_is_strict() {
    let name = url::Url::parse("http://localhost").unwrap();
    let app = TestApp::spawn_with(|config| config.with_base_url(name)).await;
    let mut seen = BTreeMap::new();
    let ada = app.browser();
    let email = email_of(ADA);
    let fields =
        [("name", ADA), ("email", &email), ("password", PASSWORD), ("organization", "Acme")];
    note(&ada.get("/signup").await, &mut seen);
    note(&ada.post("/signup", &fields).await.expect(303), &mut seen);
    let confirmed = app.last_mail(&email).await.link("/verify/");
    note(&ada.send(ada.request("GET", &confirmed)).await.expect(303), &mut seen);
    note(&ada.post(&confirmed, &[]).await.expect(303), &mut seen);
    note(&ada.post("/account", &[("name", "Ada")]).await.expect(303), &mut seen);
    let fields = [("theme", "dark"), ("density", "comfortable")];
    note(&ada.post("/account/preferences", &fields).await.expect(303), &mut seen);
    let mut device = Authenticator::new("http://localhost");
    let page = ada.get("/account/security/passkeys/new").await.expect(200);
    note(&page, &mut seen);
    let credential = device.make(&page);
    let fields = [("name", "Laptop"), ("credential", credential.as_str())];
    note(&ada.post("/account/security/passkeys", &fields).await.expect(303), &mut seen);
    app.advance(Duration::minutes(11));
    note(&ada.get("/account/confirm").await.expect(200), &mut seen);
    let other = app.browser();
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    note(&other.post("/login", &fields).await.expect(303), &mut seen);
    note(&other.get("/login/factor").await.expect(200), &mut seen);
    note(&other.get("/login/passkey").await.expect(200), &mut seen);
    app.work().await;
    note(&other.post("/password/forgot", &[("email", &email)]).await.expect(303), &mut seen);
    let link = app.last_mail(&email).await.link("/password/reset/");
    note(&other.get(&link).await.expect(303), &mut seen);
    app.work().await;
    let kinds = [
        "csrf",
        "device",
        "flash",
        "halfway",
        "link",
        "look",
        "passkey-again",
        "passkey-in",
        "passkey-new",
        "passkey-second",
        "reset",
    ];
    for kind in kinds {
        let known = seen.keys().any(|name| name.ends_with(&format!("-{kind}")));
        assert!(known, "no cookie {kind} was set: {:?}", seen.keys());
    }
    // Only these and the session cookie may be set.
    assert_eq!(seen.len(), kinds.len() + 1, "{:?}", seen.keys());
    for (name, attributes) in &seen {
        let same_site = if name.ends_with("-device") { "Strict" } else { "Lax" };
        let expected = format!("HttpOnly; Path=/; SameSite={same_site}");
        assert_eq!(attributes, &BTreeSet::from([expected]), "{name}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "cargo tells of the licences of all parts")]
fn asvs_15_1_2_every_part_has_a_licence_and_a_source_that_are_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let foreign: Vec<&str> = lock.lines().filter(|line| line.starts_with("source = ")).collect();
    assert!(foreign.len() > 100, "{} parts", foreign.len());
    for source in foreign {
        let is_default = source.starts_with("source = \"registry+") && !source.contains("git+");
        assert!(is_default, "{source}");
    }
    let deny = std::fs::read_to_string(root.join("deny.toml")).unwrap();
    let allowed = deny.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let allowed: BTreeSet<&str> = allowed.split('"').skip(1).step_by(2).collect();
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_taken(licence, &allowed) {
            wrong.push(format!("{}: {licence:?}", package["name"]));
        }
    }
    assert_eq!(wrong, [""; 0], "deny.toml does not take these");
}

/// Returns whether a licence, given as an SPDX expression, can be used under the allowed licences.
fn is_taken(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let licence = licence.trim();
    let inner = licence.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let parts = |word: &str| {
        let mut parts = vec![String::new()];
        let mut depth = 0;
        for token in
            licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ").split_whitespace()
        {
            depth += i32::from(token == "(") - i32::from(token == ")");
            if token == word && depth == 0 {
                parts.push(String::new());
            } else {
                let part = parts.last_mut().unwrap();
                if !part.is_empty() {
                    part.push(' ');
                }
                part.push_str(token);
            }
        }
        parts
    };
    match (parts("OR"), parts("AND"), inner) {
        (either, ..) if either.len() > 1 => either.iter().any(|part| is_taken(part, allowed)),
        (_, all, _) if all.len() > 1 => all.iter().all(|part| is_taken(part, allowed)),
        (.., Some(inner)) => is_taken(inner, allowed),
        _ => allowed.contains(licence),
    }
}

#[test]
fn a_licence_is_taken_when_one_of_its_ways_is() {
    let allowed =
        BTreeSet::from(["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]);
    for taken in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ] {
        assert!(is_taken(taken, &allowed), "{taken}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0"] {
        assert!(!is_taken(refused, &allowed), "{refused}");
    }
}

/// The log messages in `text`, each with its level.
fn messages(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for level in ["error", "warn", "info", "debug", "trace"] {
        for event in text.split(&format!("tracing::{level}!(")).skip(1) {
            // The message is the first string literal of the call.
            let call: Vec<&str> = event.splitn(2, '"').collect();
            let message = call.get(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            let message =
                message.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\ ", "");
            found.push((level.to_owned(), message));
        }
    }
    found
}

#[test]
fn asvs_16_1_1_everything_that_is_logged_is_in_the_inventory() {
    let manual = &files("docs", "logging.md")[0].1;
    let mut events = 0;
    for (path, text) in files("src", ".rs") {
        // It is part of no program that is served.
        if path.ends_with("platform/prove.rs") {
            continue;
        }
        for (level, message) in messages(&text) {
            let line = format!("| {level} | {message} |");
            assert!(manual.contains(&line), "{path}: docs/logging.md has no line {line} …");
            events += 1;
        }
    }
    assert!(events >= 30, "{events} events");
    // Those in the life of a row follow one rule, whatever it is a row of.
    let lives = inventory::iter::<&'static LifeActions>;
    let by_rule: Vec<_> = lives.into_iter().flat_map(|life| life.all()).map(Action::word).collect();
    for action in Action::all() {
        let word = match action.word().split_once('.') {
            Some((_, step)) if by_rule.contains(&action.word()) => format!("`….{step}`"),
            _ => format!("`{}`", action.word()),
        };
        assert!(manual.contains(&word), "docs/logging.md does not tell of {word}");
    }
}
