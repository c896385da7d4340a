//! Projects, their members, and people who must not learn that they exist.

use super::start;
use crate::support::world::Fixture;
use crate::support::{Browser, TestApp, email_of};

inventory::submit!(Fixture {
    place: 20,
    in_project: false,
    make: |house| {
        Box::pin(async {
            let (name, client) = (format!("{} project", house.word), house.id("clients", ""));
            let fields = [("name", name.as_str()), ("code", "ONE"), ("client", client.as_str())];
            house.make("projects", "/projects", &fields).await;
            let members = format!("/projects/{}/members", house.id("projects", ""));
            let member = email_of(&format!("{} Member", house.name));
            house.post(&members, &[("email", &member), ("role", "contributor")]).await;
        })
    },
    forms: &[
        ("/orgs/{slug}/projects", &[("name", "Another project"), ("client", "{clients}")]),
        (
            "/orgs/{slug}/projects/{project}/edit",
            &[("name", "Changed project"), ("client", "{clients}"), ("version", "1")],
        ),
        (
            "/orgs/{slug}/projects/{project}/members",
            &[("email", "{slug}.viewer@example.test"), ("role", "reader")],
        ),
        ("/orgs/{slug}/projects/{project}/members/{id}/role", &[("role", "reader")]),
        ("/orgs/{slug}/projects/{project}/members/{id}/remove", &[]),
    ],
    lives: &["/orgs/{slug}/projects/{project}"],
});

/// Acme with an owner, two members and a viewer.
struct Acme {
    app: TestApp,
    owner: Browser,
    mia: Browser,
    max: Browser,
    viewer: Browser,
}

impl Acme {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let owner = app.founder("Olga Owner", "Acme").await;
        let mia = app.member(&owner, "acme", "Mia Member", "member").await;
        let max = app.member(&owner, "acme", "Max Member", "member").await;
        let viewer = app.member(&owner, "acme", "Vera Viewer", "viewer").await;
        Self { app, owner, mia, max, viewer }
    }
}

async fn add(lead: &Browser, project: &str, name: &str, role: &str) {
    let email = email_of(name);
    let fields = [("email", email.as_str()), ("role", role)];
    lead.post(&format!("{project}/members"), &fields).await.expect(303);
}

#[tokio::test]
async fn a_project_is_started_for_a_client_and_changed() {
    let acme = Acme::new().await;
    acme.owner.post("/orgs/acme/clients", &[("name", "Harbour")]).await.expect(303);
    let form = acme.mia.get("/orgs/acme/projects/new").await.expect(200);
    let client = form.attributes("select[name=client] option", "value")[1].clone();
    let fields = [
        ("name", "New website"),
        ("code", "web-1"),
        ("client", client.as_str()),
        ("status", "planned"),
        ("starts_on", "2026-10-01"),
        ("due_on", "2026-12-24"),
        ("budget", "12 500,50"),
        ("description", "All of it"),
    ];
    let page = acme.mia.submit("/orgs/acme/projects", &fields).await.expect(200);
    assert_eq!(page.text("h1"), "New website");
    let facts = page.text(".facts");
    for fact in ["Harbour", "1 Oct 2026", "24 Dec 2026", "12\u{202F}500.50", "All of it"] {
        assert!(facts.contains(fact) || page.body.contains(fact), "{fact}: {facts}");
    }
    assert_eq!(page.texts(".people .person-text"), ["Mia Member Lead"]);
    // Everybody can see it, but only its leads can change it.
    let list = acme.viewer.get("/orgs/acme/projects?q=WEB").await.expect(200);
    assert_eq!(list.texts("tbody th a"), ["New website"]);
    let path = list.attribute("tbody th a", "href");
    acme.max.get(&format!("{path}/edit")).await.expect(403);
    let form = acme.mia.get(&format!("{path}/edit")).await.expect(200);
    assert_eq!(form.attribute("input[name=budget]", "value"), "12500.50");
    let version = form.attribute("input[name=version]", "value");
    let fields = [("name", "Website"), ("version", version.as_str())];
    acme.mia.post(&format!("{path}/edit"), &fields).await.expect(303);
    // A person who opened the form before is told, and keeps what they typed.
    let fields = [("name", "Web"), ("budget", "7"), ("version", version.as_str())];
    let page = acme.owner.post(&format!("{path}/edit"), &fields).await.expect(409);
    assert_eq!(page.attribute("input[name=budget]", "value"), "7");
    assert!(page.text(".facts").contains("Website"));
}

