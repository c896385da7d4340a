//! Which passwords are accepted, in each of the four places where one is chosen.

use tenantry::platform::passwords::Blocklist;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

/// Where a password is chosen.
const DOORS: [&str; 4] = ["sign-up", "reset", "change", "invitation"];

/// Ada, who works at Quay Street Bakery, and how she or a new person gets to each place.
struct Doors {
    app: TestApp,
    ada: Browser,
    invitation: String,
    reset: Browser,
}

impl Doors {
    async fn of(app: TestApp) -> Self {
        let ada = app.founder("Ada Lovelace", "Quay Street Bakery").await;
        let slug = "quay-street-bakery";
        let invitation = app.invite(&ada, slug, "bo.winter@harbour.test", "member").await;
        let reset = app.browser();
        let email = email_of("Ada Lovelace");
        reset.post("/password/forgot", &[("email", &email)]).await.expect(303);
        let link = app.last_mail(&email).await.link("/password/reset/");
        reset.get(&link).await.expect_redirect("/password/reset");
        Self { app, ada, invitation, reset }
    }

    async fn open() -> Self {
        Self::of(TestApp::spawn().await).await
    }

    /// Chooses `password` at `door`, for a person whose name and organization it does not contain.
    async fn choose(&self, door: &str, password: &str) -> Answer {
        match door {
            "sign-up" => {
                let fields = [
                    ("name", "Cleo Marsh"),
                    ("email", "cleo.m@inlet.test"),
                    ("password", password),
                    ("organization", "Museum of Tides"),
                ];
                self.app.browser().post("/signup", &fields).await
            }
            "reset" => self.reset.post("/password/reset", &[("password", password)]).await,
            "change" => {
                let fields = [("current_password", PASSWORD), ("password", password)];
                self.ada.post("/account/password", &fields).await
            }
            _ => {
                let fields = [("name", "Bo Winter"), ("password", password)];
                let path = format!("{}/accept", self.invitation);
                self.app.browser().post(&path, &fields).await
            }
        }
    }

    /// Checks that `password` is refused at `door` with these words, is not echoed, and gets an
    /// estimate.
    #[track_caller]
    fn check_refused(door: &str, password: &str, answer: &Answer, words: &str) {
        assert_eq!(answer.status, 422, "{door}: {password}: {}", answer.body);
        let told = answer.text("#password-error");
        assert!(told.contains(words), "{door}: {password}: {told}");
        // An address is on its page anyway.
        let is_known = password.is_empty() || password.contains('@');
        assert!(is_known || !answer.body.contains(password), "{door}: the password comes back");
        assert_eq!(answer.attributes("#password", "value"), Vec::<String>::new(), "{door}");
    }

    async fn refuses(&self, password: &str, words: &str) {
        for door in DOORS {
            let answer = self.choose(door, password).await;
            Self::check_refused(door, password, &answer, words);
        }
    }
}

async fn sign_up(app: &TestApp, password: &str) -> Answer {
    let fields = [
        ("name", "Cleo Marsh"),
        ("email", "cleo@inlet.test"),
        ("password", password),
        ("organization", "Museum of Tides"),
    ];
    app.browser().post("/signup", &fields).await
}

async fn sign_in(app: &TestApp, password: &str) -> u16 {
    let fields = [("email", "cleo@inlet.test"), ("password", password)];
    app.browser().post("/login", &fields).await.status.as_u16()
}

#[tokio::test]
async fn asvs_6_2_1_a_password_has_twelve_characters_or_what_the_operator_asks_for() {
    let doors = Doors::open().await;
    doors.refuses("elevenchars", "Use at least 12 characters; this has 11.").await;
    // Eleven characters in twenty-two bytes.
    doors.refuses("éüöäßñçåøæþ", "Use at least 12 characters; this has 11.").await;
    doors.refuses("", "Choose a password.").await;
    doors.app.work().await;

    let app = TestApp::spawn_with(|config| config.with_passwords(8, Blocklist::default())).await;
    let page = sign_up(&app, "kq7vxmt").await.expect(422);
    assert!(page.text("#password-error").contains("Use at least 8"));
    assert!(page.text("#password-hint").contains("At least 8 characters"));
    sign_up(&app, "kq7vxmtw").await.expect_redirect("/orgs/museum-of-tides");
    app.work().await;
}

