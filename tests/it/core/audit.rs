//! The audit log: reading, filtering and exporting it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tenantry::platform::db::statement;
use time::Duration;

use crate::support::{Answer, Browser, TestApp, email_of};

/// Acme with an owner, a viewer and a few entries.
async fn acme() -> (TestApp, Browser, Browser) {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let vera = app.member(&olga, "acme", "Vera Viewer", "viewer").await;
    (app, olga, vera)
}

fn told(page: &Answer) -> Vec<String> {
    page.texts("tbody .entry-what")
}

#[tokio::test]
async fn the_log_says_who_did_what_to_what_and_from_where() {
    let (app, olga, _) = acme().await;
    let id = app.membership_id(&olga, "acme", "Vera Viewer").await;
    let path = format!("/orgs/acme/members/{id}/role");
    olga.post(&path, &[("role", "admin")]).await.expect(303);
    let page = olga.get("/orgs/acme/audit").await.expect(200);
    assert_eq!(
        told(&page),
        [
            "changed the role of Vera Viewer",
            "accepted the invitation for vera.viewer@example.test",
            "invited vera.viewer@example.test",
            "created the organization Acme"
        ]
    );
    let row = page.texts("tbody tr").remove(0);
    assert!(row.contains("Olga Owner changed"), "{row}");
    assert!(row.contains("Role Viewer → Admin"), "{row}");
    let details = page.text("tbody details");
    assert!(details.contains("Address 127.0.0.1") && details.contains("Firefox"), "{details}");
    assert!(details.contains("Email olga.owner@example.test"), "{details}");
    assert!(details.contains("Request "), "{details}");
    // The history of an object, linked from its name.
    let history = page.attribute("tbody .entry-what a", "href");
    assert_eq!(history, format!("/orgs/acme/audit?kind=member&object={id}"));
    let page = olga.get(&history).await.expect(200);
    assert_eq!(told(&page), ["changed the role of Vera Viewer"]);
    let part = olga.htmx_get("/orgs/acme/audit").await.expect(200);
    assert!(part.body.trim_start().starts_with("<div id=\"entries\""), "{}", part.body);
}

#[tokio::test]
async fn only_a_role_that_includes_it_reads_the_log_and_sees_it_in_the_navigation() {
    let (app, olga, vera) = acme().await;
    let stranger = app.founder("Sid Stranger", "Elsewhere").await;
    for (method, path) in [("GET", "/audit"), ("GET", "/audit/verify"), ("POST", "/audit/export")] {
        let path = format!("/orgs/acme{path}");
        let send = |browser: Browser| {
            let path = path.clone();
            async move { browser.send(browser.request(method, &path)).await.status.as_u16() }
        };
        assert_eq!(send(vera.clone()).await, 403, "{path}");
        assert_eq!(send(stranger.clone()).await, 404, "{path}");
        assert_eq!(send(app.browser()).await, 303, "{path}");
    }
    let sections = |page: &Answer| page.texts(".nav-link");
    let page = olga.get("/orgs/acme").await.expect(200);
    assert!(sections(&page).contains(&"Audit log".to_owned()), "{:?}", sections(&page));
    let page = vera.get("/orgs/acme").await.expect(200);
    let seen = sections(&page);
    assert!(!seen.contains(&"Audit log".to_owned()) && seen.contains(&"Members".to_owned()));
}

#[tokio::test]
async fn the_log_of_one_organization_holds_nothing_of_another() {
    let (app, olga, _) = acme().await;
    let sid = app.founder("Sid Stranger", "Elsewhere").await;
    let page = sid.get("/orgs/elsewhere/audit").await.expect(200);
    assert_eq!(told(&page), ["created the organization Elsewhere"]);
    let page = sid.get("/orgs/elsewhere/audit?who=olga").await.expect(200);
    assert_eq!(page.count("tbody tr"), 0);
    let id = app.membership_id(&olga, "acme", "Vera Viewer").await;
    let page = sid.get(&format!("/orgs/elsewhere/audit?object={id}")).await.expect(200);
    assert_eq!(page.count("tbody tr"), 0);
}

