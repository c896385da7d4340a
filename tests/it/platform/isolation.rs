//! Nobody reaches what belongs to another organization: every route inside an organization is
//! called as every kind of caller who must be refused, as a page and by htmx, with real ids.
//!
//! The calls are made from the route table. A new route is called by all of these tests, and they
//! fail until `tests/it/support/world` has a value for each of its parameters and a form that
//! the owner can send.

use tenantry::platform::tenant::Permissions;
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::support::world::{Call, House, World, call, parameters, place, references, send};
use crate::support::{Answer, Browser, Snapshot};
use tenantry::core::access::noun::{CreateProjects, ManageProjects};

/// How a request is refused.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// Redirected to the sign-in page.
    SignIn,
    /// Answered as if it did not exist.
    Absent,
    /// Recognized and refused.
    Forbidden,
}

/// Sends `call` as a page and by htmx, with its form and without. All must be refused. Returns
/// their number.
async fn expect_refusals(who: &str, browser: &Browser, one: &Call, refusal: Refusal) -> usize {
    let mut refused = 0;
    let empty = Call { form: Vec::new(), ..one.clone() };
    let forms = if one.form.is_empty() { vec![one] } else { vec![one, &empty] };
    for call in forms {
        for htmx in [false, true] {
            let answer = send(browser, call, htmx).await;
            let is_right = match (refusal, htmx) {
                (Refusal::SignIn, false) => {
                    answer.status == 303 && answer.header("location").starts_with("/login?next=")
                }
                (Refusal::SignIn, true) => {
                    answer.status == 204 && answer.header("hx-redirect").starts_with("/login?next=")
                }
                (Refusal::Absent, _) => answer.status == 404,
                (Refusal::Forbidden, _) => answer.status == 403,
            };
            let Call { method, path, .. } = call;
            assert!(is_right, "{who}: {method} {path} (htmx: {htmx}): {answer:?}");
            refused += 1;
        }
    }
    refused
}

#[tokio::test]
async fn an_owner_reaches_every_route_so_that_a_refusal_means_something() {
    let world = World::new().await;
    let mut calls = world.calls(&world.acme);
    assert!(calls.len() >= 40, "{} routes", calls.len());
    for one in calls.iter().filter(|call| call.method == "GET") {
        for htmx in [false, true] {
            let answer = send(&world.acme.owner, one, htmx).await;
            assert!(is_granted(&answer), "{}: {} {}", one.path, answer.status, answer.body);
        }
    }
    calls.retain(|call| call.method == "POST");
    calls.sort_by_key(|call| place(call.route));
    for one in &calls {
        let answer = send(&world.acme.owner, one, false).await;
        // The only owner cannot leave.
        let is_right =
            is_granted(&answer) || (one.route.ends_with("/leave") && answer.status == 409);
        let words = "put what its page sends into the Fixture of its feature";
        assert!(is_right, "{} {}: {words}: {}", one.path, answer.status, answer.body);
    }
    world.app.work().await;
}

/// Returns whether the answer is a page, or redirects to one other than the sign-in page.
fn is_granted(answer: &Answer) -> bool {
    let leads_on = answer.location().is_some_and(|path| {
        // Users who want to delete their account are led back to that page when they name a new
        // owner.
        path.starts_with("/orgs/") || path == "/account/delete"
    });
    answer.status.is_success() || leads_on
}

#[tokio::test]
async fn asvs_8_2_2_nobody_outside_an_organization_reaches_any_of_its_routes() {
    let world = World::new().await;
    let World { app, acme, globex } = &world;
    let gone = app.member(&acme.owner, "acme", "Gus Gone", "admin").await;
    let id = app.membership_id(&acme.owner, "acme", "Gus Gone").await;
    acme.owner.post(&format!("/orgs/acme/members/{id}/remove"), &[]).await.expect(303);
    let ended = app.sign_in("Acme Admin").await;
    let admin = "(select id from users where email = 'acme.admin@example.test')";
    app.database
        .execute(&format!("update sign_ins set ended_at = created_at where user_id = {admin}"))
        .await
        .unwrap();
    let callers = [
        ("nobody", &app.browser(), Refusal::SignIn),
        ("whose sign-in has ended", &ended, Refusal::SignIn),
        ("the owner of another organization", &globex.owner, Refusal::Absent),
        ("a member of another organization", &globex.member, Refusal::Absent),
        ("who was removed", &gone, Refusal::Absent),
    ];
    let before = Snapshot::take(app).await;
    let logs = (Snapshot::recorded(app, "acme").await, Snapshot::recorded(app, "globex").await);
    let mut refused = 0;
    for one in &world.calls(acme) {
        for (who, browser, refusal) in callers {
            refused += expect_refusals(who, browser, one, refusal).await;
        }
    }
    before.expect_unmoved(app).await;
    // Attempts of strangers do not concern the organization, and nobody can fill its log.
    let now = (Snapshot::recorded(app, "acme").await, Snapshot::recorded(app, "globex").await);
    assert_eq!(logs, now, "the logs of the organizations");
    println!("{refused} refusals of callers from outside");
    assert!(refused >= 400, "{refused} refusals");
}

