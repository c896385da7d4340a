//! The key file is missing or was replaced by another one.

#![expect(clippy::disallowed_methods, reason = "the program that runs here has the system's clock")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use totp_rs::{Builder, Secret};

use crate::support::service::{ADA, Service, command, confirm_address};
use crate::support::{Answer, Browser, PASSWORD, TestDatabase, set_mode};

/// An installation in which Ada has an authenticator app and has invited somebody.
pub(crate) struct House {
    pub folder: tempfile::TempDir,
    pub database: TestDatabase,
    pub ada: Browser,
    /// The secret that her app shares with the server, in Base32.
    pub seed: String,
    pub recovery_codes: Vec<String>,
}

impl House {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create().await;
        if let Some(path) = database.url.strip_prefix("sqlite:") {
            set_mode(Path::new(path).parent().unwrap(), 0o700);
        }
        let service = Service::start(folder.path(), &[], Some(&database.url));
        let ada = service.browser();
        ada.submit("/signup", &ADA).await.expect(200);
        confirm_address(&service, &ada).await;
        let invited = [("email", "bob@example.test"), ("role", "member")];
        ada.post("/orgs/acme/invitations", &invited).await.expect(303);
        let path = ada.post("/account/security/totp", &[]).await.location().unwrap();
        let seed = ada.get(&path).await.expect(200).text("#secret");
        let fields = [("name", "Phone"), ("code", &code(&seed))];
        let page = ada.post(&format!("{path}/confirm"), &fields).await.expect(200);
        let recovery_codes = page.texts(".codes li");
        let this = Self { folder, database, ada, seed, recovery_codes };
        this.stop(service);
        this
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("data/secret.key")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        command(self.folder.path(), arguments, Some(&self.database.url)).output().unwrap()
    }

    fn serve(&self, arguments: &[&str]) -> Service {
        Service::start(self.folder.path(), arguments, Some(&self.database.url))
    }

    fn stop(&self, mut service: Service) {
        assert!(service.terminate().success());
    }

    /// Runs `serve`, which must refuse to start, and returns the reason.
    #[track_caller]
    fn refuses(&self) -> String {
        let output = self.run(&["serve"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    }

    /// Runs `tenantry keys …`, which must end with this exit code, and returns its output.
    #[track_caller]
    fn keys(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(&[&["keys"], arguments].concat());
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    #[track_caller]
    fn keys_status(&self, code: i32) -> String {
        self.keys(&["status"], code)
    }

    /// Ada signs in with her app.
    async fn enters(&self, service: &Service) -> Browser {
        self.database.execute("update totp_factors set last_step = 0").await.unwrap();
        let (browser, answer) = enter_code(service, &code(&self.seed)).await;
        answer.expect_redirect("/");
        browser
    }

    #[track_caller]
    fn doctor(&self, code: i32) -> String {
        let output = self.run(&["doctor"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }
}

/// Returns the code that the app shows now.
pub(crate) fn code(seed: &str) -> String {
    let seconds = time::OffsetDateTime::now_utc().unix_timestamp();
    let secret = Secret::try_from_base32(seed.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(u64::try_from(seconds).unwrap()).to_string()
}

/// Returns the id of the key that a refusal names.
fn named_key(said: &str) -> String {
    let id = said.split("TENANTRY_LOST_KEYS=").nth(1).unwrap();
    id.split_whitespace().next().unwrap().to_owned()
}

async fn enter_code(service: &Service, code: &str) -> (Browser, Answer) {
    let browser = service.browser();
    let fields = [("email", "ada@example.test"), ("password", PASSWORD)];
    browser.post("/login", &fields).await.expect_redirect("/login/factor");
    let answer = browser.post("/login/factor", &[("code", code)]).await;
    (browser, answer)
}

#[tokio::test]
async fn a_key_file_that_is_gone_is_missed_before_anything_is_served_and_never_replaced() {
    let house = House::new().await;
    let kept = std::fs::read(house.key_file()).unwrap();
    std::fs::remove_file(house.key_file()).unwrap();
    for _ in 0..2 {
        let said = house.refuses();
        assert!(said.contains("there is no data/secret.key"), "{said}");
        assert!(said.contains("the authenticator app of 1 person"), "{said}");
        assert!(said.contains("1 invitation link to copy"), "{said}");
        assert!(said.contains("Put back the copy of the file"), "{said}");
        assert!(!house.key_file().exists(), "no other key is made");
        let said = house.doctor(1);
        assert!(said.contains("FAIL  sealed values: The key "), "{said}");
        assert!(said.contains("Put back the copy of TENANTRY_SECRET_KEY_FILE"), "{said}");
    }
    // Another key in its place is no better.
    std::fs::write(house.key_file(), "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n").unwrap();
    let said = house.refuses();
    assert!(said.contains("does not hold every key"), "{said}");
    assert!(house.doctor(1).contains("FAIL  sealed values"));
    // The saved copy is all that is needed.
    std::fs::write(house.key_file(), kept).unwrap();
    let service = house.serve(&[]);
    let (_, answer) = enter_code(&service, &code(&house.seed)).await;
    // The app may still show the code that was used to set it up; that code is refused as used.
    assert!([303, 422].contains(&answer.status.as_u16()), "{}", answer.body);
    house.stop(service);
    house.database.remove().await;
}

#[tokio::test]
async fn a_key_that_only_sealed_invitation_links_is_missed_too() {
    let house = House::new().await;
    house.database.execute("delete from totp_factors").await.unwrap();
    house.database.execute("update outbox set status = 'sent', sealed = null").await.unwrap();
    std::fs::remove_file(house.key_file()).unwrap();
    let said = house.refuses();
    assert!(said.contains("seals 1 invitation link to copy."), "{said}");
    // A database from before keys were recorded.
    house.database.execute("delete from secret_keys").await.unwrap();
    assert!(house.refuses().contains("seals 1 invitation link to copy."));
    // Nothing needs the old key any more, so a new one loses nothing.
    house.database.execute("update invitations set status = 'revoked'").await.unwrap();
    house.stop(house.serve(&[]));
    assert!(house.key_file().exists());
    house.database.remove().await;
}

#[tokio::test]
async fn someone_who_gives_a_key_up_is_served_and_nobody_meets_a_fault_of_ours() {
    let house = House::new().await;
    std::fs::remove_file(house.key_file()).unwrap();
    let key = named_key(&house.refuses());
    house.stop(house.serve(&["--lost-keys", &key]));
    // The key needs to be given up only once.
    let service = house.serve(&[]);
    let said = house.doctor(0);
    assert!(said.contains("warn  sealed values: The key ") && said.contains(&key), "{said}");

    for _ in 0..12 {
        let (_, page) = enter_code(&service, &code(&house.seed)).await;
        let page = page.expect(422);
        assert!(page.text("#code-error").contains("has lost its key"), "{}", page.body);
        assert!(page.text("#code-error").contains("a recovery code or a passkey"));
    }
    let (ada, answer) = enter_code(&service, &house.recovery_codes[0]).await;
    answer.expect_redirect("/");
    let page = ada.get("/account/security").await.expect(200);
    assert!(page.text(".card-row .field-error").contains("lost its key"), "{}", page.body);

    let signed_in = house.ada.at(&service.origin);
    signed_in.get("/account").await;
    let page = ada.get("/orgs/acme/members?show=invited").await.expect(200);
    let page = ada.get(&page.attribute("tbody .who a", "href")).await.expect(200);
    let id = page.attribute("a.menu-item[href$='/link']", "href");
    let page = ada.get(&id).await.expect(409);
    assert!(page.body.contains("Resend the invitation"), "{}", page.body);
    let resend = id.replace("/link", "/resend");
    ada.post(&resend, &[]).await.expect(303);
    ada.get(&id).await.expect(200);

    // A further loss has to be accepted separately.
    house.stop(service);
    std::fs::remove_file(house.key_file()).unwrap();
    assert!(house.refuses().contains("invitation link"));
    house.database.remove().await;
}

#[tokio::test]
async fn a_key_is_changed_by_the_commands_while_the_service_runs_and_nobody_notices() {
    let house = House::new().await;
    let service = house.serve(&[]);
    let ada = house.enters(&service).await;
    let fields = [("role", "viewer"), ("lifetime", "30")];
    ada.post("/orgs/acme/join-link", &fields).await.expect(303);
    let old = house.keys_status(0).split_whitespace().next().unwrap().to_owned();
    let backup = ["backup", "--backup-folder", "backups"];
    let owner = Some(house.database.owner_url.as_str());
    assert!(command(house.folder.path(), &backup, owner).status().unwrap().success());
    let said = house.keys(&["new"], 0);
    let new = said.split_whitespace().nth(2).unwrap().to_owned();
    assert_ne!(old, new);
    let said = house.keys_status(0);
    assert!(
        said.contains(&format!("{old}  only opens; it has sealed the authenticator app")),
        "{said}"
    );
    let refused = house.keys(&["retire", &old], 1);
    assert!(refused.contains("tenantry keys reseal"), "{refused}");
    let refused = house.keys(&["retire", &new], 1);
    assert!(refused.contains("is the first key"), "{refused}");

    let mails = |said: &str| {
        let words: Vec<&str> = said.split_whitespace().collect();
        let at = words.iter().position(|word| word.starts_with("mail")).unwrap();
        let mut counts = words[..at].iter().filter_map(|word| word.parse::<u32>().ok());
        counts.next_back().unwrap()
    };
    let needing = mails(&said);
    let said = house.keys(&["reseal"], 0);
    // Emails that were refused count as well, since they can be sent again.
    assert_eq!(mails(&said), needing, "{said}");
    assert!(
        said.contains("1 authenticator app, ") && said.contains(" 1 invitation link, 1 join link."),
        "{said}"
    );
    let said = house.keys(&["reseal"], 0);
    assert!(said.contains("0 authenticator apps, 0 mails, 0 invitation links"), "{said}");
    // The service read the file before there was a new key, yet it opens what the new key has
    // sealed.
    let ada = house.enters(&service).await;
    let page = ada.get("/orgs/acme/members?show=invited").await.expect(200);
    let page = ada.get(&page.attribute("tbody .who a", "href")).await.expect(200);
    ada.get(&page.attribute("a.menu-item[href$='/link']", "href")).await.expect(200);
    let page = ada.get("/orgs/acme/join-link").await.expect(200);
    assert!(page.attribute("#link", "value").contains("/join/"), "{}", page.body);

    // The email about her sign-in was sealed with the old key.
    let refused = house.keys(&["retire", &old], 1);
    assert!(refused.contains("unsent mail: tenantry keys reseal"), "{refused}");
    house.keys(&["reseal"], 0);
    let refused = house.keys(&["retire", &old], 1);
    assert!(refused.contains("in two minutes"), "{refused}");
    let long_ago = match house.database.url.starts_with("sqlite:") {
        true => "update secret_keys set used_since = 0",
        false => "update secret_keys set used_since = '2001-01-01'",
    };
    house.database.execute(long_ago).await.unwrap();
    let retire = ["retire", &old, "--backup-folder", "backups"];
    let refused = house.keys(&retire, 1);
    assert!(refused.contains("1 backup still needs") && refused.contains("backups/"), "{refused}");
    // A backup that cannot be read may need it, too.
    let strange = house.folder.path().join("backups/tenantry-2026-01-01T000000Z.backup");
    std::fs::write(&strange, "").unwrap();
    let refused = house.keys(&retire, 1);
    assert!(refused.contains("tenantry-2026-01-01T000000Z.backup"), "{refused}");
    house.keys(&[&retire[..], &["--despite-backups"]].concat(), 0);
    assert!(!house.keys_status(0).contains(&old));
    house.stop(service);
    let service = house.serve(&[]);
    house.enters(&service).await;
    house.stop(service);
    assert!(house.doctor(0).contains("ok    sealed values: Every key is there"));
    house.database.remove().await;
}

#[tokio::test]
async fn of_keys_that_are_made_at_the_same_moment_none_is_lost() {
    let house = House::new().await;
    set_mode(&house.key_file(), 0o640);
    let (folder, url) = (house.folder.path(), Some(house.database.url.as_str()));
    let made = std::thread::scope(|scope| {
        let new = || command(folder, &["keys", "new"], url).output().unwrap();
        let all: Vec<_> = (0..8).map(|_| scope.spawn(new)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<Output>>()
    });
    let status = String::from_utf8(house.run(&["keys", "status"]).stdout).unwrap();
    for output in made {
        let said = String::from_utf8(output.stdout).unwrap();
        let id = said.strip_prefix("The key ").and_then(|rest| rest.get(..8)).expect(&said);
        assert!(status.contains(id), "{id}: {status}");
    }
    // The draft of an interrupted command holds old keys: the next command removes it.
    let draft = house.key_file().with_extension("7900.draft");
    std::fs::copy(house.key_file(), &draft).unwrap();
    assert!(house.run(&["keys", "new"]).status.success());
    assert!(!draft.exists());
    // If the operator lets others read the file, they can still read it.
    let mode = std::fs::metadata(house.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    house.database.remove().await;
}

#[tokio::test]
async fn a_sealed_value_that_was_changed_is_told_at_the_start_and_by_the_doctor() {
    let house = House::new().await;
    let changed = match house.database.url.starts_with("sqlite:") {
        true => {
            "update totp_factors set sealed_seed = cast(substr(sealed_seed, 1, 30) || x'00' as blob)"
        }
        false => "update totp_factors set sealed_seed = substr(sealed_seed, 1, 30) || '\\x00'",
    };
    house.database.execute(changed).await.unwrap();
    let said = house.doctor(1);
    assert!(said.contains("totp_factors.sealed_seed of"), "{said}");
    let mut started = command(house.folder.path(), &[], Some(&house.database.url));
    let log = house.folder.path().join("log");
    started.stderr(std::fs::File::create(&log).unwrap());
    house.stop(Service::start_as(started));
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("a sealed value does not open, although its key is there"), "{said}");
    let said = house.keys(&["new"], 0) + &house.keys(&["reseal"], 1);
    assert!(said.contains("1 value could not be opened"), "{said}");
    house.database.remove().await;
}

#[tokio::test]
async fn after_a_change_of_keys_apps_are_sealed_again_and_the_old_key_can_go() {
    let house = House::new().await;
    let old = std::fs::read_to_string(house.key_file()).unwrap();
    let new = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n";
    // This would be over by itself after some days.
    house.database.execute("update outbox set status = 'sent', sealed = null").await.unwrap();
    house.database.execute("update invitations set status = 'revoked'").await.unwrap();
    std::fs::write(house.key_file(), new).unwrap();
    assert!(house.refuses().contains("seals the authenticator app of 1 person."));
    std::fs::write(house.key_file(), format!("{new}{old}")).unwrap();
    let service = house.serve(&[]);
    house.enters(&service).await;
    house.stop(service);
    std::fs::write(house.key_file(), new).unwrap();
    let service = house.serve(&[]);
    house.enters(&service).await;
    house.stop(service);
    house.database.remove().await;
}