#[tokio::test]
async fn the_log_is_filtered_by_person_action_thing_and_day() {
    let (app, olga, vera) = acme().await;
    app.advance(Duration::days(2));
    let olga = {
        olga.get("/orgs/acme").await;
        app.sign_in("Olga Owner").await
    };
    vera.get("/orgs/acme/audit").await;
    olga.post("/orgs/acme/settings", &[("name", "Acme Ltd"), ("slug", "acme")]).await.expect(303);
    let found = |query: &'static str| {
        let olga = olga.clone();
        async move { told(&olga.get(&format!("/orgs/acme/audit?{query}")).await.expect(200)) }
    };
    assert_eq!(found("action=invitation.sent").await, ["invited vera.viewer@example.test"]);
    assert_eq!(
        found("kind=organization").await,
        ["changed the settings of Acme Ltd", "created the organization Acme"]
    );
    // By the actor and by the person concerned; by name and by address.
    assert_eq!(found("who=VERA").await, ["accepted the invitation for vera.viewer@example.test"]);
    assert_eq!(found("who=olga.owner%40").await.len(), 3);
    assert_eq!(found("who=%25").await.len(), 0);
    assert_eq!(found("who=olga&action=invitation.sent&kind=invitation").await.len(), 1);
    // The clock was at 21 September 2026, and is two days later now.
    assert_eq!(found("to=2026-09-21").await.len(), 3);
    assert_eq!(found("from=2026-09-22").await, ["changed the settings of Acme Ltd"]);
    assert_eq!(found("from=2026-09-23&to=2026-09-23").await.len(), 1);
    assert_eq!(found("from=2026-09-22&to=2026-09-22").await.len(), 0);
    let page =
        olga.get("/orgs/acme/audit?from=2026-09-22&who=olga&action=organization.changed").await;
    assert_eq!(page.attribute("input[name=from]", "value"), "2026-09-22");
    assert_eq!(page.attribute("input[name=who]", "value"), "olga");
    assert_eq!(
        page.attribute("select[name=action] option[selected]", "value"),
        "organization.changed"
    );

    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-09-22&to=2026-09-21", "to"),
        ("object=no", "object"),
    ] {
        let page = olga.get(&format!("/orgs/acme/audit?{query}")).await.expect(422);
        assert_eq!(page.count(&format!("#{field}-error")), 1, "{query}");
        let part = olga.htmx_get(&format!("/orgs/acme/audit?{query}")).await.expect(422);
        assert_eq!(part.count(&format!("#{field}-error")), 1, "{query}");
    }
    let page = olga.get("/orgs/acme/audit?from=yesterday").await.expect(422);
    assert_eq!(page.attribute("#filters", "hx-status:422"), "swap:outerHTML", "htmx shows it, too");
    assert_eq!(page.attribute("input[name=from]", "value"), "yesterday");
    app.work().await;
}

