//! The table of people: its tabs, its filters, and what its rows offer.

use super::members::Acme;

#[tokio::test]
async fn members_invited_and_suspended_people_have_a_tab_each_and_a_search_looks_everywhere() {
    let acme = Acme::new().await;
    acme.app.invite(&acme.owner, "acme", "new@example.test", "viewer").await;
    acme.owner.post(&acme.path("Mia Member", "/suspend").await, &[]).await.expect(303);
    let page = acme.owner.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.texts(".tab"), ["Members 3", "Invited 1", "Suspended 1", "Former"]);
    assert_eq!(page.text(".tab[aria-current]"), "Members 3");
    assert_eq!(page.texts(".who > a"), ["Adam Admin", "Olga Owner", "Vera Viewer"]);
    assert_eq!(page.text(".pager-text"), "1–3 of 3");
    let paths = page.attributes(".tab", "href");
    let invited = acme.owner.get(&paths[1]).await.expect(200);
    let row = invited.text("tbody tr");
    assert!(row.contains("new@") && row.contains("Email sent") && row.contains("Viewer"), "{row}");
    let suspended = acme.owner.get(&paths[2]).await.expect(200);
    assert_eq!(suspended.texts(".who > a"), ["Mia Member"]);
    let found = acme.owner.get("/orgs/acme/members?q=example").await.expect(200);
    let found = found.expect(200);
    assert_eq!(found.texts(".who > a").len(), 5, "all addresses are at example.test");
    assert_eq!(found.text(".tab[aria-current]").split(' ').next(), Some("Everyone"));
}

#[tokio::test]
async fn people_who_need_attention_are_found() {
    let acme = Acme::new().await;
    let names = async |only: &str| {
        let page = acme.owner.get(&format!("/orgs/acme/members?only={only}")).await.expect(200);
        page.texts(".who > a")
    };
    assert_eq!(names("no-factor").await.len(), 4, "nobody has a second factor");
    assert!(names("inactive").await.is_empty());
    acme.app.advance(time::Duration::days(80));
    acme.app.sign_in("Mia Member").await.get("/orgs/acme").await.expect(200);
    acme.app.work().await;
    acme.app.advance(time::Duration::days(11));
    acme.app.sign_in("Olga Owner").await.get("/orgs/acme").await.expect(200);
    acme.app.work().await;
    let olga = acme.app.sign_in("Olga Owner").await;
    let page = olga.get("/orgs/acme/members?only=inactive").await.expect(200);
    assert_eq!(page.texts(".who > a"), ["Adam Admin", "Vera Viewer"]);
}

#[tokio::test]
async fn a_row_has_no_more_elements_than_it_needs_and_its_menu_is_its_page() {
    let acme = Acme::new().await;
    let path = acme.path("Mia Member", "").await;
    let row = "tbody tr:has(a[href$='PATH'])".replace("PATH", &path);
    let page = acme.owner.get("/orgs/acme/members").await.expect(200);
    assert!(page.count(&format!("{row} *")) <= 10, "{}", page.body);
    let menu = acme.owner.htmx_get(&path).await.expect(200);
    assert!(!menu.body.contains("<html"), "{}", menu.body);
    let whole = acme.owner.get(&path).await.expect(200);
    for part in [&menu, &whole] {
        let roles = part.texts("form[action$='/role'] .menu-item-name");
        assert_eq!(roles, ["Owner", "Admin", "Member", "Viewer"], "{}", part.body);
        assert_eq!(part.text("form [aria-current] .menu-item-name"), "Member");
        assert_eq!(part.count("a[href$='/suspend']"), 1, "suspending asks");
        assert_eq!(part.count("a[href$='/remove']"), 1);
    }
    // Without the right to do so, there is nothing to press.
    let page = acme.viewer.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.count("tbody .opens-menu"), 1, "to leave");
    assert_eq!(page.count("tbody button, tbody select"), 0);
    let whole = acme.viewer.get(&path).await.expect(200);
    assert_eq!(whole.count("main form, main .menu-item"), 0, "{}", whole.body);
    assert_eq!(whole.text("h1"), "Mia Member");
}

#[tokio::test]
async fn a_change_of_a_role_is_undone() {
    let acme = Acme::new().await;
    let path = acme.path("Mia Member", "/role").await;
    let page = acme.owner.submit(&path, &[("role", "viewer")]).await.expect(200);
    let undo = page.attribute(".toast form", "action");
    assert_eq!(undo, format!("{path}?role=member"));
    let page = acme.owner.submit(&undo, &[]).await.expect(200);
    assert_eq!(acme.role_of("Mia Member").await, "member");
    assert_eq!(page.count(".toast form"), 0);
    acme.admin.post(&format!("{path}?role=owner"), &[]).await.expect(403);
    acme.owner.post(&format!("{path}?role=emperor"), &[]).await.expect(422);
}

#[tokio::test]
async fn suspending_asks_first_in_the_row_and_on_a_page() {
    let acme = Acme::new().await;
    let path = acme.path("Mia Member", "/suspend").await;
    let row = acme.owner.htmx_get(&path).await.expect(200);
    assert!(row.body.contains("<tr id=\"person-"), "{}", row.body);
    assert!(row.body.contains("Suspend Mia Member?"), "{}", row.body);
    let page = acme.owner.get(&path).await.expect(200);
    assert_eq!(page.text("h1"), "Suspend Mia Member?");
    assert_eq!(page.attribute("main form", "action"), path);
    acme.viewer.get(&path).await.expect(403);
}
