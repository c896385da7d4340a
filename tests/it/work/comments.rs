//! Comments: writing, editing, mentions, and the emails about them.

use time::Duration;

use super::{Acme, add_task, start};
use crate::support::world::Fixture;
use crate::support::{Answer, Browser, email_of};

inventory::submit!(Fixture {
    place: 40,
    in_project: true,
    make: |house| {
        Box::pin(async {
            let (project, task) = (house.id("projects", ""), house.id("tasks", ""));
            let path = format!("/projects/{project}/tasks/{task}/comments");
            let (word, name) = (&house.word, &house.name);
            let body = format!("{word} comment for @{name} Member and @{name} Owner");
            house.make("comments", &path, &[("body", &body)]).await;
        })
    },
    forms: &[
        ("/orgs/{slug}/projects/{project}/tasks/{id}/comments", &[("body", "On the task")],),
        ("/orgs/{slug}/projects/{project}/comments", &[("body", "On the project")]),
        ("/orgs/{slug}/projects/{project}/comments/preview", &[("body", "A draft")]),
        (
            "/orgs/{slug}/projects/{project}/comments/{id}/edit",
            &[("body", "Changed comment"), ("version", "1")],
        ),
        ("/orgs/{slug}/projects/{project}/comments/{id}/delete", &[]),
        ("/orgs/{slug}/projects/{project}/comments/{id}/restore", &[]),
    ],
    lives: &[],
});

/// Writes a comment on the page at `path`, and returns its id.
async fn say(browser: &Browser, path: &str, body: &str) -> String {
    let answer = browser.post(&format!("{path}/comments"), &[("body", body)]).await.expect(303);
    let place = answer.location().unwrap();
    let (page, id) = place.split_once("#comment-").unwrap();
    assert_eq!(page, path);
    id.to_owned()
}

async fn bodies(browser: &Browser, path: &str) -> Vec<String> {
    browser.get(path).await.expect(200).texts(".comment-body")
}

#[tokio::test]
async fn asvs_1_3_5_comments_stand_on_their_project_or_task_as_they_were_typed() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    say(&acme.mia, &acme.project, "On the project").await;
    say(&acme.max, &task, "<script>alert(1)</script>\r\nline two & more").await;
    let page = acme.viewer.get(&task).await.expect(200);
    assert_eq!(page.texts(".comment-body"), ["<script>alert(1)</script> line two & more"]);
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;</p>"));
    assert!(!page.body.contains("<script>alert"));
    assert_eq!(bodies(&acme.mia, &acme.project).await, ["On the project"]);
    let path = format!("{task}/comments");
    let part = acme.mia.htmx_post(&path, &[("body", "Another")]).await.expect(200);
    assert!(part.body.trim_start().starts_with("<section"), "{}", part.body);
    assert_eq!(part.count(".comment"), 2);
    assert_eq!(part.text("textarea"), "");
    for htmx in [true, false] {
        let long = "x".repeat(8001);
        let page = match htmx {
            true => acme.mia.htmx_post(&path, &[("body", &long)]).await,
            false => acme.mia.post(&path, &[("body", &long)]).await,
        };
        let page = page.expect(422);
        assert_eq!(page.text("textarea"), long);
        assert!(!page.text("#body-error").is_empty());
    }
    acme.mia.post(&path, &[("body", " \r\n ")]).await.expect(422);
    let nowhere = format!("{}/tasks/00000000-0000-0000-0000-000000000000/comments", acme.project);
    acme.mia.post(&nowhere, &[("body", "x")]).await.expect(404);
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    acme.mia.post(&path, &[("body", "x")]).await.expect(404);
}

