//! Codes: for how long each is good, how it may be typed, and how many may be guessed.

use futures_util::future::join_all;
use tenantry::platform::throttle::Limits;
use time::Duration;

use super::{ADA, enter, half_way, set_up};
use crate::support::{Answer, TestApp, email_of};

#[tokio::test]
async fn asvs_6_5_5_a_code_is_good_one_step_early_and_one_late_and_no_longer() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    app.advance(Duration::minutes(5));
    enter(&half_way(&app, ADA).await, &phone.code(&app, -2)).await.expect(422);
    enter(&half_way(&app, ADA).await, &phone.code(&app, 2)).await.expect(422);
    enter(&half_way(&app, ADA).await, &phone.code(&app, -1)).await.expect(303);
    enter(&half_way(&app, ADA).await, &phone.code(&app, 1)).await.expect(303);
    // A later code was used, so the earlier ones are not valid any more.
    enter(&half_way(&app, ADA).await, &phone.code(&app, 0)).await.expect(422);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_5_1_the_same_code_at_the_same_moment_lets_one_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    for code in [phone.next(&app), codes[0].clone()] {
        let browsers = join_all((0..8).map(|_| half_way(&app, ADA))).await;
        let answers = join_all(browsers.iter().map(|browser| enter(browser, &code))).await;
        let is_in = |answer: &&Answer| answer.location().as_deref() == Some("/");
        assert_eq!(answers.iter().filter(is_in).count(), 1, "{code}");
        enter(&half_way(&app, ADA).await, &code).await.expect(422);
        app.advance(Duration::minutes(16));
    }
    app.work().await;
}

#[tokio::test]
async fn asvs_6_4_4_a_recovery_code_lets_in_once_and_the_person_is_told() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (_, codes) = set_up(&app, &ada, "Phone").await;
    let browser = half_way(&app, ADA).await;
    enter(&browser, &codes[3].to_uppercase().replace('-', " ")).await.expect_redirect("/");
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert!(mails.iter().any(|mail| mail.text.contains("You have 9 left")), "{mails:?}");
    enter(&half_way(&app, ADA).await, &codes[3]).await.expect(422);
    let page = browser.get("/account/security").await;
    assert!(page.body.contains("9 codes left"), "{}", page.body);
    // New ones replace all others.
    let page = browser.post("/account/security/recovery-codes", &[]).await.expect(200);
    let new = page.texts(".codes li");
    assert_eq!(new.len(), 10);
    enter(&half_way(&app, ADA).await, &codes[4]).await.expect(422);
    enter(&half_way(&app, ADA).await, &new[4]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn a_code_is_taken_however_it_is_typed() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    let shifted = |code: &str, zero: char| -> String {
        let shift = |c: char| char::from_u32(u32::from(c) - u32::from('0') + u32::from(zero));
        code.chars().filter_map(shift).collect()
    };
    let ways: [&dyn Fn(&str) -> String; 5] = [
        &|code| format!("{}-{}", &code[..3], &code[3..]),
        &|code| format!(" {}\u{A0}{} ", &code[..3], &code[3..]),
        &|code| shifted(code, '０'),
        &|code| shifted(code, '٠'),
        &|code| shifted(code, '०'),
    ];
    for way in ways {
        let typed = way(&phone.next(&app));
        let browser = half_way(&app, ADA).await;
        enter(&browser, &typed).await.expect_redirect("/");
    }
    let browser = half_way(&app, ADA).await;
    let typed = codes[0].to_uppercase().replace('-', " – ");
    enter(&browser, &typed).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_6_3_guesses_are_counted_by_account_and_ten_at_once_are_no_more() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let browsers = join_all((0..4).map(|_| half_way(&app, ADA))).await;
    let answers = join_all((0..24).map(|n| enter(&browsers[n % 4], "000000"))).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(looked_at, 10);
    let answer = enter(&browsers[0], &phone.next(&app)).await.expect(429);
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let mail = app.last_mail(&email_of(ADA)).await;
    assert!(mail.subject.contains("guessing"), "{}", mail.subject);
    // People who are signed in stay signed in, and a stranger without the password can lock nobody
    // out.
    ada.get("/orgs/acme").await.expect(200);
    app.advance(Duration::seconds(wait));
    let browser = half_way(&app, ADA).await;
    enter(&browser, &phone.code(&app, 0)).await.expect_redirect("/");
    let failed = "select count(*) from audit_log where action = 'sign_in.failed'";
    app.work().await;
    assert!(app.database.number(failed).await >= 1);
}

#[tokio::test]
async fn asvs_6_3_4_second_factors_are_counted_by_network_too() {
    let limits = Limits { per_network: 3, ..Limits::default() };
    let app = TestApp::spawn_with(|config| config.with_throttle(limits)).await;
    for name in [ADA, "Bo Both"] {
        let person = app.founder(name, name).await;
        set_up(&app, &person, "Phone").await;
    }
    let (ada, bo) = (half_way(&app, ADA).await, half_way(&app, "Bo Both").await);
    for browser in [&ada, &bo, &ada] {
        enter(browser, "000000").await.expect(422);
    }
    enter(&bo, "000000").await.expect(429);
    app.work().await;
}
