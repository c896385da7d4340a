-- SQLite has no row-level security, so nobody has to be let through it.
select 1;
