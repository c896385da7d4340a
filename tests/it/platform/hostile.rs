//! Input that no page of ours sends, in every field of every form.

use std::collections::BTreeMap;

use form_urlencoded::byte_serialize;
use reqwest::StatusCode;
use tenantry::core::operators::{self, OperatorCommand};
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::support::world::{World, call, place};
use crate::support::{Answer, Browser, PASSWORD, Snapshot, email_of};

/// The forms outside organizations. `{id}` in a path belongs to nobody, and no `{link}` exists.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    (
        "/signup",
        &[
            ("name", "Una"),
            ("email", "una@example.test"),
            ("password", PASSWORD),
            ("organization", "Una"),
            ("next", ""),
        ],
    ),
    (
        "/login",
        &[
            ("email", "acme.owner@example.test"),
            ("password", "not the right one"),
            ("remember", "1"),
            ("next", "/orgs"),
        ],
    ),
    ("/login/factor", &[("code", "123456"), ("credential", "")]),
    ("/login/passkey", &[("credential", "{}"), ("remember", ""), ("next", "/")]),
    ("/logout", &[("next", "/")]),
    ("/signup/link/{link}", &[("password", PASSWORD)]),
    (
        "/first/link/{link}",
        &[
            ("name", "Una"),
            ("email", "una@example.test"),
            ("password", PASSWORD),
            ("organization", "Una"),
        ],
    ),
    ("/account/picture", &[]),
    ("/account/picture/remove", &[]),
    ("/account/delete", &[("email", "nobody@example.test"), ("organizations", "")]),
    ("/operator/people/{id}/end-sign-ins", &[]),
    ("/operator/people/{id}/reset", &[]),
    ("/operator/people/{id}/suspend", &[("reason", "Unpaid")]),
    ("/operator/people/{id}/reactivate", &[]),
    ("/operator/sign-ins/end", &[("phrase", "sign someone out")]),
    ("/password/forgot", &[("email", "nobody@example.test")]),
    ("/password/reset", &[("password", PASSWORD)]),
    ("/verify/link/{link}", &[]),
    ("/email/link/{link}", &[]),
    ("/unsubscribe/{text}", &[]),
    ("/unsubscribe/{text}/undo", &[]),
    ("/not-me/link/{link}", &[("moment", ""), ("password", "not it at all"), ("forgotten", "")]),
    ("/help/link/{link}", &[]),
    ("/verify/link/{link}/claim", &[("name", "Ada"), ("password", PASSWORD)]),
    ("/verify/link/{link}/discard", &[("sure", "1")]),
    ("/operator/people/{id}/help", &[("reason", "Showed a passport")]),
    ("/operator/people/{id}/help/stop", &[]),
    ("/preview", &[("notes", "Some *text*"), ("preview", "notes")]),
    ("/account", &[("name", "Olga")]),
    ("/account/preferences", &[("theme", "dark"), ("density", "compact")]),
    ("/account/preferences/theme", &[("theme", "light")]),
    ("/account/verify", &[]),
    ("/account/email", &[("email", "other@example.test")]),
    ("/account/email/call-off", &[]),
    ("/account/password", &[("current_password", "not it at all"), ("password", PASSWORD)]),
    (
        "/account/confirm",
        &[("password", "not it at all"), ("code", ""), ("credential", ""), ("next", "/account")],
    ),
    ("/account/security/recovery-codes", &[("next", "")]),
    ("/account/security/totp", &[("next", "")]),
    ("/account/security/totp/{id}/confirm", &[("name", "Phone"), ("code", "123456"), ("next", "")]),
    ("/account/security/totp/{id}/rename", &[("name", "Phone")]),
    ("/account/security/totp/{id}/remove", &[]),
    ("/account/security/passkeys", &[("name", "Key"), ("credential", "{}"), ("next", "")]),
    ("/account/security/passkeys/{id}/rename", &[("name", "Key")]),
    ("/account/security/passkeys/{id}/remove", &[]),
    ("/account/sessions/{id}/end", &[]),
    ("/account/sessions/end-others", &[]),
    ("/invitations/link/{link}/accept", &[("name", "Nia"), ("password", PASSWORD)]),
    ("/invitations/link/{link}/decline", &[]),
    ("/invitations/link/{link}/ask", &[]),
    ("/invitations/waiting/{id}", &[]),
    ("/join/link/{link}", &[]),
    ("/orgs", &[("name", "Another"), ("slug", "another")]),
    ("/operator/organizations/{id}/suspend", &[("reason", "Unpaid")]),
    ("/operator/organizations/{id}/reactivate", &[]),
    (
        "/operator/organizations/{id}/enter",
        &[("reason", "Help"), ("minutes", "5"), ("may_write", "")],
    ),
    ("/operator/visits/{id}/end", &[]),
    ("/operator/mails/send", &[]),
    ("/operator/mails/{id}/send", &[]),
    ("/operator/jobs/{id}/run", &[]),
];

