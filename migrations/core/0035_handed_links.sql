-- Links to set a password that whoever runs the installation makes at the command line and hands over.

-- Whether the link was mailed: whoever uses one that was handed over has not shown that they read the
-- mail of the address.
alter table account_tokens add column proves_address boolean not null default true;
