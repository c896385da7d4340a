//! The search over everything: what is found by which words, in which order, and by whom.

use super::{Acme, add_task, start};
use crate::support::{Answer, Browser};

const SEARCH: &str = "/orgs/acme/search";

/// Searches, and gives the names of what was found with its kind: `Task: Paint`.
async fn found(browser: &Browser, query: &str) -> Vec<String> {
    results(&browser.get(&format!("{SEARCH}?q={query}")).await.expect(200))
}

fn results(page: &Answer) -> Vec<String> {
    let names = page.texts(".found-name");
    let kinds = page.texts(".found > span");
    names.into_iter().zip(kinds).map(|(name, kind)| format!("{kind}: {name}")).collect()
}

async fn comment(browser: &Browser, page: &str, body: &str) -> String {
    let answer = browser.post(&format!("{page}/comments"), &[("body", body)]).await.expect(303);
    answer.location().unwrap().split_once("#comment-").unwrap().1.to_owned()
}

#[tokio::test]
async fn everything_is_found_by_the_beginnings_of_its_words() {
    let acme = Acme::new().await;
    let client =
        [("name", "Zoë’s Café"), ("phone", "+49 30 1234"), ("notes", "Likes **espresso**")];
    acme.owner.post("/orgs/acme/clients", &client).await.expect(303);
    let fields = [("name", "Roof renewal"), ("code", "RR-26"), ("description", "Slate from Wales")];
    let project = start(&acme.mia, &fields).await;
    let task = add_task(&acme.mia, &project, "Order the slate").await;
    let written = comment(&acme.max, &task, "The *Schiefer* comes on Monday").await;
    for (query, expected) in [
        ("cafe", "Client: Zoë’s Café"),
        ("ZOE+ESPRE", "Client: Zoë’s Café"),
        ("1234", "Client: Zoë’s Café"),
        ("rr-26", "Project: Roof renewal"),
        ("wales+slat", "Project: Roof renewal"),
        ("order", "Task · Roof renewal: Order the slate"),
        ("schief+mon", "Comment · Roof renewal: Order the slate"),
        ("max+mem", "Member: Max Member"),
        ("max.member@", "Member: Max Member"),
    ] {
        assert_eq!(found(&acme.viewer, query).await, [expected], "{query}");
    }
    let zoe = acme.app.member(&acme.owner, "acme", "Z Ce", "member").await;
    zoe.submit("/account", &[("name", "Zoë Çelik-Straße")]).await.expect(200);
    for query in ["celik+zoe", "strasse", "ZO+celik.", "Çel"] {
        assert_eq!(
            found(&acme.viewer, query).await.last().unwrap(),
            "Member: Zoë Çelik-Straße",
            "{query}"
        );
    }
    // The name counts more than the text, a whole word more than its beginning.
    assert_eq!(
        found(&acme.viewer, "slate").await,
        ["Task · Roof renewal: Order the slate", "Project: Roof renewal"]
    );
    for nothing in ["", "x", "slate+espresso", "late", "%25", "_", "sl_te"] {
        assert_eq!(found(&acme.viewer, nothing).await, [] as [&str; 0], "{nothing}");
    }
    let page = acme.viewer.get(&format!("{SEARCH}?q=schiefer&kind=comment")).await.expect(200);
    assert_eq!(page.texts("mark"), ["Schiefer"]);
    assert_eq!(page.text(".found p"), "The Schiefer comes on Monday");
    let path = format!("{task}?comment={written}#comment-{written}");
    assert_eq!(page.attribute(".found-name", "href"), path);
    assert_eq!(results(&acme.viewer.get(&format!("{SEARCH}?q=slate&kind=task")).await).len(), 1);
    assert_eq!(results(&acme.viewer.get(&format!("{SEARCH}?q=slate&kind=client")).await).len(), 0);
    let part = acme.viewer.htmx_get(&format!("{SEARCH}?q=slate")).await.expect(200);
    assert!(part.body.trim_start().starts_with("<div id=\"list\""), "{}", part.body);
}

#[tokio::test]
async fn the_index_follows_every_change_in_its_own_transaction() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let id = comment(&acme.mia, &task, "Umbra").await;
    let own = format!("{}/comments/{id}", acme.project);
    for (path, fields, there, gone) in [
        (format!("{task}/edit"), vec![("title", "Varnish"), ("version", "1")], "varnish", "paint"),
        (format!("{task}/properties"), vec![("status", "done")], "varnish", "paint"),
        (format!("{own}/edit"), vec![("body", "Ochre"), ("version", "1")], "ochre", "umbra"),
    ] {
        acme.mia.post(&path, &fields).await.expect(303);
        assert_eq!(found(&acme.mia, there).await.len(), 1, "{path}");
        assert_eq!(found(&acme.mia, gone).await.len(), 0, "{path}");
    }
    // What was deleted is not found, nor is what belongs to it; restored, it is.
    for (thing, count) in [(&own, 1), (&task, 2), (&acme.project, 3)] {
        let all = async || {
            let counts = [found(&acme.owner, "varnish").await, found(&acme.owner, "ochre").await];
            counts.concat().len() + found(&acme.owner, "alpha").await.len()
        };
        assert_eq!(all().await, 3);
        let lead = if thing == &acme.project { &acme.owner } else { &acme.mia };
        lead.post(&format!("{thing}/delete"), &[]).await.expect(303);
        assert_eq!(all().await, 3 - count, "{thing}");
        lead.post(&format!("{thing}/restore"), &[]).await.expect(303);
        assert_eq!(all().await, 3);
    }
    // A change that fails leaves no words.
    acme.mia
        .post(&format!("{task}/edit"), &[("title", "Lime"), ("version", "1")])
        .await
        .expect(409);
    assert_eq!(found(&acme.mia, "lime").await.len(), 0);
}

