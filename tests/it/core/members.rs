//! The table of members, roles, removal, leaving.

use crate::support::{Browser, TestApp, email_of};

/// Acme with an owner, an admin, a member and a viewer.
pub(super) struct Acme {
    pub app: TestApp,
    pub owner: Browser,
    pub admin: Browser,
    pub member: Browser,
    pub viewer: Browser,
}

impl Acme {
    pub async fn new() -> Self {
        let app = TestApp::spawn().await;
        let owner = app.founder("Olga Owner", "Acme").await;
        let admin = app.member(&owner, "acme", "Adam Admin", "admin").await;
        let member = app.member(&owner, "acme", "Mia Member", "member").await;
        let viewer = app.member(&owner, "acme", "Vera Viewer", "viewer").await;
        Self { app, owner, admin, member, viewer }
    }

    pub async fn path(&self, name: &str, act: &str) -> String {
        let id = self.app.membership_id(&self.owner, "acme", name).await;
        format!("/orgs/acme/members/{id}{act}")
    }

    pub async fn role_of(&self, name: &str) -> String {
        let email = email_of(name);
        let roles = self.app.database.texts(&format!(
            "select m.role from memberships m join users u on u.id = m.user_id where u.email = '{email}'"
        )).await;
        roles.into_iter().next().unwrap_or_default()
    }
}

#[tokio::test]
async fn the_table_is_searched_filtered_and_sorted_and_the_url_carries_it() {
    let acme = Acme::new().await;
    let names = |page: &crate::support::Answer| page.texts(".who > a");
    let page = acme.viewer.get("/orgs/acme/members?q=ADAM").await.expect(200);
    assert_eq!(names(&page), ["Adam Admin"]);
    assert_eq!(page.attribute("input[name=q]", "value"), "ADAM");
    let page = acme.viewer.get("/orgs/acme/members?q=viewer%40example").await.expect(200);
    assert_eq!(names(&page), ["Vera Viewer"]);
    let page = acme.owner.get("/orgs/acme/members?role=member").await.expect(200);
    assert_eq!(names(&page), ["Mia Member"]);
    assert_eq!(page.attribute("select[name=role] option[selected]", "value"), "member");
    let page = acme.owner.get("/orgs/acme/members?sort=role").await.expect(200);
    assert_eq!(names(&page), ["Olga Owner", "Adam Admin", "Mia Member", "Vera Viewer"]);
    assert_eq!(
        page.attribute("th[aria-sort=descending] a", "href"),
        "/orgs/acme/members?sort=role"
    );
    let page = acme.owner.get("/orgs/acme/members?q=nobody").await.expect(200);
    assert!(page.text(".empty h2").contains("No results"));
    let part = acme.owner.htmx_get("/orgs/acme/members?q=mia").await.expect(200);
    assert!(!part.body.contains("<html") && part.body.contains("Mia Member"), "{}", part.body);
}