#[tokio::test]
async fn only_who_wrote_a_comment_changes_it_and_leads_delete_any() {
    let acme = Acme::new().await;
    let id = say(&acme.max, &acme.project, "First thought").await;
    let path = format!("{}/comments/{id}", acme.project);
    let edit = format!("{path}/edit");
    for browser in [&acme.mia, &acme.owner, &acme.viewer] {
        browser.get(&edit).await.expect(403);
        browser.post(&edit, &[("body", "x"), ("version", "1")]).await.expect(403);
    }
    let version = acme.max.get(&edit).await.expect(200).attribute("input[name=version]", "value");
    let fields = [("body", "Second thought"), ("version", version.as_str())];
    let page = acme.max.submit(&edit, &fields).await.expect(200);
    assert_eq!(page.texts(".comment-body"), ["Second thought"]);
    assert!(page.text(".comment-head").contains("edited"));
    // The first version is still open in another window.
    let fields = [("body", "Third thought"), ("version", version.as_str())];
    let page = acme.max.post(&edit, &fields).await.expect(409);
    assert_eq!(page.text("textarea"), "Third thought");
    assert!(page.text("blockquote").contains("Second thought"));
    let third = say(&acme.mia, &acme.project, "By the lead").await;
    let by_lead = format!("{}/comments/{third}/delete", acme.project);
    acme.max.post(&by_lead, &[]).await.expect(403);
    acme.viewer.post(&by_lead, &[]).await.expect(403);
    let page = acme.mia.submit(&format!("{path}/delete"), &[]).await.expect(200);
    assert_eq!(page.texts(".comment-body"), ["By the lead"]);
    acme.max.post(&edit, &[("body", "x"), ("version", "2")]).await.expect(404);
    let page = acme.mia.submit(&page.attribute(".toast form", "action"), &[]).await.expect(200);
    assert_eq!(page.count(".comment"), 2);
    // Its text is not in the log.
    let log = acme.app.dump_tables(&["audit_details"]).await;
    assert!(!log.contains("thought"), "{log}");
}

#[tokio::test]
async fn a_person_who_is_mentioned_is_told_once_and_highlighted() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let sent = acme.app.mail.count();
    let body = "@max member and @MAX MEMBER: look, @Mia Member. me@max.example, @Nobody";
    let id = say(&acme.mia, &task, body).await;
    let page = acme.viewer.get(&task).await.expect(200);
    assert_eq!(page.texts(".mention"), ["@max member", "@MAX MEMBER", "@Mia Member"]);
    assert_eq!(page.text(".comment-body"), body);
    let mail = acme.app.last_mail(&email_of("Max Member")).await;
    assert_eq!(mail.subject, "Mia Member mentioned you on Paint");
    assert!(mail.text.contains("> @max member and"), "{}", mail.text);
    assert!(mail.text.contains(&format!("{task}?comment={id}#comment-{id}")), "{}", mail.text);
    assert_eq!(acme.app.mail.count(), sent + 1, "nobody is told what they wrote themselves");
    // An edit notifies those who were not mentioned before.
    let edit = format!("{}/comments/{id}/edit", acme.project);
    let fields = [("body", "@Max Member, @Vera Viewer <b>now</b>"), ("version", "1")];
    acme.mia.post(&edit, &fields).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), sent + 2);
    let mail = acme.app.last_mail(&email_of("Vera Viewer")).await;
    assert!(mail.html.contains("&#60;b&#62;"), "{}", mail.html);
    assert_eq!(acme.app.database.number("select count(*) from comment_mentions").await, 2);
}

#[tokio::test]
async fn people_who_may_not_see_the_project_are_neither_named_nor_told() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let task = add_task(&acme.mia, &secret, "Whisper").await;
    let sent = acme.app.mail.count();
    let body = "@Max Member @Vera Viewer @Olga Owner";
    let id = say(&acme.mia, &task, body).await;
    acme.app.work().await;
    assert_eq!(acme.mia.get(&task).await.texts(".mention"), ["@Olga Owner"]);
    assert_eq!(acme.app.mail.count(), sent + 1);
    acme.app.last_mail(&email_of("Olga Owner")).await;
    // The comment does not exist for them, by any path.
    for act in ["edit", "delete", "restore"] {
        let fields: &[(&str, &str)] = &[];
        acme.max.post(&format!("{secret}/comments/{id}/{act}"), fields).await.expect(404);
        let through = format!("{}/comments/{id}/{act}", acme.project);
        let fields: &[(&str, &str)] = if act == "edit" { &[("body", "x")] } else { &[] };
        acme.max.post(&through, fields).await.expect(404);
    }
    acme.max.post(&format!("{secret}/comments"), &[("body", "x")]).await.expect(404);
    // It is not on a task of another project either.
    let other = task.replace(&secret, &acme.project);
    acme.max.post(&format!("{other}/comments"), &[("body", "x")]).await.expect(404);
}

