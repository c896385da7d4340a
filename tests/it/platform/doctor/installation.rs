//! An installation: what is set, which files it has, and who runs it.

use super::Installation;
use crate::support::set_mode;

#[tokio::test]
async fn a_good_installation_is_told_so_line_by_line() {
    let here = Installation::new().await;
    let said = here.doctor().await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.lines("FAIL").is_empty() && said.lines("warn").is_empty(), "{}", said.out);
    let mut expected = vec!["base URL", "cookies", "secret key", "passwords", "places", "program"];
    expected.extend(["settings", "proxies"]);
    expected.extend(["database", "migrations", "backups", "mail", "operators"]);
    expected.push("sealed values");
    expected.extend(["composite keys", "row-level security", "newest row", "audit log"]);
    if here.database.is_postgres() {
        expected.extend(["database role", "ownership", "back doors", "transactions", "pooler"]);
        expected.extend(["session settings", "clock", "writing", "connected role"]);
    } else {
        expected.extend(["write-ahead log", "foreign keys", "immovable rows", "database file"]);
        expected.push("free space");
    }
    for about in expected {
        assert!(said.out.contains(&format!("ok    {about}: ")), "{about}: {}", said.out);
    }
    assert_eq!(here.mail.count(), 0, "no mail is sent");
    let passwords = "At least 12 characters, none of 414617 common ones, and no list of your own";
    assert!(said.out.contains(passwords), "{}", said.out);
    let first = said.out.lines().next().unwrap();
    assert!(first.contains(concat!("Tenantry ", env!("CARGO_PKG_VERSION"), " (")), "{first}");
    here.database.remove().await;
}

#[tokio::test]
async fn operators_who_are_none_unproved_suspended_or_without_a_second_factor_are_warned_of() {
    let here = Installation::new().await;
    let fine = "ok    operators: There is one (1), each with a confirmed address and two-factor \
         authentication.";
    let said = here.doctor().await;
    assert!(said.out.contains(fine), "{}", said.out);
    for (change, warned, mend) in [
        (
            "update passkeys set removed_at = created_at",
            "ona@example.test doesn't use two-factor authentication",
            "under Security",
        ),
        (
            "update users set email_verified_at = null",
            "The address ona@example.test has not been confirmed",
            "tenantry user confirm ona@example.test",
        ),
        (
            "update users set suspended_at = created_at, suspended_reason = 'x'",
            "All of them are suspended",
            "tenantry user reactivate ADDRESS",
        ),
        ("delete from operators", "There is none", "tenantry operator first-link"),
    ] {
        here.execute(change).await;
        let said = here.doctor().await;
        assert_eq!(said.code, Some(0), "{}", said.out);
        let warned = format!("warn  operators: {warned}");
        let (_, after) = said.out.split_once(&warned).unwrap_or_else(|| panic!("{}", said.out));
        let next = after.lines().nth(1).unwrap_or_default();
        assert!(next.contains(mend), "{mend}: {}", said.out);
    }
    // Following the advice helps.
    let advised = here.run_all(&["operator", "first-link"], &[]).await;
    assert_eq!(advised.code, Some(0), "{}", advised.err);
    assert!(advised.out.contains("https://tenantry.example.test/first/"), "{}", advised.out);
    here.database.remove().await;
}

#[tokio::test]
async fn settings_that_leak_or_do_not_work_fail() {
    let here = Installation::new().await;
    let http = [("TENANTRY_BASE_URL", "http://a.test"), ("TENANTRY_ALLOW_HTTP", "true")];
    let said = here.run("doctor", &http).await;
    assert_eq!((said.code, said.lines("FAIL").len()), (Some(1), 2), "{}", said.out);
    assert!(said.out.contains("FAIL  base URL: http://a.test is plain http"), "{}", said.out);
    assert!(said.out.contains("TENANTRY_BASE_URL=https://"), "{}", said.out);
    assert!(said.out.contains("FAIL  cookies: "), "{}", said.out);

    let said = here.run("doctor", &[("TENANTRY_SMTP_URL", "smtp://127.0.0.1:1")]).await;
    said.fails_with("mail: 127.0.0.1:1: ", "TENANTRY_SMTP_URL");

    // People would wait for emails that never come, except on a developer's machine.
    let none = ("TENANTRY_SMTP_URL", "");
    here.run("doctor", &[none])
        .await
        .fails_with("mail: No mail server is set", "TENANTRY_SMTP_URL");
    let own = [none, ("TENANTRY_BASE_URL", "http://127.0.0.1:3000")];
    let said = here.run("doctor", &own).await;
    assert_eq!((said.code, said.lines("warn").len()), (Some(0), 1), "{}", said.out);
    let proxies = [("TENANTRY_TRUSTED_PROXIES", "0"), ("TENANTRY_BASEURL", "https://a.test")];
    let said = here.run("doctor", &proxies).await;
    assert_eq!((said.code, said.lines("warn").len()), (Some(0), 2), "{}", said.out);
    assert!(said.out.contains("warn  proxies: Behind https there is a proxy"), "{}", said.out);
    assert!(said.out.contains("warn  settings: TENANTRY_BASEURL (environment) is not one."));
    assert!(said.out.contains("Call it TENANTRY_BASE_URL"), "{}", said.out);
    let secret = here.folder.path().join("smtp");
    std::fs::write(&secret, format!("smtp://127.0.0.1:{}\n", here.mail.port)).unwrap();
    set_mode(&secret, 0o644);
    let secret = [none, ("TENANTRY_SMTP_URL_FILE", secret.to_str().unwrap())];
    here.run("doctor", &secret).await.fails_with("settings: Others can read /", "chmod 600 /");

    let list = here.folder.path().join("list.txt");
    let list = [("TENANTRY_PASSWORD_BLOCKLIST", list.to_str().unwrap())];
    let said = here.run("doctor", &list).await;
    assert_eq!((said.code, said.err.lines().count()), (Some(1), 1), "{}", said.err);
    assert!(said.err.contains("TENANTRY_PASSWORD_BLOCKLIST: /"), "{}", said.err);
    std::fs::write(list[0].1, "nine brass lanterns\nnightjar\n").unwrap();
    let said = here.run("doctor", &list).await;
    assert!(said.out.contains("none of the 2 in TENANTRY_PASSWORD_BLOCKLIST"), "{}", said.out);

    let key = here.folder.path().join("data/secret.key");
    set_mode(&key, 0o644);
    here.doctor().await.fails_with("secret key: Others can read", "chmod 600 data/secret.key");
    set_mode(&key, 0o600);
    std::fs::write(&key, "nonsense").unwrap();
    here.doctor().await.fails_with("secret key: ", "backup");
    std::fs::remove_file(&key).unwrap();
    let said = here.doctor().await;
    assert!(said.lines("warn")[0].contains("There is no data/secret.key yet."), "{}", said.out);
    assert!(!key.exists(), "the doctor changes nothing");
    here.database.remove().await;
}
