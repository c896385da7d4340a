//! Plain nouns: every one of them is created, changed, archived, deleted and restored by the same
//! rules, whatever feature it belongs to.

use crate::support::world::{House, fields_of};
use crate::support::{Answer, Browser, TestApp};
use tenantry::router;

/// A plain noun, by its routes.
pub(super) struct Noun {
    /// The path of its list, inside Acme or its project.
    list: String,
    /// What its form sends for a new row.
    new: Vec<(&'static str, String)>,
    /// What its form sends for the row that the house has, with its first version.
    changed: Vec<(&'static str, String)>,
    /// The path of that row.
    pub(super) row: String,
}

/// All plain nouns: those whose rows are archived right below the page of their list, which is in
/// the organization or in a project.
pub(super) fn nouns(app: &TestApp, house: &House) -> Vec<Noun> {
    let routes = router::routes(&app.app);
    let lists = routes.iter().filter_map(|route| route.path.strip_suffix("/{id}/archive"));
    let is_page = |path: &str| routes.iter().any(|one| one.method == "GET" && one.path == path);
    let lists = lists.filter(|list| is_page(list));
    lists
        .map(|list| {
            let form = |path: String| {
                let fields = fields_of(&path).expect("a form");
                fields.iter().map(|(name, value)| (*name, house.filled_in(value))).collect()
            };
            let noun = list.rsplit('/').next().unwrap();
            let (new, changed) = (form(list.to_owned()), form(format!("{list}/{{id}}/edit")));
            let project = house.id("projects", list);
            let list = list.replace("{slug}", &house.slug).replace("{project}", &project);
            let row = format!("{list}/{}", house.id(noun, &list));
            Noun { list, new, changed, row }
        })
        .collect()
}

impl Noun {
    /// Its table.
    pub(super) fn table(&self) -> &str {
        self.list.rsplit('/').next().unwrap()
    }

    /// Whether the row stands in the list with this query.
    async fn is_listed(&self, by: &Browser, query: &str) -> bool {
        let page = by.get(&format!("{}{query}", self.list)).await.expect(200);
        let (_, id) = self.row.rsplit_once('/').unwrap();
        page.count(&format!("tbody tr[id$='{id}']")) == 1
    }

    async fn step(&self, by: &Browser, step: &str) -> Answer {
        by.post(&format!("{}/{step}", self.row), &[]).await
    }
}

/// Acme, and the plain nouns.
async fn acme() -> (TestApp, House, Vec<Noun>) {
    let app = TestApp::spawn().await;
    let house = House::build(&app, "Acme", "acme").await;
    let nouns = nouns(&app, &house);
    assert!(!nouns.is_empty());
    (app, house, nouns)
}

fn borrowed<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'static str, &'f str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn of_two_who_edit_at_once_the_second_is_told_and_keeps_what_was_typed() {
    let (_app, house, nouns) = acme().await;
    for noun in &nouns {
        let edit = format!("{}/edit", noun.row);
        let mut fields = borrowed(&noun.changed);
        house.owner.post(&edit, &fields).await.expect(303);
        fields.retain(|(name, _)| *name != "name");
        fields.push(("name", "Typed for an hour"));
        let page = house.admin.post(&edit, &fields).await.expect(409);
        assert!(page.text(".notice").contains("Changed in the meantime"), "{}", noun.list);
        let saved = noun.changed.iter().find(|(name, _)| *name == "name").unwrap();
        assert!(page.text(".facts").contains(&saved.1), "{}", noun.list);
        assert_eq!(page.attribute("input[name=name]", "value"), "Typed for an hour");
        // Sent again, it replaces what the other person saved.
        let version = page.attribute("input[name=version]", "value");
        fields.retain(|(name, _)| *name != "version");
        fields.push(("version", &version));
        house.admin.post(&edit, &fields).await.expect(303);
        let form = house.owner.get(&edit).await.expect(200);
        assert_eq!(form.attribute("input[name=name]", "value"), "Typed for an hour");
    }
}

#[tokio::test]
async fn a_form_that_is_saved_as_it_was_opened_changes_nothing() {
    let (app, house, nouns) = acme().await;
    for noun in &nouns {
        let edit = format!("{}/edit", noun.row);
        house.owner.post(&edit, &borrowed(&noun.changed)).await.expect(303);
        let tables = [noun.table(), "audit_log"];
        let before = app.dump_tables(&tables).await;
        let mut fields = borrowed(&noun.changed);
        fields.retain(|(name, _)| *name != "version");
        fields.push(("version", "2"));
        house.admin.post(&edit, &fields).await.expect(303);
        assert_eq!(before, app.dump_tables(&tables).await, "{}", noun.list);
    }
}

#[tokio::test]
async fn a_name_is_one_rows_alone_and_free_while_that_row_is_deleted() {
    let (_app, house, nouns) = acme().await;
    for noun in &nouns {
        let mut fields = borrowed(&noun.new);
        house.owner.post(&noun.list, &fields).await.expect(303);
        let name = fields.iter().find(|(name, _)| *name == "name").unwrap().1.to_uppercase();
        fields.retain(|(name, _)| *name != "name");
        fields.push(("name", &name));
        let page = house.owner.post(&noun.list, &fields).await.expect(422);
        assert!(page.text("#name-error").starts_with("Another "), "{}", page.body);
        assert_eq!(page.attribute("input[name=name]", "value"), name);
        // The row of the house is deleted, and another takes its name meanwhile.
        let form = house.owner.get(&format!("{}/edit", noun.row)).await.expect(200);
        let name = form.attribute("input[name=name]", "value");
        noun.step(&house.owner, "delete").await.expect(303);
        fields.retain(|(name, _)| *name != "name");
        fields.push(("name", &name));
        let answer = house.owner.post(&noun.list, &fields).await.expect(303);
        noun.step(&house.owner, "restore").await.expect(409);
        let other = answer.location().unwrap();
        house.owner.post(&format!("{other}/delete"), &[]).await.expect(303);
        noun.step(&house.owner, "restore").await.expect(303);
        let page = house.owner.post(&noun.list, &[("name", "")]).await.expect(422);
        assert!(page.text("#name-error").starts_with("Enter the "), "{}", page.body);
    }
}

#[tokio::test]
async fn archiving_and_deleting_show_in_the_list_are_undone_and_are_recorded_once() {
    let (app, house, nouns) = acme().await;
    for noun in &nouns {
        let owner = &house.owner;
        let before = app.database.number("select max(sequence) from audit_log").await;
        for (step, listed_in) in [
            ("archive", "?state=archived"),
            ("unarchive", ""),
            ("delete", "?state=deleted"),
            ("restore", ""),
        ] {
            let page = owner.submit(&format!("{}/{step}", noun.row), &[]).await.expect(200);
            let undo = page.attributes(".toast form", "action");
            assert_eq!(undo.len(), usize::from(!listed_in.is_empty()), "{step}: {undo:?}");
            for query in ["", "?state=archived", "?state=deleted"] {
                let is_listed = noun.is_listed(owner, query).await;
                assert_eq!(is_listed, query == listed_in, "{} {step} {query}", noun.list);
            }
            assert_eq!(
                noun.is_listed(owner, "?state=all").await,
                step != "delete",
                "{} {step}",
                noun.list
            );
            if step == "delete" {
                owner.get(&format!("{}/edit", noun.row)).await.expect(404);
                noun.step(owner, "archive").await.expect(404);
            }
            // Once more, it changes nothing.
            noun.step(owner, step).await.expect(303);
        }
        let told =
            format!("select action from audit_log where sequence > {before} order by sequence");
        let told = app.database.texts(&told).await;
        let words: Vec<&str> =
            told.iter().filter_map(|action| Some(action.split_once('.')?.1)).collect();
        assert_eq!(words, ["archived", "unarchived", "deleted", "restored"], "{told:?}");
    }
}

#[tokio::test]
async fn viewers_read_and_change_nothing() {
    let (app, house, nouns) = acme().await;
    let viewer = &house.viewer;
    for noun in &nouns {
        let table = noun.table();
        let before = app.dump_tables(&[table]).await;
        assert!(noun.is_listed(viewer, "").await);
        let page = viewer.get(&noun.list).await.expect(200);
        assert!(page.text(".page-actions").contains("doesn't allow"), "{}", noun.list);
        assert_eq!(page.count("tbody form, tbody a[href$='/edit']"), 0, "{}", noun.list);
        viewer.post(&noun.list, &borrowed(&noun.new)).await.expect(403);
        viewer.get(&format!("{}/edit", noun.row)).await.expect(403);
        for step in ["edit", "archive", "unarchive", "delete", "restore"] {
            let fields = if step == "edit" { borrowed(&noun.changed) } else { Vec::new() };
            viewer.post(&format!("{}/{step}", noun.row), &fields).await.expect(403);
        }
        assert_eq!(before, app.dump_tables(&[table]).await);
    }
}
