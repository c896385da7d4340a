//! Choosing many members or invitations at once, and the list as a file.

use super::members::Acme;
use crate::support::{Answer, email_of};

const CHOOSE: &str = "/orgs/acme/members/choose";
const APPLY: &str = "/orgs/acme/members/choose/apply";

/// What became of each: the name, and the words beside it.
fn results(page: &Answer) -> Vec<String> {
    page.texts(".results li")
}

#[tokio::test]
async fn chosen_members_are_asked_about_and_then_changed_one_by_one() {
    let acme = Acme::new().await;
    let page = acme.owner.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.count("input[name=row]"), 0, "boxes are only there to choose");
    let page = acme.owner.get("/orgs/acme/members?choose=1").await.expect(200);
    let boxes = page.attributes("input[name=row]", "aria-label");
    assert_eq!(boxes, ["Choose Adam Admin", "Choose Mia Member", "Choose Vera Viewer"]);
    let acts = page.attributes("#choice button", "value");
    assert_eq!(acts, ["role", "suspend", "remove"]);
    let ids = page.attributes("input[name=row]", "value");
    let chosen = [("act", "suspend"), ("row", ids[1].as_str()), ("row", ids[2].as_str())];
    let ask = acme.owner.post(CHOOSE, &chosen).await.expect(200);
    assert_eq!(ask.text("h1"), "Suspend 2 members?");
    assert_eq!(ask.texts(".chosen-names li"), ["Mia Member", "Vera Viewer"]);
    acme.member.get("/orgs/acme").await.expect(200);
    let row = ask.attribute("input[name=row]", "value");
    let path = ask.attribute(".dialog-page form", "action");
    let done = acme.owner.post(&path, &[("act", "suspend"), ("row", &row)]).await.expect(200);
    assert_eq!(done.text("h1"), "2 of 2 suspended");
    acme.member.get("/orgs/acme").await.expect(403);
    // Once more changes nothing, and is recorded once for each.
    acme.owner.post(&path, &[("act", "suspend"), ("row", &row)]).await.expect(200);
    let recorded = "select count(*) from audit_log where action = 'member.suspended'";
    assert_eq!(acme.app.database.number(recorded).await, 2);
    let back = [("act", "reactivate"), ("row", row.as_str())];
    assert_eq!(acme.owner.post(APPLY, &back).await.expect(200).text("h1"), "2 of 2 reactivated");
    // Another role, which is chosen with the answer; nobody becomes an owner this way.
    let ask = acme.owner.post(CHOOSE, &[("act", "role"), ("row", &row)]).await.expect(200);
    assert_eq!(ask.attributes("#value option", "value"), ["admin", "member", "viewer"]);
    let fields = [("act", "role"), ("row", &row), ("value", "viewer")].map(|(n, v)| (n, v));
    acme.owner.post(APPLY, &fields).await.expect(200);
    assert_eq!(acme.role_of("Mia Member").await, "viewer");
}

#[tokio::test]
async fn what_is_not_allowed_is_said_beside_each_and_the_rest_is_done() {
    let acme = Acme::new().await;
    let page = acme.owner.get("/orgs/acme/members").await.expect(200);
    let rows = page.attributes("tr[id]", "id").join(" ").replace("person-", "");
    let done = acme.admin.post(APPLY, &[("act", "remove"), ("row", &rows)]).await.expect(200);
    assert_eq!(done.text("h1"), "2 of 4 removed");
    assert_eq!(
        results(&done),
        [
            "Adam Admin You can't change your own role.",
            "Mia Member Removed",
            "Olga Owner This role is above yours.",
            "Vera Viewer Removed",
        ]
    );
    for fields in [
        [("act", "remove"), ("row", "")],
        [("act", "remove"), ("row", "01a22d95-b24b-76f7-9417-e3bf4c38fc08")],
        [("act", "explode"), ("row", rows.as_str())],
    ] {
        acme.admin.post(APPLY, &fields).await.expect(422);
        acme.admin.post(CHOOSE, &fields).await.expect(422);
    }
}

#[tokio::test]
async fn all_that_match_the_filter_are_chosen_whatever_the_page_shows() {
    let acme = Acme::new().await;
    let guests: Vec<_> = (0..60).map(|n| format!("guest{n}@example.test")).collect();
    let fields = [("email", guests.join("\n")), ("role", "viewer".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    acme.app.trust("Olga Owner").await;
    acme.owner.post("/orgs/acme/invitations", &fields).await.expect(200);
    let list = "/orgs/acme/members?show=invited&choose=1&q=guest1";
    let page = acme.owner.get(list).await.expect(200);
    assert_eq!(page.attributes("#choice button", "value"), ["resend", "revoke"]);
    let path = page.attributes("#choice button", "formaction").remove(1);
    let ask = acme.owner.post(&path, &[("act", "revoke"), ("all", "yes")]).await.expect(200);
    assert_eq!(ask.text("h1"), "Revoke 11 invitations?");
    let row = ask.attribute("input[name=row]", "value");
    let path = ask.attribute(".dialog-page form", "action");
    let done = acme.owner.post(&path, &[("act", "revoke"), ("row", &row)]).await.expect(200);
    assert_eq!(done.text("h1"), "11 of 11 revoked");
    let left = "select count(*) from invitations where status = 'pending'";
    assert_eq!(acme.app.database.number(left).await, 49);
    acme.app.work().await;
}

#[tokio::test]
async fn the_filtered_list_is_a_file_that_says_who_took_it() {
    let acme = Acme::new().await;
    let page = acme.owner.get("/orgs/acme/members?role=member").await.expect(200);
    let path = page.attribute("form[action*='/members/export']", "action");
    let file = acme.owner.post(&path, &[]).await.expect(200);
    assert!(file.header("content-disposition").contains("acme-members-"), "{:?}", file.headers);
    let lines: Vec<_> = file.body.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(lines[0], "name,email,role,status,joined,last_active");
    let start = format!("Mia Member,{},member,member,", email_of("Mia Member"));
    assert!(lines[1].starts_with(&start) && lines.len() == 2, "{lines:?}");
    let recorded = "select count(*) from audit_log where action = 'member.exported'";
    assert_eq!(acme.app.database.number(recorded).await, 1);
    acme.viewer.post(&path, &[]).await.expect(403);
}
