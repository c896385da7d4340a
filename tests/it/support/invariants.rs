//! What must be true after every test.

use serde_json::Value;
use tenantry::platform::App;
use tenantry::platform::audit::{self, upkeep};
use tenantry::platform::clock::Clock;
use tenantry::platform::config::Config;
use tenantry::platform::db::Patience;
use tenantry::platform::secrets::Keyring;
use uuid::Uuid;

use super::database::TestDatabase;
use super::direct::Direct;
use super::log;
use super::secrets::Secrets;

/// Statements that count what must never exist.
const NEVER: &[(&str, &str)] = &[
    (
        "an organization without an owner who can act",
        "select count(*) from organizations o where o.deleted_at is null and not exists (
            select 1 from memberships m where m.organization_id = o.id and m.role = 'owner'
                and m.suspended_at is null)",
    ),
    (
        "somebody or something that belongs to an organization that is deleted",
        "select count(*) from organizations o where o.deleted_at is not null and (
            exists (select 1 from memberships m where m.organization_id = o.id)
            or exists (select 1 from invitations i
                where i.organization_id = o.id and i.status = 'pending')
            or exists (select 1 from join_links l
                where l.organization_id = o.id and l.ended_at is null))",
    ),
    (
        "a membership, a sign-in, an offer or an operator that outlives the account",
        "select count(*) from users u where u.deleted_at is not null and (
            exists (select 1 from memberships m where m.user_id = u.id)
            or exists (select 1 from sign_ins s where s.user_id = u.id)
            or exists (select 1 from operators p where p.user_id = u.id)
            or exists (select 1 from invitations i
                where i.invited_by = u.id and i.status = 'pending'))",
    ),
    (
        "a membership whose role belongs to another organization",
        "select count(*) from memberships m where not exists (
            select 1 from roles r where r.organization_id = m.organization_id and r.key = m.role)",
    ),
    (
        "a link of an invitation of another organization",
        "select count(*) from invitation_links l where not exists (
            select 1 from invitations i
            where i.organization_id = l.organization_id and i.id = l.invitation_id)",
    ),
    (
        "two open links of one invitation",
        "select count(*) from (
            select invitation_id from invitation_links where replaced_at is null
            group by organization_id, invitation_id having count(*) > 1) twice",
    ),
    (
        "an open invitation of somebody who may not offer it",
        "select count(*) from invitations i
         join organizations o on o.id = i.organization_id and o.deleted_at is null
         join roles offered on offered.organization_id = i.organization_id and offered.key = i.role
         where i.status = 'pending' and not exists (
            select 1 from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            where m.organization_id = i.organization_id and m.user_id = i.invited_by
                and m.suspended_at is null
                and r.rank >= offered.rank and (r.key in ('owner', 'admin')
                    or r.permissions like '%members.invite%'))",
    ),
    (
        "an open join link of somebody who may not invite, or to more than a member may do",
        "select count(*) from join_links l
         where l.ended_at is null and (l.role not in ('member', 'viewer') or not exists (
            select 1 from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            join roles offered
                on offered.organization_id = l.organization_id and offered.key = l.role
            where m.organization_id = l.organization_id and m.user_id = l.made_by
                and m.suspended_at is null
                and r.rank >= offered.rank and (r.key in ('owner', 'admin')
                    or r.permissions like '%members.invite%')))",
    ),
    (
        "an organization whose slug leads elsewhere",
        "select count(*) from organizations o where not exists (
            select 1 from organization_slugs s
            where s.slug = o.slug and s.organization_id = o.id)",
    ),
    (
        "a mail that was sent and still holds its body",
        "select count(*) from outbox where status = 'sent' and sealed is not null",
    ),
    ("a job that nobody has done", "select count(*) from jobs"),
    (
        "a mail that nobody has sent",
        "select count(*) from outbox where status = 'queued' and attempts = 0",
    ),
];

/// The violated invariants.
pub async fn broken(direct: &mut Direct) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, count) in NEVER {
        if direct.number(count).await != 0 {
            broken.push((*name).to_owned());
        }
    }
    broken
}

/// The recorded fields that nobody could read: an id that is neither shown by the name of what it
/// stands for nor left out, or a field without a label.
pub async fn unreadable_fields(direct: &mut Direct) -> Vec<String> {
    let sql = "select l.object_kind || ' ' || d.content from audit_log l
               join audit_details d
                  on d.organization_id = l.organization_id and d.sequence = l.sequence";
    let mut unreadable = Vec::new();
    for entry in direct.texts(sql).await {
        let (kind, content) = entry.split_once(' ').unwrap();
        let content: Value = serde_json::from_str(content).unwrap();
        for side in ["before", "after"] {
            for (field, value) in content[side].as_object().into_iter().flatten() {
                let shown = audit::shown(kind, field);
                let text = shown.text(field, value, &|_| Some("its name".to_owned()));
                let is_id = text.is_some_and(|text| Uuid::try_parse(&text).is_ok());
                if is_id || audit::label(field).contains('_') || audit::label(field).is_empty() {
                    unreadable.push(format!("the recorded field {kind}.{field}: {value}"));
                }
            }
        }
    }
    unreadable
}

/// The audit logs that were altered.
pub async fn broken_logs(database: &TestDatabase) -> Vec<String> {
    let db = database.connect(1, Patience::USUAL).await;
    let config = Config::for_tests(database.url.clone(), None);
    let app = App::new(db, Clock::System, config, Keyring::random());
    let mut broken = Vec::new();
    for chain in upkeep::chains(&app).await.unwrap() {
        let proof = upkeep::verify(&app, chain.organization).await.unwrap();
        if !proof.holds() {
            broken.push(format!("the audit log of {}: {:?}", chain.name, proof.broken));
        }
    }
    app.close().await;
    broken
}

/// The places that contain a secret in clear text: all values of all tables, the files with the
/// tables, and what was logged after `log_start`.
pub async fn leaks(
    direct: &mut Direct,
    database: &TestDatabase,
    secrets: &Secrets,
    log_start: usize,
) -> Vec<String> {
    let search = secrets.search();
    let mut found = Vec::new();
    for (place, value) in direct.values().await {
        found.extend(search.find(&place, &value));
    }
    for (name, bytes) in database.files() {
        found.extend(search.find(&format!("the file {name}"), &bytes));
    }
    found.extend(search.find("the log", &log::since(log_start)));
    found
}
