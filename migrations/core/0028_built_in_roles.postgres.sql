-- What the built-in roles include stands in the program; their rows say nothing of it any more.

-- Row-level security holds for the owner of the tables, too, whom `tenantry migrate` connects as: until
-- the end of this transaction it does not, for this table.
alter table roles no force row level security;
update roles set permissions = '' where key in ('owner', 'admin', 'member', 'viewer');
alter table roles force row level security;