#[tokio::test]
async fn pages_follow_each_other_by_keyset_in_every_order_and_back() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.trust("Ada Lovelace").await;
    for batch in 0..2 {
        let addresses: Vec<String> =
            (0..60).map(|n| format!("guest{:03}@example.test", batch * 60 + n)).collect();
        let fields = [("email", addresses.join("\n")), ("role", "viewer".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        ada.post("/orgs/acme/invitations", &fields).await.expect(200);
        app.advance(time::Duration::seconds(1));
    }
    app.work().await;
    for sort in ["name", "role", "joined", "active"] {
        let mut path = format!("/orgs/acme/members?show=everyone&sort={sort}");
        let mut seen = Vec::new();
        let mut texts = Vec::new();
        loop {
            let page = ada.get(&path).await.expect(200);
            seen.extend(page.attributes("tbody tr", "id"));
            texts.push(page.text(".pager-text"));
            match page.attribute("a[rel=next]", "href") {
                next if next.is_empty() => break,
                next => path = next,
            }
        }
        assert_eq!(texts, ["1–50 of 121", "51–100 of 121", "101–121 of 121"], "{sort}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (121, 121), "{sort}: every row once");
        let last = ada.get(&path).await;
        let previous = ada.get(&last.attribute("a[rel=prev]", "href")).await.expect(200);
        assert_eq!(previous.text(".pager-text"), "51–100 of 121", "{sort}");
        assert_eq!(previous.attributes("tbody tr", "id"), seen[50..100], "{sort}");
    }
    ada.get("/orgs/acme/members?after=nonsense").await.expect(400);
}

#[tokio::test]
async fn a_role_is_changed_by_htmx_and_by_a_form() {
    let acme = Acme::new().await;
    let path = acme.path("Mia Member", "/role").await;
    let row = acme.owner.htmx_post(&path, &[("role", "admin")]).await.expect(200);
    assert!(row.body.trim_start().starts_with("<tr"), "{}", row.body);
    assert!(row.body.contains("Mia Member is now an admin."));
    assert_eq!(acme.role_of("Mia Member").await, "admin");
    let page = acme.owner.submit(&path, &[("role", "viewer")]).await.expect(200);
    assert_eq!(page.text(".toast p"), "Mia Member is now a viewer.");
    acme.owner.post(&path, &[("role", "emperor")]).await.expect(422);
    acme.owner.post(&path, &[]).await.expect(422);
    // The next request uses the new role.
    acme.member.get("/orgs/acme/invitations").await.expect(403);
    // A role that somebody has already is no change.
    let before = acme.app.database.number("select count(*) from audit_log").await;
    acme.owner.post(&path, &[("role", "viewer")]).await.expect(303);
    assert_eq!(acme.app.database.number("select count(*) from audit_log").await, before);
}

#[tokio::test]
async fn nobody_edits_their_own_role_or_acts_above_their_rank() {
    let acme = Acme::new().await;
    let owner = acme.path("Olga Owner", "").await;
    let admin = acme.path("Adam Admin", "").await;
    let member = acme.path("Mia Member", "").await;
    acme.admin.post(&format!("{admin}/role"), &[("role", "member")]).await.expect(403);
    acme.admin.post(&format!("{owner}/role"), &[("role", "member")]).await.expect(409);
    acme.admin.post(&format!("{member}/role"), &[("role", "owner")]).await.expect(403);
    acme.admin.post(&format!("{owner}/remove"), &[]).await.expect(409);
    acme.admin
        .post("/orgs/acme/invitations", &[("email", "x@example.test"), ("role", "owner")])
        .await
        .expect(403);
    acme.member.post(&format!("{admin}/role"), &[("role", "viewer")]).await.expect(403);
    acme.viewer.post(&format!("{member}/remove"), &[]).await.expect(403);
    acme.viewer
        .post("/orgs/acme/invitations", &[("email", "x@example.test"), ("role", "viewer")])
        .await
        .expect(403);
    // With a second owner, the first is no longer the last one, and still above an admin.
    acme.owner.post(&format!("{member}/role"), &[("role", "owner")]).await.expect(303);
    acme.admin.post(&format!("{owner}/role"), &[("role", "member")]).await.expect(403);
    acme.owner.post(&format!("{owner}/role"), &[("role", "admin")]).await.expect(403);
    acme.member.post(&format!("{owner}/role"), &[("role", "admin")]).await.expect(303);
    assert_eq!(acme.role_of("Olga Owner").await, "admin");
    let page = acme.admin.get(&member).await.expect(200);
    assert!(page.text("main").contains("This role is above yours."), "{}", page.body);
}

#[tokio::test]
async fn the_last_owner_can_neither_leave_nor_be_demoted_nor_removed() {
    let acme = Acme::new().await;
    let page = acme.owner.get("/orgs/acme/leave").await.expect(200);
    assert!(page.text(".reason").contains("only owner"));
    acme.owner.post("/orgs/acme/leave", &[]).await.expect(409);
    let owner = acme.path("Olga Owner", "").await;
    acme.owner.post(&format!("{owner}/role"), &[("role", "viewer")]).await.expect(409);
    acme.owner.post(&format!("{owner}/remove"), &[]).await.expect(409);
    let refused = acme
        .app
        .database
        .execute("update memberships set role = 'viewer' where role = 'owner'")
        .await;
    assert!(refused.unwrap_err().to_string().contains("keeps an owner"));
    let refused = acme.app.database.execute("delete from memberships where role = 'owner'").await;
    assert!(refused.unwrap_err().to_string().contains("keeps an owner"));
}

#[tokio::test]
async fn removal_lists_what_it_ends_and_ends_it() {
    let acme = Acme::new().await;
    let link = acme.app.invite(&acme.admin, "acme", "new@example.test", "viewer").await;
    let path = acme.path("Adam Admin", "/remove").await;
    let page = acme.owner.get(&path).await.expect(200);
    let ends = page.texts(".consequences li");
    assert!(ends[0].contains("Access to Acme"), "{ends:?}");
    assert!(ends[1].contains("1 pending invitation from Adam Admin"), "{ends:?}");
    let row = acme.owner.htmx_get(&path).await.expect(200);
    assert!(row.body.trim_start().starts_with("<tr"), "{}", row.body);
    let answer = acme.owner.htmx_post(&path, &[]).await.expect(200);
    assert!(answer.body.contains("Adam Admin is no longer a member."));
    acme.admin.get("/orgs/acme").await.expect(404);
    acme.admin.get("/account").await.expect(200);
    let page = acme.app.browser().get(&link).await.expect(410);
    assert_eq!(page.text("h1"), "This invitation was revoked");
    acme.owner.post(&path, &[]).await.expect(404);
}

#[tokio::test]
async fn leaving_and_coming_back_needs_an_invitation() {
    let acme = Acme::new().await;
    let page = acme.member.submit("/orgs/acme/leave", &[]).await.expect(200);
    assert!(page.text(".toast").contains("You left Acme."));
    acme.member.get("/orgs/acme").await.expect(404);
    let link = acme.app.invite(&acme.owner, "acme", "mia.member@example.test", "admin").await;
    acme.member.post(&format!("{link}/accept"), &[]).await.expect_redirect("/orgs/acme");
    acme.app.work().await;
    assert_eq!(acme.role_of("Mia Member").await, "admin");
}

#[tokio::test]
async fn a_demotion_takes_back_what_the_person_may_not_offer_any_more() {
    let acme = Acme::new().await;
    let link = acme.app.invite(&acme.admin, "acme", "new@example.test", "admin").await;
    let low = acme.app.invite(&acme.admin, "acme", "low@example.test", "viewer").await;
    let path = acme.path("Adam Admin", "/role").await;
    acme.owner.post(&path, &[("role", "member")]).await.expect(303);
    acme.app.browser().get(&link).await.expect(410);
    acme.app.browser().get(&low).await.expect(410);
}

#[tokio::test]
async fn last_active_is_told_from_the_pages_that_were_opened() {
    let acme = Acme::new().await;
    acme.app.advance(time::Duration::hours(2));
    acme.viewer.get("/orgs/acme").await.expect(200);
    acme.app.work().await;
    acme.app.advance(time::Duration::hours(3));
    let page = acme.owner.get("/orgs/acme/members?q=vera").await.expect(200);
    assert!(page.text("tbody tr").contains("3 hours ago"), "{}", page.text("tbody tr"));
}

#[tokio::test]
async fn names_are_found_and_sorted_whatever_their_letters() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Zoe", "Acme").await;
    for (number, name) in ["ÉLODIE", "Øyvind", "anna", "Bert"].iter().enumerate() {
        let link = app.invite(&ada, "acme", &format!("p{number}@example.test"), "viewer").await;
        let fields = [("name", *name), ("password", crate::support::PASSWORD)];
        app.browser().post(&format!("{link}/accept"), &fields).await.expect(303);
        app.work().await;
    }
    for search in ["élodie", "Élodie", "ÉLO"] {
        let page = ada.get(&format!("/orgs/acme/members?q={search}")).await.expect(200);
        assert_eq!(page.texts(".who > a"), ["ÉLODIE"], "{search}");
    }
    let page = ada.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.texts(".who > a")[..3], ["anna", "Bert", "Zoe"]);
}

