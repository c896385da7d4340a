//! We do not deliver unwanted mail for anybody: how much one person sends and one address receives,
//! across all organizations, and how our emails show text by others. Names contain the requirement
//! of ASVS 5.0 that they cover.

use futures_util::future::join_all;
use tenantry::platform::links::holds_link;
use tenantry::workers;
use time::Duration;

use crate::support::{Browser, PASSWORD, TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const BAIT: &str = "Win a prize at https://evil.example/win with www.evil.example and me";
const INVITED: &str = "select count(*) from outbox where kind = 'invitation'";

async fn invite(by: &Browser, slug: &str, addresses: &[String]) -> crate::support::Answer {
    let typed = addresses.join("\n");
    by.post(&format!("/orgs/{slug}/invitations"), &[("email", &typed), ("role", "viewer")]).await
}

/// Creates further organizations for this user: `o-1`, `o-2` and so on.
async fn found(by: &Browser, count: usize) {
    for number in 1..=count {
        let name = format!("Outfit {number}");
        let slug = format!("o-{number}");
        by.post("/orgs", &[("name", &name), ("slug", &slug)]).await.expect(303);
    }
}

#[tokio::test]
async fn asvs_2_4_1_a_new_account_sends_300_invitations_a_day_over_all_its_organizations() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    found(&ada, 5).await;
    let answers = join_all((0..20).map(|batch: usize| {
        let addresses: Vec<_> = (0..20).map(|n| format!("p{batch}x{n}@example.test")).collect();
        let (ada, slug) = (ada.clone(), format!("o-{}", batch % 5 + 1));
        async move { invite(&ada, &slug, &addresses).await }
    }))
    .await;
    assert_eq!(app.database.number(INVITED).await, 300, "at once or one after the other");
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(refused.len(), 5, "fifteen of twenty had room");
    for answer in refused {
        assert_eq!(answer.header("retry-after"), "3600");
        let words = answer.text(".results li");
        assert!(words.contains("300 invitations in 24 hours"), "{words}");
        assert!(words.contains("3 days old and 3 people have accepted"), "{words}");
        assert!(answer.text("#email").contains("x19@example.test"), "nothing typed is lost");
    }
    app.work().await;
    app.advance(Duration::hours(25));
    let ada = app.sign_in(ADA).await;
    invite(&ada, "acme", &["later@example.test".to_owned()]).await.expect(303);
    let hint = ada.get("/orgs/acme/invitations").await.expect(200).text("#email-hint");
    assert!(hint.contains("299 more today"), "{hint}");
    app.work().await;
}

#[tokio::test]
async fn asvs_2_4_1_one_address_gets_ten_mails_a_day_from_all_inviters() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.founder("Bo Both", "Bolts").await;
    found(&ada, 10).await;
    let to = "cy@example.test".to_owned();
    let slugs = (1..=10).map(|number| format!("o-{number}")).chain(["acme".to_owned()]);
    let answers = join_all(slugs.map(|slug| {
        let (ada, to) = (ada.clone(), to.clone());
        async move { invite(&ada, &slug, &[to]).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 10);
    let refused = invite(&bo, "bolts", &[to]).await.expect(429);
    let words = refused.text(".results li");
    assert!(words.contains("its limit of emails"), "{words}");
    assert!(words.contains("Try again tomorrow"), "{words}");
    // A new address for an account is also an address that somebody typed.
    bo.post("/account/email", &[("email", "cy@example.test")]).await.expect(422);
    app.work().await;
    assert_eq!(app.mail.delivered_to("cy@example.test").len(), 10);
}

#[tokio::test]
async fn asvs_2_4_1_words_of_their_own_are_for_those_whose_invitations_people_have_accepted() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let form = ada.get("/orgs/acme/invitations").await.expect(200);
    assert_eq!(form.count("#message[disabled]"), 1);
    let fields =
        [("email", "n@example.test"), ("role", "viewer"), ("message", "Come, see evil.com")];
    let refused = ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    assert!(refused.text("#message-error").contains("3 people have accepted"));
    assert_eq!(refused.text("#message"), "Come, see evil.com", "nothing typed is lost");
    for name in ["Cy Cole", "Di Dole", "Ed Edge"] {
        app.member(&ada, "acme", name, "viewer").await;
    }
    ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    app.advance(Duration::hours(73));
    let ada = app.sign_in(ADA).await;
    assert_eq!(ada.get("/orgs/acme/invitations").await.count("#message[disabled]"), 0);
    ada.post("/orgs/acme/invitations", &fields).await.expect(303);
    let mail = app.last_mail("n@example.test").await;
    assert!(mail.text.contains("> Come, see evil. com"), "{}", mail.text);
    assert!(mail.html.contains("Come, see evil. com"), "{}", mail.html);
}

#[tokio::test]
async fn asvs_2_4_1_someone_who_joins_by_a_link_that_proves_no_address_earns_the_inviter_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    for name in ["Cy Cole", "Di Dole", "Ed Edge"] {
        app.invite(&ada, "acme", &email_of(name), "viewer").await;
        let id = app.row_id(&ada, "acme", &email_of(name)).await;
        let page = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
        let link = url::Url::parse(&page.attribute("#link", "value")).unwrap();
        let fields = [("name", name), ("password", PASSWORD)];
        let accept = format!("{}/accept", link.path());
        app.browser().post(&accept, &fields).await.expect_redirect("/orgs/acme");
    }
    app.work().await;
    let joined = "select count(*) from stranger_mails where joined_at is not null";
    assert_eq!(app.database.number(joined).await, 0);
    assert_eq!(app.database.number("select count(*) from stranger_mails").await, 3);
}

