//! Tests of the sources of values, and of their precedence.

use std::path::Path;

use super::values;
use crate::platform::config::ALL;

/// Writes a file that contains `text`, and returns its path.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The line of `tenantry config` about a setting.
fn line(flags: &[&str], variables: &[(&str, &str)], name: &str) -> String {
    let values = values(flags, variables);
    let config = values.check().map_err(|error| error.to_string());
    let lines = values.lines(config.as_ref().ok());
    assert_eq!(lines.len(), ALL.len());
    let start = format!("{name}=");
    let line = lines.iter().find_map(|line| line.strip_prefix(&start));
    line.unwrap().to_owned()
}

fn refusal(flags: &[&str], variables: &[(&str, &str)]) -> String {
    values(flags, variables).check().err().unwrap().to_string()
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file_of_settings() {
    let folder = tempfile::tempdir().unwrap();
    let name = "TENANTRY_LISTEN";
    let path =
        file(folder.path(), "env", "TENANTRY_LISTEN=127.0.0.3:3\nTENANTRY_SIGN_UP=confirm\n");
    let in_file = ("TENANTRY_ENV_FILE", path.as_str());
    let set = (name, "127.0.0.2:2");
    let flag = ["--listen", "127.0.0.1:1"];
    assert_eq!(line(&flag, &[set, in_file], name), "127.0.0.1:1  (flag)");
    assert_eq!(line(&[], &[set, in_file], name), "127.0.0.2:2  (environment)");
    assert_eq!(line(&[], &[in_file], name), format!("127.0.0.3:3  (environment file {path})"));
    assert_eq!(line(&["--env-file", &path], &[], name), line(&[], &[in_file], name));
    assert_eq!(line(&[], &[], name), "127.0.0.1:3000  (default)");
    let sign_up = format!("confirm  (environment file {path})");
    assert_eq!(line(&flag, &[set, in_file], "TENANTRY_SIGN_UP"), sign_up);
    // Derived values are shown, too.
    assert_eq!(line(&flag, &[], "TENANTRY_BASE_URL"), "http://127.0.0.1:1  (default)");
    assert_eq!(line(&[], &[], "TENANTRY_MAIL_FROM"), "Tenantry <no-reply@localhost>  (default)");
}

#[test]
fn every_secret_comes_from_a_file_or_a_credential_too_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("TENANTRY_DATABASE_URL", "postgres://u:s3cret@127.0.0.1/d"),
        ("TENANTRY_SMTP_URL", "smtp://u:s3cret@mail.test"),
        ("TENANTRY_TARGET_DATABASE_URL", "postgres://u:s3cret@127.0.0.1/other"),
    ] {
        let shown = text.replace("s3cret", "HIDDEN");
        let variable = format!("{name}_FILE");
        let path = file(folder.path(), "secret", &format!("{text}\n"));
        let by_file = [(variable.as_str(), path.as_str())];
        assert_eq!(line(&[], &by_file, name), format!("{shown}  (file {path})"));
        let env = file(folder.path(), "env", &format!("{variable}={path}\n"));
        let by_env_file = [("TENANTRY_ENV_FILE", env.as_str())];
        assert_eq!(line(&[], &by_env_file, name), format!("{shown}  (file {path})"));
        let credential = file(folder.path(), name, text);
        let by_credential = [("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap())];
        let expected = format!("{shown}  (credential {credential})");
        assert_eq!(line(&[], &by_credential, name), expected);
        std::fs::remove_file(credential).unwrap();
    }
    assert_eq!(ALL.iter().filter(|setting| setting.is_secret()).count(), 3, "add the new one here");
}

#[test]
fn two_sources_of_a_secret_that_differ_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let one = "smtp://u:s3cret@one.test";
    let path = file(folder.path(), "secret", "smtp://u:s3cret@two.test");
    let by_file = ("TENANTRY_SMTP_URL_FILE", path.as_str());
    let words = refusal(&[], &[("TENANTRY_SMTP_URL", one), by_file]);
    assert_eq!(
        words,
        "TENANTRY_SMTP_URL: TENANTRY_SMTP_URL_FILE has a different value: set only one of the two"
    );
    file(folder.path(), "TENANTRY_SMTP_URL", "smtp://u:s3cret@three.test");
    let credentials = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    for variables in [[("TENANTRY_SMTP_URL", one), credentials], [by_file, credentials]] {
        let words = refusal(&[], &variables);
        assert!(words.starts_with("TENANTRY_SMTP_URL: the credential "), "{words}");
        assert!(words.contains("has a different value") && !words.contains("s3cret"), "{words}");
    }
    // A flag was typed on purpose, and the environment is meant to override the file; an empty
    // variable counts as not set.
    let flag = ["--smtp-url", "smtp://flag.test"];
    let both = [("TENANTRY_SMTP_URL", one), by_file, credentials];
    assert_eq!(line(&flag, &both, "TENANTRY_SMTP_URL"), "smtp://flag.test  (flag)");
    let env = file(folder.path(), "env", &format!("TENANTRY_SMTP_URL_FILE={path}"));
    let shown = line(&[], &[both[0], ("TENANTRY_ENV_FILE", &env)], "TENANTRY_SMTP_URL");
    assert_eq!(shown, "smtp://u:HIDDEN@one.test  (environment)");
    let shown = line(&[], &[("TENANTRY_SMTP_URL", ""), by_file], "TENANTRY_SMTP_URL");
    assert_eq!(shown, format!("smtp://u:HIDDEN@two.test  (file {path})"));
    // Setting the same value twice is not a contradiction.
    let same = [("TENANTRY_SMTP_URL", "smtp://u:s3cret@three.test"), credentials];
    assert!(values(&[], &same).check().is_ok());
}

