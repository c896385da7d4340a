//! Tests of the checks, of single values and of values that contradict each other.

use lettre::transport::smtp::client::Tls;

use super::{check, values};

fn words(flag: &str, value: &str) -> String {
    check(&[&format!("{flag}={value}")]).err().unwrap_or_else(|| panic!("{flag}={value} is taken"))
}

#[test]
fn the_defaults_serve_this_machine() {
    let config = check(&[]).unwrap();
    assert_eq!(config.origin(), "http://127.0.0.1:3000");
    assert!(config.is_loopback() && !config.is_https());
    assert_eq!(config.mail_from.to_string(), "Tenantry <no-reply@localhost>");
}

#[test]
fn plain_http_beyond_loopback_must_be_insisted_on() {
    let public = ["--listen", "0.0.0.0:80", "--base-url", "http://app.example.test"];
    assert!(check(&public).err().unwrap().starts_with("TENANTRY_BASE_URL: plain http"));
    assert!(check(&[&public[..], &["--allow-http"]].concat()).is_ok());
    assert!(check(&[&public[..], &["--allow-http=yes"]].concat()).is_ok());
    assert!(check(&[&public[..], &["--allow-http=false"]].concat()).is_err());
    assert!(check(&["--listen", "0.0.0.0:80"]).err().unwrap().contains("is needed"));
    assert!(check(&["--listen", "0.0.0.0:80", "--base-url", "https://a.test"]).is_ok());
}