/// Routes to what the fixture's owner has written. Only its author can change it, whatever the
/// role.
const OWN: &[&str] = &["/orgs/{slug}/projects/{project}/comments/{id}/edit"];

#[tokio::test]
async fn asvs_8_3_1_a_role_that_is_too_low_is_refused_on_every_route_that_needs_more() {
    let world = World::new().await;
    let World { app, acme, .. } = &world;
    let before = Snapshot::take(app).await;
    let roles = app.roles("acme").await;
    let mut refused = 0;
    for (key, browser) in acme.people() {
        let (_, permissions) = roles.iter().find(|(role, _)| role == key).unwrap();
        for one in &world.calls(acme) {
            if !may(permissions, one.access) {
                refused += expect_refusals(key, browser, one, Refusal::Forbidden).await;
            } else if one.method == "GET" && (key == "owner" || !OWN.contains(&one.route)) {
                let answer = send(browser, one, false).await;
                assert!(is_granted(&answer), "{key} {}: {}", one.path, answer.status);
            }
        }
    }
    before.expect_unmoved(app).await;
    println!("{refused} refusals of roles that are too low");
    assert!(refused >= 100, "{refused} refusals");
}

/// Returns whether a role with these permissions may pass `access`. The fixture's project is open
/// to everybody, and nobody below an admin leads it.
fn may(permissions: &Permissions, access: Access) -> bool {
    match access {
        Access::Anyone | Access::SignedIn | Access::Member(None) => true,
        Access::Member(Some(needed)) => permissions.include(needed),
        Access::Object { role: "reader", .. } => true,
        Access::Object { role: "contributor", .. } => {
            permissions.include(CreateProjects::PERMISSION)
                || permissions.include(ManageProjects::PERMISSION)
        }
        Access::Object { .. } => permissions.include(ManageProjects::PERMISSION),
        Access::Operator => false,
    }
}

#[tokio::test]
async fn a_suspended_member_reaches_nothing_and_neither_does_anybody_in_a_suspended_organization() {
    let world = World::new().await;
    let World { app, acme, globex } = &world;
    let suspended = app.member(&acme.owner, "acme", "Sue Suspended", "owner").await;
    let sue = "(select id from users where email = 'sue.suspended@example.test')";
    for statement in [
        format!("update memberships set suspended_at = created_at where user_id = {sue}"),
        "update organizations set suspended_at = created_at where slug = 'globex'".to_owned(),
    ] {
        app.database.execute(&statement).await.unwrap();
    }
    let before = Snapshot::take(app).await;
    let mut refused = 0;
    for one in &world.calls(acme) {
        refused += expect_refusals("suspended", &suspended, one, Refusal::Forbidden).await;
    }
    for one in &world.calls(globex) {
        for (key, browser) in globex.people() {
            refused += expect_refusals(key, browser, one, Refusal::Forbidden).await;
        }
    }
    before.expect_unmoved(app).await;
    println!("{refused} refusals of the suspended");
    assert!(refused >= 400, "{refused} refusals");
}

#[tokio::test]
async fn asvs_8_2_2_what_is_foreign_and_what_does_not_exist_are_not_told_apart() {
    let world = World::new().await;
    let World { app, acme, globex } = &world;
    let absent = acme.absent();
    let before = Snapshot::take(app).await;
    let mut refused = 0;
    for route in world.routes() {
        // Each foreign parameter by itself, and all at once; the others are the caller's own.
        let places = parameters(&route);
        let alone = (0..places).filter(|_| places > 1).map(Some);
        for one in alone.chain((places > 0).then_some(None)) {
            let is_it = |place: usize| one.is_none_or(|one| one == place);
            let with = |other| {
                let whose = move |place| if is_it(place) { other } else { acme };
                Call { form: call(&route, "acme", &|_| acme).form, ..call(&route, "acme", &whose) }
            };
            refused += same_answer(&acme.owner, &with(globex), &with(&absent), 404).await;
        }
        // The foreign organization itself.
        let foreign = call(&route, "globex", &|_| globex);
        let nowhere = call(&route, "no-such-place", &|_| &absent);
        refused += same_answer(&acme.owner, &foreign, &nowhere, 404).await;
        // A foreign id in a form at the caller's own path.
        for field in references(&route) {
            let own = call(&route, "acme", &|_| acme);
            let with = |house: &House| {
                let theirs = call(&route, "acme", &|_| house);
                let theirs = theirs.form.into_iter().find(|(name, _)| *name == field).unwrap();
                let mut form = own.form.clone();
                form.iter_mut()
                    .filter(|(name, _)| *name == field)
                    .for_each(|f| *f = theirs.clone());
                Call { form, ..own.clone() }
            };
            refused += same_answer(&acme.owner, &with(globex), &with(&absent), 422).await;
        }
    }
    before.expect_unmoved(app).await;
    println!("{refused} refusals of ids that are foreign or absent");
    assert!(refused >= 200, "{refused} refusals");
}

