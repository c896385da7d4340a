//! Text in all languages: what is kept of it, where it is wrong, and how it is found again, however
//! it is spelled.

use std::collections::BTreeSet;

use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::text_keys::Keyed;
use tenantry::platform::db::{Db, is_current, migrate};

use crate::support::{Browser, PASSWORD, TestApp, TestDatabase, email_of};

/// Names that contain characters that are invisible by themselves.
const SPELLED: &[&str] = &[
    "👩‍💻 Ada",
    "می‌خواهم",
    "ක්‍රියා ශ්‍රී",
    "അവന്‍ വരും",
    "🇩🇪 🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F} ❤️‍🔥",
];

/// Names that show nothing.
const BLANK: &[&str] =
    &["\u{3164}", "\u{2800}", "\u{180B}", "\u{200B}", "\u{AD}\u{FEFF}", "\u{E0041}", "\u{301}"];

async fn acme() -> (TestApp, Browser) {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    (app, ada)
}

async fn create(browser: &Browser, list: &str, name: &str) -> String {
    let answer = browser.post(&format!("/orgs/acme/{list}"), &[("name", name)]).await.expect(303);
    answer.location().unwrap()
}

#[tokio::test]
async fn every_column_with_a_key_is_brought_along_when_keys_are_made_differently() {
    let database = TestDatabase::create().await;
    let mut columns = BTreeSet::new();
    for table in database.tables().await {
        let keys = database.columns(&table).await.into_iter();
        let keys = keys.filter(|column| column.ends_with("_key") && column != "public_key");
        columns.extend(keys.map(|column| format!("{table}.{column}")));
    }
    database.remove().await;
    let declared = inventory::iter::<Keyed>
        .into_iter()
        .flat_map(|keyed| keyed.columns.iter().map(|column| format!("{}.{column}", keyed.table)));
    // The keys of people and organizations are not made inside an organization.
    let others = ["users.name_key", "organizations.name_key"].map(str::to_owned);
    assert_eq!(columns, declared.chain(others).collect());
}

#[tokio::test]
async fn text_of_every_script_is_kept_as_it_is_written() {
    let (_app, ada) = acme().await;
    for name in SPELLED {
        let page = ada.submit("/account", &[("name", name)]).await.expect(200);
        assert_eq!(page.attribute("#name", "value"), *name, "{}", name.escape_unicode());
        let client = create(&ada, "clients", name).await;
        assert_eq!(ada.get(&client).await.expect(200).text("h1"), *name);
        let project = create(&ada, "projects", name).await;
        let said = ada.post(&format!("{project}/comments"), &[("body", name)]).await.expect(303);
        assert!(said.location().is_some());
        assert_eq!(ada.get(&project).await.expect(200).texts(".comment-body"), [*name]);
    }
}

#[tokio::test]
async fn invisible_characters_that_came_along_are_dropped() {
    let (_app, ada) = acme().await;
    for (typed, kept) in [
        ("\u{FEFF}Ada\u{3164}", "Ada"),
        ("Ver\u{AD}trag", "Vertrag"),
        ("\u{202A}Ada\u{202C}", "Ada"),
        ("Zoe\u{308}", "Zoë"),
    ] {
        let page = ada.submit("/account", &[("name", typed)]).await.expect(200);
        assert_eq!(page.attribute("#name", "value"), kept);
    }
    let address = format!("\u{FEFF}{}\u{200B}", email_of("Ada Lovelace"));
    let fields = [("email", address.as_str()), ("password", PASSWORD)];
    ada.post("/logout", &[]).await.expect(303);
    ada.post("/login", &fields).await.expect(303);
}

