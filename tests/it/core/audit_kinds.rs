//! Kinds of objects in the audit log: each is a filter that finds what it names.

use std::collections::BTreeMap;

use tenantry::core::operators::{self, OperatorCommand};
use tenantry::platform::audit::chain::Subject;
use tenantry::platform::audit::{ObjectKind, upkeep};
use tenantry::platform::clock::Timestamp;

use crate::support::world::{World, place, send};
use crate::support::{Answer, Browser, email_of};

/// Two organizations, in one of which everything has happened that is recorded.
async fn eventful_world() -> World {
    let world = World::new().await;
    let World { app, acme, globex } = &world;
    acme.member.get("/orgs/acme/audit").await.expect(403);
    let mut calls = world.calls(acme);
    calls.retain(|call| call.method == "POST");
    calls.sort_by_key(|call| place(call.route));
    for one in &calls {
        send(&acme.owner, one, false).await;
    }
    let grant = OperatorCommand::Grant { email: email_of("Globex Admin") };
    operators::run(&app.app, &grant).await.unwrap();
    visit(&globex.admin).await;
    app.work().await;
    let id = "select replace(lower({id}), '-', '') from {from}";
    let id = if app.database.is_postgres() {
        id.replace("{id}", "id::text")
    } else {
        id.replace("{id}", "hex(id)")
    };
    let one = async |from: &str| app.database.texts(&id.replace("{from}", from)).await.remove(0);
    let organization = one("organizations where slug = 'acme'").await.parse().unwrap();
    let viewer = one("users where email = 'acme.viewer@example.test'").await.parse().unwrap();
    let somebody = "somebody.else@example.test".parse().unwrap();
    let until = Timestamp::from_micros(4_000_000_000_000_000);
    let since = Timestamp::from_micros(0);
    for subject in [
        Subject { person: Some(viewer), emails: Vec::new(), since, until },
        Subject { person: None, emails: vec![somebody], since, until },
    ] {
        let erased = upkeep::erase(&app.app, organization, &subject).await.unwrap();
        assert!(erased > 0, "{subject:?}");
    }
    world
}

async fn visit(operator: &Browser) {
    let page = operator.get("/operator/organizations?q=acme").await.expect(200);
    let id = page.attribute("tbody tr", "id").replace("organization-", "");
    let fields = [("reason", "Ticket 42: nothing is found"), ("minutes", "15")];
    operator.post(&format!("/operator/organizations/{id}/enter"), &fields).await.expect(303);
    let fields = [("reason", "Ticket 43: nothing is found"), ("minutes", "15")];
    operator.post(&format!("/operator/organizations/{id}/enter"), &fields).await.expect(303);
}

/// The numbers of the entries that a filter finds, over all pages.
async fn found(owner: &Browser, query: &str) -> Vec<String> {
    let mut path = format!("/orgs/acme/audit?{query}");
    let mut entries = Vec::new();
    loop {
        let page: Answer = owner.get(&path).await.expect(200);
        entries.extend(page.attributes("tbody tr", "id"));
        path = page.attribute("a[rel=next]", "href");
        if path.is_empty() {
            return entries;
        }
    }
}

#[tokio::test]
async fn every_kind_of_thing_in_the_log_is_a_filter_that_finds_it() {
    let world = eventful_world().await;
    let owner = &world.acme.owner;
    let options =
        owner.get("/orgs/acme/audit").await.attributes("select[name=kind] option", "value");
    let mut by_kind = BTreeMap::new();
    for kind in ObjectKind::all() {
        let word = kind.word().to_owned();
        assert_eq!(options.contains(&word), kind.label().is_some(), "{word}");
        if kind.label().is_some() {
            let entries = found(owner, &format!("kind={word}")).await;
            assert!(!entries.is_empty(), "the filter {word} finds nothing");
            by_kind.insert(word, entries);
        }
    }
    // Every entry is found by exactly one of them.
    let mut all = found(owner, "").await;
    let mut each: Vec<String> = by_kind.values().flatten().cloned().collect();
    all.sort();
    each.sort();
    assert_eq!(each, all);
    // An action's word names the same kind: `project_member.added` is about a member of a project.
    let page = owner.get("/orgs/acme/audit?kind=project_member").await;
    let told = page.texts("tbody .entry-what");
    assert!(told.iter().any(|words| words.starts_with("added ")), "{told:?}");
    let page = owner.get("/orgs/acme/audit?kind=operator_visit").await;
    let told = page.texts("tbody .entry-what");
    assert_eq!(
        told,
        [
            "entered Renamed as an operator",
            "left Renamed as an operator",
            "entered Renamed as an operator",
        ]
    );
}

#[tokio::test]
async fn entries_that_an_earlier_version_wrote_are_found_by_the_same_filters() {
    let world = eventful_world().await;
    let owner = &world.acme.owner;
    let kinds = ["project_member", "operator_visit", "member", "organization"];
    let mut before = Vec::new();
    for kind in kinds {
        before.push(found(owner, &format!("kind={kind}")).await);
    }
    world.app.unguard_log().await;
    for (now, then) in [("project_member", "member"), ("operator_visit", "organization")] {
        let rewrite =
            format!("update audit_log set object_kind = '{then}' where object_kind = '{now}'");
        assert!(world.app.database.execute(&rewrite).await.unwrap() > 0);
    }
    for (kind, before) in kinds.iter().zip(before) {
        assert_eq!(found(owner, &format!("kind={kind}")).await, before, "{kind}");
    }
}