#[tokio::test]
async fn asvs_2_2_3_related_fields_are_checked_together_and_codes_are_unique() {
    let acme = Acme::new().await;
    start(&acme.owner, &[("name", "Alpha"), ("code", "AL")]).await;
    let wrong = [
        ("name", "Beta"),
        ("code", "al"),
        ("starts_on", "2026-02-01"),
        ("due_on", "2026-01-01"),
        ("budget", "-3"),
        ("client", "00000000-0000-0000-0000-000000000000"),
    ];
    let page = acme.owner.post("/orgs/acme/projects", &wrong).await.expect(422);
    assert!(page.text("#due_on-error").contains("before the start date"));
    assert!(!page.text("#budget-error").is_empty());
    assert_eq!(page.attribute("input[name=starts_on]", "value"), "2026-02-01");
    let page = acme.owner.post("/orgs/acme/projects", &[("name", "B"), ("code", "al")]).await;
    assert_eq!(page.expect(422).text("#code-error"), "Another project has this code.");
    let fields = [("name", "B"), ("client", "00000000-0000-0000-0000-000000000000")];
    let page = acme.owner.post("/orgs/acme/projects", &fields).await.expect(422);
    assert!(!page.text("#client-error").is_empty());
    // An empty code is derived from the name.
    start(&acme.owner, &[("name", "Beta one")]).await;
    start(&acme.owner, &[("name", "Beta two")]).await;
    let page = acme.owner.get("/orgs/acme/projects?q=beta-").await.expect(200);
    let codes = page.texts("tbody .person-email");
    assert_eq!(codes, ["BETA-1", "BETA-2"]);
}

#[tokio::test]
async fn people_who_may_not_see_a_project_find_it_nowhere() {
    let acme = Acme::new().await;
    acme.owner.post("/orgs/acme/clients", &[("name", "Harbour")]).await.expect(303);
    let form = acme.mia.get("/orgs/acme/projects/new").await.expect(200);
    let client = form.attributes("select[name=client] option", "value")[1].clone();
    start(&acme.mia, &[("name", "Open work"), ("client", &client)]).await;
    let secret =
        [("name", "Xylophone"), ("code", "XYLO"), ("client", &client), ("restricted", "yes")];
    let path = start(&acme.mia, &secret).await;
    for path in [path.clone(), format!("{path}/members"), format!("{path}/edit")] {
        acme.max.get(&path).await.expect(404);
        acme.viewer.get(&path).await.expect(404);
    }
    for act in ["edit", "archive", "unarchive", "delete", "restore", "members"] {
        let path = format!("{path}/{act}");
        acme.max.post(&path, &[]).await.expect(404);
    }
    let client = format!("/orgs/acme/clients/{client}");
    for place in
        ["/orgs/acme/projects?q=xylo", "/orgs/acme/projects", &client, "/orgs/acme/clients"]
    {
        let page = acme.max.get(place).await.expect(200);
        assert!(!page.body.contains("Xylophone") && !page.body.contains("XYLO"), "{place}");
    }
    assert_eq!(acme.max.get("/orgs/acme/projects").await.text(".pager-text"), "1–1 of 1");
    assert_eq!(acme.max.get("/orgs/acme/clients").await.text("td.num"), "1");
    // Its members see it, and so do people who can see all projects.
    for browser in [&acme.mia, &acme.owner] {
        assert_eq!(browser.get("/orgs/acme/projects").await.text(".pager-text"), "1–2 of 2");
        assert_eq!(browser.get("/orgs/acme/clients").await.text("td.num"), "2");
    }
    add(&acme.mia, &path, "Max Member", "reader").await;
    assert_eq!(acme.max.get(&path).await.expect(200).text("h1"), "Xylophone");
    acme.max.post(&format!("{path}/archive"), &[]).await.expect(403);
    let page = acme.mia.get(&format!("{path}/members")).await.expect(200);
    let row = page.attributes("tbody tr", "id").into_iter().zip(page.texts("tbody tr"));
    let (id, _) = row.into_iter().find(|(_, text)| text.contains("Max")).unwrap();
    let remove = format!("{path}/members/{}/remove", id.replace("member-", ""));
    acme.mia.post(&remove, &[]).await.expect(303);
    acme.max.get(&path).await.expect(404);
    acme.mia.post(&remove, &[]).await.expect(404);
}

