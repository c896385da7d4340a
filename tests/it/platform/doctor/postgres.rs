//! What only PostgreSQL has: policies, roles, extensions.

use super::Installation;

/// A defect of PostgreSQL, the line that reports it, and a part of the command that mends it. The
/// test runs that command.
const DEFECTS: &[(&str, &str, &str)] = &[
    (
        "drop policy tenant on projects",
        "row-level security: The policy `tenant` on projects is missing",
        "create policy tenant on projects",
    ),
    (
        "alter table projects no force row level security",
        "row-level security: Row-level security is not forced on projects.",
        "force row level security",
    ),
    (
        "create policy open on projects using (true)",
        "row-level security: The policy open on projects is not one of ours.",
        "drop policy open on projects;",
    ),
    (
        "create view everything as select * from projects",
        "back doors: The view everything works with its owner's rights",
        "alter view everything set (security_invoker = true);",
    ),
    (
        "create materialized view \"Every Thing\" as select 1 as one",
        "back doors: The view Every Thing works with its owner's rights",
        "alter materialized view \"Every Thing\" set schema elsewhere;",
    ),
    (
        "create function peep(\"of\" text, n int) returns bigint language sql security definer
         as 'select count(*) from projects'",
        "back doors: The function peep works with its owner's rights",
        "alter function peep(text,integer) security invoker;",
    ),
    (
        "create policy \"let in\" on tasks for select using (true)",
        "row-level security: The policy let in on tasks is not one of ours.",
        "drop policy \"let in\" on tasks;",
    ),
];

#[tokio::test]
async fn a_dump_that_came_without_the_policies_for_looking_things_up_is_told_of() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        here.execute("drop policy to_member on memberships").await;
        let what = "row-level security: The policy to_member on memberships is missing";
        here.doctor().await.fails_with(what, "restore it again");
        assert!(here.run("serve", &[]).await.err.contains("to_member on memberships"));
    }
    here.database.remove().await;
}

#[tokio::test]
async fn each_hole_in_postgresql_has_its_line_and_serve_says_the_same() {
    for (defect, what, mend) in DEFECTS {
        let here = Installation::new().await;
        if !here.database.is_postgres() {
            return;
        }
        here.execute(defect).await;
        here.doctor().await.fails_with(what, mend);
        let said = here.run("serve", &[]).await;
        let (_, words) = what.split_once(": ").unwrap();
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains(words) && said.err.contains(mend), "{}", said.err);
        here.mends(mend).await;
        here.database.remove().await;
    }
}

#[tokio::test]
async fn extensions_to_watch_a_server_are_let_through_and_what_hides_behind_them_is_not() {
    let here = Installation::new().await;
    if !here.database.is_postgres() {
        return here.database.remove().await;
    }
    here.execute("create extension pg_stat_statements; create extension pg_buffercache").await;
    let said = here.doctor().await;
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.out.contains("ok    back doors: "), "{}", said.out);
    here.execute(
        "create view everything as select * from projects;
         alter extension pg_buffercache add view everything",
    )
    .await;
    here.doctor().await.fails_with(
        "back doors: The view everything of the extension pg_buffercache works with",
        "alter extension pg_buffercache set schema extensions;",
    );
    here.mends("alter extension pg_buffercache set schema extensions;").await;
    // Migrating does not touch what belongs to others.
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    assert_eq!(here.run("migrate", &owner).await.code, Some(0));
    here.database.remove().await;
}

#[tokio::test]
async fn asvs_13_2_2_neither_a_superuser_nor_the_owner_is_served() {
    let here = Installation::new().await;
    if !here.database.is_postgres() {
        return here.database.remove().await;
    }
    let superuser = [("TENANTRY_DATABASE_URL", here.database.superuser_url.as_str())];
    let said = here.run("doctor", &superuser).await;
    said.fails_with("database role: The database role", "Leave this role as it is");
    // It may be the only superuser of the server: no advice may take its rights away.
    assert!(!said.out.contains("alter role"), "{}", said.out);
    let said = here.run("serve", &superuser).await;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("can bypass row-level security."), "{}", said.err);
    assert!(said.err.contains("Leave this role as it is"), "{}", said.err);
    assert!(!said.err.contains("alter role"), "{}", said.err);

    // An owner who is not a superuser, as the manual sets it up.
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    let said = here.run("doctor", &owner).await;
    said.fails_with("ownership: The database role", "`tenantry migrate` with the owner's URL");
    let other = said.lines("warn").iter().any(|line| line.contains("TENANTRY_DATABASE_ROLE says"));
    assert!(other, "{}", said.out);
    let said = here.run("serve", &owner).await;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("owns the table"), "{}", said.err);
    assert!(said.err.contains("Run `tenantry migrate` with the owner's URL"), "{}", said.err);
    here.database.remove().await;
}