#[tokio::test]
async fn asvs_6_2_9_a_hundred_and_twenty_eight_characters_are_taken_and_one_more_is_not() {
    let doors = Doors::open().await;
    // Of two bytes each: characters are counted.
    let longest: String = "ñandú öl übrig çå ".chars().cycle().take(128).collect();
    let too_long = format!("{longest}é");
    doors.refuses(&too_long, "Use up to 128 characters; this has 129.").await;
    sign_up(&doors.app, &longest).await.expect_redirect("/orgs/museum-of-tides");
    assert_eq!(sign_in(&doors.app, &longest).await, 303);
    assert_eq!(sign_in(&doors.app, &too_long).await, 422);
    doors.app.work().await;
}

#[tokio::test]
async fn asvs_6_2_8_a_password_is_compared_as_it_was_typed_to_its_last_character() {
    let app = TestApp::spawn().await;
    let typed: String = " Nine Lanterns äöü ".chars().cycle().take(128).collect();
    sign_up(&app, &typed).await.expect_redirect("/orgs/museum-of-tides");
    let last = format!("{}x", typed.chars().take(127).collect::<String>());
    for other in [
        last.as_str(),
        &typed.to_lowercase(),
        &typed.to_uppercase(),
        typed.trim(),
        // It looks the same, but is composed differently.
        &typed.replace('ä', "a\u{308}"),
    ] {
        assert_ne!(other, typed);
        assert_eq!(sign_in(&app, other).await, 422, "{other}");
    }
    assert_eq!(sign_in(&app, &typed).await, 303);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_2_5_no_rule_asks_for_kinds_of_characters() {
    for (number, password) in
        ["nothingbutlowercaseletters", "MARSH LANTERN VIOLIN", "84019273650184", "¶§‡†•ªº–≠œ∑´"]
            .into_iter()
            .enumerate()
    {
        let app = TestApp::spawn().await;
        let answer = sign_up(&app, password).await;
        assert_eq!(answer.status, 303, "{number}: {}", answer.body);
        app.work().await;
    }
}

#[tokio::test]
async fn asvs_6_2_4_common_passwords_are_refused_at_every_door_and_the_reason_is_told() {
    let doors = Doors::open().await;
    let common = "This is a common password that attackers try first.";
    for listed in ["qwerty123456", "QwErTy123456", "1q2w3e4r5t6y"] {
        doors.refuses(listed, common).await;
    }
    let nearly = "This is too close to a common password.";
    for extended in ["DragonsDragons", "butterfly2026!", "111122221111", "letmeinletmein1"] {
        doors.refuses(extended, nearly).await;
    }
    doors.app.work().await;
}

#[tokio::test]
async fn asvs_6_2_12_the_operators_own_list_comes_on_top() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.txt");
    std::fs::write(&path, "nine brass lanterns\nnightjar project\n").unwrap();
    let blocklist = Blocklist::with_file(&path).unwrap();
    let app = TestApp::spawn_with(|config| config.with_passwords(12, blocklist)).await;
    let doors = Doors::of(app).await;
    doors.refuses("Nine Brass Lanterns", "This password isn't allowed here").await;
    doors.refuses("nightjar project 24", "too close to a common password").await;
    doors.refuses("qwerty123456", "a common password").await;
    let answer = doors.choose("sign-up", "nine brass violins").await;
    answer.expect_redirect("/orgs/museum-of-tides");
    doors.app.work().await;
}

#[tokio::test]
async fn asvs_6_2_11_a_password_is_not_made_of_words_that_everybody_knows_of_the_person() {
    let doors = Doors::open().await;
    let (product, organization) = ("the name of this product", "your organization's name");
    let (name, address) = ("your name", "your email address");
    for (door, password, what) in [
        ("sign-up", "TenantryTenantry", product),
        ("sign-up", "museum of tides!", organization),
        ("sign-up", "CleoMarsh-2026", name),
        ("sign-up", "cleo.m@inlet.test", address),
        ("reset", "tenantry 2026", product),
        ("reset", "QuayStreetBakery", organization),
        ("reset", "lovelace lovelace", name),
        ("reset", "ada.lovelace@example.test1", address),
        ("change", "123tenantry123", product),
        ("change", "bakery quay 26!", organization),
        ("change", "Lovelace_Ada_7", name),
        ("change", "ada.lovelace@example.test", address),
        ("invitation", "Tenantry......", product),
        ("invitation", "quay-street-bakery", organization),
        ("invitation", "WinterBoWinter", name),
        ("invitation", "harbour.test 2026", address),
    ] {
        let answer = doors.choose(door, password).await;
        Doors::check_refused(door, password, &answer, &format!("This is too close to {what}"));
        // An address and a slug are in their usual places.
        doors.app.secrets.forget(password);
    }
    // One of those words among others is allowed.
    let answer = doors.choose("change", "lovelace rides out at noon").await;
    answer.expect_redirect("/account/password");
    doors.app.work().await;
}

