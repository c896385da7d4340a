//! How it is set up: wrong settings, what is in force, and variables that are none.

use std::process::Output;

use crate::support::service::{Service, command};

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), arguments, None).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_wrong_setting_is_one_clear_line_and_exit_code_1() {
    for (variable, value, words) in [
        ("TENANTRY_LISTEN", "nowhere", "TENANTRY_LISTEN"),
        ("TENANTRY_BASE_URL", "not a url", "TENANTRY_BASE_URL"),
        ("TENANTRY_DATABASE_URL", "mysql://u:secret@h/d", "TENANTRY_DATABASE_URL"),
        ("TENANTRY_DATABASE_URL", "postgres://u:secret@127.0.0.1:1/d", "TENANTRY_DATABASE_URL"),
        ("TENANTRY_DATABASE_URL", "sqlite:/proc/nowhere/x.db", "cannot"),
        ("TENANTRY_SMTP_URL", "gopher://u:secret@h", "TENANTRY_SMTP_URL"),
        ("TENANTRY_LOG_FORMAT", "yaml", "yaml"),
        ("TENANTRY_BASE_URL", "http://public.example.test", "plain http"),
    ] {
        let output = run(&[], &[(variable, value)]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{variable}={value}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.starts_with("tenantry: ") && said.contains(words), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
    for (arguments, words) in [
        (&["--no-such-flag"][..], "Usage: tenantry"),
        (&["factors", "remove", "ada@example.test"], "--reason <REASON>"),
        (&["operator"], "grant"),
        (&["factors"], "keep"),
    ] {
        let output = run(arguments, &[]);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let help = run(&["--help"], &[]);
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for setting in [
        "TENANTRY_LISTEN",
        "TENANTRY_BASE_URL",
        "TENANTRY_DATABASE_URL",
        "TENANTRY_SMTP_URL",
        "TENANTRY_MAIL_FROM",
        "TENANTRY_LOG_FORMAT",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}

#[test]
fn what_is_in_force_is_printed_without_secrets_and_with_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let env = folder.path().join("env");
    std::fs::write(&env, "TENANTRY_SIGN_UP=confirm\nTENANTRY_SIGN_IN=x\n").unwrap();
    let settings = [
        ("TENANTRY_ENV_FILE", env.to_str().unwrap()),
        ("TENANTRY_SMTP_URL", "smtp://mailer:s3cret@127.0.0.1:2525"),
    ];
    let output = run(&["config", "--trusted-proxies", "1"], &settings);
    let said = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaints}");
    for line in [
        "TENANTRY_SMTP_URL=smtp://mailer:HIDDEN@127.0.0.1:2525  (environment)".to_owned(),
        "TENANTRY_TRUSTED_PROXIES=1  (flag)".to_owned(),
        format!("TENANTRY_SIGN_UP=confirm  (environment file {})", env.display()),
        "TENANTRY_SECRET_KEY_FILE=data/secret.key  (default)".to_owned(),
    ] {
        assert!(said.lines().any(|own| own == line), "{line}: {said}");
    }
    assert_eq!(said.lines().count(), tenantry::platform::config::ALL.len(), "{said}");
    assert!(complaints.contains("TENANTRY_SIGN_IN (environment file "), "{complaints}");
    assert!(!said.contains("s3cret"), "{said}");
    // A wrong setting is reported after all the others.
    let output = run(&["config"], &[("TENANTRY_LISTEN", "here"), ("TENANTRY_SIGN_UP", "opne")]);
    let said = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("TENANTRY_LISTEN=here  (environment)"), "{said}");
    assert_eq!(complaints.lines().count(), 2, "{complaints}");
    assert!(complaints.lines().all(|line| line.starts_with("tenantry: TENANTRY_")), "{complaints}");
}

#[test]
fn a_variable_that_is_no_setting_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = command(folder.path(), &[], None);
    command.env("TENANTRY_SMTPURL", "smtp://u:s3cret@h");
    command.stderr(std::fs::File::create(&log).unwrap());
    let mut service = Service::start_as(command);
    assert!(service.terminate().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("a variable is not a setting") && log.contains("TENANTRY_SMTPURL"),
        "{log}"
    );
    assert!(log.contains("TENANTRY_SMTP_URL") && !log.contains("s3cret"), "{log}");
}