#[test]
fn a_wrong_value_is_named_with_what_is_allowed_and_without_secrets() {
    for (flag, value, said) in [
        ("--listen", "here", "TENANTRY_LISTEN: \"here\" is not ADDRESS:PORT: 127.0.0.1:3000 is"),
        ("--listen", "3000", "TENANTRY_LISTEN: \"3000\" is not ADDRESS:PORT"),
        ("--listen", "", "TENANTRY_LISTEN: is empty; left out, it is 127.0.0.1:3000"),
        (
            "--base-url",
            "app.example.com",
            "TENANTRY_BASE_URL: \"app.example.com\" must start with https:// (or http:// on \
             loopback): https://app.example.com",
        ),
        ("--base-url", "localhost:3000", "TENANTRY_BASE_URL: \"localhost:3000\" must start with"),
        ("--base-url", "ftp://x.test", "TENANTRY_BASE_URL: \"ftp://x.test\" must start with https"),
        ("--base-url", "not a url", "TENANTRY_BASE_URL: \"not a url\" is not a URL like https://"),
        (
            "--base-url",
            "https://x.test/app",
            "TENANTRY_BASE_URL: \"https://x.test/app\" must end after the host and port: \
             https://x.test",
        ),
        ("--base-url", "\"https://x.test\"", "TENANTRY_BASE_URL: is in quotes"),
        ("--base-url", " https://x.test", "TENANTRY_BASE_URL: begins or ends with a space"),
        (
            "--database-url",
            "mysql://u:secret@h/d",
            "TENANTRY_DATABASE_URL: must start with sqlite:",
        ),
        (
            "--database-url",
            "sqlite::memory:",
            "TENANTRY_DATABASE_URL: an SQLite database in memory",
        ),
        ("--database-url", "sqlite:", "TENANTRY_DATABASE_URL: must name a file, as sqlite:data/"),
        ("--database-url", "sqlite://?mode=rwc", "TENANTRY_DATABASE_URL: must name a file"),
        ("--database-url", "sqlite:data/", "TENANTRY_DATABASE_URL: must name a file"),
        (
            "--database-url",
            "postgres://u@h/d?sslmode=disable&passwd=secret",
            "TENANTRY_DATABASE_URL: \"passwd\" is not a parameter of a connection; there are \
             sslmode, ",
        ),
        ("--base-url", "ftp://u:secret@h", "TENANTRY_BASE_URL: must not hold a user name"),
        ("--env-file", "/dev/zero", "TENANTRY_ENV_FILE: /dev/zero is larger than a file of"),
        ("--database-url", "", "TENANTRY_DATABASE_URL: is empty; left out, it is sqlite:data/"),
        (
            "--smtp-url",
            "http://u:secret@h",
            "TENANTRY_SMTP_URL: must start with smtp:// or smtps://",
        ),
        ("--smtp-url", "mail.test:587", "TENANTRY_SMTP_URL: must start with smtp:// or smtps://"),
        ("--smtp-url", "smtp://h/?starttls=no", "TENANTRY_SMTP_URL: must end after the host"),
        (
            "--mail-from",
            "not an address",
            "TENANTRY_MAIL_FROM: \"not an address\" is not NAME <ADD",
        ),
        (
            "--password-min-length",
            "7",
            "TENANTRY_PASSWORD_MIN_LENGTH: \"7\" is not a whole number from 8 to 64",
        ),
        ("--smtp-ca", "no/such.pem", "TENANTRY_SMTP_CA: no/such.pem: No such file"),
        ("--smtp-ca", "Cargo.toml", "TENANTRY_SMTP_CA: Cargo.toml has no certificate in PEM"),
        (
            "--database-wait",
            "soon",
            "TENANTRY_DATABASE_WAIT: \"soon\" is not a whole number from 0 to",
        ),
        ("--password-blocklist", "no/such/file", "TENANTRY_PASSWORD_BLOCKLIST: no/such/file: No "),
        (
            "--database-role",
            "a; drop table users",
            "TENANTRY_DATABASE_ROLE: \"a; drop table users\"",
        ),
        (
            "--database-connections",
            "0",
            "TENANTRY_DATABASE_CONNECTIONS: \"0\" is not a whole number",
        ),
        (
            "--max-connections",
            "0",
            "TENANTRY_MAX_CONNECTIONS: \"0\" is not a whole number from 1 to",
        ),
        (
            "--trusted-proxies",
            "all",
            "TENANTRY_TRUSTED_PROXIES: \"all\" is not a whole number from",
        ),
        (
            "--trusted-proxies",
            "-1",
            "TENANTRY_TRUSTED_PROXIES: \"-1\" is not a whole number from 0",
        ),
        ("--sign-up", "opne", "TENANTRY_SIGN_UP: \"opne\" is not one of open, confirm"),
        ("--log-format", "yaml", "TENANTRY_LOG_FORMAT: \"yaml\" is not one of text, json"),
        ("--allow-http", "perhaps", "TENANTRY_ALLOW_HTTP: \"perhaps\" is neither true nor false"),
        ("--places-file", "/nowhere/places.mmdb", "TENANTRY_PLACES_FILE: /nowhere/places.mmdb: No"),
        (
            "--places-file",
            "Cargo.toml",
            "TENANTRY_PLACES_FILE: Cargo.toml: this is not a file in the",
        ),
        (
            "--security-contact",
            "security@example.test",
            "TENANTRY_SECURITY_CONTACT: \"security@example.test\" must start with mailto: or \
             https://: mailto:security@example.test",
        ),
        ("--security-contact", "mailto:nobody", "TENANTRY_SECURITY_CONTACT: is neither a URL"),
        ("--security-contact", "http://x.test/", "TENANTRY_SECURITY_CONTACT: is neither a URL"),
        ("--security-contact", "https://u:secret@h", "TENANTRY_SECURITY_CONTACT: is neither a"),
        ("--lost-keys", "1a2b3c4d,all", "TENANTRY_LOST_KEYS: \"all\""),
    ] {
        let words = words(flag, value);
        assert!(words.starts_with(said), "{words}");
        assert!(!words.contains('\n') && !words.contains("secret"), "{words}");
    }
}

