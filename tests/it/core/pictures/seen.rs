//! Where a picture is served, how, and to whom.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::{UPLOAD, encoded, halves, own_path};
use crate::support::{Snapshot, TestApp, email_of};

#[tokio::test]
async fn asvs_3_2_1_a_picture_is_served_so_that_it_can_only_be_looked_at() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let clear: DynamicImage = RgbaImage::from_pixel(9, 9, Rgba([0, 0, 0, 9])).into();
    for (file, kind, name) in [
        (encoded(&halves(9, 9), ImageFormat::WebP), "image/jpeg", "picture.jpg"),
        (encoded(&clear, ImageFormat::Png), "image/png", "picture.png"),
    ] {
        ada.upload(UPLOAD, &file).await.expect_redirect("/account");
        let own = own_path(&ada).await;
        for path in [own.clone(), own.replace("/account", "/orgs/acme")] {
            let answer = ada.get(&path).await.expect(200);
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none';") && policy.ends_with("; sandbox"));
            for (header, value) in [
                ("content-type", kind),
                ("x-content-type-options", "nosniff"),
                ("content-disposition", &format!("inline; filename=\"{name}\"")),
                ("cross-origin-resource-policy", "same-origin"),
                ("cache-control", "private, max-age=86400, immutable"),
            ] {
                assert_eq!(answer.header(header), value, "{path}: {header}");
            }
        }
    }
    let answer = ada.post("/logout", &[]).await;
    assert!(answer.header("clear-site-data").contains("\"cache\""));
}

#[tokio::test]
async fn asvs_5_3_2_each_picture_has_a_name_of_its_own_that_nobody_guesses() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let file = encoded(&halves(9, 9), ImageFormat::Png);
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    let first = own_path(&ada).await;
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    let second = own_path(&ada).await;
    let name = second.strip_prefix("/account/pictures/").unwrap();
    assert!(first != second && name.len() == 43, "{first} {second}");
    ada.get(&first).await.expect(404);
    ada.get(&second).await.expect(200);
    for other in ["..%2f..%2fetc%2fpasswd", "x", &name[1..], &format!("{name}.html")] {
        let page = ada.get(&format!("/account/pictures/{other}")).await.expect(404);
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let answer = ada.post("/account/picture/remove", &[]).await;
    answer.expect_redirect("/account");
    ada.get(&second).await.expect(404);
    ada.post("/account/picture/remove", &[]).await.expect_redirect("/account");
    let page = ada.get("/account").await.expect(200);
    assert_eq!((page.count("img"), page.text(".user-button .avatar").as_str()), (0, "AL"));
    let recorded = Snapshot::recorded(&app, "").await;
    assert!(recorded.contains(&"account.picture_set 2".to_owned()), "{recorded:?}");
    assert!(recorded.contains(&"account.picture_removed 1".to_owned()), "{recorded:?}");
    // The picture is deleted with the account.
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    assert_eq!(app.database.number("select count(*) from pictures").await, 1);
    for statement in [
        "insert into users (id, name, name_key, email, password_hash, created_at)
         select cast('00000000-0000-0000-0000-000000000001' as uuid), name, name_key, 'twin',
            password_hash, created_at from users",
        "update pictures set user_id = (select id from users where email = 'twin')",
        "delete from users where email = 'twin'",
    ] {
        assert_eq!(app.database.execute(statement).await.unwrap(), 1, "{statement}");
    }
    assert_eq!(app.database.number("select count(*) from pictures").await, 0);
}

