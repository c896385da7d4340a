//! The life cycle of an item: edited, archived, deleted and restored, by the same rules everywhere.

use time::Duration;

use super::plain::nouns;
use crate::support::TestApp;
use crate::support::world::House;

#[tokio::test]
async fn whatever_is_done_to_a_thing_changes_its_version_and_when_it_was_changed() {
    let app = TestApp::spawn().await;
    let house = House::build(&app, "Acme", "acme").await;
    let project = format!("/orgs/acme/projects/{}", house.id("projects", ""));
    let task = format!("{project}/tasks/{}", house.id("tasks", ""));
    let plain = nouns(&app, &house);
    let plain = plain.iter().map(|noun| (noun.table(), noun.row.clone()));
    for (table, path) in [("tasks", task), ("projects", project)].into_iter().chain(plain) {
        let version = format!("select version from {table}");
        let changed = format!("select cast(updated_at as text) from {table}");
        for act in ["archive", "unarchive", "delete", "restore"] {
            let before = (app.database.number(&version).await, app.database.texts(&changed).await);
            app.advance(Duration::minutes(1));
            house.owner.post(&format!("{path}/{act}"), &[]).await.expect(303);
            let after = (app.database.number(&version).await, app.database.texts(&changed).await);
            assert_eq!(after.0, before.0 + 1, "{table} {act}");
            assert_ne!(after.1, before.1, "{table} {act}");
            // If it is already in that state, nothing is changed.
            app.advance(Duration::minutes(1));
            house.owner.post(&format!("{path}/{act}"), &[]).await;
            let again = (app.database.number(&version).await, app.database.texts(&changed).await);
            assert_eq!(again, after, "{table} {act} twice");
        }
    }
    // A form that was loaded before is refused, because its version is outdated.
    let version = "select version from comments";
    let comment = format!(
        "/orgs/acme/projects/{}/comments/{}",
        house.id("projects", ""),
        house.id("comments", "")
    );
    let before = app.database.number(version).await;
    house.owner.post(&format!("{comment}/delete"), &[]).await.expect(303);
    house.owner.post(&format!("{comment}/restore"), &[]).await.expect(303);
    assert_eq!(app.database.number(version).await, before + 2);
    app.work().await;
}