#[tokio::test]
async fn a_member_is_suspended_and_reactivated_by_htmx_and_by_a_form() {
    let acme = Acme::new().await;
    let path = acme.path("Mia Member", "").await;
    let (suspend, reactivate) = (format!("{path}/suspend"), format!("{path}/reactivate"));
    let badge = "tbody .who .badge-danger";
    for _ in 0..2 {
        let row = acme.admin.htmx_post(&suspend, &[]).await.expect(200);
        assert!(row.body.trim_start().starts_with("<tr"), "{}", row.body);
        assert!(row.body.contains("Suspended"), "{}", row.body);
        let menu = acme.admin.htmx_get(&path).await.expect(200);
        assert!(menu.body.contains(&reactivate) && !menu.body.contains(&suspend), "{}", menu.body);
    }
    let page = acme.owner.get("/orgs/acme/members?q=mia").await.expect(200);
    assert_eq!(page.text(badge), "Suspended");
    for _ in 0..2 {
        let row = acme.admin.htmx_post(&reactivate, &[]).await.expect(200);
        assert!(!row.body.contains("Suspended"), "{}", row.body);
        let menu = acme.admin.htmx_get(&path).await.expect(200);
        assert!(menu.body.contains(&suspend) && !menu.body.contains(&reactivate), "{}", menu.body);
    }
    acme.member.get("/orgs/acme").await.expect(200);
    let page = acme.owner.submit(&suspend, &[]).await.expect(200);
    assert_eq!(page.text(".toast p"), "Mia Member suspended.");
    let page = acme.owner.submit(&reactivate, &[]).await.expect(200);
    assert_eq!(page.text(".toast p"), "Mia Member is active again.");
    assert_eq!(page.count(badge), 0);
    let recorded = "select action from audit_log
         where action in ('member.suspended', 'member.reactivated') order by sequence";
    let recorded = acme.app.database.texts(recorded).await;
    let both = ["member.suspended", "member.reactivated"];
    assert_eq!(recorded, [both, both].concat());
}

