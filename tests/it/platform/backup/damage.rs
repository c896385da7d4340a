//! A backup that was changed in any way is detected.

use std::path::Path;

use super::{done, execute, number, refused};
use crate::support::TestDatabase;
use crate::support::world::World;

/// Damages a copy of the backup with `sql` and returns what `verify` prints.
async fn damaged(folder: &Path, sql: &str) -> String {
    let copy = folder.join("damaged.backup");
    std::fs::copy(folder.join("a.backup"), &copy).unwrap();
    execute(&copy, sql).await;
    let said = refused(folder, &["backup", "verify", "damaged.backup"], "sqlite:nothing.db");
    let restored = refused(folder, &["restore", "damaged.backup"], "sqlite:new.db");
    assert!(restored.contains("Nothing was restored"), "{restored}");
    assert!(!folder.join("new.db").exists());
    said
}

#[tokio::test]
async fn a_row_that_is_missing_added_or_changed_is_found() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    done(here, &["backup", "a.backup"], &world.app.database.owner_url);

    let said = damaged(here, "delete from comment_mentions").await;
    assert!(said.contains("comment_mentions has 0 rows instead of 4"), "{said}");
    let said = damaged(here, "update clients set name = 'Somebody else'").await;
    assert!(said.contains("a row of clients was changed"), "{said}");
    let said = damaged(here, "update users set created_at = created_at + 1").await;
    assert!(said.contains("a row of users was changed"), "{said}");
    let said = damaged(here, "pragma foreign_keys = off; delete from projects").await;
    assert!(said.contains("rows of tasks refer to projects that are not there"), "{said}");
    let said = damaged(
        here,
        "drop trigger clients_stay;
         create trigger clients_stay before update of organization_id on clients
         begin select 1; end",
    )
    .await;
    assert!(said.contains("immovable rows: The trigger clients_stay is missing"), "{said}");
    let said = damaged(
        here,
        "drop trigger audit_log_is_added_to; update audit_log set action = 'member.removed'
         where sequence = 2",
    )
    .await;
    assert!(said.contains("a row of audit_log was changed"), "{said}");
    assert!(said.contains("the audit log of acme (Acme): entry 2 was changed"), "{said}");

    // If it is the only backup, it can still be restored.
    let despite = ["restore", "damaged.backup", "--despite-faults"];
    let said = done(here, &despite, "sqlite:despite.db");
    assert!(said.contains("Accepted: a row of audit_log was changed."), "{said}");
    assert!(number(&here.join("despite.db"), "select count(*) from clients").await >= 2);
}

#[tokio::test]
async fn a_file_that_is_cut_off_or_has_other_bytes_is_found_or_holds_the_same() {
    let database = TestDatabase::create().await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    done(here, &["backup", "a.backup"], &database.owner_url);
    let whole = std::fs::read(here.join("a.backup")).unwrap();
    let verify = || {
        let verify = ["backup", "verify", "b.backup"];
        super::run(here, &verify, "sqlite:nothing.db")
    };
    for length in [0, 10, 4096, whole.len() / 2, whole.len() - 4096] {
        std::fs::write(here.join("b.backup"), &whole[..length]).unwrap();
        let output = verify();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{length} of {}: {said}", whole.len());
        assert!(said.contains("damaged"), "{said}");
    }
    let said = refused(here, &["backup", "verify", "none.backup"], "sqlite:nothing.db");
    assert!(said.contains("none.backup: No such file"), "{said}");
    std::fs::write(here.join("b.backup"), "no database at all, but some text".repeat(99)).unwrap();
    assert_eq!(verify().status.code(), Some(1));
    database.remove().await;

    // Flips bytes of text that people have written.
    let world = World::new().await;
    done(here, &["backup", "c.backup"], &world.app.database.owner_url);
    let whole = std::fs::read(here.join("c.backup")).unwrap();
    for text in ["Globex client", "acme.owner@example.test", "client.created"] {
        let mut flipped = whole.clone();
        for at in 0..whole.len() - text.len() {
            if whole[at..].starts_with(text.as_bytes()) {
                flipped[at + 2] ^= 1;
            }
        }
        assert!(flipped != whole, "{text}");
        std::fs::write(here.join("b.backup"), flipped).unwrap();
        let output = verify();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}: {said}");
    }
}