#[tokio::test]
async fn a_viewer_of_the_organization_only_reads_whatever_the_role_in_the_project() {
    let acme = Acme::new().await;
    let path = start(&acme.mia, &[("name", "Alpha")]).await;
    add(&acme.mia, &path, "Vera Viewer", "lead").await;
    acme.viewer.get(&path).await.expect(200);
    acme.viewer.post(&format!("{path}/archive"), &[]).await.expect(403);
    acme.viewer.post("/orgs/acme/projects", &[("name", "Mine")]).await.expect(403);
}

#[tokio::test]
async fn archiving_and_deleting_a_project_are_undone() {
    let acme = Acme::new().await;
    let path = start(&acme.mia, &[("name", "Alpha"), ("code", "AL")]).await;
    let page = acme.mia.submit(&format!("{path}/archive"), &[]).await.expect(200);
    assert_eq!(page.count("tbody tr"), 0);
    acme.mia.post(&page.attribute(".toast form", "action"), &[]).await.expect(303);
    let page = acme.mia.submit(&format!("{path}/delete"), &[]).await.expect(200);
    acme.mia.get(&path).await.expect(404);
    acme.max.post(&format!("{path}/restore"), &[]).await.expect(403);
    start(&acme.owner, &[("name", "Other"), ("code", "AL")]).await;
    let undo = page.attribute(".toast form", "action");
    acme.mia.post(&undo, &[]).await.expect(409);
    let page = acme.owner.get("/orgs/acme/projects?state=deleted").await.expect(200);
    // It has no page until it is restored.
    assert_eq!((page.texts("tbody th span")[0].as_str(), page.count("tbody th a")), ("Alpha", 0));
}

#[tokio::test]
async fn a_member_who_leaves_the_organization_leaves_its_projects() {
    let acme = Acme::new().await;
    let path = start(&acme.mia, &[("name", "Alpha"), ("restricted", "yes")]).await;
    acme.mia.post("/orgs/acme/leave", &[]).await.expect(303);
    assert_eq!(acme.app.database.number("select count(*) from project_members").await, 0);
    // It has no members any more, but is not lost.
    acme.owner.get(&path).await.expect(200);
}

#[tokio::test]
async fn asvs_14_2_7_what_was_deleted_goes_for_good_after_thirty_days() {
    let acme = Acme::new().await;
    acme.owner.post("/orgs/acme/clients", &[("name", "Harbour")]).await.expect(303);
    let form = acme.mia.get("/orgs/acme/projects/new").await.expect(200);
    let client = form.attributes("select[name=client] option", "value")[1].clone();
    let kept = start(&acme.mia, &[("name", "Kept"), ("client", &client)]).await;
    let gone = start(&acme.mia, &[("name", "Gone"), ("client", &client)]).await;
    acme.mia.post(&format!("{gone}/delete"), &[]).await.expect(303);
    acme.owner.post(&format!("/orgs/acme/clients/{client}/delete"), &[]).await.expect(303);
    acme.app.advance(tenantry::platform::retention::RETENTION);
    tenantry::platform::retention::purge(&acme.app.app).await.unwrap();
    assert_eq!(acme.app.database.number("select count(*) from projects").await, 2);
    acme.app.advance(time::Duration::seconds(1));
    tenantry::platform::retention::purge(&acme.app.app).await.unwrap();
    let left = acme.app.database.texts("select name from projects").await;
    assert_eq!(left, ["Kept"]);
    // Its client is removed when no project refers to it any more.
    assert_eq!(acme.app.database.number("select count(*) from clients").await, 1);
    let owner = acme.app.sign_in("Olga Owner").await;
    owner.get(&kept).await.expect(200);
}