#[tokio::test]
async fn a_picture_is_seen_by_the_people_of_ones_organizations_and_by_nobody_else() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mia = app.member(&ada, "acme", "Mia Member", "member").await;
    let bo = app.founder("Bo Other", "Other").await;
    mia.upload(UPLOAD, &encoded(&halves(9, 9), ImageFormat::Png)).await.expect_redirect("/account");
    let own = own_path(&mia).await;
    let inside = own.replace("/account", "/orgs/acme");
    let elsewhere = own.replace("/account", "/orgs/other");
    mia.get(&own).await.expect(200);
    for who in [&ada, &mia] {
        who.get(&inside).await.expect(200);
    }
    ada.get(&own).await.expect(404);
    for path in [&own, &inside, &elsewhere] {
        bo.get(path).await.expect(404);
        let answer = app.browser().get(path).await.expect(303);
        assert!(answer.location().unwrap().starts_with("/login?next="));
    }
    let id = app.membership_id(&ada, "acme", "Mia Member").await;
    ada.post(&format!("/orgs/acme/members/{id}/remove"), &[]).await.expect(303);
    ada.get(&inside).await.expect(404);
    mia.get(&inside).await.expect(404);
    mia.get(&own).await.expect(200);
}

#[tokio::test]
async fn a_picture_is_shown_wherever_its_person_is_and_costs_no_statement() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mia = app.member(&ada, "acme", "Mia Member", "member").await;
    let project = ada.post("/orgs/acme/projects", &[("name", "Engine")]).await.location().unwrap();
    let (email, task) = (email_of("Mia Member"), [("title", "Write notes")]);
    let fields = [("email", email.as_str()), ("role", "contributor")];
    ada.post(&format!("{project}/members"), &fields).await.expect(303);
    let anchor = ada.post(&format!("{project}/tasks"), &task).await.location().unwrap();
    let task = format!("{project}/tasks/{}", anchor.split_once("#task-").unwrap().1);
    let member = app.membership_id(&ada, "acme", "Mia Member").await;
    let fields = [("title", "Write notes"), ("assignee", member.as_str()), ("version", "1")];
    ada.post(&format!("{task}/edit"), &fields).await.expect(303);
    mia.post(&format!("{project}/comments"), &[("body", "Done soon")]).await.expect(303);
    let pages = [
        ("/orgs/acme/members".to_owned(), ".who > img.avatar"),
        (project.clone(), ".comment > img.avatar"),
        (project.clone(), ".people img.avatar"),
        (project.clone(), ".task img.avatar-small"),
        (project.clone(), ".comment > img.avatar"),
        (format!("{project}/members"), ".person > img.avatar"),
        (task.clone(), ".properties img.avatar-small"),
        ("/orgs/acme/tasks".to_owned(), "td img.avatar-small"),
        ("/orgs/acme/activity".to_owned(), ".event > img.avatar"),
    ];
    let mut before = Vec::new();
    for (path, selector) in &pages {
        app.work().await;
        let (statements, page) = app.statements(ada.get(path)).await;
        assert_eq!(page.expect(200).count(selector), 0, "{path}");
        before.push(statements);
    }
    mia.upload(UPLOAD, &encoded(&halves(9, 9), ImageFormat::Png)).await.expect_redirect("/account");
    let path = own_path(&mia).await.replace("/account", "/orgs/acme");
    app.work().await;
    for ((page, selector), before) in pages.iter().zip(before) {
        let (statements, answer) = app.statements(ada.get(page)).await;
        let answer = answer.expect(200);
        let sources = answer.attributes(selector, "src");
        assert!(!sources.is_empty() && sources.iter().all(|one| *one == path), "{page} {selector}");
        let texts = answer.attributes(selector, "alt");
        assert!(texts.iter().all(String::is_empty), "the name stands beside it: {texts:?}");
        assert_eq!(statements, before, "{page}");
        assert_eq!(answer.text(".user-button .avatar"), "AL", "Ada has none");
    }
    let page = mia.get("/orgs/acme").await.expect(200);
    assert_eq!(page.attribute(".user-button img.avatar", "src"), own_path(&mia).await);
    // A former member is shown by their initials.
    ada.post(&format!("/orgs/acme/members/{member}/remove"), &[]).await.expect(303);
    let page = ada.get(&project).await.expect(200);
    assert_eq!(page.count(".comment > img, .event > img"), 0);
    assert_eq!(page.text(".comment > .avatar"), "MM");
    app.work().await;
}