#[tokio::test]
async fn a_restricted_project_is_only_found_by_those_who_see_it() {
    let acme = Acme::new().await;
    let fields = [("name", "Merger"), ("description", "Xylograph"), ("restricted", "yes")];
    let project = start(&acme.mia, &fields).await;
    let task = add_task(&acme.mia, &project, "Call Xylograph").await;
    comment(&acme.mia, &task, "Xylograph agrees").await;
    assert_eq!(found(&acme.mia, "xylograph").await.len(), 3);
    assert_eq!(found(&acme.owner, "xylograph").await.len(), 3);
    for path in [SEARCH.to_owned(), format!("{SEARCH}/menu")] {
        let with = acme.max.htmx_get(&format!("{path}?q=xylograph")).await.expect(200);
        let without = acme.max.htmx_get(&format!("{path}?q=xylographs")).await.expect(200);
        let neutral = |page: Answer| page.body.replace("xylographs", "xylograph");
        assert_eq!(neutral(with), neutral(without));
    }
    let max = acme.id_of("Max Member").await;
    let fields = [("email", crate::support::email_of("Max Member")), ("role", "reader".into())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    acme.mia.post(&format!("{project}/members"), &fields).await.expect(303);
    assert_eq!(found(&acme.max, "xylograph").await.len(), 3);
    acme.mia.post(&format!("{project}/members/{max}/remove"), &[]).await.expect(303);
    assert_eq!(found(&acme.max, "xylograph").await.len(), 0);
}

#[tokio::test]
async fn whatever_is_typed_is_only_looked_for() {
    let acme = Acme::new().await;
    add_task(&acme.mia, &acme.project, "don't a-b \"x NEAR( a:b * 100%").await;
    let long = "word ".repeat(400);
    for typed in [
        "don't",
        "a-b",
        "\"x",
        "*",
        "NEAR(",
        "AND",
        "a:b",
        "-",
        "'",
        "''--",
        "100%",
        "%_%",
        "\\",
        "{\"a\":1}",
        "\u{10FFFF}",
        "\u{301}",
        "東京",
        "👩‍💻",
        "\u{202E}",
        "(((",
        "a OR b",
        "<script>",
        long.as_str(),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        for page in [SEARCH.to_owned(), format!("{SEARCH}/menu")] {
            acme.mia.get(&format!("{page}?q={query}")).await.expect(200);
        }
    }
    assert_eq!(found(&acme.mia, "don't").await.len(), 1);
    assert_eq!(found(&acme.mia, "100").await.len(), 1);
}

#[tokio::test]
async fn words_go_with_what_was_removed_for_good() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    comment(&acme.mia, &task, "Umbra").await;
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    let words =
        async || acme.app.database.texts("select word from search_words order by word").await;
    assert_eq!(words().await, ["1", "alph", "alpha", "umbra"]);
    acme.app.advance(tenantry::platform::retention::RETENTION + time::Duration::seconds(1));
    tenantry::platform::retention::purge(&acme.app.app).await.unwrap();
    assert_eq!(words().await, ["1", "alph", "alpha"]);
}

#[tokio::test]
async fn the_menu_offers_what_the_role_can_do_and_where_it_can_go() {
    let acme = Acme::new().await;
    let links = async |browser: &Browser, query: &str| {
        let part = browser.htmx_get(&format!("{SEARCH}/menu?q={query}")).await.expect(200);
        part.texts("a.menu-item")
    };
    let all = links(&acme.owner, "").await;
    for link in ["New task", "New client", "Invite people", "Audit log", "Preferences"] {
        assert!(all.contains(&link.to_owned()), "{link}: {all:?}");
    }
    let viewers = links(&acme.viewer, "").await;
    assert!(viewers.contains(&"Tasks".to_owned()), "{viewers:?}");
    assert!(
        !viewers.iter().any(|link| link.starts_with("New") || link == "Audit log"),
        "{viewers:?}"
    );
    assert_eq!(links(&acme.owner, "new+cl").await, ["New client"]);
    let pages = ["Notification settings", "Settings", "Sessions", "Keyboard shortcuts"];
    assert_eq!(links(&acme.owner, "s").await, pages);
    assert_eq!(links(&acme.viewer, "alph").await, ["Alpha Project"]);
    for n in 0..9 {
        add_task(&acme.mia, &acme.project, &format!("Umbra {n}")).await;
    }
    // A page that is called like what was typed comes first, before what was found.
    add_task(&acme.mia, &acme.project, "Members of the jury").await;
    assert_eq!(links(&acme.owner, "memb").await[0], "Members");
    assert!(links(&acme.owner, "jury").await[0].starts_with("Members of the jury"));
    let many = acme.viewer.htmx_get(&format!("{SEARCH}/menu?q=umbra")).await.expect(200);
    assert_eq!(many.count("a.menu-item"), 9);
    assert_eq!(many.attributes("a.menu-item", "href")[8], format!("{SEARCH}?q=umbra"));
}
