//! Mail servers with encryption, the certificates they present, and `tenantry mail test`.

use std::path::Path;
use std::process::Command;

use crate::support::service::command;
use crate::support::{Authority, MailServer, Mood};

/// Runs `tenantry mail test` and returns its exit code, standard output and standard error.
async fn mail_test(
    folder: &Path,
    smtp: &str,
    more: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let mut command: Command = command(folder, &["mail", "test", "ada@example.test"], None);
    command.env("TENANTRY_SMTP_URL", smtp).envs(more.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn a_test_mail_goes_at_once_and_the_servers_answer_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = MailServer::start().await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let (code, said, complaint) = mail_test(folder.path(), &url, &[]).await;
    assert_eq!(code, Some(0), "{said}{complaint}");
    assert!(said.contains("It was accepted: 250 taken"), "{said}");
    let mail = server.delivered_to("ada@example.test").remove(0);
    assert_eq!(mail.subject, "A test email from Tenantry");
    assert!(mail.text.contains("http://127.0.0.1:0") && mail.html.contains("Email works"));
    assert!(!folder.path().join("data").exists(), "it needs no database");

    server.set_mood(Mood::Refusing("550 5.1.1 no such person"));
    let (code, said, complaint) = mail_test(folder.path(), &url, &[]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(complaint.contains("550") && complaint.contains("no such person"), "{complaint}");

    let (code, _, complaint) = mail_test(folder.path(), "", &[]).await;
    assert_eq!(code, Some(1));
    assert!(complaint.contains("TENANTRY_SMTP_URL: no mail server is set"), "{complaint}");
    let (code, _, complaint) = mail_test(folder.path(), "smtp://u:s3cret@127.0.0.1:1", &[]).await;
    assert_eq!(code, Some(1));
    assert!(
        complaint.contains("onnection refused") && !complaint.contains("s3cret"),
        "{complaint}"
    );
}

#[tokio::test]
async fn a_server_on_this_machine_that_demands_starttls_is_given_it_with_any_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let server = MailServer::demanding(Authority::new().server("mail.test", 2020)).await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let (code, said, complaint) = mail_test(folder.path(), &url, &[]).await;
    assert_eq!(code, Some(0), "{said}{complaint}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn asvs_12_3_2_a_certificate_is_checked_by_the_authority_that_is_named_and_told_what_is_wrong()
 {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let ca = ca.to_str().unwrap();
    for (name, until, trusted, words) in [
        ("127.0.0.1", 2100, ca, None),
        ("127.0.0.1", 2100, "system", Some("not signed by anyone trusted here")),
        ("mail.test", 2100, ca, Some("is for a different name than the one in TENANTRY_SMTP_URL")),
        ("127.0.0.1", 2020, ca, Some("has expired")),
    ] {
        let server = MailServer::demanding(authority.server(name, until)).await;
        let url = format!("smtp://127.0.0.1:{}", server.port);
        let trust = [("TENANTRY_SMTP_CA", trusted)];
        let (code, said, complaint) = mail_test(folder.path(), &url, &trust).await;
        match words {
            None => assert_eq!((code, server.count()), (Some(0), 1), "{said}{complaint}"),
            Some(words) => {
                assert_eq!((code, server.count()), (Some(1), 0), "{said}{complaint}");
                assert!(complaint.contains("certificate"), "{complaint}");
                assert!(complaint.contains(words), "{complaint}");
            }
        }
    }
    // If a certificate is required, nothing is sent to a server without encryption.
    let server = MailServer::start().await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let (code, _, complaint) = mail_test(folder.path(), &url, &[("TENANTRY_SMTP_CA", ca)]).await;
    assert_eq!((code, server.count()), (Some(1), 0), "{complaint}");
    assert!(complaint.contains("STARTTLS"), "{complaint}");
}