#[test]
fn a_file_that_holds_no_secret_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &str| refusal(&[], &[("TENANTRY_SMTP_URL_FILE", path)]);
    let name = "TENANTRY_SMTP_URL_FILE: ";
    for (text, words) in [
        ("", "is empty"),
        ("\n", "is empty"),
        ("smtp://s3cret@h\nsmtp://h\n", "has more than one line"),
    ] {
        let path = file(folder.path(), "secret", text);
        assert_eq!(refused(&path), format!("{name}{path} {words}"));
    }
    let none = folder.path().join("none");
    let none = none.to_str().unwrap();
    assert_eq!(refused(none), format!("{name}{none}: No such file or directory (os error 2)"));
    let spaces = file(folder.path(), "secret", " smtp://h \n");
    let words = refused(&spaces);
    assert!(words.starts_with("TENANTRY_SMTP_URL: begins or ends with a space"), "{words}");
    let env = file(folder.path(), "env", "# settings\n\nTENANTRY_LISTEN\n");
    let words = refusal(&["--env-file", &env], &[]);
    assert_eq!(words, format!("TENANTRY_ENV_FILE: {env}: line 3 is not NAME=VALUE"));
}

#[test]
fn what_is_no_setting_is_named_with_the_one_that_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "TENANTRY_SMTP_URI", "");
    let env =
        file(folder.path(), "env", "TENANTRY_ENV_FILE=x\nTENANTRY_SIGNUP=open\nPGPASSWORD=x\n");
    let folder = folder.path().to_str().unwrap();
    let values = values(
        &[],
        &[
            ("TENANTRY_BASEURL", "https://a.test"),
            ("TENANTRY_TEST_SEED", "7"),
            ("TENANTRY_LISTEN_FILE", "x"),
            ("TENANTRY_QQQQ", "x"),
            ("TENANTRY_ENV_FILE", &env),
            ("CREDENTIALS_DIRECTORY", folder),
            ("PATH", "/bin"),
        ],
    );
    let told: Vec<String> = values.unknown.iter().map(ToString::to_string).collect();
    let in_file = format!("environment file {env}");
    assert_eq!(
        told,
        [
            "TENANTRY_BASEURL (environment) is not a setting; did you mean TENANTRY_BASE_URL?"
                .to_owned(),
            "TENANTRY_LISTEN_FILE (environment) is not a setting; did you mean TENANTRY_LISTEN?"
                .to_owned(),
            "TENANTRY_QQQQ (environment) is not a setting".to_owned(),
            format!("PGPASSWORD ({in_file}) is not a setting"),
            format!("TENANTRY_SIGNUP ({in_file}) is not a setting; did you mean TENANTRY_SIGN_UP?"),
            format!(
                "TENANTRY_SMTP_URI (credential in {folder}) is not a setting; did you mean TENANTRY_SMTP_URL?"
            ),
        ]
    );
}
