//! Which statements look into the tables of organizations from outside.

use std::collections::BTreeSet;

use tenantry::platform::db::statement;

use super::tenant_tables;
use crate::support::TestDatabase;

/// Tables that belong to organizations but are named by statements outside organizations, by file.
const OUTSIDE: &[(&str, &[&str])] = &[
    (
        "src/core/deletion/sql.rs",
        &["invitations", "memberships", "operator_visits", "organizations"],
    ),
    ("src/core/invitations/sql/found.rs", &["invitation_links", "invitations"]),
    ("src/core/join/sql.rs", &["join_links"]),
    ("src/core/operators/organizations/list.rs", &["organizations"]),
    ("src/core/operators/organizations/sql.rs", &["organizations"]),
    ("src/core/operators/visits/sql.rs", &["operator_visits", "organizations"]),
    ("src/core/organizations/sql.rs", &["memberships", "organization_slugs", "organizations"]),
    ("src/platform/audit/upkeep.rs", &["audit_chains", "organizations"]),
    ("src/platform/db/checkup/mod.rs", &["organizations"]),
    ("src/platform/db/text_keys/mod.rs", &["organizations"]),
    ("src/platform/jobs/failing.rs", &["jobs"]),
    ("src/platform/jobs/mod.rs", &["jobs"]),
    ("src/platform/mail/forget.rs", &["outbox"]),
    ("src/platform/mail/outbox/delivery.rs", &["outbox"]),
    ("src/platform/mail/outbox/enqueue.rs", &["outbox"]),
    ("src/platform/mail/outbox/mailbox.rs", &["outbox"]),
    ("src/platform/mail/outbox/mod.rs", &["outbox"]),
    ("src/platform/mail/outbox/undelivered.rs", &["outbox"]),
    ("src/platform/sealed/reseal.rs", &["outbox"]),
    ("src/platform/sealed/sample.rs", &["organizations", "outbox"]),
    ("src/platform/sealed/uses.rs", &["organizations", "outbox"]),
    ("src/platform/tenant/admission.rs", &["memberships", "organization_slugs", "organizations"]),
    ("src/platform/tenant/background.rs", &["organizations"]),
    ("src/platform/tenant/switcher.rs", &["invitations", "memberships", "organizations", "roles"]),
    ("src/platform/tenant/visit.rs", &["memberships", "operator_visits", "organizations"]),
];

#[tokio::test]
async fn statements_outside_organizations_name_only_the_tables_they_are_known_to() {
    let database = TestDatabase::create().await;
    let tables = tenant_tables(&database).await;
    database.remove().await;
    let mut named = std::collections::BTreeMap::<&str, BTreeSet<&str>>::new();
    for statement in statement::all().filter(|statement| !statement.tenant) {
        let text = format!("{} {}", statement.sqlite, statement.postgres);
        let words: Vec<&str> =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for table in tables.iter().filter(|table| words.contains(&table.as_str())) {
            named.entry(statement.file).or_default().insert(table);
        }
    }
    let named: Vec<(&str, Vec<&str>)> =
        named.into_iter().map(|(file, tables)| (file, tables.into_iter().collect())).collect();
    let known: Vec<(&str, Vec<&str>)> =
        OUTSIDE.iter().map(|(file, tables)| (*file, tables.to_vec())).collect();
    assert_eq!(named, known, "whoever looks into a table from outside stands in this list");
}
