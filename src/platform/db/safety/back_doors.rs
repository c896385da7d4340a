//! Views and functions that run with somebody else's rights and so bypass the policies. Those of
//! known extensions that show none of our rows are exempt by name.

use sqlx::PgConnection;

use super::Weakness;

/// Views of extensions that operators install to monitor a server, each with what it shows: none
/// shows our rows. They are exempt by their own name, as part of their own extension.
pub const WATCHERS: &[(&str, &str, &str)] = &[
    ("pg_stat_statements", "pg_stat_statements", "texts of statements, without their values"),
    ("pg_stat_statements", "pg_stat_statements_info", "when those were reset"),
    ("pg_buffercache", "pg_buffercache", "which pages are in memory"),
    ("pg_stat_kcache", "pg_stat_kcache", "what statements cost the processor and the disk"),
    ("pg_stat_kcache", "pg_stat_kcache_detail", "what statements cost the processor and the disk"),
    ("pg_wait_sampling", "pg_wait_sampling_current", "what processes wait for"),
    ("pg_wait_sampling", "pg_wait_sampling_history", "what processes waited for"),
    ("pg_wait_sampling", "pg_wait_sampling_profile", "what processes waited for, counted"),
    ("hypopg", "hypopg_list_indexes", "indexes that somebody only imagines"),
    ("postgis", "geometry_columns", "the names of columns"),
    ("postgis", "geography_columns", "the names of columns"),
];

/// Views and functions that read tenant tables with somebody else's rights.
pub(super) async fn back_doors(server: &mut PgConnection) -> Result<Vec<Weakness>, sqlx::Error> {
    let doors: Vec<(String, String, Option<String>, String)> = sqlx::query_as(
        "with found as (
            select 'view' as kind, c.oid, c.relname::text as name, 'pg_class'::regclass as class,
                case c.relkind
                    when 'v' then format('alter view %I set (security_invoker = true);', c.relname)
                    else format('create schema if not exists elsewhere; '
                        || 'alter materialized view %I set schema elsewhere;', c.relname)
                end as mend
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            where c.relkind = 'm' or (c.relkind = 'v' and not coalesce(
                c.reloptions && array['security_invoker=true', 'security_invoker=on'], false))
            union all
            select 'function', p.oid, p.proname::text, 'pg_proc'::regclass,
                format('alter function %s security invoker;', p.oid::regprocedure)
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'public'
            where p.prosecdef)
         select f.kind, f.name, e.extname::text, case
            when e.extname is null then f.mend
            else format('create schema if not exists extensions; '
                || 'alter extension %I set schema extensions;', e.extname)
            end
         from found f
         left join pg_depend d on d.classid = f.class and d.objid = f.oid and d.deptype = 'e'
            and d.refclassid = 'pg_extension'::regclass
         left join pg_extension e on e.oid = d.refobjid
         order by 1, 2",
    )
    .persistent(false)
    .fetch_all(&mut *server)
    .await?;
    let is_known = |kind: &str, name: &str, extension: &str| {
        kind == "view" && WATCHERS.iter().any(|(of, view, _)| *of == extension && *view == name)
    };
    Ok(doors
        .into_iter()
        .filter(|(kind, name, extension, _)| {
            !extension.as_deref().is_some_and(|extension| is_known(kind, name, extension))
        })
        .map(|(kind, name, extension, mend)| {
            let of = extension.map_or_else(String::new, |name| format!(" of the extension {name}"));
            let what =
                format!("The {kind} {name}{of} works with its owner's rights, past the policies.");
            Weakness::new(what, mend)
        })
        .collect())
}
