//! For people who cannot see it, a restricted project is like another organization: all routes, as
//! a page and as htmx, with real ids. The calls are made from the route table, as in `isolation`.

use crate::platform::isolation::told;
use crate::support::chance::Names;
use crate::support::world::{Call, House, World, call, lists, parameters, send};
use crate::support::{Browser, Snapshot, email_of};

/// Part of everything that is written in the restricted project.
const WORD: &str = "Xylograph";

/// People who cannot see it, of all kinds.
async fn outsiders(world: &World, hidden: &House) -> Vec<(&'static str, Browser)> {
    let World { app, acme, .. } = world;
    let project = format!("/orgs/acme/projects/{}", hidden.id("projects", ""));
    let taken_off = app.member(&acme.owner, "acme", "Tom Taken", "member").await;
    let email = email_of("Tom Taken");
    let fields = [("email", email.as_str()), ("role", "lead")];
    acme.owner.post(&format!("{project}/members"), &fields).await.expect(303);
    taken_off.get(&project).await.expect(200);
    let id = app.membership_id(&acme.owner, "acme", "Tom Taken").await;
    acme.owner.post(&format!("{project}/members/{id}/remove"), &[]).await.expect(303);
    let demoted = app.member(&acme.owner, "acme", "Dora Demoted", "admin").await;
    demoted.get(&project).await.expect(200);
    let id = app.membership_id(&acme.owner, "acme", "Dora Demoted").await;
    let role = [("role", "member")];
    acme.owner.post(&format!("/orgs/acme/members/{id}/role"), &role).await.expect(303);
    vec![
        ("a member", acme.member.clone()),
        ("a viewer", acme.viewer.clone()),
        ("who was taken off it", taken_off),
        ("who was an admin", demoted),
    ]
}

/// The paths of all pages of Acme, with the ids of what everybody sees.
fn pages(world: &World) -> Vec<String> {
    let calls = world.calls(&world.acme).into_iter();
    calls.filter(|call| call.method == "GET").map(|call| call.path).collect()
}

/// Sends both, and fails unless the answers have the same bytes.
async fn same(who: &str, browser: &Browser, hidden: &Call, absent: &Call, refused: bool) -> usize {
    let mut forms = vec![(hidden.clone(), absent.clone())];
    if hidden.method == "POST" && !hidden.form.is_empty() {
        let empty = |call: &Call| Call { form: Vec::new(), ..call.clone() };
        forms.push((empty(hidden), empty(absent)));
    }
    let mut compared = 0;
    for (hidden, absent) in &forms {
        for htmx in [false, true] {
            let (one, other) =
                (send(browser, hidden, htmx).await, send(browser, absent, htmx).await);
            let what = format!("{who}: {} {} (htmx: {htmx})", hidden.method, hidden.path);
            if refused {
                assert!([403, 404, 422].contains(&one.status.as_u16()), "{what}: {}", one.status);
            }
            let own = |text: String, call: &Call| text.replace(&call.path, "");
            let (one, other) = (own(told(&one, hidden), hidden), own(told(&other, absent), absent));
            assert_eq!(one, other, "{what}");
            compared += 1;
        }
    }
    compared
}