#[test]
fn a_password_that_tears_a_url_apart_is_told_how_it_is_written() {
    for password in ["se/cret", "se#cret", "se?cret", "12/cret", "s@e/cret", "s@e?cret"] {
        for (flag, url) in [
            ("--database-url", format!("postgres://u:{password}@127.0.0.1/d")),
            ("--database-url", format!("postgres://u:{password}@127.0.0.1:5432/d?sslmode=disable")),
            ("--smtp-url", format!("smtp://u:{password}@mail.test:587")),
            ("--smtp-url", format!("smtps://u:{password}@mail.test")),
        ] {
            let words = words(flag, &url);
            assert!(words.contains("write / as %2F, # as %23, ? as %3F, @ as %40"), "{words}");
            assert!(!words.contains("cret"), "{words}");
        }
    }
    for whole in ["se%2Fcret", "s@cret", "s:cret", "s!$&'()*+,;=~-._cret"] {
        assert!(check(&[&format!("--database-url=postgres://u:{whole}@127.0.0.1/d")]).is_ok());
        assert!(check(&[&format!("--smtp-url=smtp://u:{whole}@mail.test")]).is_ok(), "{whole}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let values =
        values(&["--log-format=yaml"], &[("TENANTRY_LISTEN", "x"), ("TENANTRY_SIGN_UP", "")]);
    let words = values.check().err().unwrap().to_string();
    let lines: Vec<&str> = words.split("\ntenantry: ").collect();
    assert_eq!(lines.len(), 3, "{words}");
    for (line, name) in lines.iter().zip(["LISTEN", "SIGN_UP", "LOG_FORMAT"]) {
        assert!(line.starts_with(&format!("TENANTRY_{name}: ")), "{line}");
    }
}

#[test]
fn localhost_is_an_address_to_listen_on() {
    let config = check(&["--listen", "localhost:3000"]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
}

#[test]
fn an_empty_value_leaves_a_setting_without_a_default_unset() {
    let empty = ["--smtp-url=", "--base-url=", "--mail-from=", "--places-file=", "--lost-keys="];
    let config = check(&empty).unwrap();
    assert!(config.smtp.is_none() && config.places.is_none());
    assert_eq!(config.origin(), "http://127.0.0.1:3000");
}

#[test]
fn asvs_12_3_1_the_mail_server_is_reached_encrypted_unless_it_is_on_this_machine() {
    let smtp = |url| check(&["--smtp-url", url]).unwrap().smtp.clone().unwrap();
    assert!(matches!(smtp("smtp://u:p%40ss@mail.test").tls, Tls::Required(_)));
    assert!(matches!(smtp("smtps://mail.test").tls, Tls::Wrapper(_)));
    assert!(matches!(smtp("smtp://127.0.0.1:2525").tls, Tls::Opportunistic(_)));
    let trusting = |url| check(&["--smtp-url", url, "--smtp-ca", "system"]).unwrap().smtp.clone();
    assert!(matches!(trusting("smtp://127.0.0.1").unwrap().tls, Tls::Required(_)));
    assert_eq!(smtp("smtp://mail.test").port, 587);
}

#[test]
fn asvs_12_3_1_the_database_is_reached_verified_unless_it_is_on_this_machine() {
    fn url(url: &str) -> Result<String, String> {
        check(&["--database-url", url]).map(|config| config.database_url.clone())
    }
    for here in ["postgres://u@127.0.0.1/d", "postgres://u@[::1]/d", "postgres:///d?host=/run"] {
        assert_eq!(url(here).unwrap(), here);
    }
    let far = "postgres://u:p%40ss@db.test:5433/d";
    assert_eq!(url(far).unwrap(), format!("{far}?sslmode=verify-full"));
    for mode in ["verify-ca", "disable"] {
        let far = format!("{far}?sslmode={mode}");
        assert_eq!(url(&far).unwrap(), far);
    }
    for mode in ["prefer", "allow", "require"] {
        let words = url(&format!("{far}?sslmode={mode}")).unwrap_err();
        assert!(words.starts_with("TENANTRY_DATABASE_URL: sslmode must be"), "{words}");
        assert!(!words.contains("ss@"), "{words}");
    }
}

#[test]
fn domains_for_sign_up_need_the_address_to_be_proved_first() {
    let domains = "--sign-up-domains=example.org,*.example.com";
    assert!(check(&[domains, "--sign-up=confirm"]).is_ok());
    for (sign_up, words) in
        [("open", "needs TENANTRY_SIGN_UP=confirm"), ("closed", "has no effect")]
    {
        let refused = check(&[domains, &format!("--sign-up={sign_up}")]).err().unwrap();
        assert!(refused.starts_with("TENANTRY_SIGN_UP_DOMAINS: "), "{refused}");
        assert!(refused.contains(words), "{refused}");
    }
    let refused = check(&["--sign-up-domains=ada@example.org", "--sign-up=confirm"]).err().unwrap();
    assert!(refused.starts_with("TENANTRY_SIGN_UP_DOMAINS: \"ada@example.org\""), "{refused}");
    assert!(words("--sign-up", "shut").contains("closed"));
    assert!(words("--founders", "nobody").contains("operators"));
}