#[tokio::test]
async fn a_suspended_member_opens_no_page_of_the_organization_and_keeps_the_others() {
    let acme = Acme::new().await;
    acme.app.invite(&acme.owner, "acme", "guest@example.test", "viewer").await;
    acme.admin.post("/orgs", &[("name", "Elsewhere"), ("slug", "")]).await.expect(303);
    acme.admin.get("/orgs/acme").await.expect(200);
    acme.app.work().await;
    acme.admin.get("/").await.expect_redirect("/orgs/acme");
    acme.owner.post(&acme.path("Adam Admin", "/suspend").await, &[]).await.expect(303);
    acme.admin.get("/").await.expect_redirect("/orgs");
    let id = acme.app.membership_id(&acme.owner, "acme", "Mia Member").await;
    for route in tenantry::router::routes(&acme.app.app) {
        if !matches!(route.access, tenantry::platform::web::route::Access::Member(_)) {
            continue;
        }
        let path = route.path.replace("{slug}", "acme").replace("{id}", &id);
        for (header, value) in
            [("accept", "text/html"), ("hx-request", "true"), ("accept", "application/json")]
        {
            let request = acme.admin.request(route.method.as_str(), &path).header(header, value);
            let answer = acme.admin.send(request).await;
            assert_eq!(answer.status, 403, "{} {path} {value}", route.method);
            assert!(answer.body.contains("re suspended from Acme"), "{}", answer.body);
        }
    }
    let page = acme.admin.get("/orgs").await.expect(200);
    let marks = page.texts(".list-link .badge");
    assert_eq!((page.count(".list-link"), marks), (2, vec!["Suspended".to_owned()]));
    let page = acme.admin.get("/orgs/elsewhere").await.expect(200);
    assert_eq!(page.texts("#switcher-list .badge"), ["Suspended"]);
    acme.app.database.execute("update sign_ins set last_organization_id = null").await.unwrap();
    acme.admin.get("/").await.expect_redirect("/orgs");
    // People who are suspended in all organizations see the list.
    acme.owner.post(&acme.path("Vera Viewer", "/suspend").await, &[]).await.expect(303);
    acme.viewer.get("/").await.expect_redirect("/orgs");
    let page = acme.viewer.get("/orgs").await.expect(200);
    assert_eq!(page.texts(".list-link .badge"), ["Suspended"]);
    assert_eq!(page.text(".list-name"), "Acme");
}