#[tokio::test]
async fn asvs_8_2_2_a_restricted_project_and_one_that_does_not_exist_are_not_told_apart() {
    let world = World::new().await;
    let hidden = world.acme.with_hidden_project(&world.app, WORD).await;
    let outsiders = outsiders(&world, &hidden).await;
    let World { app, acme, .. } = &world;
    let absent = acme.absent();
    let before = Snapshot::take(app).await;
    let mut refused = 0;
    for (who, browser) in &outsiders {
        for route in world.routes().iter().filter(|route| route.path.contains("{project}")) {
            // Each parameter by itself, and all at once; the others are those of a visible project.
            let places = parameters(route);
            let alone = (0..places).filter(|_| places > 1).map(Some);
            for one in alone.chain([None]) {
                // Membership in the organization is not secret, nor are the members of a visible
                // project.
                if one.is_some_and(|one| one > 0) && route.path.contains("/members/{id}") {
                    continue;
                }
                let is_it = |place: usize| one.is_none_or(|one| one == place);
                let with = |other| {
                    let whose = move |place| if is_it(place) { other } else { acme };
                    let form = call(route, "acme", &|_| acme).form;
                    Call { form, ..call(route, "acme", &whose) }
                };
                refused += same(who, browser, &with(&hidden), &with(&absent), true).await;
            }
        }
        // The project as a parameter in the query.
        for query in ["project", "object"] {
            let with = |house: &House| Call {
                method: "GET".to_owned(),
                path: format!("/orgs/acme/tasks?{query}={}", house.id("projects", "")),
                access: world.routes()[0].access,
                form: vec![("", house.id("projects", ""))],
                route: "/orgs/{slug}/tasks",
            };
            refused += same(who, browser, &with(&hidden), &with(&absent), false).await;
        }
    }
    before.expect_unmoved(app).await;
    println!("{refused} refusals at a restricted project");
    assert!(refused >= 400, "{refused} refusals");
}

#[tokio::test]
async fn nothing_of_a_restricted_project_is_on_any_page_of_people_who_may_not_see_it() {
    let world = World::new().await;
    let hidden = world.acme.with_hidden_project(&world.app, WORD).await;
    let outsiders = outsiders(&world, &hidden).await;
    let ids = hidden.ids_unlike(&world.acme);
    assert!(ids.len() >= 3, "{ids:?}");
    let mut pages = pages(&world);
    for list in lists() {
        for query in [
            "state=all",
            "state=deleted",
            "state=archived",
            "sort=changed",
            "sort=due",
            "assignee=me",
        ] {
            pages.push(format!("/orgs/acme/{list}?{query}"));
        }
    }
    let mut looked = 0;
    for (who, browser) in &outsiders {
        for path in &pages {
            for answer in [browser.get(path).await, browser.htmx_get(path).await] {
                let body = answer.body.to_lowercase();
                assert!(!body.contains(&WORD.to_lowercase()), "{who}: {path} tells its words");
                let told = ids.iter().find(|id| body.contains(*id));
                assert!(told.is_none(), "{who}: {path} tells an id");
                looked += 1;
            }
        }
        // A search for it finds the same as a search for nothing.
        for list in lists().into_iter().chain(["search"]) {
            let find = async |word: &str| {
                let page = browser.get(&format!("/orgs/acme/{list}?q={word}")).await.expect(200);
                page.lasting().to_lowercase().replace(&word.to_lowercase(), "")
            };
            assert_eq!(find(WORD).await, find("Nonesuch").await, "{who}: {list}");
        }
    }
    // The owner does see it, so the test compares something.
    let page = world.acme.owner.get("/orgs/acme/tasks").await.expect(200);
    assert!(page.body.contains(WORD));
    assert!(looked >= 300, "{looked} pages");
}

#[tokio::test]
async fn a_project_that_somebody_cannot_see_moves_no_number_on_their_pages() {
    let world = World::new().await;
    let paths = pages(&world);
    let look = async |browser: &Browser| {
        let mut looks = Vec::new();
        for path in &paths {
            let mut names = Names::default();
            let page = browser.get(path).await;
            looks.push((page.status, names.without_chance(&page.lasting(), &browser.origin)));
        }
        looks
    };
    let people = [("a member", &world.acme.member), ("a viewer", &world.acme.viewer)];
    // They are welcomed, and everybody learns that they are here.
    for (_, browser) in people {
        browser.get("/orgs/acme").await.expect(200);
    }
    world.app.work().await;
    // What they are told about is read by looking at it.
    for (_, browser) in people {
        look(browser).await;
    }
    let mut before = Vec::new();
    for (_, browser) in people {
        before.push(look(browser).await);
    }
    world.acme.with_hidden_project(&world.app, WORD).await;
    for ((who, browser), before) in people.into_iter().zip(before) {
        for ((before, after), path) in before.iter().zip(look(browser).await).zip(&paths) {
            assert_eq!(*before, after, "{who}: {path}");
        }
    }
}
