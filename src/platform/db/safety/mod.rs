//! Checks in PostgreSQL's catalogue whether it really keeps organizations apart: `serve` refuses to
//! start otherwise, and `doctor` reports it.

mod back_doors;

use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use super::connect::Db;
use super::grants::{BACKUP_CONDITION, BACKUP_POLICY, LOOKUP_ROLE};
use back_doors::back_doors;

pub use back_doors::WATCHERS;

/// Something that disables a layer of isolation, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// What is wrong, in one sentence.
    pub what: String,
    /// How to fix it: SQL for the owner of the tables, which ends with a semicolon and takes
    /// nothing away from anybody else, or a sentence.
    pub mend: String,
}

impl Weakness {
    fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

/// The policies besides the strict one. They allow look-ups before the organization is known, in a
/// role of its own, and each shows only what the caller presents. A test compares this list with
/// the migrations.
pub const LOOKUPS: &[(&str, &str)] = &[
    ("invitation_links", "to_bearer"),
    ("invitations", "to_invitee"),
    ("jobs", "to_worker"),
    ("join_links", "to_bearer"),
    ("memberships", "to_member"),
    ("operator_visits", "to_operator"),
    ("organization_slugs", "to_everybody"),
    ("organizations", "to_everybody"),
    ("outbox", "to_worker"),
    ("roles", "to_holder"),
];

/// A layer of isolation, with its weaknesses.
#[derive(Debug)]
pub struct Layer {
    /// Its name.
    pub about: &'static str,
    /// The message if there are no weaknesses.
    pub fine: &'static str,
    /// Its weaknesses.
    pub weaknesses: Vec<Weakness>,
}

/// The layers of isolation; none on SQLite, which has no row-level security.
pub async fn layers(db: &Db) -> Result<Vec<Layer>, sqlx::Error> {
    let Some(mut server) = db.ask_postgres().await? else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Layer {
            about: "database role",
            fine: "It cannot bypass row-level security.",
            weaknesses: role(&mut server).await?,
        },
        Layer {
            about: "ownership",
            fine: "The role owns no table.",
            weaknesses: ownership(&mut server).await?,
        },
        Layer {
            about: "row-level security",
            fine: "It is forced on every tenant table, with the strict policy.",
            weaknesses: policies(&mut server).await?,
        },
        Layer {
            about: "composite keys",
            fine: "Every reference between tenant tables carries the organization.",
            weaknesses: keys(&mut server).await?,
        },
        Layer {
            about: "back doors",
            fine: "No view and no function works with its owner's rights.",
            weaknesses: back_doors(&mut server).await?,
        },
    ])
}

/// The weaknesses of all layers.
pub async fn weaknesses(db: &Db) -> Result<Vec<Weakness>, sqlx::Error> {
    Ok(layers(db).await?.into_iter().flat_map(|layer| layer.weaknesses).collect())
}

/// How to fix a connection with the wrong role.
const OTHER_ROLE: &str = "Leave this role as it is, and make TENANTRY_DATABASE_URL name the one \
                          that `tenantry migrate` creates for the service \
                          (TENANTRY_DATABASE_ROLE).";

async fn role(server: &mut PgConnection) -> Result<Vec<Weakness>, sqlx::Error> {
    let mighty: Vec<(String, String, String)> = sqlx::query_as(
        "select current_user::text, r.rolname::text,
            format('revoke %I from %I;', r.rolname, current_user)
         from pg_roles r
         where (r.rolsuper or r.rolbypassrls) and pg_has_role(current_user, r.oid, 'member')
            and (r.rolname = current_user or not (
                select rolsuper from pg_roles where rolname = current_user))",
    )
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    Ok(mighty
        .into_iter()
        .map(|(me, role, revoke)| {
            // A server may need its superuser for other things, so that role is left as it is.
            let mend = if me == role {
                OTHER_ROLE.to_owned()
            } else {
                format!("{OTHER_ROLE} If this is that role: {revoke}")
            };
            Weakness::new(format!("The database role {me} can bypass row-level security."), mend)
        })
        .collect())
}

async fn ownership(server: &mut PgConnection) -> Result<Vec<Weakness>, sqlx::Error> {
    let owned: Vec<(String, String)> = sqlx::query_as(
        "select current_user::text, c.relname::text
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
         where c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member')
            and not (select rolsuper from pg_roles where rolname = current_user)
         order by 2
         limit 1",
    )
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    Ok(owned
        .into_iter()
        .map(|(me, table)| {
            Weakness::new(
                format!(
                    "The database role {me} owns the table {table}, and so could drop its policy."
                ),
                "Run `tenantry migrate` with the owner's URL, and serve with the role it creates.",
            )
        })
        .collect())
}