#[tokio::test]
async fn a_refused_form_tells_how_strong_the_password_was_and_a_weak_one_is_told_when_taken() {
    let doors = Doors::open().await;
    for door in DOORS {
        let page = doors.choose(door, "qwerty123456").await.expect(422);
        assert_eq!(page.attribute(".strength meter", "value"), "1", "{door}");
        let told = page.text("#password-strength");
        assert!(told.contains("This password is very weak: it's among the first"), "{told}");
        assert!(told.contains("Use a few unrelated words"), "{door}: {told}");
        assert_eq!(
            page.attribute("#password", "aria-describedby"),
            "password-error password-strength"
        );
        let page = doors.choose(door, "kq7 vxm").await.expect(422);
        assert!(page.text("#password-strength").contains("guessing it would take"), "{door}");
        let page = doors.choose(door, &"é".repeat(129)).await.expect(422);
        assert_eq!(page.count("meter"), 0, "{door}: what is too long is not looked at");
    }
    // Another field is wrong: the estimate is shown nevertheless.
    let fields = [("current_password", "not her password"), ("password", "marsh lantern violin")];
    let page = doors.ada.post("/account/password", &fields).await.expect(422);
    assert_eq!(page.attribute(".strength meter", "value"), "5");
    assert!(page.text("#password-strength").contains("strong"));
    assert_eq!(page.count("#password-error"), 0);

    // Long enough and on no list, but easy to guess: it is accepted, with a remark.
    let page = doors.ada.submit(
        "/account/password",
        &[("current_password", PASSWORD), ("password", "abcdefghijklm")],
    );
    let toast = page.await.expect(200).text(".toast");
    assert!(toast.contains("Password changed."), "{toast}");
    assert!(
        toast.contains("Your password is very weak: ") || toast.contains("is weak: "),
        "{toast}"
    );
    doors.app.work().await;
}

#[tokio::test]
async fn asvs_6_2_7_password_fields_hide_what_is_typed_and_leave_managers_and_pasting_alone() {
    let doors = Doors::open().await;
    let anonymous = doors.app.browser();
    doors.app.advance(time::Duration::minutes(11));
    let pages = [
        ("/login", anonymous.get("/login").await, vec!["current-password"]),
        ("/signup", anonymous.get("/signup").await, vec!["new-password"]),
        ("/password/reset", doors.reset.get("/password/reset").await, vec!["new-password"]),
        (
            "/account/password",
            doors.ada.get("/account/password").await,
            vec!["current-password", "new-password"],
        ),
        ("/account/confirm", doors.ada.get("/account/confirm").await, vec!["current-password"]),
        ("invitation", anonymous.get(&doors.invitation).await, vec!["new-password"]),
    ];
    for (path, page, kinds) in pages {
        let page = page.expect(200);
        let field = r#"input[name$="password"]"#;
        assert_eq!(
            page.attributes(&format!("{field}[type=password]"), "autocomplete"),
            kinds,
            "{path}"
        );
        assert_eq!(page.count(field), kinds.len(), "{path}: none is of another type");
        for hindrance in ["maxlength", "pattern", "onpaste", "readonly", "value", "disabled"] {
            assert_eq!(page.attributes(field, hindrance).len(), 0, "{path}: {hindrance}");
        }
        // The user name for password managers.
        let user = r#"form:has(input[type=password]) input[autocomplete="username"]"#;
        assert_eq!(page.count(user), 1, "{path}");
        assert_eq!(page.count(&format!("{user}[hidden], {user}[type=hidden]")), 0, "{path}");
    }
    doors.app.work().await;
}

#[test]
fn asvs_6_2_6_no_template_has_a_password_field_of_another_kind() {
    let mut fields = 0;
    let mut folders = vec![std::path::PathBuf::from("templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for input in text.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
                let is_named = input.contains("name=\"password\"") || input.contains("_password\"");
                let is_typed = input.contains("type=\"password\"");
                assert!(is_typed || !is_named, "{}: {input}", path.display());
                if is_typed {
                    fields += 1;
                    let says_which = input.contains("autocomplete=\"current-password\"")
                        || input.contains("autocomplete=\"new-password\"");
                    assert!(says_which && !input.contains("maxlength"), "{input}");
                }
            }
        }
    }
    assert_eq!(fields, 4, "the two of _ui.html and the two for signing in");
}
