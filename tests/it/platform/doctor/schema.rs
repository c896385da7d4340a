//! What holds rows in their place: keys on either engine; triggers and the file of SQLite.

use std::path::Path;

use super::Installation;
use crate::support::set_mode;

#[tokio::test]
async fn a_foreign_key_without_the_organization_fails() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        here.execute(
            "create unique index loose on projects (id);
             alter table tasks drop constraint tasks_organization_id_project_id_fkey;
             alter table tasks add constraint loose foreign key (project_id) references projects (id)",
        )
        .await;
        let said = here.doctor().await;
        said.fails_with("composite keys: The foreign key loose of tasks", "drop constraint loose");
        here.mends("drop constraint loose").await;
    } else {
        here.execute(
            "create unique index loose on clients (id);
             pragma writable_schema = on;
             update sqlite_schema set sql = replace(sql,
                'foreign key (organization_id, client_id) references clients (organization_id, id)',
                'foreign key (client_id) references clients (id)')
             where name = 'projects' and type = 'table';",
        )
        .await;
        let said = here.doctor().await;
        said.fails_with(
            "composite keys: The foreign key (client_id) of projects",
            "references clients (organization_id, …)",
        );
    }
    here.database.remove().await;
}

#[tokio::test]
async fn sqlite_rows_that_could_move_and_a_file_for_everybody_fail() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        return here.database.remove().await;
    }
    here.execute("drop trigger projects_stay").await;
    let said = here.doctor().await;
    said.fails_with("immovable rows: The trigger projects_stay", "create trigger projects_stay");
    let mend = said.out.lines().find(|line| line.contains("create trigger")).unwrap().trim();
    here.execute(mend).await;
    assert_eq!(here.doctor().await.code, Some(0), "what it says mends it");

    let path = Path::new(here.database.url.strip_prefix("sqlite:").unwrap());
    set_mode(path, 0o644);
    set_mode(path.parent().unwrap(), 0o755);
    here.doctor().await.fails_with("database file: Everyone", "chmod o= ");
    set_mode(path.parent().unwrap(), 0o700);

    here.execute(
        "insert into users (id, name, name_key, email, password_hash, created_at)
         values (zeroblob(16), 'x', 'x', 'x', '', 0);
         insert into sign_ins (id, user_id, session_hash, created_at, last_seen_at, expires_at,
                               kept, address, user_agent)
         values (zeroblob(16), zeroblob(16), x'00', 0, 9000000000000000, 0, false, '', '')",
    )
    .await;
    let said = here.doctor().await;
    assert!(said.lines("warn").iter().any(|line| line.contains("in the future")), "{}", said.out);

    here.execute(
        "pragma foreign_keys = off;
         insert into organization_slugs (slug, organization_id, created_at)
         values ('lost', x'00000000000000000000000000000001', 0)",
    )
    .await;
    here.doctor()
        .await
        .fails_with("foreign keys: 1 rows of organization_slugs", "foreign_key_check");
    here.database.remove().await;
}
