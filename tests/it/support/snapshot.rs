//! The content of a database, to compare it later.

use std::collections::BTreeMap;

use super::app::TestApp;

/// Columns and tables that may differ although nothing was changed, with the reason. A difference
/// in any other column is a change.
const MAY_MOVE: &[(&str, &[&str], &str)] = &[
    ("sign_ins", &["last_seen_at", "last_organization_id"], "when and where somebody was seen"),
    ("memberships", &["last_active_at"], "when a member was seen"),
    ("organizations", &["last_active_at"], "when any member was seen"),
    ("sessions", &[], "words for the next page are kept in it"),
    ("notifications", &["read_at"], "what it is about was looked at"),
    ("throttle", &[], "a try counts, whatever comes of it"),
    ("audit_log", &[], "refusals are recorded: see `Snapshot::recorded`"),
    ("audit_details", &[], "what is told about them"),
    ("audit_chains", &[], "where the log ends"),
];

/// The rows of every table.
#[derive(Debug, PartialEq)]
pub struct Snapshot(BTreeMap<String, Vec<String>>);

impl Snapshot {
    /// The content except for what may differ.
    pub async fn take(app: &TestApp) -> Self {
        app.work().await;
        let mut tables = BTreeMap::new();
        let mut direct = app.database.direct().await;
        for table in direct.tables().await {
            let movable = MAY_MOVE.iter().find(|(name, ..)| *name == table);
            let columns = match movable {
                Some((_, [], _)) => continue,
                Some((_, columns, _)) => columns,
                None => &[][..],
            };
            let rows = direct.rows_without(&table, columns).await;
            tables.insert(table, rows);
        }
        Self(tables)
    }

    /// Fails the test unless the content is unchanged.
    pub async fn expect_unmoved(&self, app: &TestApp) {
        let now = Self::take(app).await;
        for (table, rows) in &self.0 {
            let moved = now.0[table].iter().filter(|row| !rows.contains(row)).collect::<Vec<_>>();
            let gone = rows.iter().filter(|row| !now.0[table].contains(row)).collect::<Vec<_>>();
            assert!(moved.is_empty() && gone.is_empty(), "{table}: {gone:#?} became {moved:#?}");
            assert_eq!(rows.len(), now.0[table].len(), "{table}");
        }
    }

    /// The actions in an organization's log (`""` for the installation's), with the number of each.
    pub async fn recorded(app: &TestApp, slug: &str) -> Vec<String> {
        app.work().await;
        app.database
            .texts(&format!(
                "select l.action || ' ' || cast(count(*) as text) from audit_log l
                 left join organizations o on o.id = l.organization_id
                 where coalesce(o.slug, '') = '{slug}' group by l.action order by l.action"
            ))
            .await
    }
}