#[tokio::test]
async fn what_a_suspended_member_has_offered_is_taken_back_and_counts_no_more() {
    let acme = Acme::new().await;
    let link = acme.app.invite(&acme.admin, "acme", "new@example.test", "viewer").await;
    let path = acme.path("Adam Admin", "/suspend").await;
    let page = acme.owner.submit(&path, &[]).await.expect(200);
    let words = "Adam Admin suspended. 1 invitation they sent was revoked.";
    assert_eq!(page.text(".toast p"), words);
    let page = acme.app.browser().get(&link).await.expect(410);
    assert_eq!(page.text("h1"), "This invitation was revoked");
    // A suspended person has no authority, whatever invitations are still open.
    let open = "update invitations set status = 'pending', answered_at = null
         where email = 'new@example.test'";
    acme.app.database.execute(open).await.unwrap();
    let fields = [("name", "New"), ("password", crate::support::PASSWORD)];
    acme.app.browser().post(&format!("{link}/accept"), &fields).await.expect(410);
    let role = acme.path("Adam Admin", "/role").await;
    acme.owner.post(&role, &[("role", "owner")]).await.expect(303);
    let pending = "select count(*) from invitations where status = 'pending'";
    assert_eq!(acme.app.database.number(pending).await, 0);
}

#[tokio::test]
async fn nobody_suspends_themselves_or_above_their_rank_or_the_last_owner_who_can_act() {
    let acme = Acme::new().await;
    let owner = acme.path("Olga Owner", "").await;
    let admin = acme.path("Adam Admin", "").await;
    let member = acme.path("Mia Member", "").await;
    acme.admin.post(&format!("{admin}/suspend"), &[]).await.expect(403);
    acme.admin.post(&format!("{owner}/suspend"), &[]).await.expect(409);
    acme.owner.post(&format!("{owner}/suspend"), &[]).await.expect(409);
    acme.member.post(&format!("{admin}/suspend"), &[]).await.expect(403);
    acme.viewer.post(&format!("{admin}/reactivate"), &[]).await.expect(403);
    acme.owner.post(&format!("{member}/role"), &[("role", "owner")]).await.expect(303);
    acme.admin.post(&format!("{member}/suspend"), &[]).await.expect(403);
    acme.owner.post(&format!("{member}/suspend"), &[]).await.expect(303);
    acme.admin.post(&format!("{member}/reactivate"), &[]).await.expect(403);
    // A suspended owner does not count: the other one has to stay, and the suspended one can leave.
    acme.owner.post("/orgs/acme/leave", &[]).await.expect(409);
    acme.owner.post(&format!("{owner}/role"), &[("role", "viewer")]).await.expect(409);
    let menu = acme.owner.htmx_get(&member).await.expect(200);
    assert_eq!(menu.count("form[action$='/role']"), 1, "{}", menu.body);
    let refused = acme
        .app
        .database
        .execute("update memberships set suspended_at = created_at where role = 'owner'");
    assert!(refused.await.unwrap_err().to_string().contains("keeps an owner"));
    acme.owner.post(&format!("{member}/remove"), &[]).await.expect(303);
    let nowhere = "/orgs/acme/members/00000000-0000-0000-0000-000000000001";
    acme.owner.post(&format!("{nowhere}/suspend"), &[]).await.expect(404);
}