#[tokio::test]
async fn a_name_shows_something_wherever_one_is_asked_for() {
    let (_app, ada) = acme().await;
    let project = create(&ada, "projects", "Alpha").await;
    for blank in BLANK {
        for (path, field) in [
            ("/account", "name"),
            ("/orgs", "name"),
            ("/orgs/acme/clients", "name"),
            ("/orgs/acme/projects", "name"),
            (format!("{project}/tasks").as_str(), "title"),
        ] {
            let page = ada.post(path, &[(field, blank)]).await.expect(422);
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_which_character_it_is_and_where() {
    let (_app, ada) = acme().await;
    let page = ada.post("/account", &[("name", "Ada\u{202E}gniK")]).await.expect(422);
    let words = page.text("#name-error");
    assert!(words.contains("Character 4, after “Ada”") && words.contains("U+202E"), "{words}");
    let project = create(&ada, "projects", "Alpha").await;
    let fields = [("body", "one\r\ntwo \u{7}")];
    let page = ada.post(&format!("{project}/comments"), &fields).await.expect(422);
    let words = page.text("#body-error");
    assert!(words.contains("Line 2, character 5") && words.contains("U+0007"), "{words}");
    let fields = [("email", "a\"b@x.test;ada@localhost"), ("role", "member")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    let results = page.texts(".results li");
    assert!(results[0].contains("a\"b@x.test") && results[0].contains("character 2 is “\"”"));
    assert!(results[1].contains("“localhost” after the @ isn't a domain"), "{results:?}");
}

#[tokio::test]
async fn a_search_finds_a_text_however_it_is_spelled() {
    let (_app, ada) = acme().await;
    for (kept, searched) in [
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ﬁrma", "FIRMA"),
        ("O’Neil", "o'neil"),
        ("Acme\u{A0}Ltd", "acme ltd"),
        ("Zoë", "zoe\u{308}"),
        ("ＡＢＣ", "abc"),
        ("می‌خواهم", "میخواهم"),
    ] {
        create(&ada, "clients", kept).await;
        let project = create(&ada, "projects", kept).await;
        ada.post(&format!("{project}/tasks"), &[("title", kept)]).await.expect(303);
        ada.submit("/account", &[("name", kept)]).await.expect(200);
        for list in ["clients", "projects", "tasks", "members"] {
            let query =
                form_urlencoded::Serializer::new(String::new()).append_pair("q", searched).finish();
            let page = ada.get(&format!("/orgs/acme/{list}?{query}")).await.expect(200);
            assert_eq!(page.count("tbody tr"), 1, "{list}: {kept} by {searched}");
        }
        // Two spellings of a name count as the same name.
        let page = ada.post("/orgs/acme/clients", &[("name", searched)]).await.expect(422);
        assert_eq!(page.text("#name-error"), "Another client has this name.");
    }
}

#[tokio::test]
async fn a_saved_filter_is_called_like_no_other_however_it_is_spelled() {
    let (_app, ada) = acme().await;
    let fields = |name| [("list", "clients"), ("name", name), ("query", "?q=a")];
    ada.post("/orgs/acme/filters", &fields("Straße")).await.expect(303);
    ada.post("/orgs/acme/filters", &fields("STRASSE")).await.expect(409);
    ada.post("/orgs/acme/filters", &fields("\u{3164}")).await.expect(422);
}

#[tokio::test]
async fn a_file_for_spreadsheets_says_that_it_is_in_unicode() {
    let (_app, ada) = acme().await;
    for (format, mark) in [("csv", &b"\xEF\xBB\xBF"[..]), ("jsonl", b"{")] {
        let token = ada.token().await;
        let fields = [("format", format), ("csrf", &token)];
        let file =
            ada.request("POST", "/orgs/acme/audit/export").form(&fields).send().await.unwrap();
        assert!(file.bytes().await.unwrap().starts_with(mark), "{format}");
    }
}

#[tokio::test]
async fn rows_with_keys_of_the_old_form_are_brought_along_and_none_is_lost() {
    let (app, ada) = acme().await;
    let street = create(&ada, "clients", "Straße").await;
    let other = create(&ada, "clients", "Other").await;
    let project = create(&ada, "projects", "O’Neil").await;
    ada.post(&format!("{project}/tasks"), &[("title", "ﬁx it")]).await.expect(303);
    // As an older version of the program left them.
    for old in [
        "update clients set name_key = 'straße', search_key = 'straße' where name = 'Straße'",
        "update clients set name = 'STRASSE', name_key = 'strasse', search_key = 'strasse'
         where name = 'Other'",
        "update projects set name_key = 'o’neil', search_key = 'x o’neil'",
        "update tasks set title_key = 'ﬁx it'",
        "update users set name = 'Zoë ﬁx', name_key = 'zoë ﬁx', email = 'zoe\u{308}@example.test'",
        "update organizations set name = 'Große', name_key = 'große'",
        "delete from search_words",
        "delete from data_migrations",
    ] {
        app.database.execute(old).await.unwrap();
    }
    let db = Db::connect(&app.database.owner_url).await.unwrap();
    assert!(
        !is_current(&db).await.unwrap(),
        "the program does not serve from rows of the old form"
    );
    let clashes = migrate(&db, DATABASE_ROLE).await.unwrap();
    let clashing: Vec<_> = clashes.iter().map(|clash| clash.name.as_str()).collect();
    assert_eq!(clashing, ["STRASSE"], "the later one of two is reported");
    assert!(clashes[0].to_string().contains("/orgs/acme"), "{}", clashes[0]);
    assert!(is_current(&db).await.unwrap());
    // Running it again changes nothing; if it is interrupted and run again, the result is the same.
    let keys = "select name_key from clients order by created_at, id";
    assert_eq!(app.database.texts(keys).await, ["strasse", "strasse (2)"]);
    assert_eq!(migrate(&db, DATABASE_ROLE).await.unwrap(), []);
    app.database.execute("delete from data_migrations").await.unwrap();
    assert_eq!(migrate(&db, DATABASE_ROLE).await.unwrap(), clashes);
    assert_eq!(app.database.texts(keys).await, ["strasse", "strasse (2)"]);
    db.close().await;

    let page = ada.get("/orgs/acme/clients?q=strasse").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["Straße", "STRASSE"]);
    for (list, searched) in [("projects", "o'neil"), ("tasks", "fix+it"), ("members", "zoë+fix")] {
        let page = ada.get(&format!("/orgs/acme/{list}?q={searched}")).await.expect(200);
        assert_eq!(page.count("tbody tr"), 1, "{list}");
    }
    for (searched, kind) in [("strasse", "client"), ("o'neil", "project"), ("fix+it", "task")] {
        let page =
            ada.get(&format!("/orgs/acme/search?q={searched}&kind={kind}")).await.expect(200);
        assert!(page.count(".found") >= 1, "{searched}");
    }
    assert_eq!(app.database.texts("select name_key from organizations").await, ["grosse"]);
    let again = app.browser();
    let fields = [("email", "zoë@example.test"), ("password", PASSWORD)];
    again.post("/login", &fields).await.expect(303);
    // Both can still be edited; neither takes the name of the other.
    for (path, name) in [(&street, "Straße"), (&other, "STRASSE")] {
        let form = ada.get(&format!("{path}/edit")).await.expect(200);
        let version = form.attribute("input[name=version]", "value");
        let fields = [("name", name), ("notes", "kept"), ("version", &version)];
        ada.post(&format!("{path}/edit"), &fields).await.expect(303);
    }
    create(&ada, "clients", "Harbour").await;
    ada.post("/orgs/acme/clients", &[("name", "strasse")]).await.expect(422);
    app.work().await;
}

#[tokio::test]
async fn lists_of_addresses_are_taken_as_programs_give_them() {
    let (app, ada) = acme().await;
    let outlook: Vec<_> =
        (0..100).map(|n| format!("Doe {n}, Jane (Sales) <jane{n}@x.test>")).collect();
    let fields = [("email", outlook.join("; ")), ("role", "member".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    let invited = page.texts(".results li");
    assert_eq!(invited.len(), 100);
    assert!(invited.iter().all(|line| line.contains("Invited")), "{invited:?}");
    let sheet = "Name\tMail\r\nBo, Jr.\tmailto:bo@x.test\r\n\u{FEFF}Cy\tcy＠x.test、d@127.0.0.1";
    let fields = [("email", sheet), ("role", "member")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    let results = page.texts(".results li");
    assert_eq!(results.len(), 3, "{results:?}");
    assert!(results[0].contains("bo@x.test") && results[1].contains("cy@x.test"), "{results:?}");
    assert!(results[2].contains("d@127.0.0.1") && results[2].contains("isn't a domain"));
    assert_eq!(page.text("#email"), "d@127.0.0.1", "what is left to mend stays");
    let many: Vec<_> = (0..101).map(|n| format!("\"Doe, J\" <many{n}@x.test>")).collect();
    let fields = [("email", many.join(", ")), ("role", "member".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    assert!(page.text("#email-error").contains("101 addresses"), "{}", page.text("#email-error"));
    app.work().await;
}

#[tokio::test]
async fn an_address_of_numbers_is_none_and_those_that_exist_keep_working() {
    let (app, ada) = acme().await;
    let fields = [("name", "x"), ("email", "a@127.0.0.1")];
    let page = ada.post("/orgs/acme/clients", &fields).await.expect(422);
    assert!(page.text("#email-error").contains("isn't a domain"));
    let fields =
        [("name", "X"), ("email", "a@0x7f.1"), ("password", PASSWORD), ("organization", "X")];
    app.browser().post("/signup", &fields).await.expect(422);
    app.database.execute("update users set email = 'ada@127.0.0.1'").await.unwrap();
    let browser = app.browser();
    let fields = [("email", "ada@127.0.0.1"), ("password", PASSWORD)];
    browser.post("/login", &fields).await.expect(303);
    browser.get("/orgs/acme/members").await.expect(200);
    browser.get("/account").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn slugs_have_one_hyphen_at_a_time_and_those_that_exist_keep_working() {
    let (app, ada) = acme().await;
    for slug in ["a--b", "xn--a"] {
        ada.post("/orgs", &[("name", "Other"), ("slug", slug)]).await.expect(422);
        let fields = [("name", "Acme"), ("slug", slug)];
        let page = ada.post("/orgs/acme/settings", &fields).await.expect(422);
        assert!(page.text("#slug-error").contains("one hyphen"));
    }
    app.database.execute("update organizations set slug = 'a--b'").await.unwrap();
    app.database.execute("update organization_slugs set slug = 'a--b'").await.unwrap();
    ada.get("/orgs/a--b").await.expect(200);
    let fields = [("name", "Acme & Co"), ("slug", "a--b")];
    ada.post("/orgs/a--b/settings", &fields).await.expect(303);
}

#[tokio::test]
async fn an_address_in_capitals_or_with_a_slash_at_its_end_leads_on() {
    let (_app, ada) = acme().await;
    for (path, right) in [
        ("/orgs/ACME", "/orgs/acme"),
        ("/orgs/Acme/members?q=a%20b", "/orgs/acme/members?q=a%20b"),
        ("/orgs/acme/members/?q=a", "/orgs/acme/members?q=a"),
        ("/orgs/", "/orgs"),
        ("/login//", "/login"),
    ] {
        let answer = ada.get(path).await.expect(308);
        assert_eq!(answer.location().as_deref(), Some(right), "{path}");
    }
    let answer = ada.post("/orgs/ACME/clients", &[("name", "x")]).await.expect(308);
    assert_eq!(answer.location().as_deref(), Some("/orgs/acme/clients"));
    for path in ["//x.test/", "/\\x.test/", "/%2F/"] {
        let answer = ada.send_whatever_comes(ada.request("GET", path)).await;
        let location = answer.location().unwrap_or_default();
        assert!(!location.starts_with("//") && !location.contains('\\'), "{path}: {location}");
    }
    // Nobody is told whether such an organization exists.
    let answer = ada.get("/orgs/NOBODY").await.expect(308);
    assert_eq!(answer.location().as_deref(), Some("/orgs/nobody"));
}

#[tokio::test]
async fn what_others_add_to_a_link_is_ignored_and_what_is_ours_is_read_strictly() {
    let (_app, ada) = acme().await;
    for query in ["utm=1&utm=2", "%FF=1", "x=%FF", "fbclid=%00", "&&=&=1", "x%00=1&q=a"] {
        ada.get(&format!("/orgs/acme/members?{query}")).await.expect(200);
        ada.get(&format!("/orgs/acme?{query}")).await.expect(200);
        ada.get(&format!("/login?{query}")).await;
    }
    for query in ["q=a&q=b", "q=%FF", "q=a%00", "%71=a&q=b"] {
        ada.get(&format!("/orgs/acme/members?{query}")).await.expect(400);
    }
}