#[tokio::test]
async fn adding_somebody_who_is_on_the_project_is_recorded_as_the_change_it_is() {
    let acme = Acme::new().await;
    let path = start(&acme.mia, &[("name", "Alpha")]).await;
    for role in ["lead", "lead", "reader"] {
        add(&acme.mia, &path, "Max Member", role).await;
    }
    let recorded = crate::support::Snapshot::recorded(&acme.app, "acme").await;
    let recorded: Vec<&String> =
        recorded.iter().filter(|action| action.starts_with("project_member.")).collect();
    assert_eq!(recorded, ["project_member.added 1", "project_member.changed 1"]);
    let page = acme.owner.get("/orgs/acme/audit?action=project_member.changed").await.expect(200);
    assert!(page.text(".entry-change").contains("Lead → Reader"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_who_is_removed_meanwhile_is_not_put_on_a_project() {
    let acme = Acme::new().await;
    let app = &acme.app;
    let project = start(&acme.owner, &[("name", "Harbour")]).await;
    for (who, given) in [("Nia New", false), ("Noa New", true)] {
        app.member(&acme.owner, "acme", who, "member").await;
        let id = app.membership_id(&acme.owner, "acme", who).await;
        let email = email_of(who);
        let add = [("email", email.as_str()), ("role", "reader")];
        let members = format!("{}/members", project);
        if given {
            acme.owner.post(&members, &add).await.expect(303);
        }
        let user = format!("(select id from users where email = '{email}')");
        let removed = format!("delete from memberships where user_id = {user}");
        let held = app.database.hold(&removed).await;
        let path = if given { format!("{members}/{id}/role") } else { members };
        let fields = if given { vec![("role", "lead")] } else { add.to_vec() };
        let (answer, ()) = tokio::join!(acme.owner.post(&path, &fields), async {
            app.database.wait_until_waiting(1).await;
            held.keep().await;
        });
        assert_eq!(answer.status, if given { 404 } else { 422 }, "{who}: {}", answer.body);
        if !given {
            assert!(answer.body.contains("No one in this organization has this email address."));
        }
    }
}

#[tokio::test]
async fn a_project_whose_code_a_hidden_one_has_taken_is_restored_with_another() {
    let acme = Acme::new().await;
    let path = start(&acme.mia, &[("name", "Alpha"), ("code", "AL-9")]).await;
    acme.mia.post(&format!("{path}/delete"), &[]).await.expect(303);
    start(&acme.owner, &[("name", "Other"), ("code", "AL-9"), ("restricted", "yes")]).await;
    // The owner sees the other project, and can give that one another code.
    acme.owner.post(&format!("{path}/restore"), &[]).await.expect(409);
    let page = acme.mia.submit(&format!("{path}/restore"), &[]).await.expect(200);
    assert!(page.text(".toast").contains("Its code is now"), "{}", page.text(".toast"));
}

#[tokio::test]
async fn members_beyond_the_first_five_hundred_of_a_project_are_changed_and_removed() {
    let acme = Acme::new().await;
    let project = start(&acme.owner, &[("name", "Alpha"), ("code", "ALPHA")]).await;
    add(&acme.owner, &project, "Vera Viewer", "reader").await;
    // Their names come before hers.
    let (numbers, id, email, time) = match acme.app.database.is_postgres() {
        true => (
            "select generate_series(1, 500)",
            "gen_random_uuid()",
            "gen_random_uuid()::text",
            "now()",
        ),
        false => (
            "with recursive t(n) as (select 1 union all select n + 1 from t where n < 500)
             select n from t",
            "randomblob(16)",
            "hex(randomblob(16))",
            "0",
        ),
    };
    for statement in [
        format!(
            "insert into users (id, name, name_key, email, password_hash, created_at)
             select {id}, 'A', 'a', {email}, '', {time} from ({numbers}) t"
        ),
        format!(
            "insert into memberships (organization_id, id, user_id, role, created_at)
             select o.id, {id}, u.id, 'member', {time} from organizations o, users u
             where o.slug = 'acme' and u.name = 'A'"
        ),
        format!(
            "insert into project_members
                (organization_id, project_id, membership_id, role, created_at)
             select m.organization_id, p.id, m.id, 'reader', {time}
             from memberships m
             join users u on u.id = m.user_id
             join projects p on p.organization_id = m.organization_id and p.code = 'ALPHA'
             where u.name = 'A'"
        ),
    ] {
        acme.app.database.execute(&statement).await.unwrap();
    }
    let vera = acme.app.membership_id(&acme.owner, "acme", "Vera Viewer").await;
    let path = format!("{project}/members/{vera}");
    let page = acme.owner.get(&format!("{project}/members")).await.expect(200);
    assert_eq!(page.count(&format!("#member-{vera}")), 1);
    acme.owner.post(&format!("{path}/role"), &[("role", "contributor")]).await.expect(303);
    acme.owner.post(&format!("{path}/remove"), &[]).await.expect(303);
    acme.owner.post(&format!("{path}/remove"), &[]).await.expect(404);
}