/// A form of the table, filled as a page of ours would fill it.
struct Target {
    route: &'static str,
    path: String,
    form: Vec<(&'static str, String)>,
    /// Whether it is sent without being signed in.
    is_for_nobody: bool,
}

/// Every form. Those of an organization are in the order in which its owner can send them; those
/// that would affect the others come last.
fn targets(world: &World) -> Vec<Target> {
    let mut targets = Vec::new();
    for route in router::routes(&world.app.app).into_iter().filter(|r| r.method == "POST") {
        let inside = matches!(route.access, Access::Member(_) | Access::Object { .. });
        if inside {
            let call = call(&route, "acme", &|_| &world.acme);
            let (path, form) = (call.path, call.form);
            targets.push(Target { route: route.path, path, form, is_for_nobody: false });
            continue;
        }
        let known = FORMS.iter().find(|(path, _)| *path == route.path);
        let (_, fields) = known.unwrap_or_else(|| {
            panic!("{} has no form: add what its page sends in tests/it/hostile.rs", route.path)
        });
        let id = "00000000-0000-0000-0000-000000000000";
        let path = route.path.replace("{id}", id).replace("{link}", "0123456789abcdef");
        let path = path.replace("{text}", "nonsense");
        let form = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let is_for_nobody = route.access == Access::Anyone && route.path != "/logout";
        targets.push(Target { route: route.path, path, form, is_for_nobody });
    }
    let moves_all = ["/logout", "/orgs/{slug}/settings", "/orgs/{slug}/leave"];
    targets.sort_by_key(|target| (moves_all.contains(&target.route), place(target.route)));
    targets
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Returns the form as text, with `value` in place of what `field` would hold.
fn with(form: &[(&str, String)], field: &str, value: &str) -> String {
    let parts = form.iter().map(|(name, own)| match *name == field {
        true => format!("{name}={value}"),
        false => format!("{name}={}", encode(own)),
    });
    parts.collect::<Vec<_>>().join("&")
}

async fn send(browser: &Browser, path: &str, form: String) -> Answer {
    let request = browser.request("POST", path).body(form);
    browser.send(request.header("content-type", "application/x-www-form-urlencoded")).await
}

/// Whether a page may send a field several times: the addresses of invitations, and chosen rows.
fn is_repeated(route: &str, field: &str) -> bool {
    route == "/orgs/{slug}/invitations" && field == "email" || field == "row"
}

/// Returns the browser of somebody who owns an organization and is an operator, so that no form is
/// refused before it is read.
async fn all_powerful(world: &World) -> Browser {
    let grant = OperatorCommand::Grant { email: email_of("Acme Owner") };
    operators::run(&world.app.app, &grant).await.unwrap();
    world.acme.owner.clone()
}

#[tokio::test]
async fn asvs_1_5_3_what_no_page_sends_is_refused_in_every_field_and_changes_nothing() {
    let world = World::new().await;
    let owner = all_powerful(&world).await;
    let nobody = world.app.browser();
    let before = Snapshot::take(&world.app).await;
    let megabyte = "a".repeat(1_000_000);
    let mut sent = 0;
    // A button without fields ignores what is sent with it.
    for target in targets(&world).iter().filter(|target| !target.form.is_empty()) {
        let browser = if target.is_for_nobody { &nobody } else { &owner };
        let whole = with(&target.form, "", "");
        let mut forms = vec![
            format!("{whole}&surprise%00=1"),
            format!("{whole}&%FF=1"),
            (0..300).map(|n| format!("f{n}=1&")).collect(),
        ];
        // A preview belongs to whatever form its button is in.
        if target.route != "/preview" {
            forms.push(format!("{whole}&surprise=1"));
        }
        for (name, value) in &target.form {
            forms.extend([
                with(&target.form, name, "a%00b"),
                with(&target.form, name, "%00"),
                with(&target.form, name, "%FF%FE"),
                with(&target.form, name, "%C0%AF"),
                with(&target.form, name, "%ED%A0%80"),
                with(&target.form, name, &megabyte),
            ]);
            if !is_repeated(target.route, name) {
                forms.push(format!("{whole}&{name}={}", encode(value)));
            }
        }
        for form in forms {
            let shown: String = form.chars().take(200).collect();
            let answer = send(browser, &target.path, form).await;
            let refused = [400, 413].contains(&answer.status.as_u16());
            // A target that does not exist may be looked up before the form is read, but a
            // malformed form never succeeds.
            let absent = ["0000-0000", "/link/", "/unsubscribe/"];
            let absent = absent.iter().any(|part| target.path.contains(part));
            let is_right = refused || (absent && [404, 410].contains(&answer.status.as_u16()));
            assert!(is_right, "{} {shown}: {} {}", target.path, answer.status, answer.body);
            sent += 1;
        }
    }
    before.expect_unmoved(&world.app).await;
    assert!(sent >= 300, "{sent} forms");
}

/// What a person could type or paste, or a program make up. All of them contain the words.
const TYPED: &[&str] = &[
    "keep me\r\nand me",
    "keep me\u{202e}em peek",
    "keep me\u{7}\u{1b}[31m",
    "keep me\u{2028}\u{feff}\u{200b}",
    "keep me <script>\"'&{{ 7*7 }}",
    "keep me' or 1=1 --",
    "=keep me",
];
const NUMBERS: &[&str] = &[
    "",
    " ",
    "-1",
    "0",
    "99999999999999999999",
    "-9223372036854775809",
    "1e9",
    "0x1",
    "1.5",
    "NaN",
];

/// Returns whether a page that came back still holds what was typed into `field`, if it shows the
/// field as one to type into.
fn is_kept(answer: &Answer, field: &str) -> bool {
    let typed = |selector: &str| answer.count(selector) > 0;
    let inputs = format!("main input[name={field}]:not([type=hidden])");
    let kinds = ["password", "radio", "checkbox"];
    let is_input = typed(&inputs)
        && !answer.attributes(&inputs, "type").iter().any(|kind| kinds.contains(&kind.as_str()))
        && answer.attribute(&inputs, "autocomplete") != "one-time-code";
    let area = format!("main textarea[name={field}]");
    if is_input {
        answer.attributes(&inputs, "value").iter().any(|value| value.contains("keep me"))
    } else if typed(&area) {
        answer.text(&area).contains("keep me")
    } else {
        true
    }
}

/// Forms where each try is counted, including those that are refused.
const COUNTED: &[&str] = &[
    "/signup",
    "/login",
    "/password/forgot",
    "/invitations/link/{link}/accept",
    "/account/confirm",
    "/account/password",
    "/account/security/totp/{id}/confirm",
];

#[tokio::test]
async fn asvs_2_2_1_what_is_typed_is_taken_or_refused_whole_and_what_is_refused_is_kept() {
    let world = World::new().await;
    let owner = all_powerful(&world).await;
    let mut seen: BTreeMap<StatusCode, usize> = BTreeMap::new();
    let long = format!("keep me {}", "a".repeat(50_000));
    // What nothing has changed since it was taken.
    let mut taken = None;
    for target in targets(&world) {
        for (name, _) in &target.form {
            let before = match taken.take() {
                Some(snapshot) => snapshot,
                None => Snapshot::take(&world.app).await,
            };
            let mut has_changed = false;
            for value in TYPED.iter().chain(NUMBERS).copied().chain([long.as_str()]) {
                // A new browser each time: signing in would change it.
                let nobody = world.app.browser();
                let browser = if target.is_for_nobody { &nobody } else { &owner };
                // Passwords must not be stored in clear text anywhere, but these words also occur
                // as a name.
                let own = format!("{value} of a password");
                let is_secret = ["password", "current_password"].contains(name);
                let value = if is_secret { own.as_str() } else { value };
                let form = with(&target.form, name, &encode(value));
                let shown: String = form.chars().take(200).collect();
                let answer = send(browser, &target.path, form).await;
                let status = answer.status;
                assert!(
                    status.is_redirection() || status.is_success() || status.is_client_error(),
                    "{} {shown}: {status} {}",
                    target.path,
                    answer.body
                );
                // The invitation page keeps only the address of `name <address>`.
                let is_taken_apart = target.route == "/orgs/{slug}/invitations" && *name == "email";
                let keeps = !(is_taken_apart && value.contains('<'));
                if status == 422 && value.contains("keep me") && keeps {
                    assert!(is_kept(&answer, name), "{} {shown}: {}", target.path, answer.body);
                }
                has_changed |= !status.is_client_error();
                *seen.entry(status).or_default() += 1;
            }
            if !has_changed && !COUNTED.contains(&target.route) {
                before.expect_unmoved(&world.app).await;
                taken = Some(before);
            }
        }
    }
    assert!(seen[&StatusCode::UNPROCESSABLE_ENTITY] >= 200, "{seen:?}");
    world.app.work().await;
    // No text shown on one line keeps characters that move or break lines.
    let breaks = ['\u{202e}', '\u{7}', '\u{1b}', '\u{2028}', '\r', '\n'];
    for (table, column) in [
        ("users", "name"),
        ("organizations", "name"),
        ("clients", "name"),
        ("projects", "name"),
        ("tasks", "title"),
        ("saved_filters", "name"),
        ("totp_factors", "name"),
    ] {
        let sql = format!("select coalesce({column}, '') from {table}");
        for text in world.app.database.texts(&sql).await {
            assert!(!text.contains(breaks), "{table}.{column}: {text:?}");
        }
    }
}

#[tokio::test]
async fn asvs_2_2_1_hostile_parameters_of_a_page_are_refused_or_left_alone() {
    let world = World::new().await;
    let owner = all_powerful(&world).await;
    let before = Snapshot::take(&world.app).await;
    let mut sent = 0;
    for call in world.calls(&world.acme).iter().filter(|call| call.method == "GET") {
        for query in [
            "q=a%00b",
            "q=%FF",
            "q=a&q=b",
            "q=%E2%80%AE%07%0D%0A",
            "after=%FF&before=e30&sort=drop",
            "after=AAAA",
            "page=-1&limit=99999999999999999999",
            "status=%27%3B--&role=%00",
            "from=9999-99-99&to=-1",
            "%00=1",
            "=&&&===",
        ] {
            let path = format!("{}?{query}", call.path);
            let answer = owner.get(&path).await;
            let status = answer.status;
            assert!([200, 303, 400, 422].contains(&status.as_u16()), "{path}: {status}");
            sent += 1;
        }
    }
    before.expect_unmoved(&world.app).await;
    assert!(sent >= 200, "{sent} requests");
}