/// The tenant tables: those with an organization, and the organizations themselves.
pub(super) const TENANT_TABLES: &str = "
    select c.oid, c.relname::text as name, c.relrowsecurity, c.relforcerowsecurity,
           case when c.relname = 'organizations' then 'id' else 'organization_id' end as key
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where c.relkind in ('r', 'p') and (c.relname = 'organizations' or exists (
        select 1 from pg_attribute a
        where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped))";

async fn policies(server: &mut PgConnection) -> Result<Vec<Weakness>, sqlx::Error> {
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(AssertSqlSafe(format!(
        "select t.name, t.relrowsecurity and t.relforcerowsecurity, exists (
            select 1 from pg_policies p
            where p.schemaname = 'public' and p.tablename = t.name and p.policyname = 'tenant'
                and p.cmd = 'ALL' and p.permissive = 'PERMISSIVE'
                and p.qual = '(' || t.key
                    || ' = (current_setting(''app.organization_id''::text))::uuid)'
                and p.with_check = p.qual)
         from ({TENANT_TABLES}) t order by 1"
    )))
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    let mut found = Vec::new();
    for (table, is_forced, is_strict) in tables {
        if !is_forced {
            found.push(Weakness::new(
                format!("Row-level security is not forced on {table}."),
                format!(
                    "alter table {table} enable row level security; \
                     alter table {table} force row level security;"
                ),
            ));
        }
        if !is_strict {
            let key = if table == "organizations" { "id" } else { "organization_id" };
            let test = format!("{key} = current_setting('app.organization_id')::uuid");
            found.push(Weakness::new(
                format!("The policy `tenant` on {table} is missing or not the strict one."),
                format!(
                    "drop policy if exists tenant on {table}; \
                     create policy tenant on {table} using ({test}) with check ({test});"
                ),
            ));
        }
    }
    // The backup policy shows rows only to the owner of the table, as whom nobody serves.
    let others: Vec<(String, String, bool, String)> = sqlx::query_as(
        "select tablename::text, policyname::text, roles = array[$1::name],
            format('drop policy %I on %I;', policyname, tablename)
         from pg_policies
         where schemaname = 'public' and policyname <> 'tenant' and not (
            policyname = $2 and cmd = 'SELECT' and permissive = 'PERMISSIVE' and qual = $3
                and roles = (
                    select array[pg_get_userbyid(c.relowner)] from pg_class c
                    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
                    where c.relname = tablename))
         order by 1, 2",
    )
    .bind(LOOKUP_ROLE)
    .bind(BACKUP_POLICY)
    .bind(BACKUP_CONDITION)
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    let (lookups, strangers): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(table, policy, is_for_lookups, _)| {
            *is_for_lookups && LOOKUPS.contains(&(table.as_str(), policy.as_str()))
        });
    for (table, policy) in LOOKUPS {
        if !lookups.iter().any(|(on, name, ..)| on == table && name == policy) {
            found.push(Weakness::new(
                format!("The policy {policy} on {table} is missing: nothing is found there."),
                "Where a dump was restored before its roles were made, restore it again in the order of \
                 \"With PostgreSQL's own tools\" in the manual.",
            ));
        }
    }
    found.extend(strangers.into_iter().map(|(table, policy, _, drop)| {
        Weakness::new(format!("The policy {policy} on {table} is not one of ours."), drop)
    }));
    Ok(found)
}

/// Foreign keys between tenant tables must include the organization.
async fn keys(server: &mut PgConnection) -> Result<Vec<Weakness>, sqlx::Error> {
    let loose: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "with tenant as ({TENANT_TABLES})
         select t.name, k.conname::text,
            format('alter table %I drop constraint %I, '
                || 'add constraint %I foreign key (organization_id, %s) '
                || 'references %I (organization_id, %s);',
                t.name, k.conname, k.conname, (
                    select string_agg(quote_ident(a.attname), ', ' order by c.place)
                    from unnest(k.conkey) with ordinality c(number, place)
                    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.number),
                r.name, (
                    select string_agg(quote_ident(a.attname), ', ' order by c.place)
                    from unnest(k.confkey) with ordinality c(number, place)
                    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.number))
         from pg_constraint k
         join tenant t on t.oid = k.conrelid
         join tenant r on r.oid = k.confrelid and r.name <> 'organizations'
         where k.contype = 'f' and not exists (
            select 1 from unnest(k.conkey) c(number)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.number
            where a.attname = 'organization_id')
         order by 1, 2"
    )))
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    Ok(loose
        .into_iter()
        .map(|(table, key, mend)| {
            let what =
                format!("The foreign key {key} of {table} could refer to another organization.");
            Weakness::new(what, mend)
        })
        .collect())
}