#[tokio::test]
async fn pages_of_the_log_follow_each_other_and_cost_the_same_however_long_it_is() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.trust("Ada Lovelace").await;
    let (few, _) = app.statements(ada.get("/orgs/acme/audit?who=ada")).await;
    assert!(few <= 4, "{few} statements");
    for batch in 0..2 {
        let addresses: Vec<String> =
            (0..60).map(|n| format!("guest{:03}@example.test", batch * 60 + n)).collect();
        let fields = [("email", addresses.join("\n")), ("role", "viewer".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    }
    for query in ["", "?action=invitation.sent", "?who=ada", "?kind=invitation"] {
        let (many, _) = app.statements(ada.get(&format!("/orgs/acme/audit{query}"))).await;
        assert_eq!(few, many, "{query}");
    }
    let mut path = "/orgs/acme/audit?who=ada".to_owned();
    let (mut seen, mut texts) = (Vec::new(), Vec::new());
    loop {
        let page = ada.get(&path).await.expect(200);
        seen.extend(page.attributes("tbody tr", "id"));
        texts.push(page.text(".pager-text"));
        match page.attribute("a[rel=next]", "href") {
            next if next.is_empty() => break,
            next => path = next,
        }
    }
    assert_eq!(texts, ["Entries 121–72", "Entries 71–22", "Entries 21–1"]);
    let all: Vec<String> = (1..=121).rev().map(|number| format!("entry-{number}")).collect();
    assert_eq!(seen, all);
    let last = ada.get(&path).await;
    let newer = last.attribute("a[rel=prev]", "href");
    assert!(newer.contains("who=ada"), "{newer}");
    assert_eq!(ada.get(&newer).await.expect(200).attributes("tbody tr", "id"), all[50..100]);
    ada.get("/orgs/acme/audit?after=nonsense").await.expect(400);
    app.work().await;
}

#[tokio::test]
async fn every_way_through_the_log_is_along_an_index_of_the_organization() {
    let app = TestApp::spawn().await;
    if app.database.is_postgres() {
        return;
    }
    let options: SqliteConnectOptions = app.database.url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    let mut walked = 0;
    for statement in statement::all().filter(|one| one.file == "src/core/audit/sql.rs") {
        let plan = format!("explain query plan {}", statement.sqlite);
        let steps = sqlx::query(AssertSqlSafe(plan)).fetch_all(&mut connection).await.unwrap();
        for step in steps {
            let step: String = step.get("detail");
            let is_table = [" l", " d", " u", " audit_log"]
                .iter()
                .any(|name| step.ends_with(name) || step.contains(&format!("{name} USING")));
            if is_table {
                let is_led = step.contains("(organization_id=?") || step.contains("(id=?)");
                assert!(step.starts_with("SEARCH") && is_led, "{step}");
                walked += 1;
            }
            assert!(!step.contains("ORDER BY"), "sorted by hand: {step}");
        }
    }
    assert!(walked >= 6 * 7, "{walked} steps");
}

/// The exported file in `format`, with its headers.
async fn export(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    browser.post("/orgs/acme/audit/export", fields).await.expect(200)
}

#[tokio::test]
async fn the_export_holds_what_is_found_and_is_itself_recorded_first() {
    let (app, olga, _) = acme().await;
    let csv = export(&olga, &[("format", "csv")]).await;
    assert_eq!(csv.header("content-type"), "text/csv; header=present; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"acme-audit-2026-09-21.csv\""
    );
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    let cell = |row: usize, name: &str| {
        rows[row][heads.iter().position(|head| head == name).unwrap()].to_owned()
    };
    assert_eq!(cell(0, "action"), "audit.exported");
    assert_eq!(cell(0, "after"), r#"{"filters":{},"format":"csv"}"#);
    assert_eq!(cell(0, "sequence"), "4");
    assert_eq!(cell(3, "actor_email"), "olga.owner@example.test");
    assert_eq!(cell(3, "object_name"), "Acme");
    assert_eq!(cell(3, "hash").len(), 64);
    assert!(cell(3, "at").starts_with("2026-09-21T") && cell(3, "at").ends_with('Z'));

    let filters = [("format", "jsonl"), ("action", "invitation.sent"), ("who", "olga")];
    let jsonl = export(&olga, &filters).await;
    let lines: Vec<serde_json::Value> =
        jsonl.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["object_name"], "vera.viewer@example.test");
    assert_eq!(lines[0]["actor_kind"], "member");
    assert_eq!(lines[0]["sequence"], 2);
    let page = olga.get("/orgs/acme/audit?action=audit.exported").await.expect(200);
    assert_eq!(told(&page), ["exported the audit log", "exported the audit log"]);
    let row = page.text("tbody tr");
    assert!(row.contains("Format jsonl") && row.contains("Action invitation.sent"), "{row}");
    // The form contains the page's filters.
    assert_eq!(page.attribute("form[action$=export] [name=action]", "value"), "audit.exported");

    for fields in [vec![("format", "xlsx")], vec![], vec![("format", "csv"), ("from", "yesterday")]]
    {
        olga.post("/orgs/acme/audit/export", &fields).await.expect(422);
    }
    let page = olga.get("/orgs/acme/audit?action=audit.exported").await.expect(200);
    assert_eq!(page.count("tbody tr"), 2, "what was refused is not an export");
    app.work().await;
}

#[tokio::test]
async fn asvs_1_2_10_an_export_has_no_formulas_in_it() {
    let (app, olga, _) = acme().await;
    let name = "=HYPERLINK(\"#A1\";\"Acme\")";
    let request = olga
        .request("POST", "/orgs/acme/settings")
        .header("user-agent", "@SUM(1+1)")
        .form(&[("name", name), ("slug", "acme")]);
    olga.send(request).await.expect(303);
    let csv = export(&olga, &[("format", "csv")]).await;
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let cells: Vec<String> = reader
        .records()
        .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.contains(&format!("'{name}")), "{cells:?}");
    assert!(cells.contains(&"'@SUM(1+1)".to_owned()), "{cells:?}");
    assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    app.work().await;
}

#[tokio::test]
async fn an_export_of_many_entries_has_each_of_them_once() {
    let (app, olga, _) = acme().await;
    app.unguard_log().await;
    let acme = "(select id from organizations where slug = 'acme')";
    let many = format!(
        "with recursive n (x) as (select 4 union all select x + 1 from n where x < 2500)
         insert into audit_log (organization_id, sequence, at, actor_kind, action, object_kind,
            details_hash, hash)
         select l.organization_id, x, l.at, 'system', 'later.word', 'later', l.hash, l.hash
         from audit_log l, n where l.organization_id = {acme} and l.sequence = 1"
    );
    app.database.execute(&many).await.unwrap();
    let end = format!("update audit_chains set sequence = 2500 where organization_id = {acme}");
    app.database.execute(&end).await.unwrap();
    let jsonl = export(&olga, &[("format", "jsonl")]).await;
    let sequences: Vec<i64> = jsonl
        .body
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["sequence"].as_i64())
        .map(Option::unwrap)
        .collect();
    assert!(sequences.iter().copied().eq((1..=2501).rev()), "{} entries", sequences.len());
    // Entries of a newer version, and erased ones, can still be viewed.
    let page = olga.get("/orgs/acme/audit?action=later.word").await.expect(200);
    assert_eq!(page.count("tbody tr"), 50);
    assert!(page.text("tbody tr").contains("details erased"), "{}", page.text("tbody tr"));
    let email = email_of("Olga Owner");
    assert!(jsonl.body.contains(&email));
    app.work().await;
}
