//! What may stand in a field, and what the application puts into one that was left empty.

use futures_util::future::join_all;

use crate::support::TestApp;
use crate::support::world::World;

#[tokio::test]
async fn a_limit_in_characters_is_one_whatever_the_characters_are() {
    let world = World::new().await;
    let (owner, house) = (&world.acme.owner, &world.acme);
    let (project, task) = (house.id("projects", ""), house.id("tasks", ""));
    let path = format!("/orgs/acme/projects/{project}");
    for letter in ["日", "𐍈", "&"] {
        let text = |characters: usize| letter.repeat(characters);
        let body = text(8000);
        owner.post(&format!("{path}/comments"), &[("body", &body)]).await.expect(303);
        let on_task = format!("{path}/tasks/{task}/comments");
        owner.post(&on_task, &[("body", &body)]).await.expect(303);
        owner.post(&on_task, &[("body", &text(8001))]).await.expect(422);
        let name = format!("Client {letter}");
        let notes = text(4000);
        let fields = [("name", name.as_str()), ("notes", &notes)];
        owner.post("/orgs/acme/clients", &fields).await.expect(303);
        let fields = [("name", name.as_str()), ("description", &body)];
        owner.post("/orgs/acme/projects", &fields).await.expect(303);
    }
}

#[tokio::test]
async fn a_code_that_nobody_typed_never_keeps_a_project_from_coming_back() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let start = async |fields: &[(&str, &str)]| {
        ada.post("/orgs/acme/projects", fields).await.expect(303).location().unwrap()
    };
    let first = start(&[("name", "Website")]).await;
    ada.post(&format!("{first}/delete"), &[]).await.expect(303);
    let second = start(&[("name", "Website")]).await;
    assert_ne!(first, second);
    ada.post(&format!("{first}/restore"), &[]).await.expect_redirect(&first);
    let codes = app.database.texts("select code from projects order by code").await;
    assert_eq!(codes, ["WEBS-1", "WEBS-2"]);
    assert!(ada.get(&first).await.body.contains("WEBS-2"));

    let typed = start(&[("name", "Shop"), ("code", "SHOP")]).await;
    ada.post(&format!("{typed}/delete"), &[]).await.expect(303);
    let other = start(&[("name", "Other shop"), ("code", "SHOP")]).await;
    let page = ada.post(&format!("{typed}/restore"), &[]).await.expect(409);
    let list = ada.get(&page.attribute(".row a.btn-primary", "href")).await.expect(200);
    assert!(list.body.contains("Other shop"), "{}", list.body);
    let edit = ada.get(&format!("{other}/edit")).await;
    let version = edit.attribute("input[name=version]", "value");
    let fields = [("name", "Other shop"), ("code", "SHOP2"), ("version", version.as_str())];
    ada.post(&format!("{other}/edit"), &fields).await.expect(303);
    ada.post(&format!("{typed}/restore"), &[]).await.expect_redirect(&typed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn projects_of_one_name_that_start_at_once_all_get_a_code() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.token().await;
    let start = || ada.post("/orgs/acme/projects", &[("name", "Website")]);
    for answer in join_all((0..4).map(|_| start())).await {
        answer.expect(303);
    }
}