#[tokio::test]
async fn asvs_2_2_1_a_name_that_is_a_link_is_refused_wherever_it_is_typed() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let fields = [
        ("name", BAIT),
        ("email", "eve@example.test"),
        ("password", PASSWORD),
        ("organization", "evil.example"),
    ];
    let refused = app.browser().post("/signup", &fields).await.expect(422);
    assert!(refused.text("#name-error").contains("can't contain a web or email address"));
    assert!(refused.text("#organization-error").contains("can't contain a web or email address"));
    assert_eq!(refused.attribute("#name", "value"), BAIT, "nothing typed is lost");
    ada.post("/account", &[("name", "www.evil.example")]).await.expect(422);
    ada.post("/orgs", &[("name", "a@evil.example"), ("slug", "")]).await.expect(422);
    let fields = [("name", BAIT), ("slug", "acme")];
    ada.post("/orgs/acme/settings", &fields).await.expect(422);
    let link = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let fields = [("name", BAIT), ("password", PASSWORD)];
    let refused = app.browser().post(&format!("{link}/accept"), &fields).await.expect(422);
    assert!(refused.text("#name-error").contains("can't contain a web or email address"));
}

#[tokio::test]
async fn asvs_2_2_1_names_from_before_are_short_in_mails_and_no_links_are_made_of_them() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bait = format!("update users set name = '{BAIT}'");
    app.database.execute(&bait).await.unwrap();
    app.database.execute(&format!("update organizations set name = '{BAIT}'")).await.unwrap();
    app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let mail = app.last_mail("bo@example.test").await;
    assert!(!holds_link(&mail.subject), "{}", mail.subject);
    assert!(
        mail.subject.starts_with("Win a prize at https: //evil. example/win"),
        "{}",
        mail.subject
    );
    assert!(mail.subject.chars().count() < 150, "{}", mail.subject);
    let ours = app.app.config.link("/");
    let words = mail.text.split_whitespace().filter(|word| !word.starts_with(&ours));
    let words: Vec<_> = words.filter(|word| !word.starts_with("bo@example.test")).collect();
    assert!(!holds_link(&words.join(" ")), "{}", mail.text);
    let rest = mail.html.replace(&ours, "").replace("www.w3.org", "");
    assert!(!rest.contains("evil.example"), "{}", mail.html);
}

#[tokio::test]
async fn what_is_counted_goes_after_a_month_and_who_has_joined_after_400_days() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Cy Cole", "viewer").await;
    invite(&ada, "acme", &["n@example.test".to_owned()]).await.expect(303);
    app.work().await;
    let counted = "select count(*) from stranger_mails";
    assert_eq!(app.database.number(counted).await, 2);
    for (days, left) in [(31, 1), (400, 0)] {
        app.advance(Duration::days(days));
        workers::tidy(&app.app).await;
        assert_eq!(app.database.number(counted).await, left, "after {days} days more");
    }
}
