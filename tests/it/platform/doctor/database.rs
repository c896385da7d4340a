//! The database as a whole: away, of another version, closed to writes.

use super::Installation;

#[tokio::test]
async fn a_database_that_is_not_there_fails_and_is_not_made() {
    let here = Installation::new().await;
    let said = here.run("doctor", &[("TENANTRY_DATABASE_URL", "sqlite:data/none.db")]).await;
    said.fails_with("database: There is no file data/none.db.", "tenantry migrate");
    assert!(!here.folder.path().join("data/none.db").exists());
    let url = [("TENANTRY_DATABASE_URL", "postgres://u:secret@127.0.0.1:1/d")];
    let said = here.run("doctor", &url).await;
    said.fails_with(
        "database: It cannot be reached: the database d at 127.0.0.1:1: Connection \
         refused",
        "TENANTRY_DATABASE_URL",
    );
    assert!(!said.out.contains("secret@"), "{}", said.out);
    here.database.remove().await;
}

#[tokio::test]
async fn a_pending_migration_fails_and_postgresql_is_not_served_from() {
    let here = Installation::new().await;
    here.execute(
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    here.doctor()
        .await
        .fails_with("migrations: The database is not up to date", "tenantry migrate");
    if here.database.is_postgres() {
        let said = here.run("serve", &[]).await;
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains("not up to date"), "{}", said.err);
        assert!(
            said.err.contains("Run `tenantry migrate` with the URL of its owner"),
            "{}",
            said.err
        );
    }
    here.database.remove().await;
}

#[tokio::test]
async fn a_database_from_a_newer_version_is_called_so_and_left_alone() {
    let here = Installation::new().await;
    here.execute(
        "insert into _sqlx_migrations
            (version, description, success, checksum, execution_time)
         select 9001, 'of tomorrow', success, checksum, 0 from _sqlx_migrations where version = 1",
    )
    .await;
    let words = "is newer than this program";
    let said = here.doctor().await;
    said.fails_with(words, "Run the version of Tenantry that migrated it");
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    for (command, variables) in [("serve", &[][..]), ("migrate", &owner), ("audit", &[])] {
        let said = match command {
            "audit" => here.run_all(&["audit", "verify"], variables).await,
            command => here.run(command, variables).await,
        };
        assert_eq!(said.code, Some(1), "{command}: {}", said.err);
        assert!(said.err.contains(words) && said.err.contains("9001"), "{command}: {}", said.err);
        assert!(!said.err.contains("tenantry migrate"), "{command}: {}", said.err);
    }
    here.database.remove().await;
}

#[tokio::test]
async fn a_database_that_takes_no_writes_fails() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        let name = url::Url::parse(&here.database.url).unwrap().path()[1..].to_owned();
        here.execute(&format!("alter database {name} set default_transaction_read_only = on"))
            .await;
        let said = here.doctor().await;
        said.fails_with("writing: Transactions are read-only here", "alter database");
    }
    here.database.remove().await;
}