/// Sends both and fails unless they are refused with the same bytes. Returns the number of
/// requests.
async fn same_answer(browser: &Browser, foreign: &Call, absent: &Call, status: u16) -> usize {
    for htmx in [false, true] {
        let (one, other) = (send(browser, foreign, htmx).await, send(browser, absent, htmx).await);
        let what = format!("{} {}", foreign.method, foreign.path);
        let why = "an id that does not exist is a 404 in a path, and a 422 in a form";
        assert!(one.status == status, "{what} (htmx: {htmx}), not {status}: {why}: {one:?}");
        assert_eq!(told(&one, foreign), told(&other, absent), "{what} (htmx: {htmx})");
    }
    4
}

/// Returns everything that an answer reveals, except what belongs to the request itself: its id,
/// its time, its nonce, and the sent values that come back.
pub fn told(answer: &Answer, call: &Call) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id" && *name != "date")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .map(|header| match answer.nonce() {
            "" => header,
            nonce => header.replace(nonce, ""),
        })
        .collect();
    headers.sort();
    let mut body = answer.lasting().replace(answer.header("x-request-id"), "");
    for (_, value) in call.form.iter().filter(|(_, value)| value.len() == 36) {
        body = body.replace(value, "");
    }
    format!("{}\n{}\n{body}", answer.status, headers.join("\n"))
}

#[tokio::test]
async fn what_belongs_to_another_person_is_as_good_as_absent() {
    let world = World::new().await;
    let World { app, acme, globex } = &world;
    let page = acme.owner.get("/account/sessions").await.expect(200);
    let form = app.sign_in("Acme Owner").await.get("/account/sessions").await;
    let sign_in = form.attributes("form", "action");
    let sign_in =
        sign_in.iter().find_map(|a| a.strip_prefix("/account/sessions/")?.strip_suffix("/end"));
    let sign_in = sign_in.unwrap_or_else(|| panic!("{}", page.body)).to_owned();
    let invitation = acme.id("invitations", "/invitations/waiting/{id}");
    let begun = acme.owner.post("/account/security/totp", &[]).await.expect(303);
    let factor = begun.location().unwrap().rsplit('/').next().unwrap().to_owned();
    let absent = uuid::Uuid::new_v4().to_string();
    let before = Snapshot::take(app).await;
    let mut tested = 0;
    for route in router::routes(&app.app) {
        let theirs = match route.path {
            path if route.access != Access::SignedIn || !path.contains('{') => continue,
            "/invitations/waiting/{id}" => invitation.clone(),
            "/account/sessions/{id}/end" => sign_in.clone(),
            "/account/pictures/{id}" => acme.id("pictures", route.path),
            // The id of another factor stands in: a passkey cannot be made without a device.
            path if path.starts_with("/account/security/passkeys/{id}") => factor.clone(),
            path if path.starts_with("/account/security/totp/{id}") => factor.clone(),
            // Anyone who has the token may use it: it is a secret, not an id.
            "/invitations/link/{link}/ask" | "/join/link/{link}" => continue,
            path => panic!("{path}: say here what stands for its parameter"),
        };
        let with = |id: &str| Call {
            method: route.method.to_string(),
            path: route.path.replace("{id}", id),
            access: route.access,
            form: Vec::new(),
            route: route.path,
        };
        // A user with a confirmed address; others are told nothing at all.
        tested += same_answer(&globex.member, &with(&theirs), &with(&absent), 404).await;
    }
    before.expect_unmoved(app).await;
    assert!(tested >= 12, "{tested} refusals");
}

#[test]
fn the_program_that_is_served_cannot_take_its_isolation_away() {
    let manifest = include_str!("../../../Cargo.toml");
    assert!(!manifest.contains("default = ["), "no feature is on by itself");
    // Text that `tenantry::platform::prove` contains if it is compiled.
    let mark = b"tenantry can take its own isolation away";
    let program = std::fs::read(env!("CARGO_BIN_EXE_tenantry")).unwrap();
    let has_it = program.windows(mark.len()).any(|part| part == mark);
    assert_eq!(has_it, cfg!(feature = "prove"), "the faults of bin/prove-isolation");
}