#[tokio::test]
async fn asvs_8_3_3_a_mention_that_does_not_stand_any_more_sends_no_mail() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let email = email_of("Max Member");
    let put = [("email", email.as_str()), ("role", "reader")];
    acme.mia.post(&format!("{secret}/members"), &put).await.expect(303);
    let max = acme.app.membership_id(&acme.owner, "acme", "Max Member").await;
    let sent = acme.app.mail.count();
    // The comment is deleted.
    let id = say(&acme.mia, &secret, "@Max Member").await;
    acme.mia.post(&format!("{secret}/comments/{id}/delete"), &[]).await.expect(303);
    acme.app.work().await;
    // The mention is removed.
    let id = say(&acme.mia, &secret, "@Max Member").await;
    let fields = [("body", "never mind"), ("version", "1")];
    acme.mia.post(&format!("{secret}/comments/{id}/edit"), &fields).await.expect(303);
    acme.app.work().await;
    // The project is deleted, and restored later.
    say(&acme.mia, &secret, "@Max Member").await;
    acme.mia.post(&format!("{secret}/delete"), &[]).await.expect(303);
    acme.app.work().await;
    acme.mia.post(&format!("{secret}/restore"), &[]).await.expect(303);
    // Max is removed from the project.
    say(&acme.mia, &secret, "@Max Member").await;
    acme.mia.post(&format!("{secret}/members/{max}/remove"), &[]).await.expect(303);
    acme.app.work().await;
    // Max is removed from the organization.
    say(&acme.mia, &acme.project, "@Max Member").await;
    acme.owner.post(&format!("/orgs/acme/members/{max}/remove"), &[]).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), sent);
    assert_eq!(acme.app.database.number("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn older_comments_are_a_link_away() {
    let acme = Acme::new().await;
    for number in 0..52 {
        say(&acme.mia, &acme.project, &format!("Comment {number:02}")).await;
        acme.app.advance(Duration::seconds(1));
    }
    let link = |page: &Answer, words: &str| {
        let links = page.attributes("#comments p.small > a", "href");
        let texts = page.texts("#comments p.small > a");
        texts.iter().position(|text| text.contains(words)).map(|at| links[at].clone())
    };
    let page = acme.viewer.get(&acme.project).await.expect(200);
    let newest = page.texts(".comment-body");
    assert_eq!(
        (newest.len(), newest[0].as_str(), newest[49].as_str()),
        (50, "Comment 02", "Comment 51")
    );
    assert_eq!(link(&page, "newer"), None);
    let older = acme.viewer.get(&link(&page, "older").unwrap()).await.expect(200);
    assert_eq!(older.texts(".comment-body"), ["Comment 00", "Comment 01"]);
    let back = acme.viewer.get(&link(&older, "newer").unwrap()).await.expect(200);
    assert_eq!(back.texts(".comment-body"), newest);
    acme.viewer.get(&format!("{}?after=nonsense", acme.project)).await.expect(400);
    // Pages of comments keep the finished tasks that the page shows.
    let page = acme.viewer.get(&format!("{}?done=1", acme.project)).await.expect(200);
    assert!(link(&page, "older").unwrap().contains("done=1"));
    // The address of a comment leads to it, on whichever page it is.
    let first = "Comment 00";
    let id = older.attributes("li.comment", "id")[0].replace("comment-", "");
    let edit = format!("{}/comments/{id}/edit", acme.project);
    let page = acme.mia.submit(&edit, &[("body", first), ("version", "1")]).await.expect(200);
    assert_eq!(page.texts(".comment-body"), [first]);
    assert!(link(&page, "newer").is_some());
    let newest_id = page_id(&acme.viewer.get(&acme.project).await);
    let newest_page = format!("{}?comment={newest_id}", acme.project);
    assert_eq!(acme.viewer.get(&newest_page).await.expect(200).texts(".comment-body"), newest);
    let activity = acme.viewer.get(&format!("{}/activity", acme.project)).await.expect(200);
    assert!(activity.body.contains(&format!("?comment={id}#comment-{id}")));
    // A page on which nothing is left leads to the first one.
    let behind = link(&back, "older").unwrap();
    for comment in older.attributes("li.comment", "id") {
        let path = comment.replace("comment-", "/comments/");
        acme.mia.post(&format!("{}{path}/delete", acme.project), &[]).await.expect(303);
    }
    let page = acme.viewer.visit(&behind).await.expect(200);
    assert_eq!(page.texts(".comment-body"), newest);
}

/// The id of the newest comment on a page.
fn page_id(page: &Answer) -> String {
    page.attributes("li.comment", "id").last().unwrap().replace("comment-", "")
}

#[tokio::test]
async fn a_comment_saved_in_place_loads_its_page_again() {
    let acme = Acme::new().await;
    let id = say(&acme.mia, &acme.project, "First").await;
    let edit = format!("{}/comments/{id}/edit", acme.project);
    for (version, page, refreshes) in [
        ("1", format!("{}?comment={id}", acme.project), true),
        ("2", format!("{}?comment={id}#comment-{id}", acme.project), true),
        ("3", acme.project.clone(), false),
    ] {
        let body = format!("Version {version}");
        let token = acme.mia.token().await;
        let fields = [("body", body.as_str()), ("version", version), ("csrf", &token)];
        let request = acme.mia.request("POST", &edit).form(&fields).header("hx-request", "true");
        let page = format!("http://localhost{page}");
        let answer = acme.mia.send(request.header("hx-current-url", page)).await.expect(204);
        // To go to a part of the open page would not load it.
        assert_eq!(answer.headers.contains_key("hx-refresh"), refreshes, "{version}");
        assert_eq!(answer.headers.contains_key("hx-redirect"), !refreshes, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn someone_who_has_just_lost_the_lead_role_deletes_nobody_elses_comment() {
    let acme = Acme::new().await;
    let email = email_of("Max Member");
    let fields = [("email", email.as_str()), ("role", "lead")];
    acme.mia.post(&format!("{}/members", acme.project), &fields).await.expect(303);
    let id = say(&acme.mia, &acme.project, "Mine").await;
    let demote = "update project_members set role = 'contributor' where membership_id in (
        select m.id from memberships m join users u on u.id = m.user_id
        where u.name = 'Max Member')";
    // Locks what the request waits for.
    let slowly = match acme.app.database.is_postgres() {
        true => format!("select id from projects for update; {demote}"),
        false => demote.to_owned(),
    };
    let hold = std::time::Duration::from_secs(1);
    let (demoted, answer) = tokio::join!(acme.app.database.execute_slowly(&slowly, hold), async {
        tokio::time::sleep(hold / 5).await;
        acme.max.post(&format!("{}/comments/{id}/delete", acme.project), &[]).await
    });
    demoted.unwrap();
    answer.expect(403);
    assert_eq!(bodies(&acme.viewer, &acme.project).await, ["Mine"]);
}

#[tokio::test]
async fn mentions_work_next_to_words_of_every_script_and_with_any_apostrophe() {
    let acme = Acme::new().await;
    for (name, written) in [
        ("王小明", "你好@王小明请看"),
        ("田中メアリー", "＠田中メアリーさん、どうぞ"),
        ("דנה", "שלום ל@דנה"),
        ("Bo O’Neil", "@bo o'neil: look"),
    ] {
        acme.max.submit("/account", &[("name", name)]).await.expect(200);
        say(&acme.mia, &acme.project, written).await;
        acme.app.work().await;
        let mail = acme.app.last_mail(&email_of("Max Member")).await;
        assert!(mail.text.contains(written), "{written}");
        let page = acme.viewer.get(&acme.project).await.expect(200);
        assert_eq!(page.texts(".mention").len(), 1, "{written}");
        acme.max.submit("/account", &[("name", "Max Member")]).await.expect(200);
    }
}

#[tokio::test]
async fn mentions_are_previewed_before_a_comment_is_sent() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let mails = acme.app.mail.count();
    let preview = format!("{}/comments/preview", acme.project);
    let typed = [("body", "@Max Member, **@Mia Member**, @Grace: look"), ("preview", "body")];
    let words = "Will be notified: Max Member. No one with access to this project is named @Grace.";
    let page = acme.mia.post(&preview, &typed).await.expect(200);
    assert_eq!(page.text("main .field-hint"), words);
    assert_eq!(page.texts("main strong .mention"), ["@Mia Member"]);
    let part = acme.mia.htmx_post(&preview, &typed).await.expect(200);
    assert!(part.body.contains(words) && !part.body.contains("<html"), "{}", part.body);
    // While typing, only the sentence is sent.
    for (body, words) in [
        ("@max member", "Will be notified: Max Member."),
        ("nobody", ""),
        ("`@max member` @", "No one is mentioned."),
    ] {
        let typed = [("body", body), ("preview", "line")];
        let part = acme.mia.htmx_post(&preview, &typed).await.expect(200);
        assert_eq!(part.body.trim(), words, "{body}");
    }
    for path in [&acme.project, &task] {
        assert_eq!(bodies(&acme.mia, path).await, [""; 0], "nothing is saved");
    }
    acme.viewer.post(&preview, &typed).await.expect(403);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), mails);
}
